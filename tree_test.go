package clerkkit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// rootModule is the module that the other modules of the tree live under.
const rootModule = "github.com/clerkkit/clerkkit"

// treeFile is one file of the tree, its path with slashes and relative to the root.
type treeFile struct {
	path string
	data []byte
}

// readTree reads every file of the tree once. What it reads is also what makes
// the cached result of these tests stale: the go command tracks the files that
// a test opens, not those that a `go list` below it does.
var readTree = sync.OnceValues(func() ([]treeFile, error) {
	var files []treeFile
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch d.Name() {
		case ".git", "node_modules", ".tmp", "dist":
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil // .git is a file in a worktree
		}
		if !d.Type().IsRegular() || ignoredSuffix(path) {
			return nil
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an editor's or the fuzzer's file, gone meanwhile
		}
		if err != nil {
			return err
		}
		files = append(files, treeFile{filepath.ToSlash(path), data})
		return nil
	})
	return files, err
})

// ignoredSuffix repeats .gitignore, so that what a build leaves is not judged.
func ignoredSuffix(path string) bool {
	switch filepath.Ext(path) {
	case ".test", ".out", ".prof":
		return true
	}
	return false
}

// tree gives the files whose names end in one of the suffixes; all without any.
func tree(t *testing.T, suffixes ...string) []treeFile {
	t.Helper()
	all, err := readTree()
	if err != nil {
		t.Fatalf("reading the tree: %v", err)
	}
	if len(suffixes) == 0 {
		return all
	}
	var some []treeFile
	for _, f := range all {
		if slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(f.path, s) }) {
			some = append(some, f)
		}
	}
	return some
}

// goTool runs the go command in the tree's workspace, whatever GOWORK says.
func goTool(t *testing.T, args ...string) []byte {
	t.Helper()
	work, err := filepath.Abs("go.work")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Env = append(os.Environ(), "GOWORK="+work)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return stdout.Bytes()
}

// decodeStream decodes the JSON values that the go command writes one after another.
func decodeStream[T any](t *testing.T, data []byte) []T {
	t.Helper()
	var all []T
	for dec := json.NewDecoder(bytes.NewReader(data)); ; {
		var v T
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("decoding the go command's output: %v", err)
		}
		all = append(all, v)
	}
}

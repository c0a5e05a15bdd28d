package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const kit = "github.com/clerkkit/clerkkit"

// release is a module in the file proxy.
type release struct {
	path, version, dir string
	size               int
	packages           map[string]bool // relative to the root of the tree
}

// publish writes every module that users can require into a folder for GOPROXY=file://…
// (https://go.dev/ref/mod#goproxy-protocol). A release contains only files that git
// tracks.
func publish(ctx context.Context, root, proxy string) ([]release, error) {
	tracked, err := gitFiles(ctx, root)
	if err != nil {
		return nil, err
	}
	version, err := kitVersion(root)
	if err != nil {
		return nil, err
	}
	var all []release
	for _, f := range tracked {
		if path.Base(f) != "go.mod" || private(path.Dir(f)) {
			continue
		}
		r := release{version: version, dir: path.Dir(f), packages: make(map[string]bool)}
		if err := r.write(root, proxy, tracked); err != nil {
			return nil, fmt.Errorf("publishing %s: %w", f, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// required returns the modules and versions in the go.mod of a folder.
func required(root, dir string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(root, dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	mod, err := modfile.Parse(path.Join(dir, "go.mod"), text, nil)
	if err != nil {
		return nil, err
	}
	versions := make(map[string]string)
	for _, r := range mod.Require {
		versions[r.Mod.Path] = r.Mod.Version
	}
	return versions, nil
}

// private reports whether the module in dir is a tool for this repository that is never
// released.
func private(dir string) bool {
	return strings.Contains("/"+dir+"/", "/internal/") || dir == "examples"
}

func (r *release) write(root, proxy string, tracked []string) error {
	goMod, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(r.dir), "go.mod"))
	if err != nil {
		return err
	}
	r.path = modfile.ModulePath(goMod)
	v := module.Version{Path: r.path, Version: r.version}
	escaped, err := module.EscapePath(r.path)
	if err != nil {
		return err
	}
	at := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(at, 0o750); err != nil {
		return err
	}
	// The go command only displays the time.
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{r.version, time.Unix(0, 0).UTC()})
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"list": []byte(r.version + "\n"), r.version + ".info": info, r.version + ".mod": goMod} {
		if err := os.WriteFile(filepath.Join(at, name), data, 0o600); err != nil {
			return err
		}
	}
	var files []zip.File
	for _, f := range tracked {
		if rel, ok := inModule(f, r.dir, tracked); ok {
			files = append(files, treeFile{rel: rel, disk: filepath.Join(root, filepath.FromSlash(f))})
			if strings.HasSuffix(f, ".go") && !strings.HasSuffix(f, "_test.go") {
				r.packages[path.Dir(f)] = true
			}
		}
	}
	var buf bytes.Buffer
	if err := zip.Create(&buf, v, files); err != nil {
		return err
	}
	r.size = buf.Len()
	return os.WriteFile(filepath.Join(at, r.version+".zip"), buf.Bytes(), 0o600)
}

// inModule returns the path of a file inside the module in dir, and whether the file
// belongs to that module.
func inModule(file, dir string, tracked []string) (string, bool) {
	for at := path.Dir(file); ; at = path.Dir(at) {
		if at == dir {
			return strings.TrimPrefix(file, dir+"/"), true
		}
		if at == "." || slices.Contains(tracked, at+"/go.mod") {
			return "", false
		}
	}
}

// treeFile is a file of the tree for package zip.
type treeFile struct{ rel, disk string }

func (f treeFile) Path() string                 { return f.rel }
func (f treeFile) Lstat() (os.FileInfo, error)  { return os.Lstat(f.disk) }
func (f treeFile) Open() (io.ReadCloser, error) { return os.Open(f.disk) }

func gitFiles(ctx context.Context, root string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "git", "ls-files", "-z")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	var files []string
	for f := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if _, err := os.Lstat(filepath.Join(root, filepath.FromSlash(f))); err == nil { // deleted, not yet committed
			files = append(files, f)
		}
	}
	return files, nil
}

var versionLine = regexp.MustCompile(`(?m)^\s*Version = "([^"]+)"$`)

// kitVersion returns clerk.Version, which every require of the tree must name. A test
// at the root checks that.
func kitVersion(root string) (string, error) {
	src, err := os.ReadFile(filepath.Join(root, "clerk", "version.go"))
	if err != nil {
		return "", err
	}
	m := versionLine.FindSubmatch(src)
	if m == nil {
		return "", fmt.Errorf("clerk/version.go has no Version")
	}
	return "v" + string(m[1]), nil
}

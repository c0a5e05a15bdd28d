// Gen generates the zz_ files of package bapi from the description in bapi/api.
//
//	go generate ./bapi          # from the root of the repository
//	go run . -check             # fail if the files on disk are out of date
//
// Do not edit the output. Change this program or the description instead.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	api := flag.String("api", "../../api", "folder of the description")
	out := flag.String("out", "../..", "folder of package bapi")
	check := flag.Bool("check", false, "write nothing; fail if a file differs")
	flag.Parse()
	if err := run(*api, *out, *check, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run generates all files in memory, and then writes or compares them. It removes, or
// reports, zz_ files that are no longer generated.
func run(api, out string, check bool, log io.Writer) error {
	spec, err := load(os.DirFS(api), "openapi.yaml")
	if err != nil {
		return err
	}
	model, err := build(spec)
	if err != nil {
		return err
	}
	files, err := emit(model)
	if err != nil {
		return err
	}
	var stale []string
	old, err := filepath.Glob(filepath.Join(out, "zz_*"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if _, ok := files[filepath.Base(name)]; ok {
			continue
		}
		stale = append(stale, filepath.Base(name)+" is not generated any more")
		if !check {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(out, name)
		have, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err == nil && bytes.Equal(have, files[name]) {
			continue
		}
		stale = append(stale, name+" differs")
		if !check {
			if err := os.WriteFile(path, files[name], 0o644); err != nil {
				return err
			}
		}
	}
	if check && len(stale) > 0 {
		return fmt.Errorf("run go generate ./bapi: %s", strings.Join(stale, ", "))
	}
	_, err = fmt.Fprintf(log, "gen: %d operations, %d answer types, %d parameter types, %d files, %d changed\n",
		model.operations(), len(model.Answers), len(model.Params), len(files), len(stale))
	return err
}

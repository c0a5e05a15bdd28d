package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// cost is the number of lines in an application's go.mod and go.sum, and the number of
// modules in `go list -m all` without itself.
type cost struct{ requires, direct, sums, modules int }

// measure builds and runs an application against the file proxy.
func measure(ctx context.Context, a application, uses []release, dir string) (cost, error) {
	var c cost
	app := filepath.Join(dir, "apps", strings.ReplaceAll(a.name, " ", "-"))
	if err := os.MkdirAll(app, 0o750); err != nil {
		return c, err
	}
	for name, text := range map[string]string{"go.mod": "module example.com/app\n\ngo 1.25.0\n", "main.go": a.source} {
		if err := os.WriteFile(filepath.Join(app, name), []byte(text), 0o600); err != nil {
			return c, err
		}
	}
	g, err := newGoCommand(ctx, app, dir)
	if err != nil {
		return c, err
	}
	// Add the frameworks first and the kit with a separate command. In one command, a pin
	// that the kit raises would be an error of the go command.
	var steps [][]string
	if len(a.pins) > 0 {
		steps = append(steps, append([]string{"get"}, a.pins...))
	}
	get := []string{"get"}
	for _, r := range uses {
		get = append(get, r.path+"@"+r.version)
	}
	steps = append(steps, get, []string{"mod", "tidy"}, []string{"mod", "verify"}, []string{"build", "-o", "app", "."})
	for _, args := range steps {
		if _, err := g.run(ctx, args...); err != nil {
			return c, err
		}
	}
	var stdout, stderr bytes.Buffer
	program := exec.CommandContext(ctx, filepath.Join(app, "app"))
	program.Stdout, program.Stderr = &stdout, &stderr
	if err := program.Run(); err != nil {
		return c, fmt.Errorf("running it: %w\n%s", err, stderr.Bytes())
	}
	if got := strings.TrimSpace(stdout.String()); got != a.prints {
		return c, fmt.Errorf("it printed %q, want %q", got, a.prints)
	}
	return g.count(ctx, app, a)
}

func (g goCommand) count(ctx context.Context, app string, a application) (cost, error) {
	var c cost
	text, err := os.ReadFile(filepath.Join(app, "go.mod"))
	if err != nil {
		return c, err
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return c, err
	}
	versions := make(map[string]string)
	for _, r := range mod.Require {
		c.requires++
		if !r.Indirect {
			c.direct++
		}
		versions[r.Mod.Path] = r.Mod.Version
	}
	sum, err := os.ReadFile(filepath.Join(app, "go.sum"))
	if err != nil {
		return c, err
	}
	c.sums = bytes.Count(sum, []byte("\n"))
	list, err := g.run(ctx, "list", "-m", "all")
	if err != nil {
		return c, err
	}
	modules := strings.Split(strings.TrimSpace(list), "\n")[1:]
	c.modules = len(modules)

	for _, text := range append(strings.Split(strings.TrimSpace(string(sum)), "\n"), modules...) {
		if name, _, _ := strings.Cut(text, " "); a.uninvited(name) {
			return c, fmt.Errorf("a framework that it does not use arrives: %s", text)
		}
	}
	for _, pin := range a.pins {
		name, version, _ := strings.Cut(pin, "@")
		if versions[name] != version {
			return c, fmt.Errorf("it pins %s, and got %s", pin, versions[name])
		}
	}
	if c.requires > a.requires || c.sums > a.sums {
		return c, fmt.Errorf("%d requires and %d lines of go.sum; the limits are %d and %d", c.requires, c.sums, a.requires, a.sums)
	}
	return c, nil
}

// goCommand runs the go command like on a fresh machine: no workspace, an empty module
// cache, our modules from the file proxy. Only the build cache is shared (hence
// -trimpath), which affects only the time.
type goCommand struct {
	dir string
	env []string
}

func newGoCommand(ctx context.Context, app, dir string) (goCommand, error) {
	g := goCommand{dir: app, env: os.Environ()}
	out, err := g.run(ctx, "env", "GOMODCACHE", "GOPROXY")
	if err != nil {
		return g, err
	}
	cache, proxies, _ := strings.Cut(strings.TrimSpace(out), "\n")
	g.env = append(g.env,
		// The local download cache also serves as a fast proxy.
		"GOPROXY="+fileURL(filepath.Join(dir, "proxy"))+","+fileURL(filepath.Join(cache, "cache", "download"))+","+proxies,
		"GOMODCACHE="+filepath.Join(dir, "mod", filepath.Base(app)),
		"GONOSUMDB="+kit, // checksum databases do not have this release
		"GOFLAGS=-modcacherw -buildvcs=false -trimpath",
		"GOWORK=off", "GOTOOLCHAIN=local", "GOPRIVATE=", "GONOPROXY=",
	)
	return g, nil
}

func fileURL(path string) string { return "file://" + filepath.ToSlash(path) }

func (g goCommand) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = g.dir, g.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}

// Consumer measures what clerkkit adds to an application. It publishes the modules of
// the tree to a file-based module proxy. Small applications require them from there
// with an empty module cache, like the first user of a release. It then counts the
// lines in their go.mod and go.sum.
//
// It fails if an application does not build or run, if the kit adds a web framework
// that the application does not use, if it raises a pinned framework, or if a limit on
// the number of lines is exceeded.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"golang.org/x/mod/semver"
)

func main() {
	keep := flag.Bool("keep", false, "leave the proxy and the applications in the temporary folder, and print where")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "consumer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, keep bool) (err error) {
	root, err := treeRoot()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "clerkkit-consumer-")
	if err != nil {
		return err
	}
	if keep {
		fmt.Println("kept in", dir)
	} else {
		defer func() {
			if rm := os.RemoveAll(dir); err == nil {
				err = rm
			}
		}()
	}
	published, err := publish(ctx, root, filepath.Join(dir, "proxy"))
	if err != nil {
		return err
	}
	for _, m := range published {
		fmt.Printf("published %s@%s, %d KB zipped\n", m.path, m.version, m.size/1024)
	}

	newest, err := required(root, "examples")
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "application\tgo.mod requires (direct)\tgo.sum lines\tmodules in `go list -m all`\tkept\tnewest\t")
	failed := 0
	for _, a := range applications {
		uses, missing := a.modules(published)
		if missing != "" {
			fmt.Fprintf(out, "%s\tnot yet: the tree has no %s\t\t\t\t\t\n", a.name, missing)
			continue
		}
		kept, than, err := older(a.pins, newest)
		var c cost
		if err == nil {
			c, err = measure(ctx, a, uses, dir)
		}
		if err != nil {
			failed++
			fmt.Fprintf(os.Stderr, "FAIL %s: %v\n", a.name, err)
			continue
		}
		fmt.Fprintf(out, "%s\t%d (%d)\t%d\t%d\t%s\t%s\t\n", a.name, c.requires, c.direct, c.sums, c.modules, kept, than)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d applications failed", failed, len(applications))
	}
	return nil
}

// older checks that the pins are older than the newest versions that the tree is tested
// with, and returns both for the report.
func older(pins []string, newest map[string]string) (kept, than string, err error) {
	for _, pin := range pins {
		name, version, _ := strings.Cut(pin, "@")
		if newest[name] == "" || semver.Compare(version, newest[name]) >= 0 {
			return "", "", fmt.Errorf("it pins %s, which is not older than the %q of the examples", pin, newest[name])
		}
		kept, than = kept+" "+version, than+" "+newest[name]
	}
	return strings.TrimSpace(kept), strings.TrimSpace(than), nil
}

// treeRoot returns the closest folder with go.work, from the working directory up.
func treeRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.work here or above")
		}
		dir = up
	}
	return "", err
}

package clerkkit_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// goMod is what `go mod edit -json` says, as far as it is judged here.
type goMod struct {
	Module    struct{ Path string }
	Go        string
	Toolchain string
	Require   []struct {
		Path, Version string
		Indirect      bool
	}
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

// goWork is what `go work edit -json` says.
type goWork struct {
	Go        string
	Toolchain string
	Use       []struct{ DiskPath string }
	Replace   []struct {
		Old, New struct{ Path, Version string }
	}
}

// rootRequires are the only foreign modules that the root module may name
// itself: every user of the kit gets what stands in this list.
var rootRequires = []string{
	"github.com/hashicorp/golang-lru/v2",
	"github.com/lestrrat-go/httprc",
	"github.com/lestrrat-go/jwx/v2",
}

// frameworks are the lowest versions that the adapters take, and the only foreign
// modules that they name. An application that has pinned its framework keeps it
// down to these, which is why they are old: raising one is a decision, to be made
// where an older one fails the suite, or is vulnerable in what every request runs
// through. GOWORK=off tests the adapters with these, the workspace with the newest,
// which the examples require.
var frameworks = map[string]string{
	"middleware/echo":    "github.com/labstack/echo/v4@v4.9.0",
	"middleware/echov5":  "github.com/labstack/echo/v5@v5.0.0",
	"middleware/fiber":   "github.com/gofiber/fiber/v2@v2.52.12", // CVE-2026-25882, routing
	"middleware/fiberv3": "github.com/gofiber/fiber/v3@v3.1.0",   // CVE-2026-25899, a cookie of every request
	"middleware/gin":     "github.com/gin-gonic/gin@v1.9.1",
}

// judgeModules says what is wrong with the modules, by their folders.
func judgeModules(work goWork, mods map[string]goMod, version string) []string {
	var bad []string
	complain := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }

	floors := slices.Collect(maps.Values(frameworks))
	used := make(map[string]bool)
	for _, u := range work.Use {
		used[path.Clean(u.DiskPath)] = true
	}
	for dir := range used {
		if _, ok := mods[dir]; !ok {
			complain("go.work: uses %s, which has no go.mod", dir)
		}
	}
	if work.Toolchain != "" || len(work.Replace) > 0 {
		complain("go.work: has a toolchain or replace line, which would hide what a single module gets")
	}
	for dir, m := range mods {
		name := path.Join(dir, "go.mod")
		if !used[dir] {
			complain("%s: not in go.work, so that `go test work` skips it", name)
		}
		if want := path.Join(rootModule, dir); m.Module.Path != want {
			complain("%s: module %s, want %s", name, m.Module.Path, want)
		}
		if m.Go != work.Go {
			complain("%s: go %s, go.work says %s", name, m.Go, work.Go)
		}
		if m.Toolchain != "" {
			complain("%s: a toolchain line binds every user to it", name)
		}
		replaced := make(map[string]string)
		for _, r := range m.Replace {
			if replaced[r.Old.Path] = r.New.Path; !ownModule(r.Old.Path) {
				complain("%s: replaces %s, which a user of the module does not get", name, r.Old.Path)
			}
		}
		if dir == "." && len(m.Replace) > 0 {
			complain("%s: replace lines make `go run %s/…@latest` fail", name, rootModule)
		}
		for _, r := range m.Require {
			if dir == "." && !r.Indirect && !slices.Contains(rootRequires, r.Path) {
				complain("%s: requires %s", name, r.Path)
			}
			if floor := frameworks[dir]; floor != "" && !r.Indirect && !ownModule(r.Path) && r.Path+"@"+r.Version != floor {
				complain("%s: requires %s %s, frameworks has %s", name, r.Path, r.Version, floor)
			}
			if slices.Contains(floors, r.Path+"@"+r.Version) && dir == "examples" {
				complain("%s: requires %s %s, the lowest that its adapter takes: no newer one is tested", name, r.Path, r.Version)
			}
			if !ownModule(r.Path) {
				continue
			}
			if r.Version != "v"+version {
				complain("%s: requires %s %s, clerk.Version is %s", name, r.Path, r.Version, version)
			}
			if to, ok := replaced[r.Path]; !ok || path.Join(dir, to) != moduleDir(r.Path) {
				complain("%s: requires %s, but has no replace to its folder", name, r.Path)
			}
		}
	}
	slices.Sort(bad)
	return bad
}

func ownModule(p string) bool { return p == rootModule || strings.HasPrefix(p, rootModule+"/") }

func moduleDir(p string) string {
	return path.Clean("." + strings.TrimPrefix(p, rootModule))
}

func TestModules(t *testing.T) {
	var work goWork
	if err := json.Unmarshal(goTool(t, "work", "edit", "-json"), &work); err != nil {
		t.Fatal(err)
	}
	mods := make(map[string]goMod)
	for _, f := range tree(t, "go.mod") {
		if path.Base(f.path) != "go.mod" {
			continue
		}
		var m goMod
		if err := json.Unmarshal(goTool(t, "mod", "edit", "-json", filepath.FromSlash(f.path)), &m); err != nil {
			t.Fatal(err)
		}
		mods[path.Dir(f.path)] = m
	}
	if len(mods) < 2 {
		t.Fatalf("found the modules %v: nothing was judged", mods)
	}
	for _, v := range judgeModules(work, mods, clerk.Version) {
		t.Error(v)
	}
}

// TestModulesAreUpdated: dependabot does not find new modules by itself.
func TestModulesAreUpdated(t *testing.T) {
	config, err := os.ReadFile(".github/dependabot.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tree(t, "go.mod") {
		dir := path.Join("/", path.Dir(f.path))
		if !slices.Contains(strings.Split(string(config), "\n"), "      - "+dir) {
			t.Errorf(".github/dependabot.yml does not name %s", dir)
		}
	}
}

// TestModulesBite breaks one thing at a time in a tree that is right.
func TestModulesBite(t *testing.T) {
	const good = `{
		".": {"Module": {"Path": "` + rootModule + `"}, "Go": "1.25.0"},
		"middleware/gin": {"Module": {"Path": "` + rootModule + `/middleware/gin"}, "Go": "1.25.0",
			"Require": [{"Path": "github.com/gin-gonic/gin", "Version": "v1.9.1"}, {"Path": "example.com/y", "Version": "v1.0.0", "Indirect": true}]},
		"examples": {"Module": {"Path": "` + rootModule + `/examples"}, "Go": "1.25.0",
			"Require": [{"Path": "github.com/gin-gonic/gin", "Version": "v1.12.0"}]},
		"a/b": {"Module": {"Path": "` + rootModule + `/a/b"}, "Go": "1.25.0",
			"Require": [{"Path": "` + rootModule + `", "Version": "v1.2.3"}],
			"Replace": [{"Old": {"Path": "` + rootModule + `"}, "New": {"Path": "../.."}}]}}`
	for _, tc := range []struct{ name, old, new string }{
		{"as it should be", "", ""},
		{"another go directive", `/a/b"}, "Go": "1.25.0"`, `/a/b"}, "Go": "1.26.0"`},
		{"another version", "v1.2.3", "v1.2.2"},
		{"no replace", `"Replace"`, `"Nothing"`},
		{"replace to another folder", "../..", ".."},
		{"another module path", rootModule + `/a/b"`, rootModule + `/b"`},
		{"not in go.work", `"a/b":`, `"c":`},
		{"foreign replace", `{"Old"`, `{"Old": {"Path": "example.com/x"}, "New": {"Path": "../.."}}, {"Old"`},
		{"raised framework", `"v1.9.1"`, `"v1.12.0"`},
		{"another module in an adapter", `, "Indirect": true`, ``},
		{"examples with an old framework", `"v1.12.0"`, `"v1.9.1"`},
		{"foreign require in the root", `"Go": "1.25.0"},`, `"Go": "1.25.0", "Require": [{"Path": "example.com/x", "Version": "v1.0.0"}]},`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var work goWork
			if err := json.Unmarshal([]byte(`{"Go": "1.25.0", "Use": [{"DiskPath": "."}, {"DiskPath": "./a/b"}, {"DiskPath": "./examples"}, {"DiskPath": "./middleware/gin"}]}`), &work); err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(good, tc.old, tc.new, 1)
			if tc.old != "" && text == good {
				t.Fatal("nothing was broken")
			}
			var mods map[string]goMod
			if err := json.Unmarshal([]byte(text), &mods); err != nil {
				t.Fatal(err)
			}
			got := judgeModules(work, mods, "1.2.3")
			if (len(got) == 0) != (tc.old == "") {
				t.Errorf("complaints: %q", got)
			}
		})
	}
}

// Package clerkkit_test holds what is true of the whole tree rather than of one
// package: who may import whom, how the modules fit together, and that the
// documents are compiled. There is no package at the root itself.
package clerkkit_test

import (
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// room is a folder with everything below it that has no room of its own, and
// what its packages may import other than the standard library and each other.
type room struct {
	dir string
	// own are packages of this tree, relative to the root; "public" stands for
	// all that an application can import.
	own []string
	// foreign are modules from elsewhere; "any" where a nested module keeps what
	// it needs away from everybody else.
	foreign []string
	// noHTTP rooms must not import net/http themselves.
	noHTTP bool
	// forTests rooms may reach package testing, and only they and tests may
	// import them.
	forTests bool
}

// rooms is the map of the tree. A package that is in none of them fails the
// test: a new room is a decision.
var rooms = []room{
	// The root module. Nothing else in it may name a foreign module.
	{dir: "internal/forwarded", own: []string{"clerk", "internal/endpoint"}},
	{dir: "internal/jsonscan"},
	{dir: "internal/ascii"},
	{dir: "internal/endpoint"},
	{dir: "internal/budget"},
	{dir: "internal/loglimit"},
	{dir: "internal/observe", own: []string{"clerk", "internal/loglimit"}},
	{dir: "internal/recording"},
	{dir: "internal/zerocall", forTests: true},
	{dir: "internal/transport", own: []string{"clerk", "internal/ascii", "internal/endpoint"}},
	{dir: "internal/backend", own: []string{"clerk", "handshake", "internal/transport"}},
	{dir: "internal/authcontext"},
	{dir: "internal/tokenkind"},
	{dir: "clerk", own: []string{"internal/ascii", "internal/authcontext", "internal/endpoint", "internal/jsonscan", "internal/tokenkind"}},
	{dir: "clerk/webhook", own: []string{"clerk", "internal/ascii", "internal/jsonscan", "internal/loglimit", "internal/observe"}},
	{dir: "clerk/clerktest", own: append([]string{"clerk", "clerk/webhook", "internal/jsonscan", "internal/recording"}, emulatorHas...)},

	// The rooms of the emulator, each with what it may import.
	{dir: emulator + "answers", own: []string{emulator + "state", emulator + "strategies", emulator + "tokens", emulator + "wire"}},
	{dir: emulator + "hosts"},
	{dir: emulator + "ids"},
	{dir: emulator + "instance", own: []string{emulator + "answers", emulator + "hosts", emulator + "organizations", emulator + "passwords", emulator + "refusal", emulator + "sessions", emulator + "state", emulator + "strategies", emulator + "wire"}},
	{dir: emulator + "keys", own: []string{emulator + "ids"}},
	{dir: emulator + "machines", own: []string{emulator + "answers", emulator + "keys", emulator + "refusal", emulator + "sessions", emulator + "state", emulator + "wire"}},
	{dir: emulator + "oauth", own: []string{emulator + "answers", emulator + "keys", emulator + "machines", emulator + "pages", emulator + "refusal", emulator + "sessions", emulator + "state", emulator + "wire"}},
	{dir: emulator + "organizations", own: []string{emulator + "answers", emulator + "refusal", emulator + "sessions", emulator + "state", emulator + "strategies", emulator + "wire"}},
	{dir: emulator + "pages", own: []string{emulator + "wire"}},
	{dir: emulator + "passwords", own: []string{emulator + "keys", emulator + "refusal"}},
	{dir: emulator + "people", own: []string{emulator + "answers", emulator + "organizations", emulator + "passwords", emulator + "refusal", emulator + "sessions", emulator + "state", emulator + "strategies", emulator + "wire"}},
	{dir: emulator + "refusal"},
	{dir: emulator + "sessions", own: []string{"clerk", emulator + "answers", emulator + "hosts", emulator + "keys", emulator + "refusal", emulator + "state", emulator + "tokens", emulator + "wire"}},
	{dir: emulator + "signin", own: []string{"clerk", emulator + "answers", emulator + "hosts", emulator + "pages", emulator + "passwords", emulator + "refusal", emulator + "sessions", emulator + "state", emulator + "strategies", emulator + "wire"}},
	{dir: emulator + "state", own: []string{emulator + "hosts", emulator + "ids", emulator + "keys", emulator + "passwords", emulator + "refusal", "clerk/webhook"}, noHTTP: true},
	{dir: emulator + "strategies", own: []string{emulator + "ids", emulator + "keys", emulator + "refusal", emulator + "state", emulator + "wire"}},
	{dir: emulator + "tokens", own: []string{emulator + "keys", emulator + "refusal", emulator + "state", emulator + "wire"}},
	{dir: emulator + "wire", own: []string{"clerk", emulator + "hosts", emulator + "ids", emulator + "keys", emulator + "refusal", emulator + "state", "internal/recording"}},

	{dir: "clerk/clerk-emulator", own: []string{"clerk", "clerk/clerktest"}},
	{dir: "jwks", own: []string{"clerk", "internal/ascii", "internal/endpoint", "internal/loglimit", "internal/observe"}, foreign: []string{"github.com/lestrrat-go/jwx/v2", "github.com/lestrrat-go/httprc"}},
	{dir: "verify", own: []string{"clerk", "internal/jsonscan"}, foreign: []string{"github.com/hashicorp/golang-lru/v2"}},
	{dir: "handshake", own: []string{"clerk", "verify", "internal/ascii", "internal/budget", "internal/endpoint", "internal/forwarded", "internal/jsonscan", "internal/loglimit", "internal/observe"}, foreign: []string{"github.com/hashicorp/golang-lru/v2"}},
	{dir: "bapi", own: []string{"clerk", "clerk/webhook", "internal/observe", "internal/transport"}},
	{dir: "middleware", own: []string{"clerk", "jwks", "verify", "handshake", "internal/authcontext", "internal/backend", "internal/endpoint", "internal/forwarded", "internal/loglimit", "internal/observe", "internal/tokenkind", "internal/transport"}},
	{dir: "middleware/adapter", own: []string{"clerk", "handshake", "middleware", "middleware/internal/nethttp", "internal/authcontext"}},
	{dir: "middleware/middlewaretest", own: []string{"clerk", "clerk/clerktest", "verify", "handshake", "middleware", "middleware/adapter"}, forTests: true},
	{dir: "internal/conformance", own: []string{"clerk", "clerk/webhook", "jwks", "verify", "handshake", "middleware", "bapi", "internal/backend", "internal/jsonscan", "internal/transport"}},
	{dir: "internal/browser"}, // tests alone

	// Nested modules.
	{dir: "middleware/echo", own: adapterMay, foreign: []string{"github.com/labstack/echo/v4"}},
	{dir: "middleware/echov5", own: adapterMay, foreign: []string{"github.com/labstack/echo/v5"}},
	{dir: "middleware/gin", own: adapterMay, foreign: []string{"github.com/gin-gonic/gin"}},
	{dir: "middleware/fiber", own: adapterMay, foreign: []string{"github.com/gofiber/fiber/v2", "github.com/valyala/fasthttp"}},
	{dir: "middleware/fiberv3", own: adapterMay, foreign: []string{"github.com/gofiber/fiber/v3", "github.com/valyala/fasthttp"}},
	{dir: "examples", own: []string{"public"}, foreign: []string{"any"}},
	{dir: "bapi/internal/gen", foreign: []string{"any"}},
	{dir: "internal/consumer", foreign: []string{"golang.org/x/mod"}},
	{dir: "internal/schemacheck", own: []string{"clerk", "clerk/clerktest", "internal/recording"}, foreign: []string{"github.com/getkin/kin-openapi"}},
	{dir: "internal/bench", own: []string{"public"}, foreign: []string{"any"}},
	{dir: "internal/officialgo", foreign: []string{"github.com/clerk/clerk-sdk-go/v2", "github.com/coreos/go-oidc/v3", "golang.org/x/oauth2"}}, // tests alone
}

// emulator is the folder of the emulator's rooms: a subject each, for both APIs.
const emulator = "clerk/clerktest/internal/"

// emulatorHas are the rooms that the emulator's public package puts together.
var emulatorHas = []string{
	emulator + "answers", emulator + "hosts", emulator + "ids", emulator + "instance", emulator + "keys", emulator + "machines", emulator + "oauth", emulator + "organizations", emulator + "pages", emulator + "passwords", emulator + "people", emulator + "refusal", emulator + "sessions", emulator + "signin", emulator + "state", emulator + "strategies", emulator + "tokens", emulator + "wire",
}

// adapterMay is public on purpose: an adapter is a module of its own, and may
// meet a newer root module than the one it was released with.
var adapterMay = []string{"clerk", "handshake", "middleware", "middleware/adapter"}

// emulatorUsers are the rooms whose packages may reach clerktest.
var emulatorUsers = []string{"clerk/clerktest", "clerk/clerk-emulator", "middleware/middlewaretest", "examples", "internal/schemacheck"}

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath    string
	Standard      bool
	Module        *struct{ Path string }
	Imports, Deps []string
}

// dir is the package's folder relative to the root; false for packages from elsewhere.
func (p pkg) dir() (string, bool) {
	if p.ImportPath == rootModule {
		return ".", true
	}
	return strings.CutPrefix(p.ImportPath, rootModule+"/")
}

func inRootModule(p pkg) bool { return p.Module != nil && p.Module.Path == rootModule }

// roomOf gives the room with the longest folder that holds the package.
func roomOf(dir string) (room, bool) {
	var best room
	for _, r := range rooms {
		if (dir == r.dir || strings.HasPrefix(dir, r.dir+"/")) && len(r.dir) > len(best.dir) {
			best = r
		}
	}
	return best, best.dir != ""
}

// mayImport says whether the room may import another package of this tree.
func (r room) mayImport(dir string) bool {
	if to, ok := roomOf(dir); ok && to.dir == r.dir {
		return true
	}
	if slices.Contains(r.own, "public") {
		to, _ := roomOf(dir)
		return !slices.Contains(strings.Split(dir, "/"), "internal") && !to.forTests
	}
	return slices.Contains(r.own, dir)
}

func isTesting(importPath string) bool {
	return importPath == "testing" || strings.HasPrefix(importPath, "testing/")
}

// violations judges the packages of this tree against the map.
func violations(pkgs map[string]pkg) []string {
	var bad []string
	for _, p := range pkgs {
		dir, ours := p.dir()
		if !ours || dir == "." {
			continue
		}
		from, ok := roomOf(dir)
		if !ok {
			bad = append(bad, dir+" is in no room: add it to the map, with what it may import")
			continue
		}
		for _, imp := range p.Imports {
			if why := from.judge(pkgs[imp]); why != "" {
				bad = append(bad, dir+" imports "+imp+": "+why)
			}
		}
		// What is reached through others. In a nested module a framework may bring
		// testing along (fiber does); that is not this tree's to say.
		if !slices.Contains(emulatorUsers, from.dir) && !strings.HasPrefix(from.dir, emulator) && slices.ContainsFunc(p.Deps, underClerktest) {
			bad = append(bad, dir+" reaches clerk/clerktest: the emulator must not be part of a server")
		}
		if inRootModule(p) && !from.forTests {
			if i := slices.IndexFunc(p.Deps, isTesting); i >= 0 {
				bad = append(bad, dir+" reaches "+p.Deps[i]+" outside tests")
			}
		}
	}
	slices.Sort(bad)
	return bad
}

func underClerktest(importPath string) bool {
	return importPath == rootModule+"/clerk/clerktest" || strings.HasPrefix(importPath, rootModule+"/clerk/clerktest/")
}

// judge says why the room may not import the package, or nothing.
func (r room) judge(p pkg) string {
	dir, ours := p.dir()
	switch {
	case p.Standard || p.ImportPath == "": // "": import "C" and the like
		if isTesting(p.ImportPath) && !r.forTests {
			return "only tests may"
		}
		if p.ImportPath == "net/http" && r.noHTTP {
			return "this room knows no HTTP"
		}
		return ""
	case ours && !r.mayImport(dir):
		return "no such arrow"
	case !ours && slices.Equal(r.foreign, []string{"any"}):
		return ""
	case !ours && (p.Module == nil || !slices.Contains(r.foreign, p.Module.Path)):
		return "a foreign module that this room may not use"
	}
	return ""
}

func TestImportArrows(t *testing.T) {
	tree(t, ".go", "go.mod", "go.work") // see readTree: what this result depends on
	pkgs := make(map[string]pkg)
	for _, p := range decodeStream[pkg](t, goTool(t, "list", "-deps", "-json=ImportPath,Standard,Module,Imports,Deps", "work")) {
		pkgs[p.ImportPath] = p
	}
	if _, ok := pkgs[rootModule+"/clerk"]; !ok {
		t.Fatal("go list work does not name package clerk: nothing was judged")
	}
	for _, v := range violations(pkgs) {
		t.Error(v)
	}
}

// TestTestsAddNoModule: `go mod tidy` of an application takes in what the tests of
// the packages that it imports import. A comparison with a library belongs to
// internal/conformance, which nobody imports.
func TestTestsAddNoModule(t *testing.T) {
	fset := token.NewFileSet()
	judged := 0
	for _, f := range tree(t, "_test.go") {
		r, ok := roomOf(path.Dir(f.path))
		if !ok || slices.Contains(r.foreign, "any") || strings.HasPrefix(r.dir, "internal/conformance") || strings.Contains(f.path, "/testdata/") {
			continue
		}
		file, err := parser.ParseFile(fset, f.path, f.data, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			continue
		}
		judged++
		for _, spec := range file.Imports {
			imp := strings.Trim(spec.Path.Value, "\"`")
			if host, _, _ := strings.Cut(imp, "/"); !strings.Contains(host, ".") || ownModule(imp) {
				continue
			}
			if !slices.ContainsFunc(r.foreign, func(m string) bool { return imp == m || strings.HasPrefix(imp, m+"/") }) {
				t.Errorf("%s imports %s, which every application that imports the package would get into its go.sum", f.path, imp)
			}
		}
	}
	if judged == 0 {
		t.Error("no test was judged")
	}
}

// TestImportArrowsBite plants forbidden imports, since a map that allows
// everything would be as green as a right one.
func TestImportArrowsBite(t *testing.T) {
	std := func(path string) pkg { return pkg{ImportPath: path, Standard: true} }
	own := func(dir string, imports ...string) pkg {
		return pkg{ImportPath: rootModule + "/" + dir, Module: &struct{ Path string }{rootModule}, Imports: imports, Deps: imports}
	}
	foreign := func(path string) pkg { return pkg{ImportPath: path, Module: &struct{ Path string }{path}} }
	all := []pkg{
		std("net/http"), std("testing"), std("testing/fstest"),
		foreign("github.com/lestrrat-go/jwx/v2"), foreign("github.com/gin-gonic/gin"), foreign("github.com/hashicorp/golang-lru/v2"),
		own("clerk"), own("verify"), own("bapi"), own("middleware"), own("internal/transport"), own("clerk/clerktest"),
		own("clerk/clerktest/internal/state"),
		own("middleware/middlewaretest"),
	}
	for _, tc := range []struct {
		name string
		p    pkg
		ok   bool
	}{
		{"verify may import clerk", own("verify", rootModule+"/clerk", "net/http", "github.com/hashicorp/golang-lru/v2"), true},
		{"clerk is the leaf", own("clerk", rootModule+"/verify"), false},
		{"jwx is for jwks alone", own("verify", "github.com/lestrrat-go/jwx/v2"), false},
		{"middleware does without bapi", own("middleware", rootModule+"/bapi"), false},
		{"the emulator is not part of a server", own("middleware", rootModule+"/clerk/clerktest"), false},
		{"no framework in the root module", own("middleware", "github.com/gin-gonic/gin"), false},
		{"an adapter has its framework", own("middleware/gin", rootModule+"/middleware", "github.com/gin-gonic/gin"), true},
		{"an adapter has public packages only", own("middleware/gin", rootModule+"/internal/transport"), false},
		{"examples have public packages only", own("examples/x", rootModule+"/internal/transport"), false},
		{"the emulator's handlers use its state", own("clerk/clerktest", rootModule+"/clerk/clerktest/internal/state"), true},
		{"the emulator's state does without them", own("clerk/clerktest/internal/state", rootModule+"/clerk/clerktest"), false},
		{"the emulator's state knows no HTTP", own("clerk/clerktest/internal/state", "net/http"), false},
		{"testing is for tests", own("clerk/clerktest", "testing"), false},
		{"testing/fstest too", own("clerk/clerktest", "testing/fstest"), false},
		{"a suite for tests may import testing", own("middleware/middlewaretest", "testing", rootModule+"/clerk/clerktest"), true},
		{"a suite for tests is for tests", own("examples/x", rootModule+"/middleware/middlewaretest"), false},
		{"a folder without a room", own("surprise"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pkgs := make(map[string]pkg)
			for _, p := range append(slices.Clone(all), tc.p) {
				pkgs[p.ImportPath] = p
			}
			got := violations(pkgs)
			if (len(got) == 0) != tc.ok {
				t.Errorf("violations = %q, want none: %v", got, tc.ok)
			}
		})
	}
}

package clerkkit_test

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// entryPoints are the names of each public package that have an example, written as in
// the name of the example: Middleware_Require is ExampleMiddleware_Require. "" is the
// example of the package.
var entryPoints = map[string][]string{
	"bapi": {"", "Client_Do", "Ensure", "Error", "FromConfig", "Metadata", "New", "Opt", "OrganizationCache", "Raw",
		"UserCache", "User_PrimaryEmail", "UsersService_mock", "WithField"},
	"clerk": {"ActiveOrg", "Auth_Check", "Auth_Has", "Auth_Token", "ClaimsAs", "ConfigFromEnv", "Custom", "FromContext",
		"NewContext", "Org", "Reverified", "Scope", "Tokens"},
	"clerk/clerktest": {"Emulator_AddWebhook", "Emulator_Advance", "Emulator_Fault", "Emulator_Sign", "Identity", "NewServer",
		"Session_Token", "Start"},
	"clerk/webhook": {"Decode", "FromConfig", "New", "Signer", "Verifier_Handler", "Verifier_Verify", "Verifier_VerifyRequest"},
	"handshake":     {"Authenticator_Authenticate", "Authenticator_VerifyToken", "New"},
	"jwks":          {"", "FromConfig", "New"},
	"middleware": {"Choose", "Middleware_Deny", "Middleware_RedirectToSignIn", "Middleware_Require", "Middleware_VerifyToken",
		"New", "NewProxy", "WithErrorHandler", "WithObserver"},
	"middleware/adapter":        {""},
	"middleware/echo":           {"Handler", "RedirectToSignIn", "Require"},
	"middleware/echov5":         {"Handler", "RedirectToSignIn", "Require"},
	"middleware/fiber":          {"Handler", "RedirectToSignIn", "Require"},
	"middleware/fiberv3":        {"Handler", "RedirectToSignIn", "Require"},
	"middleware/gin":            {"Handler", "RedirectToSignIn", "Require"},
	"middleware/middlewaretest": {"Run"},
	"verify":                    {"FromConfig", "New", "Verifier_Verify", "Verifier_VerifyTemplate"},
}

// TestEntryPointsHaveExamples wants an example of each entry point, and of each example
// that its output is checked and that godoc can show it as a whole program: what it uses
// must be in its own file.
func TestEntryPointsHaveExamples(t *testing.T) {
	fset := token.NewFileSet()
	packages := make(map[string][]*ast.File)
	for _, f := range tree(t, "_test.go") {
		dir := path.Dir(f.path)
		if strings.HasPrefix(dir, "examples/") || strings.Contains("/"+f.path, "/testdata/") {
			continue
		}
		file, err := parser.ParseFile(fset, f.path, f.data, parser.ParseComments)
		if err != nil {
			t.Error(err)
			continue
		}
		packages[dir] = append(packages[dir], file)
	}
	for dir, files := range packages {
		var have []string
		for _, ex := range doc.Examples(files...) {
			have = append(have, ex.Name)
			for _, problem := range exampleProblems(ex) {
				t.Errorf("%s: Example%s %s", dir, ex.Name, problem)
			}
		}
		for _, name := range entryPoints[dir] {
			if !slices.Contains(have, name) {
				t.Errorf("%s: there is no Example%s", dir, name)
			}
		}
	}
	for dir := range entryPoints {
		if packages[dir] == nil {
			t.Errorf("%s: no package with tests", dir)
		}
	}
}

// exampleProblems says what is wrong with an example for a reader of its documentation.
func exampleProblems(ex *doc.Example) (problems []string) {
	if ex.Output == "" && !ex.EmptyOutput {
		problems = append(problems, "has no output, so that no test runs it")
	}
	if ex.Play == nil {
		problems = append(problems, "uses names of other files, which godoc does not show")
	}
	return problems
}

func TestExamplesBite(t *testing.T) {
	const src = `package p_test

import "fmt"

func helper() {}

// Good uses a helper of its file.
func ExampleGood() {
	helper()
	fmt.Println(1)
	// Output: 1
}

func ExampleUnchecked() { fmt.Println(1) }

func ExampleElsewhere() {
	inAnotherFile()
	// Output:
}
`
	file, err := parser.ParseFile(token.NewFileSet(), "p_test.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int)
	for _, ex := range doc.Examples(file) {
		got[ex.Name] = len(exampleProblems(ex))
	}
	if len(got) != 3 || got["Good"] != 0 || got["Unchecked"] != 1 || got["Elsewhere"] != 1 {
		t.Errorf("problems: %v", got)
	}
}

// TestListsAreIndented: godoc shows a list only where its lines are indented, and joins
// the items into one paragraph otherwise.
func TestListsAreIndented(t *testing.T) {
	fset := token.NewFileSet()
	for _, f := range tree(t, ".go") {
		if strings.HasSuffix(f.path, "_test.go") || strings.Contains("/"+f.path, "/testdata/") {
			continue
		}
		file, err := parser.ParseFile(fset, f.path, f.data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, group := range file.Comments {
			if hasFlatList(group.Text()) {
				t.Errorf("%s: a list without indentation", fset.Position(group.Pos()))
			}
		}
	}
	if !hasFlatList("The names:\n\n- [A] does this.\n- [B] does that.\n") {
		t.Error("a flat list is not noticed")
	}
	if hasFlatList("The names:\n\n  - [A] does this.\n  - [B] does that.\n") {
		t.Error("an indented list is taken for a flat one")
	}
}

func hasFlatList(text string) bool {
	for _, block := range new(comment.Parser).Parse(text).Content {
		paragraph, ok := block.(*comment.Paragraph)
		if !ok {
			continue
		}
		for i, part := range paragraph.Text {
			plain, ok := part.(comment.Plain)
			if ok && (i == 0 && strings.HasPrefix(string(plain), "- ") || strings.Contains(string(plain), "\n- ")) {
				return true
			}
		}
	}
	return false
}

// TestTasksTakeFewLines counts the lines of the recipes: a change of the API that makes
// a task longer is noticed here.
func TestTasksTakeFewLines(t *testing.T) {
	for _, task := range []struct {
		file, region string
		lines        int
	}{
		{"recipes.go", "token", 1},
		{"recipes.go", "deny", 1},
		{"recipes.go", "parties", 2},
		{"recipes.go", "grpc", 10},
		{"recipes_test.go", "permission", 1},
		{"recipes.go", "metrics", 3},
		{"recipes.go", "scope", 1},
		{"recipes.go", "several", 3},
	} {
		src, err := os.ReadFile("examples/recipes/" + task.file)
		if err != nil {
			t.Fatal(err)
		}
		code, err := region(string(src), task.region)
		if err != nil {
			t.Error(err)
			continue
		}
		if n := strings.Count(code, "\n"); n > task.lines {
			t.Errorf("%s takes %d lines, want at most %d", task.region, n, task.lines)
		}
	}
}

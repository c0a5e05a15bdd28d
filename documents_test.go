package clerkkit_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestExportedNamesAreDocumented wants a comment on everything that godoc shows:
// package, type, function, method, constant, variable, field.
func TestExportedNamesAreDocumented(t *testing.T) {
	packageDocs := make(map[string]bool)
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
		dir := path.Dir(f.path)
		packageDocs[dir] = packageDocs[dir] || file.Doc != nil
		if strings.HasPrefix(dir, emulatorRooms) {
			continue
		}
		for _, name := range undocumented(fset, file) {
			t.Errorf("%s: %s has no doc comment", fset.Position(name.Pos()), name.Name)
		}
	}
	for dir, ok := range packageDocs {
		if !ok {
			t.Errorf("%s: the package has no doc comment", dir)
		}
	}
}

// emulatorRooms are packages of one program, which export names for each other
// alone: the records of its state, the answers of its APIs. A comment says there what
// the name does not.
const emulatorRooms = "clerk/clerktest/internal/"

// undocumented gives the exported names of a file that lack a comment. A group
// of constants or variables may be documented as one, and so may the members of a
// small type; a comment on a field speaks of the lines below it up to the next gap.
func undocumented(fset *token.FileSet, file *ast.File) []*ast.Ident {
	var bad []*ast.Ident
	check := func(names []*ast.Ident, docs ...*ast.CommentGroup) {
		if commented(docs...) {
			return
		}
		for _, n := range names {
			if n.IsExported() {
				bad = append(bad, n)
			}
		}
	}
	members := func(list *ast.FieldList) {
		small := len(list.List) <= 3
		for _, f := range list.List {
			small = small && !commented(f.Doc, f.Comment)
		}
		if small {
			return // the type's comment speaks of all of it
		}
		covered, end := false, 0
		for _, f := range list.List {
			if f.Tag != nil && strings.Contains(fset.Position(f.Pos()).Filename, "internal/conformance/") {
				continue // a member of the recorded format, which is described elsewhere
			}
			covered = commented(f.Doc, f.Comment) || covered && fset.Position(f.Pos()).Line == end+1
			end = fset.Position(f.End()).Line
			if !covered {
				check(f.Names) // embedded fields have none
			}
		}
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || ast.IsExported(receiver(d)) {
				check([]*ast.Ident{d.Name}, d.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.ValueSpec:
					check(s.Names, s.Doc, s.Comment, d.Doc)
				case *ast.TypeSpec:
					check([]*ast.Ident{s.Name}, s.Doc, s.Comment, d.Doc)
					if !s.Name.IsExported() {
						continue
					}
					switch body := s.Type.(type) {
					case *ast.StructType:
						members(body.Fields)
					case *ast.InterfaceType:
						members(body.Methods)
					}
				}
			}
		}
	}
	return bad
}

func commented(docs ...*ast.CommentGroup) bool {
	return slices.ContainsFunc(docs, func(d *ast.CommentGroup) bool { return d != nil && strings.TrimSpace(d.Text()) != "" })
}

func receiver(d *ast.FuncDecl) string {
	x := d.Recv.List[0].Type
	for {
		switch t := x.(type) {
		case *ast.StarExpr:
			x = t.X
		case *ast.IndexExpr:
			x = t.X
		case *ast.IndexListExpr:
			x = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

func TestExportedNamesBite(t *testing.T) {
	const src = `package p
type T struct {
	A int
	// B and C are the size.
	B int
	C int

	D int
	E int // E is commented on its line.
}
type i interface { M() }
// I is small.
type I interface { I1(); I2(); I3() }
// J is not: each method needs a comment.
type J interface { M(); N(); O(); P() }
// V and W as a group.
var ( V, W int )
const X = 1
func F() {}
func (t *T) G() {}
func (x *i) H() {}
`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range undocumented(fset, file) {
		got = append(got, n.Name)
	}
	if want := "T A D M N O P X F G"; strings.Join(got, " ") != want {
		t.Errorf("undocumented = %q, want %q", got, want)
	}
}

var (
	goBlock   = regexp.MustCompile("(?ms)^(<!-- code: (\\S+) (\\S+) -->\n)?```go\n(.*?)^```$")
	regionTag = regexp.MustCompile(`(?m)^[ \t]*// README:(\w+)\n`)
	goCommand = regexp.MustCompile(`\bgo (?:run|build|test) (?:-\S+ )*\./([\w./-]+)`)
	mdLink    = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
)

// snippets compares the Go blocks of a document with the compiled code that each
// names in the comment above it.
func snippets(doc string, read func(path string) (string, error)) []error {
	var bad []error
	for _, m := range goBlock.FindAllStringSubmatch(doc, -1) {
		file, name, block := m[2], m[3], m[4]
		if file == "" {
			bad = append(bad, fmt.Errorf("a Go block does not say which compiled code it shows (<!-- code: FILE REGION -->):\n%s", block))
			continue
		}
		src, err := read(file)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		code, err := region(src, name)
		switch {
		case err != nil:
			bad = append(bad, fmt.Errorf("%s: %w", file, err))
		case code != block:
			bad = append(bad, fmt.Errorf("the block of %s, region %s, has drifted; the compiled code is:\n%s", file, name, code))
		}
	}
	return bad
}

// region gives what stands between `// README:name` and `// README:end`, without
// the indentation that its first line has.
func region(src, name string) (string, error) {
	tags := regionTag.FindAllStringSubmatchIndex(src, -1)
	for i, tag := range tags {
		if src[tag[2]:tag[3]] != name {
			continue
		}
		if i+1 == len(tags) || src[tags[i+1][2]:tags[i+1][3]] != "end" {
			return "", fmt.Errorf("region %s has no end", name)
		}
		code := strings.Trim(src[tag[1]:tags[i+1][0]], "\n") + "\n" // gofmt sets a tag apart from a declaration
		indent := code[:len(code)-len(strings.TrimLeft(code, "\t"))]
		return strings.TrimPrefix(strings.ReplaceAll("\n"+code, "\n"+indent, "\n"), "\n"), nil
	}
	return "", fmt.Errorf("no region %s", name)
}

func TestDocumentsShowCompiledCode(t *testing.T) {
	for _, f := range tree(t, ".md") {
		for _, err := range snippets(string(f.data), func(name string) (string, error) {
			if !strings.HasPrefix(name, "examples/") || !strings.HasSuffix(name, ".go") {
				return "", fmt.Errorf("%s: only examples are sure to be compiled with the tests", name)
			}
			data, err := os.ReadFile(filepath.FromSlash(name))
			return string(data), err
		}) {
			t.Errorf("%s: %v", f.path, err)
		}
		// Commands and links lead somewhere.
		for _, m := range goCommand.FindAllStringSubmatch(string(f.data), -1) {
			dir := strings.TrimSuffix(strings.TrimSuffix(m[1], "..."), "/")
			if _, err := os.Stat(filepath.FromSlash(path.Join(".", dir))); err != nil {
				t.Errorf("%s: %q: %v", f.path, m[0], err)
			}
		}
		for _, m := range mdLink.FindAllStringSubmatch(string(f.data), -1) {
			if _, err := os.Stat(filepath.FromSlash(path.Join(path.Dir(f.path), m[1]))); err != nil {
				t.Errorf("%s: link %s: %v", f.path, m[1], err)
			}
		}
	}
}

func TestDocumentsBite(t *testing.T) {
	const src = "package main\n\nfunc main() {\n\t// README:run\n\n\tx := 1\n\tif x > 0 {\n\n\t\tx++\n\t}\n\t// README:end\n}\n"
	read := func(string) (string, error) { return src, nil }
	const code = "x := 1\nif x > 0 {\n\n\tx++\n}\n"
	for _, tc := range []struct {
		name, doc string
		ok        bool
	}{
		{"the same code", "<!-- code: examples/x/main.go run -->\n```go\n" + code + "```\n", true},
		{"no Go block", "```sh\ngo test work\n```\n", true},
		{"drifted", "<!-- code: examples/x/main.go run -->\n```go\n" + code + "y()\n```\n", false},
		{"another region", "<!-- code: examples/x/main.go main -->\n```go\n" + code + "```\n", false},
		{"without a source", "```go\n" + code + "```\n", false},
	} {
		if got := snippets(tc.doc, read); (len(got) == 0) != tc.ok {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

// TestSecurityNamesTests wants every test that SECURITY.md names to exist: a promise
// without a test is not one.
func TestSecurityNamesTests(t *testing.T) {
	text, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllSubmatch(text, -1)
	if len(named) < 20 {
		t.Fatalf("SECURITY.md names %d tests", len(named))
	}
	var all strings.Builder
	for _, f := range tree(t, "_test.go") {
		all.Write(f.data)
	}
	for _, m := range named {
		if !strings.Contains(all.String(), "\nfunc "+string(m[1])+"(") {
			t.Errorf("SECURITY.md names %s, which does not exist", m[1])
		}
	}
	if _, err := os.Stat("middleware/middlewaretest"); err != nil {
		t.Error(err)
	}
}

package clerkkit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/jwks"
	"github.com/clerkkit/clerkkit/verify"
)

// settingStructs are the exported structs that hold settings.
var settingStructs = map[string][]string{
	"clerk":           {"Config", "Limits", "OrganizationSync"},
	"clerk/webhook":   {"Config"},
	"clerk/clerktest": {"Config", "Settings"},
	"jwks":            {"Config"},
	"verify":          {"Config"},
	"handshake":       {"Config"},
	"bapi":            {"Config", "CacheConfig"},
}

// settingRooms are the packages that may read them.
var settingRooms = []string{"clerk", "clerk/webhook", "clerk/clerktest", "jwks", "verify", "handshake", "bapi", "middleware", "internal/backend", "internal/forwarded", "internal/transport"}

// onlyLooks are functions that read settings without giving them an effect.
var onlyLooks = []string{"Validate", "validate", "String", "Format", "LogValue", "ConfigFromEnv", "withDefaults"}

// settings is the type-checked source of the packages above.
type settings struct {
	fset  *token.FileSet
	files map[string][]*ast.File
	info  *types.Info
	pkgs  map[string]*types.Package
}

// loadSettings checks the packages against one another: a field is the same object
// wherever it is read.
func loadSettings(t *testing.T) *settings {
	t.Helper()
	s := &settings{
		fset: token.NewFileSet(), files: map[string][]*ast.File{}, pkgs: map[string]*types.Package{},
		info: &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
			Types: map[ast.Expr]types.TypeAndValue{}},
	}
	patterns := make([]string, len(settingRooms))
	for i, dir := range settingRooms {
		patterns[i] = "./" + dir
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Standard"}, patterns...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	var imp types.Importer
	lookup := importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	imp = importerFunc(func(path string) (*types.Package, error) {
		if p := s.pkgs[path]; p != nil {
			return p, nil
		}
		return lookup.Import(path)
	})
	for d := json.NewDecoder(bytes.NewReader(out)); ; { // dependencies come first
		var p struct {
			ImportPath, Dir, Export string
			GoFiles                 []string
			Standard                bool
		}
		if err := d.Decode(&p); err == io.EOF {
			return s
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		dir, own := strings.CutPrefix(p.ImportPath, rootModule+"/")
		if !own {
			continue
		}
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(s.fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			s.files[dir] = append(s.files[dir], f)
		}
		checked, err := (&types.Config{Importer: imp}).Check(p.ImportPath, s.fset, s.files[dir], s.info)
		if err != nil {
			t.Fatal(err)
		}
		s.pkgs[p.ImportPath] = checked
	}
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// fields are the exported fields of the structs, with their names for people.
func (s *settings) fields(t *testing.T) map[*types.Var]string {
	t.Helper()
	fields := map[*types.Var]string{}
	for dir, names := range settingStructs {
		for _, name := range names {
			obj := s.pkgs[rootModule+"/"+dir].Scope().Lookup(name)
			if obj == nil {
				t.Fatalf("%s.%s is no more", dir, name)
			}
			st, ok := obj.Type().Underlying().(*types.Struct)
			if !ok {
				t.Fatalf("%s.%s is no struct", dir, name)
			}
			for f := range st.Fields() {
				if f.Exported() {
					fields[f] = fmt.Sprintf("%s.%s.%s", dir, name, f.Name())
				}
			}
		}
	}
	return fields
}

// TestSettingsAreRead: a setting that nothing reads promises what it does not do.
func TestSettingsAreRead(t *testing.T) {
	s := loadSettings(t)
	unread := s.fields(t)
	if len(unread) < 80 {
		t.Fatalf("only %d settings were found", len(unread))
	}
	maps.DeleteFunc(unread, func(f *types.Var, _ string) bool {
		return strings.HasPrefix(f.Name(), "Insecure") // their effect is a check that is left out
	})
	read, copies := map[*types.Var]bool{}, map[*types.Var]*types.Var{}
	for _, dir := range slices.Sorted(maps.Keys(s.files)) {
		for _, f := range s.files[dir] {
			for _, decl := range f.Decls {
				fn, ok := decl.(*ast.FuncDecl)
				if !ok || fn.Body == nil || slices.ContainsFunc(onlyLooks, func(name string) bool { return strings.HasPrefix(fn.Name.Name, name) }) {
					continue
				}
				set := map[*ast.SelectorExpr]bool{} // assigned to, not read
				ast.Inspect(fn.Body, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.AssignStmt:
						for _, l := range n.Lhs {
							if sel, ok := l.(*ast.SelectorExpr); ok && n.Tok == token.ASSIGN {
								set[sel] = true
							}
						}
					case *ast.CallExpr:
						s.converted(n, copies)
					case *ast.SelectorExpr:
						if v, ok := s.info.Uses[n.Sel].(*types.Var); ok && !set[n] {
							delete(unread, v)
							read[v] = true
						}
					}
					return true
				})
			}
		}
	}
	for to, from := range copies {
		if read[to] {
			delete(unread, from)
		}
	}
	for _, name := range slices.Sorted(maps.Values(unread)) {
		t.Errorf("nothing reads %s: give it a use, or remove it", name)
	}
}

// converted records the fields that a conversion between two structs copies, by the
// field that they become: state.Settings(set).
func (s *settings) converted(call *ast.CallExpr, copies map[*types.Var]*types.Var) {
	target := s.info.Types[call.Fun]
	if !target.IsType() || len(call.Args) != 1 {
		return
	}
	to, ok1 := target.Type.Underlying().(*types.Struct)
	from, ok2 := s.info.Types[call.Args[0]].Type.Underlying().(*types.Struct)
	if !ok1 || !ok2 || to.NumFields() != from.NumFields() {
		return
	}
	for i := range to.NumFields() {
		if to.Field(i) != from.Field(i) {
			copies[to.Field(i)] = from.Field(i)
		}
	}
}

// settingCases makes what the settings are for, so that a value that cannot be used shows.
func settingCases(t *testing.T) map[string]settingCase {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	keys, err := jwks.New(jwks.Config{URL: "https://clerk.example.com/.well-known/jwks.json"})
	if err != nil {
		t.Fatal(err)
	}
	api, err := bapi.New(bapi.Config{SecretKey: "sk_test_c2VjcmV0"})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := verify.New(verify.Config{Keys: keys, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]settingCase{
		"clerk.Config": {clerk.Config{SecretKey: "sk_test_c2VjcmV0"}, func(v any) error { return as[clerk.Config](v).Validate() }},
		"clerk.Limits": {clerk.Limits{}, func(v any) error { return as[clerk.Limits](v).Validate() }},
		"clerk.OrganizationSync": {clerk.OrganizationSync{}, func(v any) error {
			_, err := handshake.New(handshake.Config{Verifier: verifier, Clerk: clerk.Config{OrganizationSync: as[clerk.OrganizationSync](v)}})
			return err
		}},
		"clerk/webhook.Config": {webhook.Config{Secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}, func(v any) error {
			_, err := webhook.New(as[webhook.Config](v))
			return err
		}},
		"clerk/clerktest.Config": {clerktest.Config{}, func(v any) error { _, err := clerktest.New(as[clerktest.Config](v)); return err }},
		"clerk/clerktest.Settings": {clerktest.Settings{}, func(v any) error {
			_, err := clerktest.New(clerktest.Config{Settings: as[clerktest.Settings](v)})
			return err
		}},
		"jwks.Config":      {jwks.Config{URL: "https://clerk.example.com/.well-known/jwks.json"}, func(v any) error { _, err := jwks.New(as[jwks.Config](v)); return err }},
		"verify.Config":    {verify.Config{Keys: keys, Logger: quiet}, func(v any) error { _, err := verify.New(as[verify.Config](v)); return err }},
		"handshake.Config": {handshake.Config{Verifier: verifier}, func(v any) error { _, err := handshake.New(as[handshake.Config](v)); return err }},
		"bapi.Config":      {bapi.Config{SecretKey: "sk_test_c2VjcmV0"}, func(v any) error { _, err := bapi.New(as[bapi.Config](v)); return err }},
		"bapi.CacheConfig": {bapi.CacheConfig{}, func(v any) error { _, err := bapi.NewUserCache(api.Users, as[bapi.CacheConfig](v)); return err }},
	}
}

// settingCase is the least that can be used, and what uses it.
type settingCase struct {
	least any
	use   func(v any) error
}

func as[T any](v any) T { t, _ := v.(T); return t }

// fieldDocs are the comments of the fields.
func (s *settings) fieldDocs(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	for dir, names := range settingStructs {
		for _, f := range s.files[dir] {
			ast.Inspect(f, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok || !slices.Contains(names, spec.Name.Name) {
					return true
				}
				if st, ok := spec.Type.(*ast.StructType); ok {
					for _, field := range st.Fields.List {
						for _, name := range field.Names {
							docs[dir+"."+spec.Name.Name+"."+name.Name] = strings.ToLower(strings.Join(strings.Fields(field.Doc.Text()), " "))
						}
					}
				}
				return false
			})
		}
	}
	return docs
}

// TestSettingsHaveOneConvention holds what package clerk's comment says of zero values,
// of nil and of negative ones, for each field of each Config: what the comment of the
// field says, and what becomes of the value.
func TestSettingsHaveOneConvention(t *testing.T) {
	docs := loadSettings(t).fieldDocs(t)
	cases := settingCases(t)
	seen := 0
	for dir, names := range settingStructs {
		for _, name := range names {
			c, ok := cases[dir+"."+name]
			if !ok {
				t.Errorf("%s.%s has no case", dir, name)
				continue
			}
			if err := c.use(c.least); err != nil {
				t.Errorf("%s.%s without settings: %v", dir, name, err)
			}
			typ := reflect.TypeOf(c.least)
			for i := range typ.NumField() {
				f := typ.Field(i)
				if !f.IsExported() {
					continue
				}
				seen++
				field, doc := dir+"."+name+"."+f.Name, docs[dir+"."+name+"."+f.Name]
				if doc == "" {
					t.Errorf("%s has no comment", field)
				}
				switch f.Type.Kind() {
				case reflect.Int, reflect.Int64, reflect.Float64:
					checkNumber(t, field, doc, f, c)
				case reflect.Pointer:
					if k := f.Type.Elem().Kind(); k <= reflect.Complex128 || k == reflect.String {
						t.Errorf("%s is a pointer; zero is the default, and a negative value is off", field)
					}
					fallthrough
				case reflect.Func, reflect.Interface:
					if !strings.Contains(doc, "nil ") && !strings.Contains(doc, "required") {
						t.Errorf("%s does not say what nil means: %s", field, doc)
					}
				}
			}
		}
	}
	if seen < 80 {
		t.Errorf("only %d settings were looked at", seen)
	}
}

func checkNumber(t *testing.T, field, doc string, f reflect.StructField, c settingCase) {
	t.Helper()
	if enum := f.Type.PkgPath() != "" && f.Type != reflect.TypeFor[time.Duration](); !enum && !strings.Contains(doc, "0 means") {
		t.Errorf("%s does not say what 0 means: %s", field, doc)
	}
	v := reflect.New(reflect.TypeOf(c.least)).Elem()
	v.Set(reflect.ValueOf(c.least))
	if f.Type.Kind() == reflect.Float64 {
		v.FieldByIndex(f.Index).SetFloat(-1)
	} else {
		v.FieldByIndex(f.Index).SetInt(-1)
	}
	err := c.use(v.Interface())
	var bad *clerk.ConfigError
	switch off := strings.Contains(doc, "a negative value"); {
	case off && err != nil:
		t.Errorf("%s: a negative value turns it off, and is refused: %v", field, err)
	case !off && !errors.As(err, &bad):
		t.Errorf("%s: a negative value is no *clerk.ConfigError, but %v", field, err)
	case !off && !strings.HasSuffix(bad.Field, f.Name):
		t.Errorf("%s: the error is about %s", field, bad.Field)
	}
}

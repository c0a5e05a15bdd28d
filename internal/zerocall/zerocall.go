// Package zerocall holds a promise of all public packages: whatever a caller leaves out,
// a call ends in an error or in a documented meaning, and never in a panic. Tests use it.
package zerocall

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
)

// Package is a public package with all that it exports.
type Package struct {
	// Path is its import path, and Dir where its source is, relative to the test.
	Path, Dir string
	// Funcs are its exported functions, generic ones with a type argument.
	Funcs map[string]any
	// Types are nil pointers to its exported types, but for those that the functions and
	// other types lead to. Methods are called on zero values, and on nil pointers where
	// the method has a pointer receiver.
	Types []any
	// Made are values as New makes them, whose methods are called too.
	Made []any
	// Panics says why a function or method ("Type.Method") may panic; its comment says so too.
	Panics map[string]string
	// Left says why a function or method is not called: it waits, or ends the test.
	Left map[string]string

	panicked map[string]bool // told once
}

// Check calls all of it with zero arguments, and fails t where something panics or where
// an exported name is missing in p.
func Check(t *testing.T, p Package) {
	t.Helper()
	p.panicked = map[string]bool{}
	funcs, types := exported(t, p.Dir)
	for name := range funcs {
		if p.Funcs[name] == nil && p.Left[name] == "" {
			t.Errorf("the function %s is not called", name)
		}
	}
	for name, f := range p.Funcs {
		if !funcs[name] {
			t.Errorf("there is no function %s", name)
		}
		p.call(t, name, reflect.ValueOf(f))
	}
	for _, typ := range p.reach() {
		name, _, _ := strings.Cut(typ.Name(), "[")
		delete(types, name)
		p.methods(t, name, reflect.New(typ))
		if reflect.PointerTo(typ).Implements(reflect.TypeFor[error]()) {
			continue // a nil pointer is no error
		}
		ptr := reflect.Zero(reflect.PointerTo(typ))
		for i := range ptr.NumMethod() {
			m := ptr.Type().Method(i)
			_, byValue := typ.MethodByName(m.Name) // which no nil pointer has
			if !byValue && m.Name != "UnmarshalJSON" {
				p.call(t, name+"."+m.Name, ptr.Method(i))
			}
		}
	}
	for name := range types {
		t.Errorf("the type %s is not called", name)
	}
	for _, v := range p.Made {
		name := reflect.TypeOf(v).String()
		p.methods(t, name[strings.LastIndexByte(name, '.')+1:], reflect.ValueOf(v))
	}
}

// reach are the exported types of the package that its functions and types lead to.
func (p Package) reach() (found []reflect.Type) {
	var open []reflect.Type
	for _, f := range p.Funcs {
		open = append(open, reflect.TypeOf(f))
	}
	for _, ptr := range p.Types {
		open = append(open, reflect.TypeOf(ptr).Elem())
	}
	for _, v := range p.Made {
		open = append(open, reflect.TypeOf(v))
	}
	seen := map[reflect.Type]bool{}
	for len(open) > 0 {
		typ := open[0]
		open = open[1:]
		if seen[typ] {
			continue
		}
		seen[typ] = true
		if named := typ.Name() != ""; named && typ.PkgPath() != p.Path {
			continue
		} else if named && token.IsExported(typ.Name()) && typ.Kind() != reflect.Interface {
			found = append(found, typ)
			for i := range reflect.PointerTo(typ).NumMethod() {
				open = append(open, reflect.PointerTo(typ).Method(i).Type)
			}
		}
		switch typ.Kind() {
		case reflect.Array, reflect.Pointer, reflect.Slice:
			open = append(open, typ.Elem())
		case reflect.Map:
			open = append(open, typ.Key(), typ.Elem())
		case reflect.Func:
			for i := range typ.NumIn() {
				open = append(open, typ.In(i))
			}
			for i := range typ.NumOut() {
				open = append(open, typ.Out(i))
			}
		case reflect.Struct:
			for i := range typ.NumField() {
				if f := typ.Field(i); f.IsExported() {
					open = append(open, f.Type)
				}
			}
		}
	}
	return found
}

func (p Package) methods(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	for i := range v.NumMethod() {
		p.call(t, name+"."+v.Type().Method(i).Name, v.Method(i))
	}
}

// call calls f with one set of arguments after the other.
func (p Package) call(t *testing.T, name string, f reflect.Value) {
	t.Helper()
	if p.Left[name] != "" || p.Panics[name] != "" {
		return
	}
	for _, kind := range []arguments{allZero, someContext, zeroRequest} {
		if p.panicked[name] {
			return
		}
		func() {
			defer func() {
				if v := recover(); v != nil {
					p.panicked[name] = true
					t.Errorf("%s panics (%s): %v\n%s", name, kind, v, where())
				}
			}()
			use(f.Call(kind.of(f.Type())))
		}()
	}
}

// where is the part of the stack below the panic.
func where() string {
	_, below, _ := strings.Cut(string(debug.Stack()), "panic(")
	lines := strings.Split(below, "\n")
	return strings.Join(lines[min(2, len(lines)):min(8, len(lines))], "\n")
}

// arguments is how arguments are made.
type arguments string

const (
	allZero     arguments = "zero values, nil contexts"
	someContext arguments = "zero values"
	zeroRequest arguments = "zero requests, one zero option"
)

func (k arguments) of(f reflect.Type) (args []reflect.Value) {
	for i := range f.NumIn() {
		in := f.In(i)
		switch {
		case f.IsVariadic() && i == f.NumIn()-1:
			if k != zeroRequest {
				continue
			}
			in = in.Elem()
			args = append(args, reflect.Zero(in))
			continue
		case in == reflect.TypeFor[context.Context]() && k != allZero:
			args = append(args, reflect.ValueOf(context.Background()))
			continue
		case in == reflect.TypeFor[fmt.State]() || in == reflect.TypeFor[testing.TB]():
			args = append(args, reflect.ValueOf(state{io.Discard}))
			continue
		case k == zeroRequest && in == reflect.TypeFor[*http.Request]():
			args = append(args, reflect.ValueOf(&http.Request{}))
			continue
		case in == reflect.TypeFor[http.ResponseWriter]():
			args = append(args, reflect.ValueOf(httptest.NewRecorder()))
			continue
		}
		args = append(args, reflect.Zero(in))
	}
	return args
}

// use does with results what a caller does: ranges over them, serves with them, closes them.
func use(results []reflect.Value) {
	for _, r := range results {
		if !r.IsValid() || (r.Kind() == reflect.Func || r.Kind() == reflect.Interface || r.Kind() == reflect.Pointer) && r.IsNil() {
			continue
		}
		if r.Kind() == reflect.Func && r.Type().CanSeq2() {
			for range r.Seq2() {
				break
			}
			continue
		}
		switch v := r.Interface().(type) {
		case error:
			_ = v.Error()
		case http.Handler:
			for _, r := range []*http.Request{{}, {Method: http.MethodPost}, httptest.NewRequest(http.MethodGet, "/", http.NoBody)} {
				v.ServeHTTP(httptest.NewRecorder(), r)
			}
		case func(http.Handler) http.Handler:
			v(nil)
		}
		if c, ok := r.Interface().(io.Closer); ok {
			_ = c.Close()
		}
	}
}

// state is a fmt.State.
type state struct{ io.Writer }

func (state) Width() (int, bool)     { return 0, false }
func (state) Precision() (int, bool) { return 0, false }
func (state) Flag(int) bool          { return false }

// exported finds the functions and types that a package exports, but for interfaces.
func exported(t *testing.T, dir string) (funcs, types map[string]bool) {
	t.Helper()
	funcs, types = map[string]bool{}, map[string]bool{}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatal("no source", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name) //nolint:gosec // a file of the package under test
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					funcs[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() && !s.Assign.IsValid() {
						if _, ok := s.Type.(*ast.InterfaceType); !ok {
							types[s.Name.Name] = true
						}
					}
				}
			}
		}
	}
	return funcs, types
}

package middlewaretest_test

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"testing"

	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

// register adds a group to the standard library's mux, with what stands above it.
func register(mux *http.ServeMux, prefix string, above func(http.Handler) http.Handler, g middlewaretest.Group) {
	prefix += g.Prefix
	wrap := func(next http.Handler) http.Handler { return above(around(g.Auth, g.Handler, g.Gates, next)) }
	for _, r := range g.Routes {
		mux.Handle(r.Method+" "+prefix+r.Path, wrap(around(g.Auth, false, r.Gates, r.HandlerFunc())))
	}
	for _, sub := range g.Groups {
		register(mux, prefix, wrap, sub)
	}
}

// around puts Handler and gates above a handler, the first outermost.
func around(auth *middleware.Middleware, handler bool, gates []middlewaretest.Gate, next http.Handler) http.Handler {
	for i := len(gates) - 1; i >= 0; i-- {
		next = auth.Require(gates[i]...)(next)
	}
	if handler {
		next = auth.Handler(next)
	}
	return next
}

// newApp builds an application on the standard library alone.
func newApp(app middlewaretest.App) (func(net.Listener) error, error) {
	mux := http.NewServeMux()
	var root http.Handler = mux
	if app.Handler && app.Prefix == "" { // above the mux, as the documents have it
		root = app.Auth.Handler(mux)
		app.Handler = false
	}
	register(mux, "", func(h http.Handler) http.Handler { return h }, app.Group)
	return serve(root), nil
}

func serve(h http.Handler) func(net.Listener) error {
	return (&http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}).Serve
}

func TestNetHTTP(t *testing.T) { middlewaretest.Run(t, middlewaretest.Router{New: newApp}) }

func TestCheck(t *testing.T) {
	names := middlewaretest.Behaviours()
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			t.Errorf("two behaviours are named %s", name)
		}
		seen[name] = true
	}
	if len(names) < 80 {
		t.Errorf("%d behaviours, want 80", len(names))
	}
	r := middlewaretest.Router{New: newApp}
	if err := middlewaretest.Check(r, "gates/role"); err != nil {
		t.Error(err)
	}
	var v *middlewaretest.Violation
	if err := middlewaretest.Check(r, "gates/rule"); !errors.As(err, &v) || v.Behaviour != "gates/rule" {
		t.Errorf("got %v", err)
	}
	broken := middlewaretest.Router{New: func(middlewaretest.App) (func(net.Listener) error, error) { return nil, errors.New("no router") }}
	if err := middlewaretest.Check(broken, "gates/role"); !errors.As(err, &v) || v.Behaviour != "gates/role" {
		t.Errorf("got %v", err)
	}
}

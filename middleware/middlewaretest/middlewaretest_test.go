package middlewaretest_test

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path"
	"slices"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware/adapter"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

// layers are what the suite is run on: for net/http the middleware itself, or a
// broken one.
type layers struct {
	handler func(adapter.Middleware) layer
	require func(adapter.Middleware, ...clerk.Requirement) layer
}

var good = layers{
	handler: func(auth adapter.Middleware) layer { return auth.Handler },
	require: func(auth adapter.Middleware, reqs ...clerk.Requirement) layer { return auth.Require(reqs...) },
}

// build builds an application on the standard library alone.
func (ad layers) build(app middlewaretest.App) (func(net.Listener) error, error) {
	mux := http.NewServeMux()
	var root http.Handler = mux
	if app.Handler { // above the mux, as the documents have it
		root = ad.handler(app.Auth)(mux)
		app.Handler = false
	}
	ad.register(mux, "", func(h http.Handler) http.Handler { return h }, app.Group)
	return serve(root), nil
}

// register adds a group to the mux, with its Handler and gates.
func (ad layers) register(mux *http.ServeMux, prefix string, above layer, g middlewaretest.Group) {
	prefix += g.Prefix
	wrap := func(next http.Handler) http.Handler { return above(ad.around(g.Auth, g.Handler, g.Gates, next)) }
	for _, r := range g.Routes {
		pattern := prefix + r.Path
		switch {
		case r.Every == "no route":
			pattern = prefix + "/"
		case r.Every == "subtree":
			pattern = prefix + path.Dir(r.Path) + "/"
		case r.Method != "":
			pattern = r.Method + " " + pattern
		}
		mux.Handle(pattern, wrap(ad.around(g.Auth, false, r.Gates, handlerOf(r))))
	}
	for _, sub := range g.Groups {
		ad.register(mux, prefix, wrap, sub)
	}
}

// around puts Handler and gates above a handler, the first outermost.
func (ad layers) around(auth adapter.Middleware, handler bool, gates []middlewaretest.Gate, next http.Handler) http.Handler {
	for _, gate := range slices.Backward(gates) {
		next = ad.require(auth, gate...)(next)
	}
	if handler {
		next = ad.handler(auth)(next)
	}
	return next
}

// everyMethod names what handlerOf and register know to take every method.
var everyMethod = []string{"pattern without a method", "subtree", "no route", "file server", "mux", "reverse proxy"}

// handlerOf is the handler of a route, of the kind that the route names.
func handlerOf(r middlewaretest.Route) http.Handler {
	switch r.Every {
	case "file server":
		return http.FileServerFS(r.Files())
	case "mux":
		mux := http.NewServeMux()
		mux.Handle("/", r.HandlerFunc())
		return mux
	case "reverse proxy":
		return &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, Transport: direct{r.HandlerFunc()}}
	}
	return r.HandlerFunc()
}

// direct is a transport to a handler in this process.
type direct struct{ h http.Handler }

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, r)
	return w.Result(), nil
}

func serve(h http.Handler) func(net.Listener) error {
	return (&http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}).Serve
}

func TestNetHTTP(t *testing.T) {
	middlewaretest.Run(t, middlewaretest.Router{New: good.build, EveryMethod: everyMethod})
}

func BenchmarkSignedIn(b *testing.B) {
	middlewaretest.Benchmark(b, middlewaretest.Router{New: good.build, EveryMethod: everyMethod})
}

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
	r := middlewaretest.Router{New: good.build, EveryMethod: everyMethod}
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

package adapter_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/clerkkit/clerkkit/middleware/adapter"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

// TestConformance holds the adapter of the example to what all adapters do.
func TestConformance(t *testing.T) {
	middlewaretest.Run(t, middlewaretest.Router{New: newApp, EveryMethod: []string{"pattern without a method", "file server"}})
}

func newApp(app middlewaretest.App) (func(net.Listener) error, error) {
	mux := http.NewServeMux()
	register(mux, "", func(next HandlerFunc) HandlerFunc { return next }, app.Group)
	root := HandlerFunc(func(c *Context) error { mux.ServeHTTP(c.Writer, c.Request); return nil })
	if app.Handler { // also above what has no route
		root = Handler(app.Auth)(root)
	}
	return (&http.Server{Handler: root, ErrorLog: log.New(io.Discard, "", 0)}).Serve, nil
}

func register(mux *http.ServeMux, prefix string, above MiddlewareFunc, g middlewaretest.Group) {
	prefix += g.Prefix
	wrap := func(next HandlerFunc) HandlerFunc { return above(around(g.Auth, g.Handler, g.Gates, next)) }
	for _, r := range g.Routes {
		handle := HandlerFunc(func(c *Context) error {
			return r.Handle(exchange{middlewaretest.NewExchange(c.Writer, c.Request), c})
		})
		if r.Every == "file server" {
			files := http.FileServerFS(r.Files())
			handle = func(c *Context) error { files.ServeHTTP(c.Writer, c.Request); return nil }
		}
		pattern := prefix + r.Path
		if r.Method != "" {
			pattern = r.Method + " " + pattern
		}
		mux.Handle(pattern, wrap(around(g.Auth, false, r.Gates, handle)))
	}
	for _, sub := range g.Groups {
		register(mux, prefix, wrap, sub)
	}
}

// around puts Handler and gates above a handler, the first outermost.
func around(auth adapter.Middleware, handler bool, gates []middlewaretest.Gate, next HandlerFunc) HandlerFunc {
	for _, gate := range slices.Backward(gates) {
		next = Require(auth, gate...)(next)
	}
	if handler {
		next = Handler(auth)(next)
	}
	return next
}

// exchange is one request, with what the adapter has of its own.
type exchange struct {
	middlewaretest.Exchange
	c *Context
}

func (x exchange) RedirectToSignIn(auth adapter.Middleware) error { return RedirectToSignIn(x.c, auth) }
func (x exchange) Deny(auth adapter.Middleware, err error) error  { return Deny(x.c, auth, err) }

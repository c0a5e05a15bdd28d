package clerkecho_test

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"path"
	"testing"

	"github.com/labstack/echo/v5"
	echomw "github.com/labstack/echo/v5/middleware"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
	clerkecho "github.com/clerkkit/clerkkit/middleware/echov5"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

var router = middlewaretest.Router{New: newApp, EveryMethod: []string{"Any", "Any with a parameter", "RouteNotFound", "file server", "http.Handler"}}

func TestConformance(t *testing.T) { middlewaretest.Run(t, router) }

func BenchmarkSignedIn(b *testing.B) { middlewaretest.Benchmark(b, router) }

func newApp(app middlewaretest.App) (func(net.Listener) error, error) {
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	e.Use(echomw.RecoverWithConfig(echomw.RecoverConfig{DisablePrintStack: true}))
	if app.OnRefusal != nil {
		standard := e.HTTPErrorHandler
		e.HTTPErrorHandler = func(c *echo.Context, err error) {
			var f *middleware.Failure
			if !errors.As(err, &f) {
				standard(c, err)
				return
			}
			status, body := app.OnRefusal(f)
			_ = c.String(status, body)
		}
	}
	register(e.Group(""), app.Group)
	return (&http.Server{Handler: e, ErrorLog: log.New(io.Discard, "", 0)}).Serve, nil
}

func register(r *echo.Group, g middlewaretest.Group) {
	if g.Handler {
		r.Use(clerkecho.Handler(g.Auth))
	}
	for _, gate := range g.Gates {
		r.Use(clerkecho.Require(g.Auth, gate...))
	}
	for _, route := range g.Routes {
		var above []echo.MiddlewareFunc
		for _, gate := range route.Gates {
			above = append(above, clerkecho.Require(g.Auth, gate...))
		}
		handle := func(c *echo.Context) error { return route.Handle(exchange{c}) }
		switch route.Every {
		case "":
			r.Add(route.Method, route.Path, handle, above...)
		case "Any":
			r.Any(route.Path, handle, above...)
		case "Any with a parameter":
			r.Any(path.Dir(route.Path)+"/*", handle, above...)
		case "RouteNotFound":
			r.RouteNotFound(path.Dir(route.Path)+"/*", handle, above...)
		case "file server":
			r.Any(route.Path, echo.WrapHandler(http.FileServerFS(route.Files())), above...)
		case "http.Handler":
			r.Any(route.Path, echo.WrapHandler(route.HandlerFunc()), above...)
		}
	}
	for _, sub := range g.Groups {
		register(r.Group(sub.Prefix), sub)
	}
}

// exchange is one request, in echo's terms.
type exchange struct{ c *echo.Context }

func (x exchange) Auth() clerk.Auth             { return clerkecho.Auth(x.c) }
func (x exchange) Context() context.Context     { return x.c.Request().Context() }
func (x exchange) Method() string               { return x.c.Request().Method }
func (x exchange) Host() string                 { return x.c.Request().Host }
func (x exchange) Header(name string) string    { return x.c.Request().Header.Get(name) }
func (x exchange) Body() ([]byte, error)        { return io.ReadAll(x.c.Request().Body) }
func (x exchange) SetHeader(name, value string) { x.c.Response().Header().Set(name, value) }
func (x exchange) AddHeader(name, value string) { x.c.Response().Header().Add(name, value) }
func (x exchange) SetCookie(name, value string) {
	x.c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
}

func (x exchange) Text(status int, body string) error {
	if status == http.StatusNoContent {
		return x.c.NoContent(status)
	}
	return x.c.String(status, body)
}

func (x exchange) Redirect(status int, location string) error { return x.c.Redirect(status, location) }

func (x exchange) RedirectToSignIn(auth adapter.Middleware) error {
	return clerkecho.RedirectToSignIn(x.c, auth)
}

func (x exchange) Deny(auth adapter.Middleware, err error) error {
	return clerkecho.Deny(x.c, auth, err)
}

func (x exchange) Stream(stream func(func(string))) error {
	stream(func(piece string) {
		if piece != "" {
			_, _ = io.WriteString(x.c.Response(), piece)
		}
		_ = http.NewResponseController(x.c.Response()).Flush()
	})
	return nil
}

func (x exchange) Hijack(take func(net.Conn)) error {
	conn, _, err := http.NewResponseController(x.c.Response()).Hijack()
	if err == nil {
		take(conn)
	}
	return err
}

package clerkfiber_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"path"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/gofiber/fiber/v2/middleware/filesystem"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiber"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

var router = middlewaretest.Router{New: newApp, NoDisconnect: true, EveryMethod: []string{"All", "All with a parameter", "Use", "http.Handler", "file server"}}

func TestConformance(t *testing.T) { middlewaretest.Run(t, router) }

func BenchmarkSignedIn(b *testing.B) { middlewaretest.Benchmark(b, router) }

func newApp(app middlewaretest.App) (func(net.Listener) error, error) {
	cfg := fiber.Config{DisableStartupMessage: true, ReadBufferSize: 16 << 10, EnableTrustedProxyCheck: true}
	if app.OnRefusal != nil {
		cfg.ErrorHandler = func(c *fiber.Ctx, err error) error {
			var f *middleware.Failure
			if !errors.As(err, &f) {
				return fiber.DefaultErrorHandler(c, err)
			}
			status, body := app.OnRefusal(f)
			return c.Status(status).SendString(body)
		}
	}
	a := fiber.New(cfg)
	a.Use(recover.New())
	register(a, app.Group)
	return a.Listener, nil
}

func register(r fiber.Router, g middlewaretest.Group) {
	if g.Handler {
		r.Use(clerkfiber.Handler(g.Auth))
	}
	for _, gate := range g.Gates {
		r.Use(clerkfiber.Require(g.Auth, gate...))
	}
	for _, route := range g.Routes {
		var chain []fiber.Handler
		for _, gate := range route.Gates {
			chain = append(chain, clerkfiber.Require(g.Auth, gate...))
		}
		chain = append(chain, func(c *fiber.Ctx) error { return route.Handle(exchange{c}) })
		last := len(chain) - 1
		switch route.Every {
		case "":
			r.Add(route.Method, route.Path, chain...)
		case "All":
			r.All(route.Path, chain...)
		case "All with a parameter":
			r.All(path.Dir(route.Path)+"/*", chain...)
		case "Use":
			args := []any{route.Path}
			for _, h := range chain {
				args = append(args, h)
			}
			r.Use(args...)
		case "http.Handler":
			chain[last] = adaptor.HTTPHandler(route.HandlerFunc())
			r.All(route.Path, chain...)
		case "file server":
			args := []any{route.Path}
			for _, h := range chain[:last] {
				args = append(args, h)
			}
			r.Use(append(args, filesystem.New(filesystem.Config{Root: http.FS(route.Files())}))...)
		}
	}
	for _, sub := range g.Groups {
		register(r.Group(sub.Prefix), sub)
	}
}

// exchange is one request, in fiber's terms.
type exchange struct{ c *fiber.Ctx }

func (x exchange) Auth() clerk.Auth             { return clerkfiber.Auth(x.c) }
func (x exchange) Context() context.Context     { return x.c.UserContext() }
func (x exchange) Method() string               { return x.c.Method() }
func (x exchange) Host() string                 { return x.c.Hostname() }
func (x exchange) Header(name string) string    { return x.c.Get(name) }
func (x exchange) Body() ([]byte, error)        { return x.c.Body(), nil }
func (x exchange) SetHeader(name, value string) { x.c.Set(name, value) }
func (x exchange) AddHeader(name, value string) { x.c.Response().Header.Add(name, value) }
func (x exchange) SetCookie(name, value string) {
	x.c.Cookie(&fiber.Cookie{Name: name, Value: value, Path: "/", HTTPOnly: true, Secure: true, SameSite: fiber.CookieSameSiteLaxMode})
}

func (x exchange) Text(status int, body string) error { return x.c.Status(status).SendString(body) }

func (x exchange) Redirect(status int, location string) error { return x.c.Redirect(location, status) }

func (x exchange) RedirectToSignIn(auth adapter.Middleware) error {
	return clerkfiber.RedirectToSignIn(x.c, auth)
}

func (x exchange) Deny(auth adapter.Middleware, err error) error {
	return clerkfiber.Deny(x.c, auth, err)
}

func (x exchange) Stream(stream func(func(string))) error {
	x.c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		stream(func(piece string) {
			_, _ = w.WriteString(piece)
			_ = w.Flush()
		})
	})
	return nil
}

func (x exchange) Hijack(take func(net.Conn)) error {
	x.c.Context().HijackSetNoResponse(true)
	x.c.Context().Hijack(take)
	return nil
}

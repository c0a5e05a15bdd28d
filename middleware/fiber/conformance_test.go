package clerkfiber_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiber"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

var router = middlewaretest.Router{New: newApp, NoDisconnect: true}

func TestConformance(t *testing.T) { middlewaretest.Run(t, router) }

func BenchmarkSignedIn(b *testing.B) { middlewaretest.Benchmark(b, router) }

func newApp(app middlewaretest.App) (func(net.Listener) error, error) {
	cfg := fiber.Config{DisableStartupMessage: true, ReadBufferSize: 16 << 10}
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
		r.Add(route.Method, route.Path, append(chain, func(c *fiber.Ctx) error { return route.Handle(exchange{c}) })...)
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
func (x exchange) Header(name string) string    { return x.c.Get(name) }
func (x exchange) Body() ([]byte, error)        { return x.c.Body(), nil }
func (x exchange) SetHeader(name, value string) { x.c.Set(name, value) }
func (x exchange) AddHeader(name, value string) { x.c.Response().Header.Add(name, value) }
func (x exchange) SetCookie(name, value string) {
	x.c.Cookie(&fiber.Cookie{Name: name, Value: value, Path: "/", HTTPOnly: true, Secure: true, SameSite: fiber.CookieSameSiteLaxMode})
}

func (x exchange) Text(status int, body string) error { return x.c.Status(status).SendString(body) }

func (x exchange) Redirect(status int, location string) error { return x.c.Redirect(location, status) }

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

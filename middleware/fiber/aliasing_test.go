package clerkfiber_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

// aliasing is the header as an adapter gets it that does not copy: its strings
// change under the reader when fasthttp reuses the buffer.
type aliasing struct{ c *fiber.Ctx }

func (h aliasing) Values(name string) (values []string) {
	for _, field := range h.c.Request().Header.PeekAll(name) {
		values = append(values, utils.UnsafeString(field))
	}
	return values
}

// TestSuiteNamesAliasing: an adapter that does not copy mixes up users. The suite
// must see it, or nothing holds this one to copying.
func TestSuiteNamesAliasing(t *testing.T) {
	broken := middlewaretest.Router{NoDisconnect: true, New: func(app middlewaretest.App) (func(net.Listener) error, error) {
		a := fiber.New(fiber.Config{DisableStartupMessage: true, ReadBufferSize: 16 << 10})
		for _, r := range app.Routes {
			a.Add(r.Method, r.Path, func(c *fiber.Ctx) error {
				req := handshake.Request{
					Method: c.Method(), Target: c.OriginalURL(), Host: "localhost:3000", Scheme: "http", Header: aliasing{c},
				}
				var ctx context.Context
				var f *middleware.Failure
				if len(r.Gates) > 0 {
					ctx, _, f = app.Auth.Check(c.UserContext(), req, r.Gates[0]...)
				} else {
					ctx, _ = app.Auth.Identify(c.UserContext(), req)
				}
				c.SetUserContext(ctx)
				if f != nil {
					return c.Status(f.Status).Send(f.Body())
				}
				return r.Handle(exchange{c})
			})
		}
		return a.Listener, nil
	}}
	err := middlewaretest.Check(broken, "identity/bearer token", "machines/tokens outlive the request")
	var v *middlewaretest.Violation
	if !errors.As(err, &v) || v.Behaviour != "machines/tokens outlive the request" {
		t.Errorf("got %v, want the behaviour named", err)
	}
}

package clerkfiber_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiberv3"
)

// TestNilMiddleware: an application that ignores the error of New lets nobody in, and
// panics in no request.
func TestNilMiddleware(t *testing.T) {
	for name, auth := range map[string]adapter.Middleware{"nil": nil, "nil pointer": (*middleware.Middleware)(nil), "nil Choice": (*middleware.Choice)(nil)} {
		app := fiber.New()
		app.Get("/open", clerkfiber.Handler(auth), func(c fiber.Ctx) error { return c.SendString(string(clerkfiber.Auth(c).Reason)) })
		app.Get("/gated", clerkfiber.Require(auth), func(fiber.Ctx) error { t.Errorf("%s: passed", name); return nil })
		app.Get("/deny", func(c fiber.Ctx) error { return clerkfiber.Deny(c, auth, nil) })
		app.Get("/in", func(c fiber.Ctx) error { return clerkfiber.RedirectToSignIn(c, auth) })
		app.Get("/up", func(c fiber.Ctx) error { return clerkfiber.RedirectToSignUp(c, auth) })
		for path, want := range map[string]int{"/open": 200, "/gated": 401, "/deny": 403, "/in": 401, "/up": 401} {
			if status, body, _ := send(t, app, httptest.NewRequest("GET", path, http.NoBody)); status != want {
				t.Errorf("%s: %s: %d %s, want %d", name, path, status, body, want)
			}
		}
	}
}

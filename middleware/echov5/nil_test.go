package clerkecho_test

import (
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
	clerkecho "github.com/clerkkit/clerkkit/middleware/echov5"
)

// TestNilMiddleware: an application that ignores the error of New lets nobody in, and
// panics in no request.
func TestNilMiddleware(t *testing.T) {
	for name, auth := range map[string]adapter.Middleware{"nil": nil, "nil pointer": (*middleware.Middleware)(nil), "nil Choice": (*middleware.Choice)(nil)} {
		e := echo.New()
		e.GET("/open", func(c *echo.Context) error { return c.String(200, string(clerkecho.Auth(c).Reason)) }, clerkecho.Handler(auth))
		e.GET("/gated", func(*echo.Context) error { t.Errorf("%s: passed", name); return nil }, clerkecho.Require(auth))
		e.GET("/deny", func(c *echo.Context) error { return clerkecho.Deny(c, auth, nil) })
		e.GET("/in", func(c *echo.Context) error { return clerkecho.RedirectToSignIn(c, auth) })
		e.GET("/up", func(c *echo.Context) error { return clerkecho.RedirectToSignUp(c, auth) })
		for path, want := range map[string]int{"/open": 200, "/gated": 401, "/deny": 403, "/in": 401, "/up": 401} {
			w := httptest.NewRecorder()
			e.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			if w.Code != want {
				t.Errorf("%s: %s: %d, want %d", name, path, w.Code, want)
			}
		}
	}
}

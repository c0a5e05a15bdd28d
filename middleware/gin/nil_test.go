package clerkgin_test

import (
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
	clerkgin "github.com/clerkkit/clerkkit/middleware/gin"
)

// TestNilMiddleware: an application that ignores the error of New lets nobody in, and
// panics in no request.
func TestNilMiddleware(t *testing.T) {
	for name, auth := range map[string]adapter.Middleware{"nil": nil, "nil pointer": (*middleware.Middleware)(nil), "nil Choice": (*middleware.Choice)(nil)} {
		e := gin.New()
		e.GET("/open", clerkgin.Handler(auth), func(c *gin.Context) { c.String(200, string(clerkgin.Auth(c).Reason)) })
		e.GET("/gated", clerkgin.Require(auth), func(*gin.Context) { t.Errorf("%s: passed", name) })
		e.GET("/deny", func(c *gin.Context) { clerkgin.Deny(c, auth, nil) })
		e.GET("/in", func(c *gin.Context) { clerkgin.RedirectToSignIn(c, auth) })
		e.GET("/up", func(c *gin.Context) { clerkgin.RedirectToSignUp(c, auth) })
		for path, want := range map[string]int{"/open": 200, "/gated": 401, "/deny": 403, "/in": 401, "/up": 401} {
			w := httptest.NewRecorder()
			e.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			if w.Code != want {
				t.Errorf("%s: %s: %d, want %d", name, path, w.Code, want)
			}
		}
	}
}

package clerkgin_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	clerkgin "github.com/clerkkit/clerkkit/middleware/gin"
)

// TestContexts: an identity must be found wherever gin lets it through, and be
// nobody where it does not.
func TestContexts(t *testing.T) {
	em := clerktest.NewServer(t)
	cfg := em.Config()
	cfg.Logger = slog.New(slog.DiscardHandler)
	auth, err := middleware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	for _, fallback := range []bool{false, true} {
		var accessor, copied, request, itself clerk.Auth
		r := gin.New()
		r.ContextWithFallback = fallback
		r.GET("/", clerkgin.Handler(auth), func(c *gin.Context) {
			accessor, copied = clerkgin.Auth(c), clerkgin.Auth(c.Copy())
			request, itself = clerk.FromContext(c.Request.Context()), clerk.FromContext(c)
		})
		req := httptest.NewRequest("GET", "/", http.NoBody)
		sess.Authorize(req)
		r.ServeHTTP(httptest.NewRecorder(), req)
		for name, a := range map[string]clerk.Auth{"accessor": accessor, "copy": copied, "request": request} {
			if a.UserID != sess.UserID {
				t.Errorf("fallback %t: %s: %+v", fallback, name, a)
			}
		}
		if itself.SignedIn() != fallback {
			t.Errorf("fallback %t: *gin.Context as a context: %+v", fallback, itself)
		}
	}
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	if a := clerkgin.Auth(c); a.SignedIn() || a.Reason != clerk.ReasonNotAuthenticated {
		t.Errorf("a context without a request: %+v", a)
	}
}

package clerkgin_test

import (
	"context"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	clerkgin "github.com/clerkkit/clerkkit/middleware/gin"
)

// unreachable are keys in an outage.
type unreachable struct{}

func (unreachable) Key(context.Context, string) (*rsa.PublicKey, error) {
	return nil, fmt.Errorf("no network: %w", clerk.ErrUnavailable)
}

// Refusals with a body of the application's own. The status stays: 401 is not signed in,
// 403 not allowed, 503 an outage, in which nobody is signed out. So do the header fields
// that the kit has set.
func Example_ownBody() {
	em, err := clerktest.New(clerktest.Config{}) // a Clerk in this process
	if err != nil {
		panic(err)
	}
	cfg := em.Config()
	cfg.Logger = slog.New(slog.DiscardHandler)
	refused := func(w http.ResponseWriter, _ *http.Request, f *middleware.Failure) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(f.Status)
		_, _ = fmt.Fprintf(w, `{"message":%q}`, http.StatusText(f.Status))
	}
	auth, err := middleware.New(cfg, middleware.WithErrorHandler(refused), middleware.WithKeySource(unreachable{}))
	if err != nil {
		panic(err)
	}
	defer auth.Close()

	e := gin.New()
	e.GET("/", clerkgin.Require(auth), func(c *gin.Context) { c.String(http.StatusOK, "hello") })

	alice := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))
	for _, token := range []string{"", alice.Token()} {
		r := httptest.NewRequest("GET", "/", nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		h := w.Header()
		fmt.Printf("%d %s %q %q\n", w.Code, strings.TrimSpace(w.Body.String()), h.Get("WWW-Authenticate"), h.Get("Retry-After"))
	}
	// Output:
	// 401 {"message":"Unauthorized"} "Bearer" ""
	// 503 {"message":"Service Unavailable"} "" "5"
}

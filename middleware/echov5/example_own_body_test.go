package clerkecho_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/labstack/echo/v5"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	clerkecho "github.com/clerkkit/clerkkit/middleware/echov5"
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
	auth, err := middleware.New(cfg, middleware.WithKeySource(unreachable{}))
	if err != nil {
		panic(err)
	}
	defer auth.Close()

	e := echo.New()
	standard := e.HTTPErrorHandler
	e.HTTPErrorHandler = func(c *echo.Context, err error) {
		var f *middleware.Failure
		if !errors.As(err, &f) {
			standard(c, err)
			return
		}
		_ = c.JSON(f.Status, map[string]string{"message": http.StatusText(f.Status)})
	}
	e.GET("/", func(c *echo.Context) error { return c.String(http.StatusOK, "hello") }, clerkecho.Require(auth))

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

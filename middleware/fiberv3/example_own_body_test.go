package clerkfiber_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/gofiber/fiber/v3"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiberv3"
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

	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		var f *middleware.Failure
		if !errors.As(err, &f) {
			return fiber.DefaultErrorHandler(c, err)
		}
		return c.Status(f.Status).JSON(fiber.Map{"message": http.StatusText(f.Status)})
	}})
	app.Get("/", clerkfiber.Require(auth), func(c fiber.Ctx) error { return c.SendString("hello") })

	alice := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))
	for _, token := range []string{"", alice.Token()} {
		r := httptest.NewRequest("GET", "/", nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := app.Test(r)
		if err != nil {
			panic(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%d %s %q %q\n", res.StatusCode, body, res.Header.Get("WWW-Authenticate"), res.Header.Get("Retry-After"))
	}
	// Output:
	// 401 {"message":"Unauthorized"} "Bearer" ""
	// 503 {"message":"Service Unavailable"} "" "5"
}

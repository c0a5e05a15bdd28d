// Package clerkfiber authenticates requests to fiber v2 applications whose users sign in
// with Clerk. It works on fasthttp directly, without fiber's
// adaptor for net/http:
//
//	auth, err := middleware.New(cfg)
//	app := fiber.New(fiber.Config{ReadBufferSize: 16 << 10})
//	app.Use(cors.New(config)) // above the gates, which refuse preflights
//	app.Use(clerkfiber.Handler(auth))
//	app.Get("/", home) // clerkfiber.Auth(c) says who it is, or that it is nobody
//	app.Post("/invoices", clerkfiber.Require(auth, clerk.Permission("org:invoices:create")), create)
//
// Set EnableTrustedProxyCheck where c.Hostname() or c.BaseURL() decide anything: by
// fiber's default they are what any client writes into X-Forwarded-Host, while
// [middleware.Choose] sees the host that the request was sent to.
//
// ReadBufferSize is the most that the header of a request may have. fiber's
// default of 4 kB is less than the cookies of a browser that is signed in can need.
//
// Everything that can be configured is configured at [middleware.New], except for
// how refusals look: they are errors for the app's ErrorHandler, if it has one of
// its own. That finds the *middleware.Failure with errors.As, and a *fiber.Error
// with the status. It keeps the status, since 503 is an outage and no sign-out, as the
// example does. Without one they are answered with the kit's own answer.
//
// The identity is in c.UserContext(), where code without fiber finds it with
// clerk.FromContext. It may outlive the request, unlike c.Context(), which carries it
// for handlers of net/http below fiber's adaptor.
package clerkfiber

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// timeout is how long a request may wait for Clerk. fasthttp does not tell when the
// client has gone.
const timeout = 10 * time.Second

// Handler authenticates every request and rejects none; see
// [middleware.Middleware.Handler]. It redirects a browser through the Frontend
// API where that is needed, and the handlers that follow do not run. auth is a
// *middleware.Middleware or a *middleware.Choice; with nil nobody is signed in.
func Handler(auth adapter.Middleware) fiber.Handler {
	auth = adapter.NotNil(auth)
	return func(c *fiber.Ctx) error {
		ctx, d := auth.Identify(c.UserContext(), newRequest(c))
		return pass(ctx, c, d, nil)
	}
}

// Require lets only requests pass that satisfy all of reqs; without any, those
// with a signed-in session. See [middleware.Middleware.Require]. Others are
// refused with 401, 403 or 503.
func Require(auth adapter.Middleware, reqs ...clerk.Requirement) fiber.Handler {
	auth, reqs = adapter.NotNil(auth), slices.Clone(reqs)
	return func(c *fiber.Ctx) error {
		ctx, d, f := auth.Check(c.UserContext(), newRequest(c), reqs...)
		return pass(ctx, c, d, f)
	}
}

// Auth returns the identity of the request. Without an outer Handler or Require it is
// signed out, with [clerk.ReasonNotAuthenticated].
func Auth(c *fiber.Ctx) clerk.Auth { return clerk.FromContext(c.UserContext()) }

// Deny refuses as [Require] does, for a check that only the handler can make; see
// [middleware.Middleware.Deny]. The handler must return its error:
//
//	if err := clerkfiber.Auth(c).Check(clerk.Org(c.Params("org"))); err != nil {
//		return clerkfiber.Deny(c, auth, err)
//	}
func Deny(c *fiber.Ctx, auth adapter.Middleware, err error) error {
	return refuse(c, adapter.NotNil(auth).Failure(c.UserContext(), err))
}

// RedirectToSignIn sends the browser to the sign-in page and from there back; see
// [middleware.Middleware.RedirectToSignIn]. The handler must return its error.
func RedirectToSignIn(c *fiber.Ctx, auth adapter.Middleware) error {
	return redirect(c, auth, handshake.SignInPage)
}

// RedirectToSignUp is [RedirectToSignIn] for the sign-up page.
func RedirectToSignUp(c *fiber.Ctx, auth adapter.Middleware) error {
	return redirect(c, auth, handshake.SignUpPage)
}

// pass hands a request on to the rest of the chain, or answers it.
func pass(ctx context.Context, c *fiber.Ctx, d handshake.Decision, f *middleware.Failure) error {
	c.SetUserContext(ctx)
	if key, identity, ok := adapter.ContextEntry(ctx); ok {
		c.Context().SetUserValue(key, identity) // for handlers of net/http, which the adaptor gives this one
	}
	setFields(c, &d)
	if len(d.Cookies) > 0 {
		defer func() { // after whatever the handler sets, in a panic too
			addCookies(c, d.Cookies)
			c.Set(fiber.HeaderCacheControl, "no-store")
		}()
	}
	switch {
	case d.Location != "":
		return c.Redirect(d.Location, fiber.StatusTemporaryRedirect)
	case f != nil:
		return refuse(c, f)
	}
	return c.Next()
}

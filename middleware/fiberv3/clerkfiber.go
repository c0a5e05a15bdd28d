// Package clerkfiber lets applications on fiber v3 know their users, who sign in
// with Clerk. It does natively on fasthttp what the net/http middleware of
// clerkkit does, without fiber's adaptor:
//
//	auth, err := middleware.New(cfg)
//	app := fiber.New(fiber.Config{ReadBufferSize: 16 << 10})
//	app.Use(cors.New(config)) // above the gates, which refuse preflights
//	app.Use(clerkfiber.Handler(auth))
//	app.Get("/", home) // clerkfiber.Auth(c) says who it is, or that it is nobody
//	app.Post("/invoices", clerkfiber.Require(auth, clerk.Permission("org:invoices:create")), create)
//
// With fiber's TrustProxy, c.Host() is what a proxy writes into X-Forwarded-Host,
// while [middleware.Choose] sees the host that the request was sent to: trust only
// proxies that set the field for every request.
//
// ReadBufferSize is the most that the header of a request may have. fiber's
// default of 4 kB is less than the cookies of a browser that is signed in can need.
//
// Everything that can be configured is configured at [middleware.New], except for
// how refusals look: they are errors for the app's ErrorHandler, if it has one of
// its own. That finds the *middleware.Failure with errors.As, and a *fiber.Error
// with the status. Without one they are answered with the kit's own answer.
//
// The identity is in c.Context(), where code without fiber finds it with
// clerk.FromContext. It may outlive the request, unlike c itself, which as a
// context.Context does not carry it.
package clerkfiber

import (
	"reflect"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// patience is how long a request may wait for Clerk. fasthttp does not tell when
// the client has gone.
const patience = 10 * time.Second

// Handler authenticates every request and rejects nobody; see
// [middleware.Middleware.Handler]. A browser that has to go through the Frontend
// API is redirected, and the handlers below do not run.
func Handler(auth *middleware.Middleware) fiber.Handler { return guard(auth.OpenGate()) }

// Require lets only requests pass that satisfy all of reqs, without any those
// with a signed-in session; see [middleware.Middleware.Require]. Others are
// refused with 401, 403 or 503.
func Require(auth *middleware.Middleware, reqs ...clerk.Requirement) fiber.Handler {
	return guard(auth.Gate(reqs...))
}

// Auth returns who the request is from. Without a Handler or Require above, that
// is nobody, with [clerk.ReasonNotAuthenticated].
func Auth(c fiber.Ctx) clerk.Auth { return clerk.FromContext(c.Context()) }

// RedirectToSignIn sends the browser to the sign-in page and from there back; see
// [middleware.Middleware.RedirectToSignIn]. The handler must return its error.
func RedirectToSignIn(c fiber.Ctx, auth *middleware.Middleware) error {
	return redirect(c, auth, handshake.SignInPage)
}

// RedirectToSignUp is [RedirectToSignIn] for the sign-up page.
func RedirectToSignUp(c fiber.Ctx, auth *middleware.Middleware) error {
	return redirect(c, auth, handshake.SignUpPage)
}

func redirect(c fiber.Ctx, auth *middleware.Middleware, p handshake.Page) error {
	d, f := auth.SignInRedirect(c.Context(), newRequest(c), p)
	setFields(c, &d)
	for _, cookie := range d.Cookies {
		c.Response().Header.Add(fiber.HeaderSetCookie, cookie)
	}
	if f != nil {
		return refuse(c, f)
	}
	return c.Redirect().Status(fiber.StatusSeeOther).To(d.Location)
}

// guard puts the gate before the rest of the chain.
func guard(gate *middleware.Gate) fiber.Handler {
	gate = gate.Within(patience)
	return func(c fiber.Ctx) error {
		ctx, d, f := gate.Check(c.Context(), newRequest(c))
		c.SetContext(ctx)
		if key, identity, ok := clerk.ContextEntry(ctx); ok {
			c.RequestCtx().SetUserValue(key, identity) // for handlers of net/http, which the adaptor gives this one
		}
		setFields(c, &d)
		if len(d.Cookies) > 0 {
			defer func() { // after whatever the handler sets, in a panic too
				for _, cookie := range d.Cookies {
					c.Response().Header.Add(fiber.HeaderSetCookie, cookie)
				}
				c.Set(fiber.HeaderCacheControl, "no-store")
			}()
		}
		switch {
		case d.Location != "":
			return c.Redirect().Status(fiber.StatusTemporaryRedirect).To(d.Location)
		case f != nil && f.PreflightHandler() != nil:
			return adaptor.HTTPHandler(f.PreflightHandler())(c)
		case f != nil:
			return refuse(c, f)
		}
		return c.Next()
	}
}

// setFields writes the header fields of a decision. What scripts may read is added to
// what CORS middleware exposes.
func setFields(c fiber.Ctx, d *handshake.Decision) {
	for name, value := range d.Fields() {
		if name == fiber.HeaderAccessControlExposeHeaders {
			c.Append(name, value)
			continue
		}
		c.Set(name, value)
	}
}

// refuse leaves a refused request to the app's error handler, if it has one that
// is not fiber's, which would answer with a plain text.
func refuse(c fiber.Ctx, f *middleware.Failure) error {
	own := reflect.ValueOf(c.App().Config().ErrorHandler).Pointer() != reflect.ValueOf(fiber.DefaultErrorHandler).Pointer()
	for name, value := range f.Fields() {
		if !own || name != fiber.HeaderContentType {
			c.Set(name, value)
		}
	}
	if own {
		return refusal{f}
	}
	return c.Status(f.Status).Send(f.Body())
}

// refusal is a failure that also is a *fiber.Error.
type refusal struct{ *middleware.Failure }

func (r refusal) Unwrap() []error { return []error{r.Failure, fiber.NewError(r.Status, r.Error())} }

package middleware

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
)

// Choice selects one of several Middlewares for each request, see [Choose]. It is safe
// for concurrent use. It holds no keys: call Warm and Close of the Middlewares
// themselves.
type Choice struct{ m *Middleware }

// Choose makes the middleware of a server for several domains or Clerk instances:
// choose returns the Middleware of a request, usually by its host. A request for which
// it returns nil is signed out, and every gate refuses it. If choose itself is nil,
// that applies to every request.
//
//	auth := middleware.Choose(func(r handshake.Request) *middleware.Middleware {
//		return tenants[r.Host] // each one from New, with a Config of its own
//	})
//
// choose is called for each request, and again for each gate below a Handler. It must
// be fast and return the same result each time. An identity that one Middleware
// verified does not count for another. Of the options, [WithErrorHandler],
// [WithPreflightHandler], [WithSignInRedirect] and [WithCrossOriginProtection] are
// used.
func Choose(choose func(handshake.Request) *Middleware, opts ...Option) *Choice {
	o := optionsOf(opts)
	return &Choice{&Middleware{choose: choose, errorHandler: o.errorHandler, preflight: o.preflight, crossOrigin: o.crossOrigin, signInRedirect: o.signInRedirect, logger: slog.Default(), now: time.Now}}
}

// chooser is the Middleware that chooses; nil where c was not made by Choose.
func (c *Choice) chooser() *Middleware {
	if c == nil {
		return nil
	}
	return c.m
}

// Handler is [Middleware.Handler] of the chosen one.
func (c *Choice) Handler(next http.Handler) http.Handler { return c.chooser().Handler(next) }

// Require is [Middleware.Require] of the chosen one.
func (c *Choice) Require(reqs ...clerk.Requirement) func(http.Handler) http.Handler {
	return c.chooser().Require(reqs...)
}

// Authenticate is [Middleware.Authenticate] of the chosen one.
func (c *Choice) Authenticate(ctx context.Context, r handshake.Request, accepted ...clerk.TokenType) handshake.Decision {
	return c.chooser().Authenticate(ctx, r, accepted...)
}

// Check is [Middleware.Check] of the chosen one.
func (c *Choice) Check(ctx context.Context, r handshake.Request, reqs ...clerk.Requirement) (context.Context, handshake.Decision, *Failure) {
	return c.chooser().Check(ctx, r, reqs...)
}

// Identify is [Middleware.Identify] of the chosen one.
func (c *Choice) Identify(ctx context.Context, r handshake.Request) (context.Context, handshake.Decision) {
	return c.chooser().Identify(ctx, r)
}

// Deny is [Middleware.Deny], with the handler of [WithErrorHandler] that Choose was
// given.
func (c *Choice) Deny(w http.ResponseWriter, r *http.Request, err error) { c.chooser().Deny(w, r, err) }

// Failure is [Middleware.Failure], with the handler of [WithErrorHandler] that Choose
// was given.
func (c *Choice) Failure(ctx context.Context, err error) *Failure {
	return c.chooser().Failure(ctx, err)
}

// RedirectToSignIn is [Middleware.RedirectToSignIn] of the chosen one.
func (c *Choice) RedirectToSignIn(w http.ResponseWriter, r *http.Request) {
	c.chooser().RedirectToSignIn(w, r)
}

// RedirectToSignUp is [Middleware.RedirectToSignUp] of the chosen one.
func (c *Choice) RedirectToSignUp(w http.ResponseWriter, r *http.Request) {
	c.chooser().RedirectToSignUp(w, r)
}

// SignInRedirect is [Middleware.SignInRedirect] of the chosen one.
func (c *Choice) SignInRedirect(ctx context.Context, r handshake.Request, p handshake.Page) (handshake.Decision, *Failure) {
	return c.chooser().SignInRedirect(ctx, r, p)
}

// SignInURL is [Middleware.SignInURL] of the chosen one.
func (c *Choice) SignInURL(r *http.Request) string { return c.chooser().SignInURL(r) }

// SignUpURL is [Middleware.SignUpURL] of the chosen one.
func (c *Choice) SignUpURL(r *http.Request) string { return c.chooser().SignUpURL(r) }

// orNobody returns m or, if m was not made by New or Choose, a Middleware that signs
// nobody in.
func (m *Middleware) orNobody() *Middleware {
	if m == nil || m.logger == nil {
		return &Middleware{logger: slog.Default(), now: time.Now}
	}
	return m
}

// chosen returns the Middleware of a request: m itself, or the one that m chooses. It
// returns nil if no Middleware is chosen.
func (m *Middleware) chosen(r handshake.Request) *Middleware {
	if m != nil && m.choose != nil {
		m = m.choose(r)
	}
	if m == nil || m.machine == nil {
		return nil
	}
	return m
}

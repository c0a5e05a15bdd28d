package middleware

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
)

// Choice is several Middlewares of which each request gets one, see [Choose]. It is
// safe for concurrent use. Keys, tokens and Close are the business of the chosen ones.
type Choice struct{ m *Middleware }

// Choose makes the middleware of a server that answers for several domains or Clerk
// instances: choose says whose request one is, mostly by its host. A request for which
// it returns nil is nobody's: signed out, and refused by every gate. So is every
// request where choose itself is nil.
//
//	auth := middleware.Choose(func(r handshake.Request) *middleware.Middleware {
//		return tenants[r.Host] // each one from New, with a Config of its own
//	})
//
// choose is asked for each request, and more than once where gates stand below a
// Handler; it must be fast and give the same answer. An identity that one of them
// verified counts for no other. Of the options, [WithErrorHandler],
// [WithPreflightHandler], [WithSignInRedirect] and [WithCrossOriginProtection] are used.
func Choose(choose func(handshake.Request) *Middleware, opts ...Option) *Choice {
	o := optionsOf(opts)
	return &Choice{&Middleware{choose: choose, errorHandler: o.errorHandler, preflight: o.preflight, crossOrigin: o.crossOrigin, signInRedirect: o.signInRedirect, logger: slog.Default(), now: time.Now}}
}

// all is the Middleware that chooses; nil where c was not made by Choose.
func (c *Choice) all() *Middleware {
	if c == nil {
		return nil
	}
	return c.m
}

// Handler is [Middleware.Handler] of the chosen one.
func (c *Choice) Handler(next http.Handler) http.Handler { return c.all().Handler(next) }

// Require is [Middleware.Require] of the chosen one.
func (c *Choice) Require(reqs ...clerk.Requirement) func(http.Handler) http.Handler {
	return c.all().Require(reqs...)
}

// Authenticate is [Middleware.Authenticate] of the chosen one.
func (c *Choice) Authenticate(ctx context.Context, r handshake.Request, accepted ...clerk.TokenType) handshake.Decision {
	return c.all().Authenticate(ctx, r, accepted...)
}

// Check is [Middleware.Check] of the chosen one.
func (c *Choice) Check(ctx context.Context, r handshake.Request, reqs ...clerk.Requirement) (context.Context, handshake.Decision, *Failure) {
	return c.all().Check(ctx, r, reqs...)
}

// Identify is [Middleware.Identify] of the chosen one.
func (c *Choice) Identify(ctx context.Context, r handshake.Request) (context.Context, handshake.Decision) {
	return c.all().Identify(ctx, r)
}

// Deny is [Middleware.Deny], with the handler of [WithErrorHandler] that Choose was
// given.
func (c *Choice) Deny(w http.ResponseWriter, r *http.Request, err error) { c.all().Deny(w, r, err) }

// Failure is [Middleware.Failure], with the handler of [WithErrorHandler] that Choose
// was given.
func (c *Choice) Failure(ctx context.Context, err error) *Failure { return c.all().Failure(ctx, err) }

// RedirectToSignIn is [Middleware.RedirectToSignIn] of the chosen one.
func (c *Choice) RedirectToSignIn(w http.ResponseWriter, r *http.Request) {
	c.all().RedirectToSignIn(w, r)
}

// RedirectToSignUp is [Middleware.RedirectToSignUp] of the chosen one.
func (c *Choice) RedirectToSignUp(w http.ResponseWriter, r *http.Request) {
	c.all().RedirectToSignUp(w, r)
}

// SignInRedirect is [Middleware.SignInRedirect] of the chosen one.
func (c *Choice) SignInRedirect(ctx context.Context, r handshake.Request, p handshake.Page) (handshake.Decision, *Failure) {
	return c.all().SignInRedirect(ctx, r, p)
}

// SignInURL is [Middleware.SignInURL] of the chosen one.
func (c *Choice) SignInURL(r *http.Request) string { return c.all().SignInURL(r) }

// SignUpURL is [Middleware.SignUpURL] of the chosen one.
func (c *Choice) SignUpURL(r *http.Request) string { return c.all().SignUpURL(r) }

// orNobody returns m. Where m was not made by New or Choose, it returns a Middleware
// that takes every request for nobody's.
func (m *Middleware) orNobody() *Middleware {
	if m == nil || m.logger == nil {
		return &Middleware{logger: slog.Default(), now: time.Now}
	}
	return m
}

// chosen is the Middleware that a request belongs to: m itself, unless m chooses. It is
// nil where the request is nobody's.
func (m *Middleware) chosen(r handshake.Request) *Middleware {
	if m != nil && m.choose != nil {
		m = m.choose(r)
	}
	if m == nil || m.machine == nil {
		return nil
	}
	return m
}

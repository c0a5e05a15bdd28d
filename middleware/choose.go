package middleware

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/handshake"
)

// Choose makes one Middleware of several, for a server that answers for several
// domains or Clerk instances: choose says whose request one is, mostly by its
// host. Requests for which it returns nil are nobody's: signed out, and refused
// by every gate.
//
//	auth := middleware.Choose(func(r handshake.Request) *middleware.Middleware {
//		return tenants[r.Host] // each one from New, with a Config of its own
//	})
//
// choose is asked for each request, and more than once where gates stand below a
// Handler; it must be fast and give the same answer. An identity that one of them
// verified counts for no other. Of the options, [WithErrorHandler],
// [WithPreflightHandler], [WithSignInRedirect] and [WithCrossOriginProtection] are used.
//
// Warm, Close and VerifyToken are the business of the chosen ones: here, the first
// two do nothing, and VerifyToken refuses every token.
func Choose(choose func(handshake.Request) *Middleware, opts ...Option) *Middleware {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	m := &Middleware{choose: choose, errorHandler: o.errorHandler, preflight: o.preflight, crossOrigin: o.crossOrigin, signInRedirect: o.signInRedirect, logger: slog.Default(), now: time.Now}
	if m.errorHandler == nil {
		m.errorHandler = func(w http.ResponseWriter, r *http.Request, f *Failure) { f.ServeHTTP(w, r) }
	}
	return m
}

// of is the middleware that a request belongs to: m, unless it is one that
// chooses; then maybe nil.
func (m *Middleware) of(r handshake.Request) *Middleware {
	for m != nil && m.choose != nil {
		m = m.choose(r)
	}
	return m
}

package middleware

import (
	"context"
	"net/http"
	"slices"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware/internal/nethttp"
)

// Handler authenticates every request and calls next with the identity in the request's
// context; see clerk.FromContext. It rejects none: [Middleware.Require] or the handler
// decides about signed-out requests. It accepts session tokens only; routes that list
// other kinds authenticate those. A nil next is [http.DefaultServeMux].
//
// If only the Frontend API knows a browser's session, Handler redirects the browser
// there (307), unless the Config turns the handshake off.
func (m *Middleware) Handler(next http.Handler) http.Handler {
	next = orDefaultMux(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, d := m.Identify(r.Context(), nethttp.NewRequest(r))
		pass(ctx, &d, nil, w, r, next)
	})
}

// Require gates a route: next gets only requests that satisfy all of reqs; without any,
// those with a signed-in session. Others are answered 401, 403 or 503, see [Failure].
// Without an outer Handler, Require authenticates the request itself and redirects as
// Handler does.
//
// This applies to every method. CORS preflights have no credentials and are refused
// too, so CORS middleware must wrap Handler and Require:
//
//	http.ListenAndServe(":3000", cors.New(options).Handler(auth.Handler(mux)))
//
// If that is not possible, [WithPreflightHandler] answers them at the gate. A nil
// requirement lets no request pass.
func (m *Middleware) Require(reqs ...clerk.Requirement) func(http.Handler) http.Handler {
	to := routeOf(slices.Clone(reqs))
	return func(next http.Handler) http.Handler {
		next = orDefaultMux(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, d, f := m.check(r.Context(), nethttp.NewRequest(r), to)
			pass(ctx, &d, f, w, r, next)
		})
	}
}

// orDefaultMux returns next, or what net/http uses for a nil handler.
func orDefaultMux(next http.Handler) http.Handler {
	if next == nil {
		return http.DefaultServeMux
	}
	return next
}

// pass calls next with the identity, or answers the request.
func pass(ctx context.Context, d *handshake.Decision, f *Failure, w http.ResponseWriter, r *http.Request, next http.Handler) {
	if ctx != r.Context() {
		r = r.WithContext(ctx)
	}
	if f == nil && d.Status == handshake.SignedIn && d.Location == "" && len(d.Cookies) == 0 {
		next.ServeHTTP(w, r) // most requests: there is nothing to write
		return
	}
	carryOut(*d, f, w, r, next)
}

// carryOut writes a decision into the response, and answers the request or calls next.
// It takes d by value, so that the caller's d stays off the heap.
func carryOut(d handshake.Decision, f *Failure, w http.ResponseWriter, r *http.Request, next http.Handler) {
	nethttp.SetFields(w.Header(), &d)
	if len(d.Cookies) > 0 {
		cw := nethttp.NewCookieWriter(w, d.Cookies)
		defer cw.Finish() // in a panic too: the recovery above may write an answer
		w = cw
	}
	switch {
	case d.Location != "":
		w.Header().Set("Location", d.Location)
		w.WriteHeader(http.StatusTemporaryRedirect)
	case f != nil:
		f.Answer(w, r)
	default:
		next.ServeHTTP(w, r)
	}
}

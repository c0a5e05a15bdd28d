package middleware

import (
	"context"
	"net/http"
	"slices"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware/internal/nethttp"
)

// Handler authenticates every request and hands it on with its identity, which
// handlers get by clerk.FromContext. It rejects nobody: signed out is an answer
// too, for [Middleware.Require] or the handler to act on. It looks for sessions
// only; other tokens are looked for by the gates that name them. A nil next is
// [http.DefaultServeMux].
//
// A browser whose state only the Frontend API knows is redirected there (307),
// where the Config does not turn the handshake off.
func (m *Middleware) Handler(next http.Handler) http.Handler {
	next = orDefaultMux(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, d := m.Identify(r.Context(), nethttp.NewRequest(r))
		pass(ctx, &d, nil, w, r, next)
	})
}

// Require gates a route: next sees only requests that satisfy all of reqs;
// without any, those with a signed-in session. The others are answered 401, 403
// or 503, see [Failure]. Where no Handler stands above, Require authenticates the
// request itself, redirects included.
//
// That goes for every method. CORS preflights carry no credentials and are refused
// too, so CORS middleware belongs above Handler and Require:
//
//	http.ListenAndServe(":3000", cors.New(options).Handler(auth.Handler(mux)))
//
// Where it cannot stand there, [WithPreflightHandler] answers them at the gate. A nil
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

// orDefaultMux is what net/http takes for a nil handler.
func orDefaultMux(next http.Handler) http.Handler {
	if next == nil {
		return http.DefaultServeMux
	}
	return next
}

// pass hands a request on with its identity, or answers it.
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

// carryOut writes what a decision says into the response, and answers the request
// or hands it on. It takes d by value: the caller's stays off the heap.
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

package middleware

import (
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
)

// Handler authenticates every request and hands it on with its identity, which
// handlers get by clerk.FromContext. It rejects nobody: signed out is an answer
// too, for [Middleware.Require] or the handler to act on. It looks for sessions
// only; other tokens are looked for by the gates that name them.
//
// A browser whose state only the Frontend API knows is redirected there (307),
// where the Config does not turn the handshake off.
func (m *Middleware) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if below(r.URL.Path, m.proxyPath) {
			next.ServeHTTP(w, r) // the Frontend API's, see Proxy
			return
		}
		d := m.Authenticate(r.Context(), newRequest(r))
		ctx := clerk.NewContextFrom(r.Context(), d.Auth, m)
		serve(w, r.WithContext(ctx), &d, next)
	})
}

// Require gates a route: next sees only requests that satisfy all of reqs;
// without any, those with a signed-in session. The others are answered 401, 403
// or 503, see [Failure]. Where no Handler stands above, Require authenticates the
// request itself, redirects included.
//
// CORS preflight requests pass: they carry no credentials.
func (m *Middleware) Require(reqs ...clerk.Requirement) func(http.Handler) http.Handler {
	gate := m.Gate(reqs...)
	return func(next http.Handler) http.Handler {
		refuse := func(f *Failure) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.errorHandler(w, r, f) })
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, d, f := gate.Check(r.Context(), newRequest(r))
			if ctx != r.Context() {
				r = r.WithContext(ctx)
			}
			if f != nil {
				serve(w, r, &d, refuse(f))
				return
			}
			serve(w, r, &d, next)
		})
	}
}

// serve carries out a decision.
func serve(w http.ResponseWriter, r *http.Request, d *handshake.Decision, next http.Handler) {
	for name, value := range d.Fields() {
		w.Header().Set(name, value)
	}
	if d.Location != "" {
		for _, c := range d.Cookies {
			w.Header().Add("Set-Cookie", c)
		}
		w.Header().Set("Location", d.Location)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	if len(d.Cookies) == 0 {
		next.ServeHTTP(w, r)
		return
	}
	cw := &cookieWriter{ResponseWriter: w, cookies: d.Cookies}
	next.ServeHTTP(cw, r)
	cw.finish()
}

// newRequest shows the state machine an http.Request.
func newRequest(r *http.Request) handshake.Request {
	req := handshake.Request{Method: r.Method, Target: r.RequestURI, Host: r.Host, Scheme: "http", Header: r.Header}
	if req.Target == "" { // made by hand, not read by a server
		req.Target = r.URL.RequestURI()
	}
	if r.TLS != nil {
		req.Scheme = "https"
	}
	return req
}

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
	return m.guard(m.OpenGate(), next)
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
// Where it cannot stand there, [WithPreflightHandler] answers them at the gate.
func (m *Middleware) Require(reqs ...clerk.Requirement) func(http.Handler) http.Handler {
	gate := m.Gate(reqs...)
	return func(next http.Handler) http.Handler { return m.guard(gate, next) }
}

// Refuse answers a request that a gate refused: a CORS preflight by the handler of
// [WithPreflightHandler], if there is one; others by the handler of
// [WithErrorHandler], else by [Failure.ServeHTTP].
func (m *Middleware) Refuse(w http.ResponseWriter, r *http.Request, f *Failure) {
	if f.preflight != nil {
		f.preflight.ServeHTTP(w, r)
		return
	}
	for name, value := range f.Fields() {
		if name != "Content-Type" { // that of the body, which the handler writes
			w.Header().Set(name, value)
		}
	}
	m.errorHandler(w, r, f)
}

// guard puts the gate before next.
func (m *Middleware) guard(gate *Gate, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, d, f := gate.Check(r.Context(), NewRequest(r))
		if ctx != r.Context() {
			r = r.WithContext(ctx)
		}
		if f == nil && d.Status == handshake.SignedIn && d.Location == "" && len(d.Cookies) == 0 {
			next.ServeHTTP(w, r) // most requests: there is nothing to write
			return
		}
		m.carryOut(d, f, w, r, next)
	})
}

// carryOut writes what a decision says into the response, and answers the request
// or hands it on. It takes d by value: the caller's stays off the heap.
func (m *Middleware) carryOut(d handshake.Decision, f *Failure, w http.ResponseWriter, r *http.Request, next http.Handler) {
	for name, value := range d.Fields() {
		SetField(w.Header(), name, value)
	}
	if len(d.Cookies) > 0 {
		cw := NewCookieWriter(w, d.Cookies)
		defer cw.Finish() // in a panic too: the recovery above may write an answer
		w = cw
	}
	switch {
	case d.Location != "":
		w.Header().Set("Location", d.Location)
		w.WriteHeader(http.StatusTemporaryRedirect)
	case f != nil:
		m.Refuse(w, r, f)
	default:
		next.ServeHTTP(w, r)
	}
}

// NewRequest shows the state machine an http.Request.
func NewRequest(r *http.Request) handshake.Request {
	req := handshake.Request{Method: r.Method, Target: r.RequestURI, Host: r.Host, Scheme: "http", RemoteAddr: r.RemoteAddr, Header: header(r.Header)}
	if req.Target == "" { // made by hand, not read by a server
		req.Target = r.URL.RequestURI()
	}
	if r.TLS != nil {
		req.Scheme = "https"
	}
	return req
}

// header is http.Header for names that are canonical already, as those are that
// the state machine asks for.
type header http.Header

// Values implements handshake.Header.
func (h header) Values(name string) []string { return h[name] }

package middleware

import (
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
)

// Failure is the reason why a gate refuses a request, and the answer to it. A Failure
// that a program makes itself needs Status and Err; without them it is a 403 without a
// reason.
type Failure struct {
	// Status is the HTTP status: 401 not signed in, 403 not allowed, 503 authentication
	// unavailable (Clerk or its keys unreachable).
	Status int
	// Reason is why the request is not signed in, "" for a 403 of a signed-in user.
	Reason clerk.Reason
	// Err is clerk.ErrNotSignedIn, a *clerk.DeniedError, or
	// clerk.ErrUnavailable for an outage.
	Err error
	// Auth is the identity of the request. For 403 it is the identity that is not
	// allowed.
	Auth clerk.Auth
	// Cause is the error behind Reason, see [handshake.Decision]: a *verify.Error, a
	// *handshake.BackendError, or several joined. It is nil where there is no error
	// behind Reason. errors.As finds it in the Failure. No answer shows it.
	Cause error

	handler      ErrorHandler // see WithErrorHandler; nil is the default answer
	preflight    http.Handler
	htmxRedirect string // where htmx is to go, "" for nowhere
	tokenless    bool   // the request has no token of a kind that the gate takes
}

// PreflightHandler returns the handler that must answer the request, if the request is
// a CORS preflight and [WithPreflightHandler] was given; otherwise nil.
// [Failure.Answer] calls it. Adapters that do not call Answer must call it themselves.
func (f *Failure) PreflightHandler() http.Handler { return f.preflight }

// Answer writes what [Middleware.Require] writes: the answer of the handler of
// [WithErrorHandler], or else that of [Failure.ServeHTTP]; for a CORS preflight the
// answer of the handler of [WithPreflightHandler].
func (f *Failure) Answer(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.preflight != nil:
		f.preflight.ServeHTTP(w, r)
		return
	case f.handler == nil:
		f.ServeHTTP(w, r)
		return
	}
	for name, value := range f.Fields() {
		if name != "Content-Type" { // that of the body, which the handler writes
			w.Header().Set(name, value)
		}
	}
	f.handler(w, r, f)
}

// ErrorHandler answers a request that a gate refused, instead of
// [Failure.ServeHTTP]. Cookies and fields of the handshake are in w already, and so
// are the fields of the default answer (WWW-Authenticate, Cache-Control: no-store,
// Retry-After), except for Content-Type.
type ErrorHandler func(w http.ResponseWriter, r *http.Request, f *Failure)

// retryAfter is how long a client should wait in an outage, in seconds. The kit fetches
// the keys again within that time.
const retryAfter = "5"

func (m *Middleware) failure(d *handshake.Decision, err error) *Failure {
	a := d.Auth
	f := &Failure{Status: http.StatusForbidden, Err: err, Auth: a, Cause: d.Cause, handler: m.errorHandler}
	switch {
	case errors.Is(err, clerk.ErrNotSignedIn) && a.Reason == clerk.ReasonCrossOriginRequest:
		f.Reason = a.Reason
	case errors.Is(err, clerk.ErrNotSignedIn):
		f.Status, f.Reason = http.StatusUnauthorized, a.Reason
		if f.Reason == "" {
			f.Reason = clerk.ReasonUnexpectedError
		}
	case errors.Is(err, clerk.ErrUnavailable):
		f.Status, f.Reason = http.StatusServiceUnavailable, a.Reason
	}
	return f
}

// Error implements the error interface, for frameworks whose handlers return
// errors.
func (f *Failure) Error() string {
	text := "clerk: not allowed"
	if f.Err != nil {
		text = f.Err.Error()
	}
	if f.Reason != "" {
		text += ": " + string(f.Reason)
	}
	return text
}

// Unwrap gives errors.Is and errors.As Err and Cause, where they are set.
func (f *Failure) Unwrap() (errs []error) {
	for _, err := range [...]error{f.Err, f.Cause} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// StatusCode returns Status, for frameworks that ask an error for it; 403 where it is
// no status of an error.
func (f *Failure) StatusCode() int {
	if f.Status < 400 || f.Status > 599 {
		return http.StatusForbidden
	}
	return f.Status
}

// MarshalJSON is Body, for frameworks that write an error as JSON.
func (f *Failure) MarshalJSON() ([]byte, error) { return f.Body(), nil }

// Fields yields the header fields of the default answer.
func (f *Failure) Fields() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		ok := yield("Content-Type", "application/json; charset=utf-8") &&
			yield("Cache-Control", "no-store") &&
			yield("X-Content-Type-Options", "nosniff") &&
			(f.htmxRedirect == "" || yield("HX-Redirect", f.htmxRedirect))
		switch {
		case !ok:
		case f.Status == http.StatusUnauthorized:
			yield("WWW-Authenticate", f.challenge())
		case len(f.scopes()) > 0:
			yield("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+strings.Join(f.scopes(), " ")+`"`)
		case f.Status == http.StatusServiceUnavailable:
			yield("Retry-After", retryAfter)
		}
	}
}

// scopes are those that the route requires, where the token lacks one (RFC 6750
// section 3.1).
func (f *Failure) scopes() []string {
	if denied := (*clerk.DeniedError)(nil); f.Status == http.StatusForbidden && errors.As(f.Err, &denied) {
		return denied.Scopes
	}
	return nil
}

// challenge is the value of WWW-Authenticate (RFC 6750 section 3): it names an
// error only where the request had a token (section 3.1).
func (f *Failure) challenge() string {
	if f.tokenless {
		return "Bearer"
	}
	switch f.Reason {
	case clerk.ReasonSessionTokenAndUATMissing, clerk.ReasonSessionTokenMissing,
		clerk.ReasonClientUATWithoutSessionToken, clerk.ReasonDevBrowserMissing, clerk.ReasonNotAuthenticated:
		return "Bearer"
	}
	return `Bearer error="invalid_token", error_description="` + quotable(string(f.Reason)) + `"`
}

// quotable keeps what may stand in a quoted string as it is: a reason can hold an
// error code of the Backend API's.
func quotable(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			b[i] = '?'
		}
	}
	return string(b)
}

type apiError struct {
	Code        string `json:"code"`
	Message     string `json:"message"`
	LongMessage string `json:"long_message"`
	Reason      string `json:"reason,omitempty"`
}

// Body is the JSON of the default answer: Clerk's error envelope
// {"errors":[{"code","message","long_message","reason"}]}, and for a missing
// reverification the clerk_error that Clerk's front-end SDKs react to.
func (f *Failure) Body() []byte {
	var body struct {
		ClerkError *clerkError `json:"clerk_error,omitempty"`
		Errors     []apiError  `json:"errors"`
	}
	e := apiError{Reason: string(f.Reason)}
	switch f.Status {
	case http.StatusUnauthorized:
		e.Code, e.Message = "authentication_required", "Not signed in"
		e.LongMessage = "This needs a signed-in user or an accepted token."
		if f.Reason == clerk.ReasonSessionPending {
			e.LongMessage = "The session has unfinished tasks and does not count as signed in yet."
		}
	case http.StatusServiceUnavailable:
		e.Code, e.Message = "authentication_unavailable", "Try again later"
		e.LongMessage = "It could not be found out who is signed in. This is not a sign-out."
	default:
		if f.Reason != "" {
			e.Code, e.Message = "cross_origin_request", "Not from this site"
			e.LongMessage = "The request may come from another site, and its session came in a cookie."
			break
		}
		e.Code, e.Message = "authorization_denied", "Not allowed"
		e.LongMessage = "Signed in, but without what this needs."
	}
	if denied := (*clerk.DeniedError)(nil); errors.As(f.Err, &denied) && denied.Reverification != nil {
		e.Code, e.Message = "reverification_required", "Verification needed"
		e.LongMessage = "This needs a fresh verification of the user's factors."
		body.ClerkError = &clerkError{Type: "forbidden", Reason: "reverification-error"}
		body.ClerkError.Metadata.Reverification = denied.Reverification
	}
	if len(f.scopes()) > 0 {
		e.Code, e.LongMessage = "insufficient_scope", "The token lacks a scope that this needs."
	}
	body.Errors = []apiError{e}
	out, err := json.Marshal(body)
	if err != nil { // a policy of somebody's own that cannot be written
		return []byte(`{"errors":[{"code":"authorization_denied","message":"Not allowed"}]}`)
	}
	return append(out, '\n')
}

// clerkError is the reverification error of Clerk's SDKs
// (authorization-errors in clerk/javascript).
type clerkError struct {
	Type     string `json:"type"`
	Reason   string `json:"reason"`
	Metadata struct {
		Reverification clerk.Reverification `json:"reverification"`
	} `json:"metadata"`
}

// ServeHTTP writes the default answer.
func (f *Failure) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	for name, value := range f.Fields() {
		h.Set(name, value)
	}
	w.WriteHeader(f.StatusCode())
	_, _ = w.Write(f.Body()) // a client that is gone needs no answer
}

// exposed reports whether scripts of the request's Origin may read why nobody is
// signed in: where it is an authorized party.
func (m *Middleware) exposed(r *handshake.Request) bool {
	origins := r.Header.Values("Origin")
	return m.party != nil && len(origins) == 1 && m.party(origins[0])
}

// partyOf is the rule for the Origin of requests.
func partyOf(cfg clerk.Config) func(string) bool {
	parties, further := slices.Clone(cfg.AuthorizedParties), cfg.AuthorizedPartyFunc
	return func(origin string) bool {
		return slices.Contains(parties, origin) || further != nil && origin != "null" && further(origin)
	}
}

package handshake

import (
	"iter"

	"github.com/clerkkit/clerkkit/clerk"
)

// Status is the kind of a [Decision].
type Status int

// The decisions.
const (
	// SignedOut: serve the request without an identity.
	SignedOut Status = iota
	// SignedIn: a token was verified. A pending session is SignedIn too, but its
	// Auth.SignedIn reports false.
	SignedIn
	// Redirect: answer 307 with Location. The browser comes back with the handshake's
	// result.
	Redirect
	// Outage: the identity could not be determined because Clerk or its keys are
	// unreachable. Gated routes answer 503. Other routes run with an Auth whose Outage
	// is true.
	Outage
)

// String returns the official SDKs' word for the status, and "outage" for an outage.
func (s Status) String() string {
	switch s {
	case SignedIn:
		return "signed-in"
	case Redirect:
		return "handshake"
	case Outage:
		return "outage"
	}
	return "signed-out"
}

// Decision is the result of the state machine. For every Status, the caller must write
// Cookies and the fields of Fields into the response. Where Location is set, the
// response must be a 307 to it.
type Decision struct {
	// Status says how to treat the request.
	Status Status
	// Reason is why the request is not signed in, "" for a plain SignedIn.
	Reason clerk.Reason
	// Auth is the identity for the handlers. It is set for each Status. Its TokenType
	// is the kind of token that was checked, "" where the request has none of the kinds
	// that the route accepts.
	Auth clerk.Auth
	// Location is where to redirect, an absolute http or https URL. It is set for each
	// Redirect; at the end of a development instance's handshake, to remove its
	// parameters from the address bar; and where a gate sends a browser to sign in.
	Location string
	// Cookies are the values of Set-Cookie fields, one field for each.
	Cookies []string
	// Cause is the error behind Reason: a *[verify.Error] for a token that was refused,
	// a *[BackendError] for a call to the Backend API that failed, or several joined.
	// Use errors.As. It is nil for each SignedIn, and where there is no error behind
	// Reason. Its text holds no token, so it may be logged. Do not send it to the
	// client.
	Cause error
	// FromCookie is true for a SignedIn whose token came from a cookie and not from the
	// Authorization header. Browsers also send cookies with requests that other sites
	// cause.
	FromCookie bool
	// Cached is true where the verified-token cache had the session token that the decision
	// is about, or the answer of the Backend API about an opaque token was cached.
	Cached bool
	// Exposed makes Fields expose the reason to scripts of another origin
	// (Access-Control-Expose-Headers). Package middleware sets it where the request's
	// Origin is an authorized party.
	Exposed bool
	// Err is set where the request is signed out because of a mistake that only the
	// developer can correct: a *[clerk.ConfigError] that only a request reveals, or a
	// *[ResolveError]. Show it to the developer. Reason is set too.
	Err error
}

// Names of response header fields.
const (
	fieldAuthStatus = "X-Clerk-Auth-Status"
	fieldAuthReason = "X-Clerk-Auth-Reason"
)

// Fields yields the response header fields of the decision, except for Location and
// Set-Cookie: Cache-Control: no-store where Location or Cookies are set, and Clerk's
// diagnostic fields where the request is not signed in. A plain SignedIn and the zero
// Decision have none.
func (d *Decision) Fields() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if d == nil {
			return
		}
		if (d.Location != "" || len(d.Cookies) > 0) && !yield("Cache-Control", "no-store") {
			return
		}
		if d.Status == SignedIn || d.Status == SignedOut && d.Reason == "" || !yield(fieldAuthStatus, d.Status.String()) || d.Reason == "" {
			return
		}
		if yield(fieldAuthReason, string(d.Reason)) && d.Exposed {
			yield("Access-Control-Expose-Headers", fieldAuthStatus+", "+fieldAuthReason)
		}
	}
}

package handshake

import (
	"iter"

	"github.com/clerkkit/clerkkit/clerk"
)

// Status is what is to be done with a request.
type Status int

// The decisions.
const (
	// SignedOut: go on, without an identity.
	SignedOut Status = iota
	// SignedIn: a token was verified. A pending session is SignedIn too, with an
	// Auth that is not.
	SignedIn
	// Redirect: answer 307 with Location; the browser comes back with an answer.
	Redirect
	// Outage: it could not be found out who this is. Gated routes answer 503;
	// others may go on, with an Auth that says so.
	Outage
)

// String returns the word that the official SDKs have for the status; an outage
// is "outage".
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

// Decision is the answer of the state machine. Whatever its Status, Cookies and
// the fields of Fields belong into the response, and where Location is set the
// response is a 307 to it.
type Decision struct {
	// Status says what becomes of the request.
	Status Status
	// Reason says why, "" for a plain SignedIn.
	Reason clerk.Reason
	// Auth is the identity for the handlers. It is set for each Status. Its
	// TokenType is the kind of token that the decision is about, "" where the
	// request presents none of the kinds that the route takes.
	Auth clerk.Auth
	// Location is where to redirect, an absolute http or https URL: for each
	// Redirect, and for a development instance's SignedIn or SignedOut at the end
	// of a handshake, whose parameters are to leave the address bar. A gate sets it too
	// where it sends a browser to sign in.
	Location string
	// Cookies are values of Set-Cookie fields, each one a field of its own.
	Cookies []string
	// Cause is the error behind Reason: a *[verify.Error] for a token that was
	// refused, a *[BackendError] for a call to the Backend API that failed, or
	// several joined. Use errors.As. It is nil where Reason says everything, and for
	// each SignedIn. Its text holds no token, so it may be logged; it is not for the
	// client.
	Cause error
	// FromCookie is set for a SignedIn that rests on cookies, not on a token in the
	// Authorization header: browsers send cookies with requests of other sites too.
	FromCookie bool
	// Exposed has Fields let scripts of another origin read the reason
	// (Access-Control-Expose-Headers). Package middleware sets it where the request's
	// Origin is an authorized party.
	Exposed bool
	// Err is set where nobody is signed in because of a mistake that only the
	// developer can mend, and which should be shown to them: a *[clerk.ConfigError]
	// that shows in this request only, or a *[ResolveError]. Reason stands too.
	Err error
}

// Names of response header fields.
const (
	fieldAuthStatus = "X-Clerk-Auth-Status"
	fieldAuthReason = "X-Clerk-Auth-Reason"
)

// Fields yields the response header fields of the decision, except for Location
// and Set-Cookie: Cache-Control: no-store where Location or Cookies are set, and
// for whoever is not signed in Clerk's diagnostic fields. A plain SignedIn has
// none, and neither has the zero Decision, for which nobody was looked for.
func (d *Decision) Fields() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
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

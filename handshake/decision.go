package handshake

import "github.com/clerkkit/clerkkit/clerk"

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

// Decision is the answer of the state machine. Whatever its Status, Fields and
// Cookies belong into the response.
type Decision struct {
	// Status says what becomes of the request.
	Status Status
	// Reason says why, "" for a plain SignedIn.
	Reason clerk.Reason
	// Auth is the identity for the handlers. It is set for each Status.
	Auth clerk.Auth
	// Location is where Redirect goes.
	Location string
	// Fields are response header fields other than Set-Cookie and Location. They
	// hold Cache-Control: no-store where Location or Cookies are set.
	Fields []Field
	// Cookies are values of Set-Cookie fields, each one a field of its own.
	Cookies []string
}

// Field is one field of a response header.
type Field struct{ Name, Value string }

package clerk

import (
	"encoding/json"
	"errors"
	"time"
)

const statusPending = "pending"

// Auth is the identity of one request: verified, or absent with a [Reason]. It is a
// small value, and each request has its own. Methods return copies of lists and claims,
// which requests with the same token share.
//
// The zero value is signed out. A test may build one by hand,
// Auth{UserID: "user_1"}, or from claims with [ParseClaims] and [Claims.Auth].
type Auth struct {
	// TokenType is the kind of token that was verified; "" counts as
	// [SessionToken].
	TokenType TokenType

	// Reason says why nobody is signed in. It is "" for a verified identity.
	Reason Reason

	// Outage is true when the identity could not be determined because the signing keys
	// or the Backend API were unreachable. It does not mean signed out: a gated route
	// answers 503.
	Outage bool

	// UserID is the signed-in user, user_…. For API keys, OAuth and template tokens it
	// is the user whom the token represents, "" if the token represents an
	// organization.
	UserID string
	// SessionID is the session, sess_….
	SessionID string
	// SessionStatus is the sts claim: "active", "pending", or "" for instances
	// that do not send it.
	SessionStatus string

	// OrgID, OrgRole and OrgSlug name the active organization and the user's
	// role in it (org:admin). They are "" for a personal account.
	OrgID, OrgRole, OrgSlug string

	// Subject is the subject of a machine or template token: a machine (mch_…), a user
	// or an organization. It is "" for sessions.
	Subject string
	// TokenID is the id of a machine token, key or JWT.
	TokenID string

	// IssuedAt and ExpiresAt limit the lifetime of the token. Code that serves a stream
	// (WebSocket, server-sent events, gRPC) beyond ExpiresAt must ask for a new token.
	// They are zero where the token has no such claim.
	IssuedAt, ExpiresAt time.Time

	claims  *Claims
	machine *MachineInfo
	token   rawToken
	pending *Claims // set while a pending session counts as signed out
	allowed bool    // a pending session that was allowed
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

func clone[S ~[]E, E any](s S) S { return append(S(nil), s...) }

// SignedIn reports whether a user's session was verified. It is false for
// pending sessions (see [Auth.AllowPending]) and for machine tokens (see
// [Auth.Authenticated]).
func (a Auth) SignedIn() bool {
	return a.isSession() && a.UserID != "" && a.Reason == "" && !a.Outage &&
		(a.SessionStatus != statusPending || a.allowed)
}

// Authenticated reports whether any token was verified: a session that counts as
// signed in, or a machine token.
func (a Auth) Authenticated() bool {
	if a.isSession() {
		return a.SignedIn()
	}
	return a.Subject != "" && a.Reason == "" && !a.Outage
}

// session returns the claims of a session token, nil for other tokens. Other tokens may
// have claims with the same names, which must grant nothing.
func (a *Auth) session() *Claims {
	if !a.isSession() {
		return nil
	}
	return a.claims
}

func (a *Auth) isSession() bool { return a.TokenType == "" || a.TokenType == SessionToken }

// AllowPending returns the identity with a pending session counted as signed in,
// for the pages where its tasks are finished (choosing an organization, say).
// Any other identity comes back unchanged.
func (a Auth) AllowPending() Auth {
	if a.pending == nil {
		if a.SessionStatus == statusPending && a.Reason == "" {
			a.allowed = true
		}
		return a
	}
	c := *a.pending
	c.status = ""
	allowed := c.Auth()
	allowed.SessionStatus, allowed.claims, allowed.allowed, allowed.token = statusPending, a.pending, true, a.token
	return allowed
}

// Permissions returns the permissions in the active organization
// (org:invoices:create), a new list on each call. To check for one, use
// [Auth.Has] with [Permission].
func (a Auth) Permissions() []string {
	if a.session() == nil {
		return nil
	}
	return a.claims.Permissions()
}

// Features returns the enabled features with their scope (o:teams, u:beta), a
// new list on each call.
func (a Auth) Features() []string {
	if a.session() == nil {
		return nil
	}
	return a.claims.Features()
}

// Plans returns the active plans with their scope (o:pro, u:free), a new list on
// each call.
func (a Auth) Plans() []string {
	if a.session() == nil {
		return nil
	}
	return a.claims.Plans()
}

// FactorAges returns how many minutes before the token was issued the user verified the
// first and the second factor. -1 means never, so second >= 0 means that the session
// used MFA. ok is false where the token has no factor ages.
func (a Auth) FactorAges() (first, second int, ok bool) {
	if a.session() == nil {
		return -1, -1, false
	}
	return a.claims.FactorAges()
}

// Actor returns the actor who acts for the user: the impersonator of a session, or the
// act claim of an OAuth token in JWT form (RFC 8693 section 4.1). ok is false where
// there is no actor.
func (a Auth) Actor() (actor Actor, ok bool) {
	if a.claims == nil {
		return Actor{}, false
	}
	return a.claims.Actor()
}

// Claims returns a copy of the claims of the verified token. It returns nil for an
// identity without claims: signed out, an opaque machine token, or an Auth built by
// hand.
func (a Auth) Claims() *Claims {
	if a.claims == nil {
		return nil
	}
	c := *a.claims // other requests with the same token share the original
	return &c
}

// RawClaims returns a copy of the token's payload as JSON, nil if there is none.
func (a Auth) RawClaims() json.RawMessage {
	if a.claims == nil {
		return a.Machine().Claims
	}
	return a.claims.Raw()
}

// ErrNoClaims is the error of [ClaimsAs] for an identity without claims.
var ErrNoClaims = errors.New("clerk: the identity has no claims")

// ClaimsAs decodes the claims of the verified token into a new T with encoding/json.
// Use it for custom claims. The error is [ErrNoClaims] for an identity without claims,
// and json's error where the claims do not fit T.
func ClaimsAs[T any](a Auth) (T, error) {
	var t T
	raw := a.RawClaims()
	if raw == nil {
		return t, ErrNoClaims
	}
	err := json.Unmarshal(raw, &t)
	return t, err
}

package handshake

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// developmentSkew is how wrong the clock of a developer's machine may be when a
// handshake is resolved. A difference beyond [verify.Config].ClockSkew is logged.
const developmentSkew = 24 * time.Hour

// noSkew is a skew so large that no time claim fails.
const noSkew = 100 * 365 * 24 * time.Hour

// resolveHandshake processes the result of a handshake: the cookies to set, as a signed
// token or as a nonce that the Backend API exchanges for them. Development instances
// get it in the query, because the Frontend API cannot set cookies on the application's
// site. Production reads it from cookies only: otherwise a link could sign its victim
// in as its author. A valid result in a link therefore signs the request out.
//
// done is false where there is no usable result. The next step then decides.
func (q *exchange) resolveHandshake(ctx context.Context) (done bool) {
	nonce, token, linked := q.cookies.nonce.value, q.cookies.handshake.value, false
	if query := q.query(); query != "" {
		linkedNonce, _ := param(query, clerk.CookieHandshakeNonce)
		linkedToken, _ := param(query, clerk.CookieHandshake)
		linked = q.m.instance == clerk.Production && (linkedNonce != "" || linkedToken != "")
		nonce, token = cmp.Or(linkedNonce, nonce), cmp.Or(linkedToken, token)
	}
	switch {
	case nonce != "" && linked:
		return q.decide(q.signedOut(clerk.ReasonSessionTokenMissing))
	case nonce != "":
		directives, err := q.handshakePayload(ctx, nonce)
		if isOutage(err) {
			return q.decide(because(outage(clerk.SessionToken, clerk.ReasonSessionTokenMissing), err))
		}
		// A nonce that was spent or never was leaves nothing to set.
		q.answer = err
		return q.resolve(ctx, directives)
	case token != "":
		directives, err := q.m.verifier.VerifyHandshake(ctx, token)
		switch {
		case err != nil:
			return q.unresolved(ctx, token, err)
		case linked:
			return q.decide(q.signedOut(clerk.ReasonSessionTokenMissing))
		}
		return q.resolve(ctx, directives)
	}
	return false
}

// unresolved decides about a handshake token that does not verify. In development it
// was in the URL: the keys of the two sides do not match, and another handshake would
// loop. In production the cookie may belong to another application on the same domain,
// or be left over, so the request goes on without it. A token of this instance that
// said signed out still signs out.
func (q *exchange) unresolved(ctx context.Context, token string, err error) (done bool) {
	reason := reasonOf(err)
	if errors.Is(err, clerk.ErrUnavailable) {
		return q.decide(because(outage(clerk.SessionToken, reason), err))
	}
	if q.m.instance != clerk.Production {
		q.m.notices.unresolved(err)
		d := because(q.signedOut(reason), err)
		d.Err = &ResolveError{Err: err}
		return q.decide(d)
	}
	q.answer = err
	u, _ := verify.Decode(token) // empty then
	switch reason {
	case clerk.ReasonTokenInvalidSignature, clerk.ReasonJWKKidMismatch, clerk.ReasonTokenInvalidAlgorithm:
		return false // not of this instance
	case clerk.ReasonTokenTypeMismatch:
		if u.Claims == nil || !u.Claims.Has("sub") && !u.Claims.Has("sid") {
			return false // a template's
		}
	case clerk.ReasonTokenExpired, clerk.ReasonTokenNotActiveYet, clerk.ReasonTokenIATInTheFuture:
		directives, err := q.m.ignoresTime.VerifyHandshake(ctx, token)
		if _, session, _ := clerkCookies(directives); err == nil && session != "" {
			return false
		}
	default:
		if _, ok := peek(token); !ok || u.Type != "" && u.Type != "JWT" {
			return false // no token, or one of another type
		}
	}
	return q.decide(because(q.signedOut(clerk.ReasonSessionTokenMissing), err))
}

// resolve sets the cookies of a handshake and signs in with the session token among
// them.
func (q *exchange) resolve(ctx context.Context, directives []string) (done bool) {
	cookies, session, ok := clerkCookies(directives)
	if !ok {
		return false
	}
	var d Decision
	if session == "" {
		d = q.signedOut(clerk.ReasonSessionTokenMissing)
	} else {
		claims, err := q.verify(ctx, session)
		if err != nil && q.m.instance == clerk.Development && clockFault(err) {
			q.m.notices.clockSkew(err)
			claims, err = q.m.skewTolerant.Verify(ctx, session)
		}
		switch {
		case errors.Is(err, clerk.ErrUnavailable):
			return q.decide(because(outage(clerk.SessionToken, reasonOf(err)), err))
		case err != nil:
			q.answer = err
			return false
		}
		signedIn(&d, claims, session)
	}
	d.Cookies = cookies
	if q.m.instance == clerk.Development {
		d.Location = q.cleanLocation()
	}
	return q.decide(d)
}

func clockFault(err error) bool {
	switch reasonOf(err) {
	case clerk.ReasonTokenExpired, clerk.ReasonTokenNotActiveYet, clerk.ReasonTokenIATInTheFuture:
		return true
	}
	return false
}

// cleanLocation returns the URL without the handshake's parameters.
func (q *exchange) cleanLocation() string {
	own, ok := q.url()
	if !ok {
		return ""
	}
	clean := *own
	clean.setQuery(without(own.query, clerk.CookieHandshake, paramHandshakeHelp, clerk.CookieDevBrowser, clerk.CookieHandshakeNonce))
	return clean.String()
}

// ResolveError is the [Decision].Err of a handshake that a development instance could
// not resolve, usually because secret key and publishable key belong to different
// instances. Err is the *[verify.Error].
type ResolveError struct{ Err error }

// Error implements the error interface.
func (e *ResolveError) Error() string {
	if e.Err == nil {
		return "handshake: the answer of the handshake does not verify"
	}
	return "handshake: the answer of the handshake does not verify" + cure(e.Err) + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *ResolveError) Unwrap() error { return e.Err }

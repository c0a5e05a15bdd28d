package handshake

import (
	"context"
	"errors"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// exchange holds the state of one request. It computes derived values when a rule first
// needs them.
type exchange struct {
	m        *Authenticator
	r        Request
	tooLarge bool   // see bounded
	bearer   string // the token in the Authorization header, "" if none
	token    string // the session token that was accepted, wherever it came from
	cached   bool   // the verified-token cache had the token that was verified last
	cookies  cookies

	choice   uint8 // 0 undecided, 1 plain, 2 suffixed: see suffixed
	urlRead  bool  // the next three are set: see url
	urlOK    bool
	doubtful bool
	own      webURL
	answer   error // why the answer of a handshake in this request was refused

	// The decision of the steps of session. It is a field and not a return value
	// because it is large, and most requests are signed in and need none.
	d Decision
}

// Authenticate decides about a request. accepted are the kinds of tokens that the route
// accepts; without any it accepts sessions.
//
// A session token may be in the Authorization header or in a cookie, other kinds only
// in the header. If the header has a token, no cookie counts. ctx and r.Timeout bound
// the wait for signing keys and for the Backend API.
func (m *Authenticator) Authenticate(ctx context.Context, r Request, accepted ...clerk.TokenType) (d Decision) {
	if m.unmade() {
		return unmade()
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if !m.observer.Decisions() {
		m.authenticate(ctx, r, accepted, &d)
		return d
	}
	start := time.Now()
	m.authenticate(ctx, r, accepted, &d)
	m.observer.Decision(ctx, decisionEvent(start, &d))
	return d
}

func (m *Authenticator) authenticate(ctx context.Context, r Request, accepted []clerk.TokenType, d *Decision) {
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	q := bounded(m, r)
	q.bearer = q.bearerToken()
	if q.onSignInOrigin() && !(len(accepted) == 1 && accepted[0] == clerk.M2M) {
		*d = q.signedOut(clerk.ReasonUnexpectedError)
		d.Err = errSignInOrigin
		return
	}
	switch {
	case len(accepted) == 0, len(accepted) == 1 && accepted[0] == clerk.SessionToken:
		if claims := q.session(ctx); claims != nil {
			signedIn(d, claims, q.token)
		} else {
			*d = q.d
		}
	case len(accepted) == 1:
		*d = q.onlyMachine(ctx, accepted[0])
	default:
		*d = q.anyOf(ctx, accepted)
	}
	d.FromCookie = d.Status == SignedIn && q.bearer == ""
	d.Cached = d.Cached || q.cached
}

// verify verifies a session token, and notes whether it was cached.
func (q *exchange) verify(ctx context.Context, token string) (claims *clerk.Claims, err error) {
	claims, q.cached, err = q.m.verifier.VerifyCached(ctx, token)
	return claims, err
}

// session decides for a route that accepts only sessions. It returns the claims of a
// verified token, or nil with the decision in q.d.
func (q *exchange) session(ctx context.Context) *clerk.Claims {
	q.readCookies()
	switch {
	case q.nullPayloadCookie():
		return q.noClaims(q.signedOut(clerk.ReasonTokenInvalid))
	case q.bearer != "":
	case q.m.headerOnly:
		return q.noClaims(q.signedOut(clerk.ReasonNoTokenInHeader))
	default:
		return q.sessionFromCookies(ctx)
	}
	claims, err := q.verify(ctx, q.bearer)
	if err != nil {
		return q.noClaims(q.refused(ctx, err))
	}
	q.token = q.bearer
	return claims
}

// readCookies reads the known cookies. With HeaderOnly it reads none.
func (q *exchange) readCookies() {
	if !q.m.headerOnly {
		q.cookies.read(q.r.Header, q.m.suffix)
	}
}

// decide records a final decision other than signed in, and returns true.
func (q *exchange) decide(d Decision) (done bool) {
	q.d = d
	return true
}

// noClaims records the decision, like decide, and returns no claims.
func (q *exchange) noClaims(d Decision) *clerk.Claims {
	q.d = d
	return nil
}

// sessionFromCookies runs the steps of the state machine: each step either decides or
// leaves the request to the next one.
func (q *exchange) sessionFromCookies(ctx context.Context) *clerk.Claims {
	if !q.m.redirects {
		return q.tokenOnly(ctx)
	}
	if q.tooLarge && q.documentRequest() {
		return q.noClaims(q.signedOut(clerk.ReasonRequestTooLarge))
	}
	if q.resolveHandshake(ctx) || q.syncSatellite() || q.respondToSatellite() || q.syncDevBrowser() {
		return nil
	}
	token, uat := q.sessionCookie(), q.clientUAT()
	switch {
	case token == "" && uat == 0:
		return q.noClaims(q.signedOut(clerk.ReasonSessionTokenAndUATMissing))
	case uat == 0:
		return q.noClaims(q.handshake(clerk.ReasonSessionTokenWithoutClientUAT))
	case token == "":
		return q.noClaims(q.handshake(clerk.ReasonClientUATWithoutSessionToken))
	}
	claims, err := q.verify(ctx, token)
	if err != nil {
		if u, ok := peek(token); ok && u.iat != 0 && u.iat < uat && reasonOf(err) != clerk.ReasonTokenTypeMismatch {
			return q.noClaims(because(q.handshake(clerk.ReasonSessionTokenIATBeforeClientUAT), err))
		}
		return q.noClaims(q.refused(ctx, err))
	}
	if issuedBefore(claims, uat) {
		return q.noClaims(q.handshake(clerk.ReasonSessionTokenIATBeforeClientUAT))
	}
	if q.syncCrossOrigin() || q.activateOrganization(claims) {
		return nil
	}
	q.token = token
	return claims
}

// tokenOnly verifies the session cookie where the handshake is off. It never redirects.
// client_uat can refuse a token, and may be missing, because its cookie need not reach
// a server that is only an API.
func (q *exchange) tokenOnly(ctx context.Context) *clerk.Claims {
	token, uat := q.sessionCookie(), q.chosen(&q.cookies.clientUAT)
	switch {
	case token == "" && uat == "":
		return q.noClaims(q.signedOut(clerk.ReasonSessionTokenAndUATMissing))
	case token == "":
		return q.noClaims(q.signedOut(clerk.ReasonSessionTokenMissing))
	case uat != "" && parseClientUAT(uat) == 0:
		return q.noClaims(q.signedOut(clerk.ReasonSessionTokenWithoutClientUAT))
	}
	claims, err := q.verify(ctx, token)
	if err != nil {
		return q.noClaims(q.refused(ctx, err))
	}
	if issuedBefore(claims, parseClientUAT(uat)) {
		return q.noClaims(q.signedOut(clerk.ReasonSessionTokenIATBeforeClientUAT))
	}
	q.token = token
	return claims
}

// issuedBefore reports whether the token was issued before the last change of the
// client, a sign-out or another sign-in.
func issuedBefore(c *clerk.Claims, uat float64) bool {
	return c.Has("iat") && float64(c.IssuedAt().Unix()) < uat
}

// refused decides about a session token that did not verify. If a new token would help,
// it refreshes the session or starts a handshake.
func (q *exchange) refused(ctx context.Context, err error) Decision {
	if errors.Is(err, clerk.ErrUnavailable) {
		return because(outage(clerk.SessionToken, reasonOf(err)), err)
	}
	switch reason := reasonOf(err); reason {
	case clerk.ReasonTokenExpired:
		if !q.m.redirects {
			return because(q.signedOut(clerk.ReasonSessionTokenExpired), err)
		}
		d, failure := q.refresh(ctx)
		if failure == "" {
			return d
		}
		return because(q.handshake(clerk.ReasonSessionTokenExpired+"-refresh-"+clerk.Reason(failure)), err, d.Cause)
	case clerk.ReasonTokenNotActiveYet:
		return because(q.handshake(clerk.ReasonSessionTokenNBF), err)
	case clerk.ReasonTokenIATInTheFuture:
		return because(q.handshake(clerk.ReasonSessionTokenIATInTheFuture), err)
	default:
		return because(q.signedOut(reason), err)
	}
}

func reasonOf(err error) clerk.Reason {
	if e := (*verify.Error)(nil); errors.As(err, &e) {
		return e.Reason
	}
	return clerk.ReasonUnexpectedError
}

// because adds the errors behind a decision.
func because(d Decision, causes ...error) Decision {
	d.Cause = causes[0]
	if len(causes) > 1 && causes[1] != nil {
		d.Cause = errors.Join(causes...)
	}
	return d
}

// signedIn is the decision about a session token that verified.
func signedIn(d *Decision, claims *clerk.Claims, token string) {
	d.Status, d.Auth = SignedIn, claims.Auth().WithToken(token)
}

func (q *exchange) signedOut(reason clerk.Reason) Decision {
	return signedOut(clerk.SessionToken, reason)
}

func signedOut(t clerk.TokenType, reason clerk.Reason) Decision {
	return Decision{Status: SignedOut, Reason: reason, Auth: clerk.Auth{TokenType: t, Reason: reason}}
}

func outage(t clerk.TokenType, reason clerk.Reason) Decision {
	return Decision{Status: Outage, Reason: reason, Auth: clerk.Auth{TokenType: t, Reason: reason, Outage: true}}
}

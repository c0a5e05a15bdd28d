package handshake

import (
	"context"
	"errors"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// exchange is the work on one request. What it computes from the request, it
// computes when a rule first asks for it.
type exchange struct {
	m        *Authenticator
	r        Request
	tooLarge bool   // see bounded
	bearer   string // the token in the Authorization header, "" if none
	token    string // the session token that was accepted, wherever it came from
	cookies  cookies

	choice   uint8 // 0 undecided, 1 plain, 2 suffixed: see suffixed
	urlRead  bool  // the next three are set: see url
	urlOK    bool
	doubtful bool
	own      webURL
	answer   error // why the answer of a handshake in this request was refused

	// The decision of the steps of session. It is large, so it is not what they
	// return: most requests are from who is signed in, and no step decides.
	d Decision
}

// Authenticate decides who a request is from. accepted are the kinds of tokens
// that the route takes; without any it takes sessions.
//
// A session token may come in the Authorization header or in a cookie, the other
// kinds in the header only. A token in the header is never passed over for a
// cookie. ctx and r.Timeout bound the wait for signing keys and for the Backend API.
func (m *Authenticator) Authenticate(ctx context.Context, r Request, accepted ...clerk.TokenType) (d Decision) {
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	q := bounded(m, r)
	q.bearer = q.bearerToken()
	if q.onSignInOrigin() && !(len(accepted) == 1 && accepted[0] == clerk.M2M) {
		d = q.signedOut(clerk.ReasonUnexpectedError)
		d.Err = errSignInOrigin
		return d
	}
	switch {
	case len(accepted) == 0, len(accepted) == 1 && accepted[0] == clerk.SessionToken:
		if claims := q.session(ctx); claims != nil {
			signedIn(&d, claims, q.token)
		} else {
			d = q.d
		}
	case len(accepted) == 1:
		d = q.onlyMachine(ctx, accepted[0])
	default:
		d = q.anyOf(ctx, accepted)
	}
	d.FromCookie = d.Status == SignedIn && q.bearer == ""
	return d
}

// session is the answer of a route that takes sessions only: the claims of who is
// signed in, or nil with another decision in q.d.
func (q *exchange) session(ctx context.Context) *clerk.Claims {
	q.readCookies()
	switch {
	case q.hollowCookie():
		return q.instead(q.signedOut(clerk.ReasonTokenInvalid))
	case q.bearer != "":
	case q.m.headerOnly:
		return q.instead(q.signedOut(clerk.ReasonNoTokenInHeader))
	default:
		return q.sessionFromCookies(ctx)
	}
	claims, err := q.m.verifier.Verify(ctx, q.bearer)
	if err != nil {
		return q.instead(q.refused(ctx, err))
	}
	q.token = q.bearer
	return claims
}

// readCookies reads the known cookies, and none where the configuration takes
// tokens from the header only.
func (q *exchange) readCookies() {
	if !q.m.headerOnly {
		q.cookies.read(q.r.Header, q.m.suffix)
	}
}

// decide ends the state machine with another decision than that the token of the
// request is good.
func (q *exchange) decide(d Decision) (done bool) {
	q.d = d
	return true
}

// instead is decide where claims were to be found.
func (q *exchange) instead(d Decision) *clerk.Claims {
	q.d = d
	return nil
}

// sessionFromCookies is the state machine proper: each step either decides or
// leaves the request to the next one.
func (q *exchange) sessionFromCookies(ctx context.Context) *clerk.Claims {
	if !q.m.redirects {
		return q.tokenOnly(ctx)
	}
	if q.tooLarge && q.documentRequest() {
		return q.instead(q.signedOut(clerk.ReasonRequestTooLarge))
	}
	if q.resolveHandshake(ctx) || q.syncSatellite() || q.respondToSatellite() || q.syncDevBrowser() {
		return nil
	}
	token, uat := q.sessionCookie(), q.clientUAT()
	switch {
	case token == "" && uat == 0:
		return q.instead(q.signedOut(clerk.ReasonSessionTokenAndUATMissing))
	case uat == 0:
		return q.instead(q.handshake(clerk.ReasonSessionTokenWithoutClientUAT))
	case token == "":
		return q.instead(q.handshake(clerk.ReasonClientUATWithoutSessionToken))
	}
	claims, err := q.m.verifier.Verify(ctx, token)
	if err != nil {
		if u, ok := peek(token); ok && u.iat != 0 && u.iat < uat && reasonOf(err) != clerk.ReasonTokenTypeMismatch {
			return q.instead(because(q.handshake(clerk.ReasonSessionTokenIATBeforeClientUAT), err))
		}
		return q.instead(q.refused(ctx, err))
	}
	if issuedBefore(claims, uat) {
		return q.instead(q.handshake(clerk.ReasonSessionTokenIATBeforeClientUAT))
	}
	if q.syncCrossOrigin() || q.activateOrganization(claims) {
		return nil
	}
	q.token = token
	return claims
}

// tokenOnly verifies the session cookie where there is no handshake: nothing is
// redirected, and client_uat only ever refuses. It may be missing, as the cookie
// need not reach a server that is only an API.
func (q *exchange) tokenOnly(ctx context.Context) *clerk.Claims {
	token, uat := q.sessionCookie(), q.chosen(&q.cookies.clientUAT)
	switch {
	case token == "" && uat == "":
		return q.instead(q.signedOut(clerk.ReasonSessionTokenAndUATMissing))
	case token == "":
		return q.instead(q.signedOut(clerk.ReasonSessionTokenMissing))
	case uat != "" && parseClientUAT(uat) == 0:
		return q.instead(q.signedOut(clerk.ReasonSessionTokenWithoutClientUAT))
	}
	claims, err := q.m.verifier.Verify(ctx, token)
	if err != nil {
		return q.instead(q.refused(ctx, err))
	}
	if issuedBefore(claims, parseClientUAT(uat)) {
		return q.instead(q.signedOut(clerk.ReasonSessionTokenIATBeforeClientUAT))
	}
	q.token = token
	return claims
}

// issuedBefore reports whether the token is older than the last change of the
// client: a sign-out or another sign-in that it does not know of.
func issuedBefore(c *clerk.Claims, uat float64) bool {
	return c.Has("iat") && float64(c.IssuedAt().Unix()) < uat
}

// refused is the answer to a session token that did not verify. What a new token
// would cure, a refresh or else the handshake gets one.
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

// because keeps the errors behind a decision.
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

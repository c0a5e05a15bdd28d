package clerk

import "strings"

// Reason says in one machine-readable word why a request is not signed in, or
// why it is sent through the handshake. The zero value means "no complaint".
//
// A reason is a base from the closed list below, for some bases followed by a
// detail after a dash: session-token-expired-refresh-… names what became of the
// refresh. Compare with [Reason.Is] where a detail may follow.
type Reason string

// The reasons of the official SDKs (AuthErrorReason in clerk/javascript).
const (
	// ReasonClientUATWithoutSessionToken: the client is signed in at the
	// Frontend API, but the request has no session token.
	ReasonClientUATWithoutSessionToken Reason = "client-uat-but-no-session-token"
	// ReasonDevBrowserMissing: a development instance, and no dev browser yet.
	ReasonDevBrowserMissing Reason = "dev-browser-missing"
	// ReasonDevBrowserSync: a dev browser came in the URL and goes into a cookie.
	ReasonDevBrowserSync Reason = "dev-browser-sync"
	// ReasonPrimaryRespondsToSyncing: the primary answers a satellite's sync.
	ReasonPrimaryRespondsToSyncing Reason = "primary-responds-to-syncing"
	// ReasonPrimaryDomainCrossOriginSync: the primary was opened from another
	// origin of the same application.
	ReasonPrimaryDomainCrossOriginSync Reason = "primary-domain-cross-origin-sync"
	// ReasonSatelliteCookieNeedsSyncing: a satellite without synced cookies.
	ReasonSatelliteCookieNeedsSyncing Reason = "satellite-needs-syncing"
	// ReasonSessionTokenAndUATMissing: neither session token nor client_uat; the
	// ordinary signed-out request.
	ReasonSessionTokenAndUATMissing Reason = "session-token-and-uat-missing"
	// ReasonSessionTokenMissing: the handshake ended without a session.
	ReasonSessionTokenMissing Reason = "session-token-missing"
	// ReasonSessionTokenExpired: the session token is past its exp.
	ReasonSessionTokenExpired Reason = "session-token-expired"
	// ReasonSessionTokenIATBeforeClientUAT: the client changed after the session
	// token was issued.
	ReasonSessionTokenIATBeforeClientUAT Reason = "session-token-iat-before-client-uat"
	// ReasonSessionTokenNBF: the session token is not valid yet.
	ReasonSessionTokenNBF Reason = "session-token-nbf"
	// ReasonSessionTokenIATInTheFuture: the session token was issued in the
	// future, so one of the clocks is wrong.
	ReasonSessionTokenIATInTheFuture Reason = "session-token-iat-in-the-future"
	// ReasonSessionTokenWithoutClientUAT: a session token without client_uat.
	ReasonSessionTokenWithoutClientUAT Reason = "session-token-but-no-client-uat"
	// ReasonActiveOrganizationMismatch: the URL names another organization than
	// the session has active.
	ReasonActiveOrganizationMismatch Reason = "active-organization-mismatch"
	// ReasonTokenTypeMismatch: a valid kind of token in a place that takes
	// another one (a machine token as a session, say).
	ReasonTokenTypeMismatch Reason = "token-type-mismatch"
	// ReasonNoTokenInHeader: a request without an Authorization header, for a route
	// that takes machine tokens only or a server with [Config].HeaderOnly. The
	// official SDK has the sentence "No token in header" for it.
	ReasonNoTokenInHeader Reason = "no-token-in-header"
	// ReasonUnexpectedError: something failed that has no reason of its own.
	ReasonUnexpectedError Reason = "unexpected-error"
)

// The reasons of token verification (TokenVerificationErrorReason in
// clerk/javascript).
const (
	ReasonTokenExpired                  Reason = "token-expired"
	ReasonTokenInvalid                  Reason = "token-invalid"
	ReasonTokenInvalidAlgorithm         Reason = "token-invalid-algorithm"
	ReasonTokenInvalidAuthorizedParties Reason = "token-invalid-authorized-parties"
	ReasonTokenInvalidSignature         Reason = "token-invalid-signature"
	ReasonTokenNotActiveYet             Reason = "token-not-active-yet"
	ReasonTokenIATInTheFuture           Reason = "token-iat-in-the-future"
	ReasonTokenVerificationFailed       Reason = "token-verification-failed"
	// ReasonTokenInvalidIssuer: the token is from another instance than the
	// configured one. The official SDK compares the issuer since 3.25.0, where it is
	// told one; clerkkit does unless [Config].InsecureAnyIssuer is set.
	ReasonTokenInvalidIssuer Reason = "token-invalid-issuer"
	// ReasonSecretKeyInvalid: the Backend API refused the secret key.
	ReasonSecretKeyInvalid Reason = "secret-key-invalid"
	// ReasonJWKFailedToResolve: no source of signing keys is configured.
	ReasonJWKFailedToResolve Reason = "jwk-failed-to-resolve"
	// ReasonJWKRemoteFailedToLoad: the signing keys could not be fetched. This
	// is an outage, not a bad token.
	ReasonJWKRemoteFailedToLoad Reason = "jwk-remote-failed-to-load"
	// ReasonJWKKidMismatch: the token names a signing key that the instance does
	// not have.
	ReasonJWKKidMismatch Reason = "jwk-kid-mismatch"
)

// The reasons that only clerkkit gives.
const (
	// ReasonTokenTooLarge: the token is longer than the kit reads.
	ReasonTokenTooLarge Reason = "token-too-large"
	// ReasonKeyNotTrusted: the signing key is below RSA-2048, or is the
	// emulator's published one outside the emulator.
	ReasonKeyNotTrusted Reason = "key-not-trusted"
	// ReasonSessionPending: the token is good, but the session still has tasks
	// to finish (choose an organization, say) and counts as signed out.
	ReasonSessionPending Reason = "session-pending"
	// ReasonRequestTooLarge: a page was asked for whose URL is longer than any that
	// the kit redirects to, or names its organization in.
	ReasonRequestTooLarge Reason = "request-too-large"
	// ReasonCrossOriginRequest: the session came in a cookie, and the request may be
	// one that another site had the browser send; see
	// middleware.WithCrossOriginProtection.
	ReasonCrossOriginRequest Reason = "cross-origin-request"
	// ReasonNotAuthenticated: no middleware looked at this request.
	ReasonNotAuthenticated Reason = "not-authenticated"
)

// Is reports whether r is base, with or without a detail.
func (r Reason) Is(base Reason) bool {
	if r == base {
		return true
	}
	rest, ok := strings.CutPrefix(string(r), string(base))
	return ok && base != "" && rest[0] == '-'
}

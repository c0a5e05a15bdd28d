package handshake

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/budget"
)

// maxOpaqueToken bounds the length of an opaque token. A longer one is refused without
// a call.
const maxOpaqueToken = 1 << 10

// verifyOpaque verifies an opaque token through the Backend API, or with its cached
// answer.
func (q *exchange) verifyOpaque(ctx context.Context, kind clerk.TokenType, token string) Decision {
	m := q.m
	if len(token) > maxOpaqueToken || !opaque(token) {
		return signedOut(kind, clerk.ReasonTokenInvalid)
	}
	if m.backend == nil {
		return signedOut(kind, clerk.ReasonUnexpectedError)
	}
	d, from := ask(ctx, m, &m.calls.tokens, operationOf(kind), question{budget.Unknown, q.sender, keyOf(token)}, func(ctx context.Context) Decision {
		return m.askBackend(ctx, kind, token)
	})
	d.Cached = from == fromCache
	if d.Status == Outage { // one without an answer does not say what the token was
		d.Auth.TokenType = kind
	}
	return d
}

// opaque accepts the characters of a bearer token (RFC 6750 section 2.1) except for the
// dot, so that a JWT is never sent as an opaque token.
func opaque(token string) bool {
	for i := range len(token) {
		c := token[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("_-~+/=", c) >= 0) {
			return false
		}
	}
	return true
}

func (m *Authenticator) askBackend(ctx context.Context, kind clerk.TokenType, token string) Decision {
	var t MachineToken
	var err error
	switch kind {
	case clerk.M2M:
		t, err = m.backend.VerifyM2M(ctx, token)
	case clerk.APIKey:
		t, err = m.backend.VerifyAPIKey(ctx, token)
	default:
		t, err = m.backend.VerifyOAuth(ctx, token)
	}
	switch {
	case isOutage(err):
		return because(outage(kind, clerk.ReasonUnexpectedError), err)
	case err != nil:
		return because(signedOut(kind, opaqueReason(err)), err)
	case t.ID == "" || t.Subject == "":
		return signedOut(kind, clerk.ReasonUnexpectedError) // a success about nobody
	case t.Revoked || t.Expired || !t.ExpiresAt.IsZero() && !t.ExpiresAt.After(m.now()):
		return signedOut(kind, clerk.ReasonTokenInvalid)
	case kind == clerk.OAuth && !m.audienceAccepted(t.Audience):
		return signedOut(kind, clerk.ReasonTokenVerificationFailed)
	}
	info := clerk.MachineInfo{Name: t.Name, ClientID: t.ClientID, Scopes: t.Scopes, Claims: t.Claims}
	auth := info.Auth(kind, t.Subject, t.ID)
	auth.IssuedAt, auth.ExpiresAt = t.CreatedAt, t.ExpiresAt
	return Decision{Status: SignedIn, Auth: auth}
}

// opaqueReason returns the official SDK's reason for the status.
func opaqueReason(err error) clerk.Reason {
	e := (*BackendError)(nil)
	if !errors.As(err, &e) {
		return clerk.ReasonUnexpectedError
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return clerk.ReasonSecretKeyInvalid
	case http.StatusNotFound:
		return clerk.ReasonTokenInvalid
	}
	return clerk.ReasonUnexpectedError
}

// audienceAccepted reports whether an OAuth token names a configured audience. Without
// configured audiences every token passes. The JWT form has the same rule.
func (m *Authenticator) audienceAccepted(audience []string) bool {
	if len(m.audience) == 0 {
		return true
	}
	return !slices.Contains(audience, "") &&
		slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(m.audience, a) })
}

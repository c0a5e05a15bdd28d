package handshake

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// The prefixes of opaque machine tokens.
const (
	prefixM2M    = "mt_"
	prefixOAuth  = "oat_"
	prefixAPIKey = "ak_"
)

// machineToken returns the kind of an unverified machine token, "" for none. It
// recognizes JWTs by sub and typ, as package verify does.
func machineToken(token string) (kind clerk.TokenType, jwt bool) {
	switch {
	case strings.HasPrefix(token, prefixM2M):
		return clerk.M2M, false
	case strings.HasPrefix(token, prefixOAuth):
		return clerk.OAuth, false
	case strings.HasPrefix(token, prefixAPIKey):
		return clerk.APIKey, false
	}
	u, err := verify.Decode(token)
	if err != nil || strings.HasSuffix(token, ".") { // an unsigned one is not any kind of token
		return "", false
	}
	if kind = u.TokenType(); kind == clerk.SessionToken {
		return "", false
	}
	return kind, true
}

// onlyMachine decides for a route that accepts one kind of machine token.
func (q *exchange) onlyMachine(ctx context.Context, want clerk.TokenType) Decision {
	if q.bearer == "" {
		return signedOut(want, clerk.ReasonNoTokenInHeader)
	}
	kind, jwt := machineToken(q.bearer)
	if kind != want {
		return signedOut(want, clerk.ReasonTokenTypeMismatch)
	}
	if q.readCookies(); q.nullPayloadCookie() {
		return signedOut(want, clerk.ReasonTokenInvalid)
	}
	return q.verifyMachine(ctx, kind, jwt, q.bearer)
}

// anyOf decides for a route that accepts several kinds. A token that is not a machine
// token counts as a session token. So does no token, because there may be a cookie.
func (q *exchange) anyOf(ctx context.Context, accepted []clerk.TokenType) (d Decision) {
	kind, jwt := machineToken(q.bearer)
	if kind == clerk.TemplateToken && !slices.Contains(accepted, kind) {
		kind = "" // as a session token it gets the official SDK's reason
	}
	switch {
	case kind == "" && slices.Contains(accepted, clerk.SessionToken):
		if claims := q.session(ctx); claims != nil {
			signedIn(&d, claims, q.token)
			return d
		}
		return q.d
	case kind == "" || !slices.Contains(accepted, kind):
		return signedOut("", clerk.ReasonTokenTypeMismatch)
	}
	if q.readCookies(); q.nullPayloadCookie() {
		return signedOut(kind, clerk.ReasonTokenInvalid)
	}
	return q.verifyMachine(ctx, kind, jwt, q.bearer)
}

func (q *exchange) verifyMachine(ctx context.Context, kind clerk.TokenType, jwt bool, token string) Decision {
	d := q.identify(ctx, kind, jwt, token)
	if d.Status == SignedIn {
		d.Auth = d.Auth.WithToken(token)
	}
	return d
}

// identify verifies the token without storing it in the identity, because the cache
// keeps the Backend API's answer and must not keep the token.
func (q *exchange) identify(ctx context.Context, kind clerk.TokenType, jwt bool, token string) Decision {
	switch {
	case !jwt:
		return q.verifyOpaque(ctx, kind, token)
	case kind == clerk.M2M:
		claims, err := q.m.verifier.VerifyM2M(ctx, token)
		if err != nil {
			return machineRefused(kind, err)
		}
		return machineSignedIn(kind, claims, m2mClaims(claims))
	case kind == clerk.TemplateToken:
		claims, err := q.m.verifier.VerifyTemplate(ctx, token)
		switch {
		case errors.Is(err, clerk.ErrUnavailable):
			return because(outage(kind, reasonOf(err)), err)
		case err != nil:
			return because(signedOut(kind, reasonOf(err)), err)
		}
		return machineSignedIn(kind, claims, clerk.MachineInfo{})
	default:
		claims, err := q.m.verifier.VerifyOAuth(ctx, token)
		if err != nil {
			return machineRefused(kind, err)
		}
		return machineSignedIn(kind, claims, oauthClaims(claims))
	}
}

// machineRefused returns the official SDK's reasons for machine JWTs. They are fewer
// than those of package verify.
func machineRefused(kind clerk.TokenType, err error) Decision {
	switch {
	case errors.Is(err, clerk.ErrUnavailable):
		return because(outage(kind, clerk.ReasonTokenVerificationFailed), err)
	case kind == clerk.M2M && errors.Is(err, verify.ErrTokenType):
		return because(signedOut(kind, clerk.ReasonTokenInvalid), err)
	}
	return because(signedOut(kind, clerk.ReasonTokenVerificationFailed), err)
}

func machineSignedIn(kind clerk.TokenType, c *clerk.Claims, m clerk.MachineInfo) Decision {
	return Decision{Status: SignedIn, Auth: c.MachineAuth(kind, m)}
}

// m2mClaims returns the scopes of an M2M token, and its claims without the registered
// ones as custom claims.
func m2mClaims(c *clerk.Claims) (m clerk.MachineInfo) {
	var claims map[string]json.RawMessage
	if c.Decode(&claims) != nil {
		return m
	}
	var scopes *string
	if json.Unmarshal(claims["scopes"], &scopes) == nil && scopes != nil {
		m.Scopes = strings.Split(*scopes, " ")
	} else {
		m.Scopes = c.Audience()
	}
	for _, registered := range []string{"iss", "sub", "exp", "nbf", "iat", "jti"} {
		delete(claims, registered)
	}
	if len(claims) > 0 {
		m.Claims, _ = json.Marshal(claims) //nolint:errchkjson // just decoded
	}
	return m
}

// oauthClaims returns the client and the scopes of an OAuth token: scp is a list, scope
// a text with spaces (RFC 9068 section 2.2.3).
func oauthClaims(c *clerk.Claims) (m clerk.MachineInfo) {
	var payload struct {
		ClientID string   `json:"client_id"`
		SCP      []string `json:"scp"`
		Scope    *string  `json:"scope"`
	}
	if c.Decode(&payload) != nil {
		return m
	}
	m.ClientID, m.Scopes = payload.ClientID, payload.SCP
	if m.Scopes == nil && payload.Scope != nil {
		m.Scopes = strings.Split(*payload.Scope, " ")
	}
	return m
}

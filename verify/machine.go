package verify

import (
	"context"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// machineSubject is the prefix of the sub of an M2M token.
const machineSubject = "mch_"

// kind is the one rule for what kind of token a JWT is, by what it says of itself, as
// Clerk's SDKs tell: an M2M token by its sub, an OAuth token by its typ (RFC 9068 section
// 2.1), a template's token by its cat. Every other JWT is a session token, or nothing.
func kind(typ, cat string, claims *clerk.Claims) clerk.TokenType {
	switch {
	case strings.HasPrefix(claims.Subject(), machineSubject):
		return clerk.M2M
	case typ == "at+jwt" || typ == "application/at+jwt":
		return clerk.OAuth
	case cat == categoryTemplate:
		return clerk.TemplateToken
	}
	return clerk.SessionToken
}

func (c *compact) kind() clerk.TokenType { return kind(c.header.typ, c.header.cat, c.claims) }

// TokenType returns the kind of token that this one would be if it verified: M2M, OAuth,
// TemplateToken, and SessionToken for every other one.
func (u Unverified) TokenType() clerk.TokenType { return kind(u.Type, u.Category, u.Claims) }

// VerifyM2M verifies an M2M token in JWT form. Its sub must begin with mch_, and its
// cat must be that of M2M tokens or absent. azp is not checked, because
// AuthorizedParties apply to browsers and a browser never gets an M2M token. The error
// is an [*Error].
func (v *Verifier) VerifyM2M(ctx context.Context, token string) (*clerk.Claims, error) {
	s, _ := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	var c compact
	if err := c.parse(token, s, nil); err != nil {
		return nil, err
	}
	if c.kind() != clerk.M2M || c.header.hasCat && c.header.cat != categoryM2M {
		return nil, errNotM2M
	}
	if c.header.hasTyp && c.header.typ != "JWT" {
		return nil, errType
	}
	if _, err := v.checkSignature(ctx, &c); err != nil {
		return nil, err
	}
	if err := v.checkAudience(c.claims); err != nil {
		return nil, err
	}
	return v.machineClaims(&c)
}

// VerifyOAuth verifies an OAuth access token in JWT form (RFC 9068). Its typ must be
// at+jwt. If Config.Audience is set, aud must name one of its values. azp is not
// checked: in an OAuth token it names the client, if it is there. The error is an
// [*Error].
func (v *Verifier) VerifyOAuth(ctx context.Context, token string) (*clerk.Claims, error) {
	s, _ := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	var c compact
	if err := c.parse(token, s, nil); err != nil {
		return nil, err
	}
	if c.kind() != clerk.OAuth {
		return nil, errNotOAuth
	}
	if c.header.hasCat && c.header.cat != categoryIgnore {
		return nil, errCategory
	}
	if _, err := v.checkSignature(ctx, &c); err != nil {
		return nil, err
	}
	if c.claimErr != nil {
		return nil, c.claimErr
	}
	if len(v.audience) > 0 && (!c.claims.HasAudience(v.audience...) || slices.Contains(c.claims.Audience(), "")) {
		return nil, errAudience.mismatch("aud", c.claims.Audience(), v.audience)
	}
	return v.machineClaims(&c)
}

// machineClaims checks the claims that both kinds of machine tokens have. It does not
// check azp, like @clerk/backend since 3.25.0 (resolveKeyAndVerifyJwt in
// packages/backend/src/jwt/verifyMachineJwt.ts).
func (v *Verifier) machineClaims(c *compact) (*clerk.Claims, error) {
	if c.claims.Subject() == "" {
		return nil, errSubject
	}
	if err := v.checkIssuer(c.claims.Issuer()); err != nil {
		return nil, err
	}
	if err := v.checkTimes(c.claims); err != nil {
		return nil, err
	}
	return c.claims, nil
}

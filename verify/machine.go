package verify

import (
	"context"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// machineSubject is the prefix of the sub of an M2M token.
const machineSubject = "mch_"

// isMachine recognizes machine tokens in JWT form as Clerk does: an M2M token by its
// sub, an OAuth token by its typ (RFC 9068 section 2.1).
func isMachine(c *compact) bool { return isOAuthType(c.header.typ) || isM2M(c) }

func isM2M(c *compact) bool {
	return c.claims != nil && strings.HasPrefix(c.claims.Subject(), machineSubject)
}

func isOAuthType(typ string) bool { return typ == "at+jwt" || typ == "application/at+jwt" }

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
	if !isM2M(&c) || c.header.hasCat && c.header.cat != categoryM2M {
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
	if !isOAuthType(c.header.typ) || isM2M(&c) {
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

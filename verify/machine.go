package verify

import (
	"context"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// machineSubject begins the sub of an M2M token.
const machineSubject = "mch_"

// isMachine tells the JWT forms of machine tokens by what Clerk tells them by:
// the sub of an M2M token, the typ of an OAuth token (RFC 9068 section 2.1).
func isMachine(c *compact) bool { return isOAuthType(c.header.typ) || isM2M(c) }

func isM2M(c *compact) bool {
	return c.claims != nil && strings.HasPrefix(c.claims.Subject(), machineSubject)
}

func isOAuthType(typ string) bool { return typ == "at+jwt" || typ == "application/at+jwt" }

// VerifyM2M verifies the JWT form of an M2M token: its sub begins with mch_, and
// its category is M2M or absent. azp is not compared: no browser got the token, and
// AuthorizedParties are about browsers. The error is an [*Error].
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

// VerifyOAuth verifies the JWT form of an OAuth access token (RFC 9068): its typ
// is at+jwt. Where audiences are configured, it must name one. azp is not compared,
// as in [Verifier.VerifyM2M]: in an OAuth token it names the client, if anything. The
// error is an [*Error].
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

// machineClaims checks what both kinds of machine tokens have. It does not compare
// azp, as @clerk/backend does not since 3.25.0 (resolveKeyAndVerifyJwt in
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

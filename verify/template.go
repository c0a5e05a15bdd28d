package verify

import (
	"context"
	"slices"

	"github.com/clerkkit/clerkkit/clerk"
)

var errNotTemplate = &Error{Reason: clerk.ReasonTokenTypeMismatch, problem: "not a token of a JWT template"}

// VerifyTemplate verifies a token of a JWT template (getToken({template}),
// https://clerk.com/docs/guides/sessions/jwt-templates). Its cat must be that of
// templates. Issuer, azp and times are checked as for a session token. If
// Config.Audience is set, aud must name one of its values, as for an OAuth token: a
// template is made for one service, which aud names.
//
// VerifyTemplate refuses session tokens, and [Verifier.Verify] refuses tokens of
// templates. VerifyTemplate also refuses all tokens of instances that opted out of
// categories, because they do not distinguish templates from sessions. A template's
// token can have a long lifetime and stays valid after sign-out. The error is an
// [*Error].
func (v *Verifier) VerifyTemplate(ctx context.Context, token string) (*clerk.Claims, error) {
	s, _ := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	var c compact
	if err := c.parse(token, s, nil); err != nil {
		return nil, err
	}
	if c.kind() != clerk.TemplateToken {
		return nil, errNotTemplate
	}
	if c.header.hasTyp && c.header.typ != "JWT" {
		return nil, errType
	}
	if _, err := v.checkSignature(ctx, &c); err != nil {
		return nil, err
	}
	if c.claimErr != nil {
		return nil, c.claimErr
	}
	if len(v.audience) > 0 && (!c.claims.HasAudience(v.audience...) || slices.Contains(c.claims.Audience(), "")) {
		return nil, errAudience
	}
	if err := v.checkSession(c.claims); err != nil {
		return nil, err
	}
	return c.claims, nil
}

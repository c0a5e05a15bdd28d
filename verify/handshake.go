package verify

import "context"

// VerifyHandshake verifies a handshake token, with which the Frontend API hands
// cookies to the application, and returns its Set-Cookie directives. exp, nbf and
// iat are enforced where they are present; sub, azp and iss are not in it.
//
// The directives are Clerk's word, not yet checked as cookies. The error is an
// [*Error].
func (v *Verifier) VerifyHandshake(ctx context.Context, token string) (directives []string, err error) {
	s, _ := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	var c compact
	if err := c.parse(token, s, nil); err != nil {
		return nil, err
	}
	// JWT templates may carry a claim named handshake, written by the
	// application's developer: only the category tells them apart.
	if !sessionCategory(c.header) {
		return nil, errCategory
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
	if c.claims.Has("exp") {
		err = v.checkTimes(c.claims)
	} else {
		err = v.checkStart(c.claims, v.now())
	}
	if err != nil {
		return nil, err
	}
	var payload struct {
		Handshake []string `json:"handshake"`
	}
	if !c.claims.Has("handshake") || c.claims.Decode(&payload) != nil || payload.Handshake == nil {
		return nil, errDirectives
	}
	return payload.Handshake, nil
}

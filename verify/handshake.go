package verify

import (
	"context"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/jsonscan"
)

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
	// Every other kind of token has a subject, and some may carry custom claims.
	if c.claims.Has("sub") || c.claims.Has("sid") {
		return nil, errNotShake
	}
	if c.claims.Has("exp") {
		err = v.checkTimes(c.claims)
	} else {
		err = v.checkStart(c.claims, v.now())
	}
	if err != nil {
		return nil, err
	}
	return handshakeDirectives(c.claims)
}

// handshakeDirectives reads the claim by its exact name, which encoding/json
// would not.
func handshakeDirectives(claims *clerk.Claims) (directives []string, err error) {
	found := false
	err = jsonscan.Object(string(claims.Raw()), func(name string, v jsonscan.Value) error {
		if name != "handshake" {
			return nil
		}
		if v.Kind != jsonscan.KindArray {
			return errDirectives
		}
		found = true
		return jsonscan.Array(v.Raw, func(e jsonscan.Value) error {
			if e.Kind != jsonscan.KindString {
				return errDirectives
			}
			directives = append(directives, e.Text())
			return nil
		})
	})
	if err != nil || !found {
		return nil, errDirectives
	}
	return directives, nil
}

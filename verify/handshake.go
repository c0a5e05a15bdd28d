package verify

import (
	"context"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/jsonscan"
)

// VerifyHandshake verifies a handshake token and returns its Set-Cookie directives. The
// Frontend API passes cookies to the application in such tokens. exp, nbf and iat are
// enforced if present. Handshake tokens have no sub, azp or iss.
//
// The directives come from Clerk but are not checked as cookies: callers must do that.
// The error is an [*Error].
func (v *Verifier) VerifyHandshake(ctx context.Context, token string) (directives []string, err error) {
	s, _ := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	var c compact
	if err := c.parse(token, s, nil); err != nil {
		return nil, err
	}
	// A JWT template can have a claim named handshake, which the application's developer
	// wrote. Only the category distinguishes such tokens from handshake tokens.
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
	// Every other kind of token has a subject, and some can have custom claims.
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

// handshakeDirectives reads the claim by its exact name. encoding/json would also match
// other letter cases.
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

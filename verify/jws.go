package verify

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/jsonscan"
)

// maxTokenBytes bounds what is read at all. Cookies end at 4 KiB; the rest is
// room for JWT templates in headers.
const maxTokenBytes = 16 << 10

// The token categories of the header parameter cat, with which Clerk tells apart
// what one key signs (jwtCategories in clerk/javascript). The last one stands in
// all kinds of tokens of instances that opted out of categories.
const (
	categorySession  = "cl_B7d4PD111AAA"
	categoryTemplate = "cl_B7d4PD222AAA"
	categoryM2M      = "cl_B7d4PD333AAA"
	categoryIgnore   = "cl_I7d4PD111III"
)

// header is the JOSE header (RFC 7515 section 4), as far as it is understood.
type header struct {
	alg, typ, kid, cat string
	hasTyp, hasCat     bool
	hasCrit, badKid    bool
}

// compact is a token in compact serialization (RFC 7515 section 7.1), taken
// apart and decoded, with nothing verified. signed and signature are the
// scratch's.
type compact struct {
	header    header
	memoized  bool
	claims    *clerk.Claims
	payload   int    // its length in bytes
	claimErr  error  // a claim that is not as it should be, to be told after the signature
	signed    []byte // what the signature is over
	signature []byte
}

// strict refuses padding and stray bits, so that one token has one text. It skips
// line breaks, which parse refuses.
var strict = base64.RawURLEncoding.Strict()

// split finds the two dots. It looks from the left only, which is many times
// faster than from the right.
func split(token string) (first, last int, ok bool) {
	if len(token) > maxTokenBytes {
		return 0, 0, false
	}
	first = strings.IndexByte(token, '.')
	if first <= 0 {
		return 0, 0, false
	}
	last = first + 1 + strings.IndexByte(token[first+1:], '.')
	return first, last, last > first && strings.IndexByte(token[last+1:], '.') < 0
}

// parse takes a compact JWS apart. Its errors are about the form alone. memo may
// be nil.
func (c *compact) parse(token string, s *scratch, memo *headerMemo) error {
	first, last, ok := split(token)
	switch {
	case len(token) > maxTokenBytes:
		return errTooLarge
	case !ok || strings.IndexByte(token, '\n') >= 0 || strings.IndexByte(token, '\r') >= 0:
		return errForm
	}
	s.load(token)
	if memo != nil {
		if h := memo.get(token[:first]); h != nil {
			c.header, c.memoized = *h, true
		}
	}
	if !c.memoized { // first, as it is short and most garbage fails here
		n, err := strict.Decode(s.decoded, s.token[:first])
		if err != nil {
			return errForm
		}
		if c.header, err = parseHeader(string(s.decoded[:n])); err != nil {
			return err
		}
	}
	c.signed = s.token[:last]
	payload, err1 := strict.Decode(s.decoded, s.token[first+1:last])
	signature, err2 := strict.Decode(s.decoded[payload:], s.token[last+1:])
	if err1 != nil || err2 != nil {
		return errForm
	}
	c.signature, c.payload = s.decoded[payload:payload+signature], payload
	var err error
	read := clerk.ParseClaims
	if c.header.cat == categoryTemplate {
		read = clerk.ParseTemplateClaims
	}
	if c.claims, err = read(string(s.decoded[:payload])); err != nil {
		if ce := (*clerk.ClaimError)(nil); errors.As(err, &ce) && ce.Claim == "" {
			return errPayloadJSON
		}
		c.claimErr = &Error{Reason: clerk.ReasonTokenVerificationFailed, Err: err}
	}
	return nil
}

func parseHeader(s string) (h header, err error) {
	var room [8]string
	seen := room[:0]
	err = jsonscan.Object(s, func(name string, v jsonscan.Value) error {
		for _, have := range seen {
			if have == name {
				return errHeaderJSON
			}
		}
		seen = append(seen, name)
		var dst *string
		switch name {
		case "alg":
			dst = &h.alg
		case "kid":
			dst = &h.kid
		case "typ":
			dst, h.hasTyp = &h.typ, true
		case "cat":
			dst, h.hasCat = &h.cat, true
		case "crit":
			h.hasCrit = true
			return nil
		default:
			return nil
		}
		switch {
		case v.Kind == jsonscan.KindString:
			*dst = v.Text()
		case name == "kid":
			h.badKid = true
		}
		return nil // another type is as wrong as another value, with the same reason
	})
	if err != nil {
		return header{}, errHeaderJSON
	}
	return h, nil
}

// checkSignature verifies the JWS: algorithm, critical extensions, key,
// signature. What can be refused without a key is refused first.
func (v *Verifier) checkSignature(ctx context.Context, c *compact) (*rsa.PublicKey, error) {
	if c.header.alg != "RS256" {
		return nil, errAlgorithm
	}
	if c.header.hasCrit {
		return nil, errCritical
	}
	if c.header.badKid {
		return nil, errKeyID
	}
	key, err := v.key(ctx, c.header.kid)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(c.signed)
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], c.signature) != nil {
		return nil, errSignature.withKeyID(c.header.kid)
	}
	return key, nil
}

// key asks the source, and refuses keys that no token may be signed with.
func (v *Verifier) key(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	key, err := v.keys.Key(ctx, kid)
	switch {
	case err != nil:
		return nil, keyError(err).withKeyID(kid)
	case key == nil || key.N == nil:
		return nil, keyError(errNoKey)
	case key.N.BitLen() < 2048:
		return nil, errKeySize
	case !v.insecureEmulator && isEmulatorKey(key):
		return nil, errEmulator
	}
	return key, nil
}

var errNoKey = errors.New("the key source gave neither key nor error")

// keyError gives the errors of a key source their reasons. What is not known to
// be the token's fault is an outage.
func keyError(err error) *Error {
	e := &Error{Reason: clerk.ReasonJWKRemoteFailedToLoad, Err: err}
	switch {
	case errors.Is(err, clerk.ErrUnavailable):
		if errors.Is(err, clerk.ErrSecretKeyInvalid) {
			e.Reason = clerk.ReasonSecretKeyInvalid
		}
	case errors.Is(err, clerk.ErrKeyUnknown):
		e.Reason = clerk.ReasonJWKKidMismatch
	default:
		e.Err = fmt.Errorf("%w: %w", clerk.ErrUnavailable, err)
	}
	return e
}

// Unverified is what a token says about itself, with nothing verified: to choose
// between cookies, and never to decide who somebody is.
type Unverified struct {
	// Claims are the claims, nil if one of them has a wrong type.
	Claims *clerk.Claims
	// Type is the header's typ, Category its cat, KeyID its kid.
	Type, Category, KeyID string
}

// Decode reads a token without verifying it. The errors are those of a token
// that is not in compact serialization.
func Decode(token string) (Unverified, error) {
	s, _ := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	var c compact
	if err := c.parse(token, s, nil); err != nil {
		return Unverified{}, err
	}
	return Unverified{Claims: c.claims, Type: c.header.typ, Category: c.header.cat, KeyID: c.header.kid}, nil
}

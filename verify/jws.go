package verify

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
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
// apart and decoded, with nothing verified.
type compact struct {
	header    header
	claims    *clerk.Claims
	claimErr  error  // a claim that is not as it should be, to be told after the signature
	signed    string // what the signature is over
	signature []byte
}

// strict refuses padding, line breaks and stray bits, so that one token has one
// text.
var strict = base64.RawURLEncoding.Strict()

// parse reads a compact JWS. Its errors are about the form alone.
func parse(token string) (*compact, error) {
	if len(token) > maxTokenBytes {
		return nil, errTooLarge
	}
	first := strings.IndexByte(token, '.')
	last := strings.LastIndexByte(token, '.')
	if first <= 0 || last == first || strings.IndexByte(token[first+1:last], '.') >= 0 {
		return nil, errForm
	}
	// One buffer for the text, which must be bytes to be decoded, and for what
	// comes out; one string for both JSON parts.
	buf := make([]byte, len(token)+strict.DecodedLen(len(token)))
	text, out := buf[:copy(buf, token)], buf[len(token):]
	var decoded [3][]byte
	for i, part := range [3][]byte{text[:first], text[first+1 : last], text[last+1:]} {
		if bytes.ContainsAny(part, "\r\n") { // which encoding/base64 skips
			return nil, errForm
		}
		n, err := strict.Decode(out, part)
		if err != nil {
			return nil, errForm
		}
		decoded[i], out = out[:n:n], out[n:]
	}
	head, payload, signature := decoded[0], decoded[1], decoded[2]
	json := string(buf[len(token) : len(token)+len(head)+len(payload)])
	c := &compact{signed: token[:last], signature: signature}
	var err error
	if c.header, err = parseHeader(json[:len(head)]); err != nil {
		return nil, err
	}
	if c.claims, err = clerk.ParseClaims(json[len(head):]); err != nil {
		if ce := (*clerk.ClaimError)(nil); errors.As(err, &ce) && ce.Claim == "" {
			return nil, errPayloadJSON
		}
		c.claimErr = &Error{Reason: clerk.ReasonTokenVerificationFailed, Err: err}
	}
	return c, nil
}

func parseHeader(s string) (h header, err error) {
	seen := make([]string, 0, 8)
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
func (v *Verifier) checkSignature(ctx context.Context, c *compact) error {
	if c.header.alg != "RS256" {
		return errAlgorithm
	}
	if c.header.hasCrit {
		return errCritical
	}
	if c.header.badKid {
		return errKeyID
	}
	key, err := v.keys.Key(ctx, c.header.kid)
	if err != nil {
		return keyError(err)
	}
	if key == nil || key.N == nil {
		return keyError(errNoKey)
	}
	if key.N.BitLen() < 2048 {
		return errKeySize
	}
	if !v.insecureEmulator && isEmulatorKey(key) {
		return errEmulator
	}
	sum := sha256.Sum256([]byte(c.signed))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], c.signature) != nil {
		return errSignature
	}
	return nil
}

var errNoKey = errors.New("the key source gave neither key nor error")

// keyError gives the errors of a key source their reasons. What is not known to
// be the token's fault is an outage.
func keyError(err error) error {
	e := &Error{Reason: clerk.ReasonJWKRemoteFailedToLoad, Err: err}
	switch {
	case errors.Is(err, clerk.ErrKeysUnavailable):
		if errors.Is(err, clerk.ErrSecretKeyInvalid) {
			e.Reason = clerk.ReasonSecretKeyInvalid
		}
	case errors.Is(err, clerk.ErrKeyUnknown):
		e.Reason = clerk.ReasonJWKKidMismatch
	default:
		e.Err = errors.Join(clerk.ErrKeysUnavailable, err)
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
	c, err := parse(token)
	if err != nil {
		return Unverified{}, err
	}
	return Unverified{Claims: c.claims, Type: c.header.typ, Category: c.header.cat, KeyID: c.header.kid}, nil
}

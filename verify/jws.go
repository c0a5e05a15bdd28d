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

// maxTokenBytes is the size above which a token is refused unread. Cookies are at most
// 4 KiB; tokens of JWT templates in headers can be longer.
const maxTokenBytes = 16 << 10

// The values of the header parameter cat, which distinguishes the kinds of tokens that
// one key signs (jwtCategories in clerk/javascript). Instances that opted out of
// categories use the last one for all kinds.
const (
	categorySession  = "cl_B7d4PD111AAA"
	categoryTemplate = "cl_B7d4PD222AAA"
	categoryM2M      = "cl_B7d4PD333AAA"
	categoryIgnore   = "cl_I7d4PD111III"
)

// header has the members of the JOSE header (RFC 7515 section 4) that are used.
type header struct {
	alg, typ, kid, cat string
	hasTyp, hasCat     bool
	hasCrit, badKid    bool
}

// compact is a token in compact serialization (RFC 7515 section 7.1), decoded but not
// verified. signed and signature point into the scratch.
type compact struct {
	header    header
	memoized  bool
	claims    *clerk.Claims
	payload   int    // its length in bytes
	claimErr  error  // a malformed claim, reported only after the signature was verified
	signed    []byte // the signing input
	signature []byte
}

// strict refuses padding and trailing bits, so that a token has only one spelling. It
// skips line breaks; parse refuses those.
var strict = base64.RawURLEncoding.Strict()

// split finds the two dots. It searches from the left only, which is many times faster
// than from the right.
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

// parse decodes a compact JWS. Its errors are about the form only. memo may be nil.
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
	if !c.memoized { // first: it is short, and most invalid input fails here
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
		return nil // a wrong type gets the same reason as a wrong value
	})
	if err != nil {
		return header{}, errHeaderJSON
	}
	return h, nil
}

// checkSignature checks algorithm, critical extensions, key and signature. It does the
// checks that need no key first.
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

// key gets a key from the source, and refuses keys that are too short or published.
func (v *Verifier) key(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	if v == nil || v.keys == nil {
		return nil, errNoSource
	}
	if ctx == nil {
		ctx = context.Background()
	}
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

var errNoKey = errors.New("the key source returned neither a key nor an error")

// keyError returns the reason for an error of a key source. Every error that is not
// clearly caused by the token is an outage.
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

// Unverified is the content of a token that was not verified. Use it to choose between
// cookies, never to identify a user.
type Unverified struct {
	// Claims is nil if a claim has a wrong type.
	Claims *clerk.Claims
	// Type is the header's typ, Category is cat, KeyID is kid.
	Type, Category, KeyID string
}

// Decode reads a token without verifying it. The error is an [*Error] if the token is
// not in compact serialization.
func Decode(token string) (Unverified, error) {
	s, _ := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)
	var c compact
	if err := c.parse(token, s, nil); err != nil {
		return Unverified{}, err
	}
	return Unverified{Claims: c.claims, Type: c.header.typ, Category: c.header.cat, KeyID: c.header.kid}, nil
}

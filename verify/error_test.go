package verify_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

func TestSentinels(t *testing.T) {
	sentinels := map[string]*verify.Error{
		"expired": verify.ErrExpired, "early": verify.ErrNotActiveYet, "signature": verify.ErrInvalidSignature,
		"party": verify.ErrUnauthorizedParty, "issuer": verify.ErrInvalidIssuer, "type": verify.ErrTokenType,
	}
	for name, tok := range map[string]string{
		"expired":   token(header(nil), session(obj{"exp": nowSec - 60})),
		"early":     token(header(nil), session(obj{"nbf": nowSec + 60})),
		"signature": sign(foreignKey(), header(nil).String(), session(nil).String()),
		"party":     token(header(nil), session(obj{"azp": "https://evil.example.com"})),
		"issuer":    token(header(nil), session(obj{"iss": "https://evil.example.com"})),
		"type":      token(header(obj{"cat": templateCat}), session(nil)),
	} {
		_, err := newVerifier(t).Verify(t.Context(), tok)
		for other, sentinel := range sentinels {
			if errors.Is(fmt.Errorf("wrapped: %w", err), sentinel) != (name == other) {
				t.Errorf("%s: errors.Is(%v, %s) is wrong", name, err, other)
			}
		}
		if errors.Is(err, clerk.ErrUnavailable) || errors.Is(err, clerk.ErrKeyUnknown) || errors.Is(err, io.EOF) {
			t.Errorf("%s is taken for another error", name)
		}
	}
}

// TestClaimErrorsComeThrough: the cause names the claim.
func TestClaimErrorsComeThrough(t *testing.T) {
	_, err := newVerifier(t).Verify(t.Context(), token(header(nil), session(obj{"exp": "SuperSecret"})))
	var ce *clerk.ClaimError
	if !errors.As(err, &ce) || ce.Claim != "exp" {
		t.Errorf("%v", err)
	}
	if want := "verify: token-verification-failed: clerk: claim exp is not a number"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	// An error before the signature check must not report claims.
	tok := sign(foreignKey(), header(nil).String(), session(obj{"exp": "SuperSecret"}).String())
	_, err = newVerifier(t).Verify(t.Context(), tok)
	refused(t, err, clerk.ReasonTokenInvalidSignature, tok)
}

func TestErrorText(t *testing.T) {
	e := &verify.Error{Reason: clerk.ReasonTokenExpired, Err: io.EOF}
	if e.Error() != "verify: token-expired: EOF" || !errors.Is(e, io.EOF) || errors.Is(e, verify.ErrTokenType) {
		t.Errorf("%v", e)
	}
	if verify.ErrExpired.Error() != "verify: token-expired" {
		t.Errorf("%v", verify.ErrExpired)
	}
	_, err := newVerifier(t).Verify(t.Context(), token(header(nil), session(obj{"exp": nowSec - 90})))
	if want := "verify: token-expired: expired by 1m30s"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

func TestDecode(t *testing.T) {
	u, err := verify.Decode(sign(foreignKey(), header(nil).String(), session(nil).String()))
	if err != nil || u.Claims.Subject() != "user_1" || u.Claims.Issuer() != issuer || u.Type != "JWT" || u.KeyID != kid || u.Category != sessionCat {
		t.Errorf("%+v, %v", u, err)
	}
	if u, err := verify.Decode(token(header(nil), session(obj{"exp": "x"}))); err != nil || u.Claims != nil || u.KeyID != kid {
		t.Errorf("a claim of a wrong type: %+v, %v", u, err)
	}
	if u, err := verify.Decode(b64(`{"alg":5,"kid":5,"typ":null}`) + "." + b64(`{}`) + "."); err != nil || u.Claims == nil || u.Type+u.KeyID+u.Category != "" {
		t.Errorf("another header: %+v, %v", u, err)
	}
	for _, tt := range malformed() {
		u, err := verify.Decode(tt.token)
		if u != (verify.Unverified{}) {
			t.Errorf("%s: %+v", tt.name, u)
		}
		refused(t, err, tt.want, tt.token)
	}
}

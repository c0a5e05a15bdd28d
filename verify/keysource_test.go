package verify_test

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"slices"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// TestKeySourceErrors: an error that is not clearly caused by the token is an outage.
func TestKeySourceErrors(t *testing.T) {
	for _, tt := range []struct {
		name   string
		key    *rsa.PublicKey
		err    error
		want   clerk.Reason
		outage bool
	}{
		{"unknown", nil, clerk.ErrKeyUnknown, clerk.ReasonJWKKidMismatch, false},
		{"unknown, wrapped", nil, fmt.Errorf("jwks: %w", clerk.ErrKeyUnknown), clerk.ReasonJWKKidMismatch, false},
		{"unavailable", nil, clerk.ErrUnavailable, clerk.ReasonJWKRemoteFailedToLoad, true},
		{"unavailable, wrapped", nil, fmt.Errorf("jwks: %w", clerk.ErrUnavailable), clerk.ReasonJWKRemoteFailedToLoad, true},
		{"unavailable and unknown", nil, fmt.Errorf("%w, %w", clerk.ErrKeyUnknown, clerk.ErrUnavailable), clerk.ReasonJWKRemoteFailedToLoad, true},
		{"secret key refused", nil, fmt.Errorf("%w, %w", clerk.ErrUnavailable, clerk.ErrSecretKeyInvalid), clerk.ReasonSecretKeyInvalid, true},
		{"secret key refused, alone", nil, clerk.ErrSecretKeyInvalid, clerk.ReasonJWKRemoteFailedToLoad, true},
		{"other", nil, errors.New("boom"), clerk.ReasonJWKRemoteFailedToLoad, true},
		{"deadline", nil, context.DeadlineExceeded, clerk.ReasonJWKRemoteFailedToLoad, true},
		{"neither key nor error", nil, nil, clerk.ReasonJWKRemoteFailedToLoad, true},
		{"key without modulus", &rsa.PublicKey{E: 65537}, nil, clerk.ReasonJWKRemoteFailedToLoad, true},
		{"key and error", &instanceKey().PublicKey, clerk.ErrUnavailable, clerk.ReasonJWKRemoteFailedToLoad, true},
		{"zero key", &rsa.PublicKey{N: new(big.Int), E: 65537}, nil, clerk.ReasonKeyNotTrusted, false},
		{"1024 bits", &smallKey().PublicKey, nil, clerk.ReasonKeyNotTrusted, false},
		{"exponent one", &rsa.PublicKey{N: instanceKey().N, E: 1}, nil, clerk.ReasonTokenInvalidSignature, false},
		{"exponent zero", &rsa.PublicKey{N: instanceKey().N}, nil, clerk.ReasonTokenInvalidSignature, false},
		{"exponent even", &rsa.PublicKey{N: instanceKey().N, E: 4}, nil, clerk.ReasonTokenInvalidSignature, false},
		{"even modulus", &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}, nil, clerk.ReasonTokenInvalidSignature, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newVerifier(t, func(c *verify.Config) {
				c.Keys = keyFunc(func(context.Context, string) (*rsa.PublicKey, error) { return tt.key, tt.err })
			})
			tokens := map[string]string{
				"session": good(), "m2m": token(header(obj{"cat": m2mCat}), m2m(nil)),
				"oauth": token(header(obj{"typ": "at+jwt", "cat": remove}), oauth(nil)), "handshake": token(header(nil), handshake(nil)),
			}
			if tt.name == "1024 bits" { // signed by it
				tokens["session"] = sign(smallKey(), header(nil).String(), session(nil).String())
			}
			for slot, tok := range tokens {
				err := inEverySlot(t.Context(), v, tok)[slot]
				refused(t, err, tt.want, tok)
				if errors.Is(err, clerk.ErrUnavailable) != tt.outage {
					t.Errorf("%s: outage %v, %v", slot, !tt.outage, err)
				}
				if tt.err != nil && !errors.Is(err, tt.err) {
					t.Errorf("%s: the cause is lost in %v", slot, err)
				}
			}
		})
	}
}

// TestOutageDoesNotHideGarbage: an outage of the keys does not change the refusal of
// tokens that need no key to refuse.
func TestOutageDoesNotHideGarbage(t *testing.T) {
	asked := 0
	v := newVerifier(t, func(c *verify.Config) {
		c.Keys = keyFunc(func(context.Context, string) (*rsa.PublicKey, error) { asked++; return nil, clerk.ErrUnavailable })
	})
	for _, tt := range append(slices.Clone(malformed()),
		hostile{"alg none", token(header(obj{"alg": "none"}), session(nil)), clerk.ReasonTokenInvalidAlgorithm},
		hostile{"crit", token(header(obj{"crit": []string{"x"}}), session(nil)), clerk.ReasonTokenInvalid},
		hostile{"kid", token(header(obj{"kid": 5}), session(nil)), clerk.ReasonJWKKidMismatch},
		hostile{"machine", token(header(nil), session(obj{"sub": "mch_1"})), clerk.ReasonTokenTypeMismatch},
	) {
		_, err := v.Verify(t.Context(), tt.token)
		var e *verify.Error
		if !errors.As(err, &e) || e.Reason != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if asked != 0 {
		t.Errorf("a key was asked for %d times", asked)
	}
	if _, err := v.Verify(t.Context(), good()); !errors.Is(err, clerk.ErrUnavailable) || asked != 1 {
		t.Errorf("%v after %d calls", err, asked)
	}
}

// TestContextAndKidReachTheSource: Verify passes ctx and kid to the key source
// unchanged.
func TestContextAndKidReachTheSource(t *testing.T) {
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "x"))
	cancel()
	var kids []string
	v := newVerifier(t, func(c *verify.Config) {
		c.Keys = keyFunc(func(ctx context.Context, kid string) (*rsa.PublicKey, error) {
			kids = append(kids, kid)
			if ctx.Value(key{}) != "x" {
				t.Error("another context")
			}
			return nil, ctx.Err()
		})
	})
	for _, kid := range []any{"ins_1", "ключ", "a\x00b", remove} {
		_, err := v.Verify(ctx, token(header(obj{"kid": kid}), session(nil)))
		if !errors.Is(err, context.Canceled) || !errors.Is(err, clerk.ErrUnavailable) {
			t.Errorf("%v", err)
		}
	}
	if fmt.Sprintf("%q", kids) != fmt.Sprintf("%q", []string{"ins_1", "ключ", "a\x00b", ""}) {
		t.Errorf("%q", kids)
	}
}

// emulatorPublicKey is the public half of the key that package clerktest ships.
const emulatorPublicKey = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsNg8IWbWlxQPCLDwWwaG
rNBGKuHffnrMRsm9bNiarqpnB901PfUgy/+anr3oKld06zeYO3cbEn76y01W9kVB
ndPaJ/dtCvtZDQv+DRWtpWkkDbdgTVUC3/fUGYBvnLjmrD7lk7x82iCihKdDbK+4
DvM0FFq6vpRj2iLwkR2J9OX73dmyGRcJQM9LHzTQF8RsxkFER9l3rK4OoCMfzEc4
conetef5u5VBk6ekA0Ke8gdGZBtkVou7o0hvYjreo3BqSGkgRGwT1sDkhxTpzFwM
GHpgGDY79iM2J/g/6CNCCnVNnAVA+CSp4YcxzgpI3AUaQ8WlmCgB+yyrBwjEvMZe
yQIDAQAB
-----END PUBLIC KEY-----
`

func TestEmulatorKey(t *testing.T) {
	keys, err := verify.PEM(emulatorPublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public, err := keys.Key(t.Context(), kid)
	if err != nil {
		t.Fatal(err)
	}
	// The private key is in clerktest, which this package does not import, so the tests
	// use the reason to see what a valid signature would get.
	tok, accepted := good(), clerk.ReasonTokenInvalidSignature
	if private := emulatorPrivateKey(t); private != nil {
		if !private.PublicKey.Equal(public) {
			t.Fatal("the emulator's key has changed; update emulator_key.go and this test")
		}
		tok, accepted = sign(private, header(nil).String(), session(nil).String()), ""
	}
	other := *public
	other.E = 3 // anyone who knows the primes can sign for any exponent
	for name, key := range map[string]*rsa.PublicKey{"as it is": public, "other exponent": &other} {
		v := newVerifier(t, func(c *verify.Config) { c.Keys = keyMap{kid: key} })
		_, err := v.Verify(t.Context(), tok)
		t.Run(name, func(t *testing.T) { refused(t, err, clerk.ReasonKeyNotTrusted, tok) })
	}
	v := newVerifier(t, func(c *verify.Config) { c.Keys, c.InsecureEmulator = keys, true })
	switch _, err := v.Verify(t.Context(), tok); {
	case accepted == "" && err != nil:
		t.Errorf("InsecureEmulator: %v", err)
	case accepted != "":
		refused(t, err, accepted, tok)
	}
}

func emulatorPrivateKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	text, err := os.ReadFile("../clerk/clerktest/emulator_key.pem")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatal("no PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		t.Fatalf("%T", key)
	}
	return private
}

package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"

	"github.com/clerkkit/clerkkit/verify"
)

// cacheOff turns the verified-token cache off.
const cacheOff = -1

// verifier returns the kit's verifier with all checks on.
func (f *fixture) verifier(cacheBytes int64) (*verify.Verifier, error) {
	keys, err := verify.PEM(f.pem)
	if err != nil {
		return nil, err
	}
	return verify.New(verify.Config{
		Keys: keys, AuthorizedParties: []string{party}, Issuers: []string{issuer}, CacheBytes: cacheBytes,
		Logger: slog.New(slog.DiscardHandler),
	})
}

// kit returns the kit as a peer, with tokens that are not cached.
func (f *fixture) kit() (peer, error) {
	v, err := f.verifier(cacheOff)
	if err != nil {
		return peer{}, err
	}
	ctx := context.Background()
	return peer{name: "clerkkit verify, cold, cache off", verify: func(token string) error {
		_, err := v.Verify(ctx, token)
		return err
	}}, nil
}

// limit is the minimum work of any library: SHA-256 and RSA of a decoded token.
func (f *fixture) limit() *subject {
	token := f.token(0)
	dot := strings.LastIndexByte(token, '.')
	signed := []byte(token[:dot])
	signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil {
		panic(err)
	}
	return &subject{name: "limit: SHA-256 + RSA-2048", op: func(int) error {
		sum := sha256.Sum256(signed)
		return rsa.VerifyPKCS1v15(f.key, crypto.SHA256, sum[:], signature)
	}}
}

var (
	errAccepted = errors.New("accepted")
	errRefused  = errors.New("refused")
)

// verifying returns a subject that verifies the tokens in turn.
func verifying(name string, v *verify.Verifier, tokens []string) *subject {
	ctx := context.Background()
	return &subject{name: name, op: func(i int) error {
		_, err := v.Verify(ctx, tokens[i%len(tokens)])
		return err
	}}
}

// hashing returns a subject that only hashes the tokens, the minimum work of a cache
// keyed by the hash.
func hashing(name string, tokens []string) *subject {
	var room [4096]byte
	return &subject{name: name, op: func(i int) error {
		sum := sha256.Sum256(room[:copy(room[:], tokens[i%len(tokens)])])
		if sum[0] == 0 && sum[1] == 0 && sum[2] == 0 && sum[3] == 0 && sum[4] == 0 {
			return errRefused // never; the sum must be used
		}
		return nil
	}}
}

// refusing returns a subject whose token must be refused.
func refusing(name string, v *verify.Verifier, token string) *subject {
	ctx := context.Background()
	return &subject{name: name, op: func(int) error {
		if _, err := v.Verify(ctx, token); err == nil {
			return errAccepted
		}
		return nil
	}}
}

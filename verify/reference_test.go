package verify_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/verify"
)

// plainVerify is a second, simple implementation of RFC 7515 with encoding/base64,
// encoding/json and crypto/rsa. It checks no claims.
func plainVerify(key *rsa.PublicKey, token string) (claims map[string]any, ok bool) {
	p := strings.Split(token, ".")
	if len(p) != 3 {
		return nil, false
	}
	var decoded [3][]byte
	for i, s := range p {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(s); err != nil {
			return nil, false
		}
	}
	var head struct{ Alg, Kid string }
	if json.Unmarshal(decoded[0], &head) != nil || head.Alg != "RS256" || json.Unmarshal(decoded[1], &claims) != nil {
		return nil, false
	}
	sum := sha256.Sum256([]byte(p[0] + "." + p[1]))
	return claims, rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], decoded[2]) == nil
}

// TestAgainstPlainReading compares Verify with plainVerify on random valid tokens and
// mutations of them. Both must accept the same tokens with the same claims. The
// comparison with jwx is in internal/conformance.
func TestAgainstPlainReading(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	key := &instanceKey().PublicKey
	v := newVerifier(t, func(c *verify.Config) { c.AuthorizedParties, c.Issuers = nil, nil })
	words := []any{"x", "é😀", "a\"b\\c\n", "\u2028", "", "<script>", 5, 1.5, true, nil, []any{1, "x"}, obj{"y": 1}}
	for range 60 {
		p := session(nil)
		for range r.IntN(6) {
			p["c"+string(rune('a'+r.IntN(26)))] = words[r.IntN(len(words))]
		}
		p["sub"] = "user_" + words[r.IntN(6)].(string)
		tok := token(header(nil), p)
		claims, err := v.Verify(t.Context(), tok)
		want, ok1 := plainVerify(key, tok)
		if err != nil || !ok1 {
			t.Fatalf("%s: %v, %v", p, err, ok1)
		}
		var got map[string]any
		if err := claims.Decode(&got); err != nil || obj(got).String() != obj(want).String() || claims.Subject() != want["sub"] {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
		for range 20 {
			i := r.IntN(len(tok))
			mutated := tok[:i] + string(tok[r.IntN(len(tok))]) + tok[i+1:]
			_, err := v.Verify(t.Context(), mutated)
			_, ok1 := plainVerify(key, mutated)
			if (err == nil) != (mutated == tok) || err == nil && !ok1 {
				t.Fatalf("a change at %d: %v, %v", i, err, ok1)
			}
		}
	}
}

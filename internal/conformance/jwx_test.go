package conformance_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/verify"
)

// TestAgainstJWX verifies random good tokens and mutations of them with package
// verify and with a library that nobody here wrote: the same good ones with the
// same claims, and nothing more.
//
// It stands here rather than in package verify because `go mod tidy` of every
// application that imports a package takes in what the tests of that package
// import: 22 lines of go.sum for jwx.
func TestAgainstJWX(t *testing.T) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := em.Close(); err != nil {
			t.Error(err)
		}
	}()
	key := publicKey(t, em.JWTKey())
	keys, err := verify.PEM(em.JWTKey())
	if err != nil {
		t.Fatal(err)
	}
	v, err := verify.New(verify.Config{Keys: keys, InsecureEmulator: true, Now: em.Now, AuthorizedParties: []string{"https://app.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))

	r := rand.New(rand.NewPCG(3, 4))
	words := []any{"x", "é😀", "a\"b\\c\n", "\u2028", "", "<script>", 5, 1.5, true, nil, []any{1, "x"}, map[string]any{"y": 1}}
	for range 60 {
		claims := sess.Claims(clerktest.WithOrigin("https://app.example.com"))
		for range r.IntN(6) {
			claims["c"+string(rune('a'+r.IntN(26)))] = words[r.IntN(len(words))]
		}
		claims["sub"] = "user_" + words[r.IntN(6)].(string)
		tok := em.Sign(nil, claims)

		theirs, err := jws.Verify([]byte(tok), jws.WithKey(jwa.RS256, key))
		if err != nil {
			t.Fatalf("jwx refuses %v: %v", claims, err)
		}
		ours, err := v.Verify(t.Context(), tok)
		if err != nil {
			t.Fatalf("verify refuses %v: %v", claims, err)
		}
		var got, want map[string]any
		if err := ours.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(theirs, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) || ours.Subject() != want["sub"] {
			t.Errorf("%v, jwx reads %v", got, want)
		}
		for range 20 {
			i := r.IntN(len(tok))
			mutated := tok[:i] + string(tok[r.IntN(len(tok))]) + tok[i+1:]
			_, err := v.Verify(t.Context(), mutated)
			_, other := jws.Verify([]byte(mutated), jws.WithKey(jwa.RS256, key))
			if (err == nil) != (mutated == tok) || err == nil && other != nil {
				t.Fatalf("a change at %d: %v, jwx: %v", i, err, other)
			}
		}
	}
}

func publicKey(t *testing.T, text string) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatal("not a PEM")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PublicKey)
}

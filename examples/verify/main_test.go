package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestRun(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	cfg := clerk.Config{
		JWTKey:            string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		AuthorizedParties: []string{"https://app.example.com"},
	}
	now := time.Now().Truncate(time.Second)
	good := token(t, key, now, "https://app.example.com")
	foreign := token(t, key, now, "https://evil.example.com")
	old := token(t, key, now.Add(-time.Hour), "https://app.example.com")

	var out strings.Builder
	if err := run(t.Context(), cfg, strings.NewReader(good+"\n"+foreign+"\n"+old+"\nnot.a.token\n"), &out); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("user: user_1 organization: org_1 until: %s\n", now.Add(time.Minute).UTC()) +
		"refused: token-invalid-authorized-parties\nrefused: token-expired\nrefused: token-invalid\n"
	if out.String() != want {
		t.Errorf("it wrote\n%swant\n%s", out.String(), want)
	}
}

// token signs a session token of version 2 that lives for a minute.
func token(t *testing.T, key *rsa.PrivateKey, issued time.Time, azp string) string {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(`{"alg":"RS256","kid":"ins_1","typ":"JWT"}`)) + "." + b64(fmt.Appendf(nil,
		`{"v":2,"sub":"user_1","sid":"sess_1","azp":%q,"iss":"https://clerk.example.com","iat":%d,"nbf":%d,"exp":%d,"o":{"id":"org_1","rol":"admin"}}`,
		azp, issued.Unix(), issued.Unix(), issued.Add(time.Minute).Unix()))
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + b64(sig)
}

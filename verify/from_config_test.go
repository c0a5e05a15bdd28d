package verify_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

type noKeys struct{}

func (noKeys) Key(context.Context, string) (*rsa.PublicKey, error) { return nil, clerk.ErrKeyUnknown }

// TestFromConfig: FromConfig applies the settings of a clerk.Config.
func TestFromConfig(t *testing.T) {
	good := clerk.Config{
		JWTKey:            examplePEM(),
		AuthorizedParties: []string{"https://app.example.com"},
		Now:               func() time.Time { return time.Unix(1750000000, 0) },
	}
	accepted := func(cfg clerk.Config, keys verify.KeySource) error {
		t.Helper()
		v, err := verify.FromConfig(cfg, keys)
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.Verify(t.Context(), token(header(nil), session(nil)))
		return err
	}
	if err := accepted(good, nil); err != nil {
		t.Errorf("the key of the configuration: %v", err)
	}
	keys, err := verify.PEM(examplePEM())
	if err != nil {
		t.Fatal(err)
	}
	bare := good
	bare.JWTKey = ""
	if err := accepted(bare, keys); err != nil {
		t.Errorf("keys of the caller, and nothing else: %v", err)
	}
	if err := accepted(good, noKeys{}); !errors.Is(err, clerk.ErrKeyUnknown) {
		t.Errorf("keys take precedence over JWTKey: %v", err)
	}
	for name, change := range map[string]func(*clerk.Config){
		"another party":  func(c *clerk.Config) { c.AuthorizedParties = []string{"https://evil.example"} },
		"another issuer": func(c *clerk.Config) { c.Issuers = []string{"https://clerk.evil.example"} },
		"another time":   func(c *clerk.Config) { c.Now = func() time.Time { return time.Unix(1850000000, 0) } },
	} {
		cfg := good
		change(&cfg)
		if err := accepted(cfg, nil); err == nil {
			t.Errorf("%s was not checked", name)
		}
	}
	for name, cfg := range map[string]clerk.Config{
		"nothing":                 {},
		"no key":                  {SecretKey: "sk_test_a"},
		"damaged key":             {JWTKey: "x"},
		"damaged publishable key": {JWTKey: examplePEM(), PublishableKey: "pk_test_x"}, // would leave the issuer unchecked
		"bad party":               {JWTKey: examplePEM(), AuthorizedParties: []string{"app.example.com"}},
	} {
		if v, err := verify.FromConfig(cfg, nil); err == nil || v != nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := verify.FromConfig(clerk.Config{PublishableKey: "pk_test_x"}, keys); err == nil {
		t.Error("a damaged publishable key beside keys: accepted")
	}
}

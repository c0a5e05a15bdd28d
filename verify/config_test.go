package verify_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

func TestNewRefuses(t *testing.T) {
	for field, change := range map[string]func(*verify.Config){
		"Keys":              func(c *verify.Config) { c.Keys = nil },
		"AuthorizedParties": func(c *verify.Config) { c.AuthorizedParties = []string{origin, ""} },
		"Issuers":           func(c *verify.Config) { c.Issuers = []string{""} },
		"Audience":          func(c *verify.Config) { c.Audience = []string{""} }, // an unset variable; nothing would be checked
	} {
		v, err := verify.New(config(change))
		var ce *clerk.ConfigError
		if !errors.As(err, &ce) || ce.Field != field || v != nil {
			t.Errorf("%s: %v, %v", field, v, err)
		}
	}
}

// TestNewCopiesLists changes the lists of a Config after it was used.
func TestNewCopiesLists(t *testing.T) {
	cfg := config(func(c *verify.Config) { c.Audience = []string{"aud1"} })
	v, err := verify.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AuthorizedParties[0], cfg.Issuers[0], cfg.Audience[0] = "https://evil.example.com", "https://evil.example.com", "evil"
	for _, p := range []obj{{"azp": "https://evil.example.com"}, {"iss": "https://evil.example.com"}, {"aud": "evil"}} {
		if _, err := v.Verify(t.Context(), token(header(nil), session(p))); err == nil {
			t.Errorf("%v is accepted", p)
		}
	}
	if _, err := v.Verify(t.Context(), token(header(nil), session(obj{"aud": "aud1"}))); err != nil {
		t.Error(err)
	}
}

// TestMissingPartiesAreLoggedOnce: at New, and not for each token.
func TestMissingPartiesAreLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	change := func(parties []string) func(c *verify.Config) {
		return func(c *verify.Config) {
			c.AuthorizedParties, c.Logger = parties, slog.New(slog.NewTextHandler(&log, nil))
		}
	}
	v := newVerifier(t, change(nil))
	for range 3 {
		if _, err := v.Verify(t.Context(), good()); err != nil {
			t.Fatal(err)
		}
		_ = v.WithClockSkew(0)
	}
	if n := strings.Count(log.String(), "AuthorizedParties"); n != 1 {
		t.Errorf("%d warnings: %s", n, &log)
	}
	log.Reset()
	newVerifier(t, change([]string{origin}))
	if log.Len() > 0 {
		t.Errorf("logged: %s", &log)
	}
}

// TestDefaults: the zero Config with keys checks the time with the system's clock
// and five seconds of skew.
func TestDefaults(t *testing.T) {
	previous := slog.Default()
	slog.SetDefault(quiet)
	defer slog.SetDefault(previous)
	v, err := verify.New(verify.Config{Keys: pemSource(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), good()); !errors.Is(err, verify.ErrExpired) {
		t.Errorf("a token of 2025: %v", err)
	}
	if _, err := v.Verify(t.Context(), token(header(nil), session(obj{"exp": raw("8e12")}))); err != nil {
		t.Errorf("a token that ends in 250,000 years: %v", err)
	}
}

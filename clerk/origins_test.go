package clerk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// TestOrigins: a spelling that no browser sends is an error in each setting, in words
// that say what to write.
func TestOrigins(t *testing.T) {
	for origin, says := range map[string]string{
		"https://app.example.com": "", "http://localhost:3000": "", "https://my_host.example": "", "https://xn--bcher-kva.example": "",
		"http://127.0.0.1:3000": "", "http://[::1]:3000": "", "https://[2001:db8::1]": "", "https://app.example.com.": "", "https://a-b.example:8443": "",

		"https://*.example.com":             "AuthorizedPartyFunc",
		"*":                                 "AuthorizedPartyFunc",
		"https://app.example.com:*":         "AuthorizedPartyFunc",
		"*://app.example.com":               "AuthorizedPartyFunc",
		"https://app-*.vercel.app":          "AuthorizedPartyFunc",
		"https://bücher.example":            "xn--",
		"https://app.example.com:0443":      "zero",
		"https://app.example.com:08443":     "zero",
		"https://app.example.com:0":         "zero",
		"https://app.example.com:65536":     "65535",
		"https://app.example.com:443":       "default port",
		"http://app.example.com:80":         "default port",
		"https://app.example.com:":          "colon",
		"https://[2001:DB8::1]":             "upper-case",
		"https://[2001:db8:0:0:0:0:0:1]":    "[2001:db8::1]",
		"https://[2001:0db8::1]":            "[2001:db8::1]",
		"https://[::ffff:127.0.0.1]":        "IPv4",
		"https://[fe80::1%25eth0]":          "origin",
		"https://127.1":                     "four numbers",
		"https://2130706433":                "four numbers",
		"https://0x7f000001":                "four numbers",
		"https://127.0.0.01":                "four numbers",
		"https://1.2.3.4.5":                 "four numbers",
		"https://App.example.com":           "upper-case",
		"HTTPS://app.example.com":           "upper-case",
		"https://app.example.com/":          "slash",
		"https://app.example.com/x":         "slash",
		"https://app.example.com?x":         "more than an origin",
		"https://app.example.com#":          "more than an origin",
		"https://user@app.example.com":      "user name",
		"https://user:pass@app.example.com": "user name",
		"https://app..example.com":          "empty label",
		"https://.example.com":              "empty label",
		"https://app%2eexample.com":         "origin",
		"https://app,example.com":           "character",
		`https:\\app.example.com`:           "origin",
		"https://a b.example":               "origin",
		"https://":                          "origin", "app.example.com": "origin", "//app.example.com": "origin", "null": "origin",
		"wss://app.example.com": "scheme", "ws://localhost:3000": "scheme", "ftp://app.example.com": "scheme", "file://app.example.com": "scheme",
		`"https://app.example.com"`: "quotes", " https://app.example.com": "white space",
	} {
		for field, set := range map[string]func(*clerk.Config){
			"AuthorizedParties[0]":      func(c *clerk.Config) { c.AuthorizedParties = []string{origin} },
			"AllowedRedirectOrigins[0]": func(c *clerk.Config) { c.AllowedRedirectOrigins = []string{origin} },
			"PublicURL":                 func(c *clerk.Config) { c.PublicURL = origin },
		} {
			cfg := clerk.Config{SecretKey: testSK}
			set(&cfg)
			err := cfg.Validate()
			if says == "" {
				if err != nil {
					t.Errorf("%s %q: %v", field, origin, err)
				}
				continue
			}
			var ce *clerk.ConfigError
			if !errors.As(err, &ce) || ce.Field != field || !strings.Contains(ce.Problem, says) {
				t.Errorf("%s %q: %v, want it to speak of %q", field, origin, err, says)
			}
		}
	}
	// An extension has an origin, but no redirect goes there.
	cfg := clerk.Config{SecretKey: testSK, AuthorizedParties: []string{"chrome-extension://abcdef"}}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	cfg = clerk.Config{SecretKey: testSK, AllowedRedirectOrigins: []string{"chrome-extension://abcdef"}}
	if got := errorFields(cfg.Validate()); !slices.Equal(got, []string{"AllowedRedirectOrigins[0]"}) {
		t.Error(got)
	}
}

// TestRelativeProxyNeedsAnOrigin: each setting that names an origin is enough.
func TestRelativeProxyNeedsAnOrigin(t *testing.T) {
	for name, tt := range map[string]struct {
		set func(*clerk.Config)
		ok  bool
	}{
		"none":         {func(*clerk.Config) {}, false},
		"an extension": {func(c *clerk.Config) { c.AuthorizedParties = []string{"chrome-extension://abcdef"} }, false},
		"parties":      {func(c *clerk.Config) { c.AuthorizedParties = []string{"https://app.example.com"} }, true},
		"redirects":    {func(c *clerk.Config) { c.AllowedRedirectOrigins = []string{"https://app.example.com"} }, true},
		"PublicURL":    {func(c *clerk.Config) { c.PublicURL = "https://app.example.com" }, true},
		"func":         {func(c *clerk.Config) { c.AuthorizedPartyFunc = func(string) bool { return false } }, true},
		"any":          {func(c *clerk.Config) { c.InsecureAnyRedirectOrigin = true }, true},
		"a whole URL":  {func(c *clerk.Config) { c.ProxyURL = "https://app.example.com/__clerk" }, true},
	} {
		cfg := clerk.Config{SecretKey: testSK, PublishableKey: testPK, ProxyURL: "/__clerk"}
		tt.set(&cfg)
		err := cfg.Validate()
		if tt.ok != (err == nil) || err != nil && !strings.Contains(err.Error(), "AuthorizedParties") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The program may add it to what the environment says.
	t.Setenv("CLERK_SECRET_KEY", testSK)
	t.Setenv("CLERK_PUBLISHABLE_KEY", testPK)
	t.Setenv("CLERK_PROXY_URL", "/__clerk")
	cfg, err := clerk.ConfigFromEnv()
	if err != nil || cfg.Validate() == nil {
		t.Errorf("ConfigFromEnv: %v, Validate: %v", err, cfg.Validate())
	}
	cfg.PublicURL = "https://app.example.com"
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	if got := cfg.AcceptedIssuers(); !slices.Contains(got, "https://app.example.com/__clerk") {
		t.Errorf("the issuers %q leave out the proxy's", got)
	}
}

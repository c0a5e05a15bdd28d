package jwks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestNewRefuses(t *testing.T) {
	ok := Config{URL: testURL}
	with := func(change func(*Config)) Config {
		c := ok
		change(&c)
		return c
	}
	for name, tc := range map[string]struct {
		cfg   Config
		field string
	}{
		"no URL":            {Config{}, "URL"},
		"not a URL":         {with(func(c *Config) { c.URL = "https://exa mple\x7f/" + secret }), "URL"},
		"no scheme":         {with(func(c *Config) { c.URL = "clerk.example.com/.well-known/jwks.json" }), "URL"},
		"no host":           {with(func(c *Config) { c.URL = "https:///v1/jwks" }), "URL"},
		"only a port":       {with(func(c *Config) { c.URL = "https://:443/v1/jwks" }), "URL"},
		"file":              {with(func(c *Config) { c.URL = "file://host/etc/jwks.json" }), "URL"},
		"http":              {with(func(c *Config) { c.URL = "http://api.clerk.com/v1/jwks" }), "URL"},
		"http, like local":  {with(func(c *Config) { c.URL = "http://localhost.example.com/v1/jwks" }), "URL"},
		"http, loopbackish": {with(func(c *Config) { c.URL = "http://127.0.0.1.example.com/v1/jwks" }), "URL"},
		"user information":  {with(func(c *Config) { c.URL = "https://" + secret + "@api.clerk.com/v1/jwks" }), "URL"},
		"fragment":          {with(func(c *Config) { c.URL += "#x" }), "URL"},
		"secret with break": {with(func(c *Config) { c.SecretKey = secret + "\n" }), "SecretKey"},
		"secret blank":      {with(func(c *Config) { c.SecretKey = " " }), "SecretKey"},
		"secret not ASCII":  {with(func(c *Config) { c.SecretKey = secret + "é" }), "SecretKey"},
		"bad version":       {with(func(c *Config) { c.APIVersion = "2026\r\nX: y" }), "APIVersion"},
		"interval":          {with(func(c *Config) { c.RefreshInterval = -1 }), "RefreshInterval"},
		"max age":           {with(func(c *Config) { c.MaxAge = -1 }), "MaxAge"},
		"max age short":     {with(func(c *Config) { c.MaxAge = time.Minute }), "MaxAge"},
		"interval long":     {with(func(c *Config) { c.RefreshInterval = 2 * time.Hour }), "MaxAge"},
		"timeout":           {with(func(c *Config) { c.FetchTimeout = -time.Second }), "FetchTimeout"},
		"cool-down":         {with(func(c *Config) { c.UnknownKeyCooldown = -time.Second }), "UnknownKeyCooldown"},
		"no Frontend API":   {Config{URL: FrontendURL("")}, "URL"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := New(tc.cfg)
			var e *clerk.ConfigError
			if s != nil || !errors.As(err, &e) || e.Field != "jwks.Config."+tc.field {
				t.Fatalf("source %v, error %v", s, err)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the secret is in %q", err)
			}
		})
	}
	for _, url := range []string{
		"http://localhost:8080/v1/jwks", "http://clerk.localhost/v1/jwks", "http://127.0.0.1:1/x", "http://127.8.8.8/x", "http://[::1]:80/x", "HTTPS://clerk.example.com/x",
	} {
		if _, err := New(Config{URL: url}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := New(Config{URL: "http://emulator:8080/v1/jwks", InsecureHTTP: true}); err != nil {
		t.Error(err)
	}
}

func TestDefaults(t *testing.T) {
	s, err := New(Config{URL: testURL})
	if err != nil {
		t.Fatal(err)
	}
	c := s.cfg
	if c.RefreshInterval != 5*time.Minute || c.MaxAge != time.Hour || c.FetchTimeout != 5*time.Second ||
		c.UnknownKeyCooldown != 10*time.Second || c.Logger == nil || c.Now == nil {
		t.Errorf("%+v", c)
	}
}

// A replaced http.DefaultTransport (for example with tracing) is used unchanged.
func TestForeignDefaultTransport(t *testing.T) {
	saved := http.DefaultTransport
	defer func() { http.DefaultTransport = saved }()
	srv := &server{handler: serving("a")}
	http.DefaultTransport = srv
	s, err := New(Config{URL: testURL})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	mustKey(t, s, "a")
	if srv.count() != 1 {
		t.Error("not asked")
	}
}

func TestURLs(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "https://api.clerk.com/v1/jwks",
		"https://api.clerk.com":  "https://api.clerk.com/v1/jwks",
		"https://api.clerk.com/": "https://api.clerk.com/v1/jwks",
		"http://127.0.0.1:4000":  "http://127.0.0.1:4000/v1/jwks",
	} {
		if got := BackendURL(in); got != want {
			t.Errorf("BackendURL(%q) = %q", in, got)
		}
	}
	for in, want := range map[string]string{
		"":                                "",
		"clerk.example.com":               "https://clerk.example.com/.well-known/jwks.json",
		"clerk.example.com/":              "https://clerk.example.com/.well-known/jwks.json",
		"https://app.example.com/__clerk": "https://app.example.com/__clerk/.well-known/jwks.json",
		"http://127.0.0.1:4000":           "http://127.0.0.1:4000/.well-known/jwks.json",
	} {
		if got := FrontendURL(in); got != want {
			t.Errorf("FrontendURL(%q) = %q", in, got)
		}
	}
}

// Printing a Config or a Source in any way shows neither the secret nor the query.
func TestNothingPrintsTheSecret(t *testing.T) {
	cfg := Config{URL: testURL + "?token=" + secret, SecretKey: secret}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var logs bytes.Buffer
	slog.New(slog.NewJSONHandler(&logs, nil)).Info("x", "config", cfg, "source", s)
	out := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %s", cfg, cfg, cfg, cfg, s, s, s, s) + cfg.String() + logs.String()
	if strings.Contains(out, secret) {
		t.Errorf("the secret is in %s", out)
	}
	if !strings.Contains(out, "clerk.example.com") || !strings.Contains(out, "SecretKey: set") {
		t.Errorf("says too little: %s", out)
	}
	if got := (Config{}).String(); !strings.Contains(got, "SecretKey: none") {
		t.Error(got)
	}
	if got := displayURL("https://a\x7f" + secret); strings.Contains(got, secret) {
		t.Error(got)
	}
}

func TestErrorText(t *testing.T) {
	srv := &server{handler: answer(403, "")}
	s := newTestSource(t, srv)
	_, err := s.Key(context.Background(), "ins_kid_of_a_token")
	if got, want := err.Error(), "jwks: signing keys unavailable: the key server refused (HTTP status 403)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := errKeyUnknown().Error(), "jwks: no usable key with this id"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	// Each caller gets its own error and may change it.
	var first, second *Error
	if !errors.As(err, &first) {
		t.Fatal(err)
	}
	first.Reason = "changed"
	if _, err = s.Key(context.Background(), "a"); !errors.As(err, &second) || second.Reason != ReasonStatus {
		t.Errorf("%v", err)
	}
}

package bapi

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestNewRefuses(t *testing.T) {
	tests := map[string]struct {
		cfg   Config
		field string
		says  string
	}{
		"zero":                {Config{}, "SecretKey", "CLERK_SECRET_KEY"},
		"publishable key":     {Config{SecretKey: "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"}, "SecretKey", "set CLERK_SECRET_KEY to the secret key"},
		"webhook secret":      {Config{SecretKey: "whsec_c29tZXRoaW5n"}, "SecretKey", "CLERK_WEBHOOK_SIGNING_SECRET"},
		"something else":      {Config{SecretKey: "user_secret"}, "SecretKey", "sk_test_"},
		"prefix alone":        {Config{SecretKey: "sk_test_"}, "SecretKey", "ends after its prefix"},
		"machine prefix":      {Config{SecretKey: "ak_"}, "SecretKey", "ends after its prefix"},
		"line break":          {Config{SecretKey: "sk_test_secret\nb"}, "SecretKey", "white space"},
		"machine, line break": {Config{SecretKey: "ak_secret\nb"}, "SecretKey", "white space"},
		"plain http":          {Config{SecretKey: testKey, APIURL: "http://api.example.com"}, "APIURL", "plain http"},
		"relative URL":        {Config{SecretKey: testKey, APIURL: "api.example.com"}, "APIURL", "absolute"},
		"user agent":          {Config{SecretKey: testKey, UserAgent: "a\r\nb"}, "UserAgent", "ASCII"},
		"minus timeout":       {Config{SecretKey: testKey, AttemptTimeout: -1}, "AttemptTimeout", "negative"},
		"minus wait":          {Config{SecretKey: testKey, MaxRetryWait: -1}, "MaxRetryWait", "negative"},
		"endless rate":        {Config{SecretKey: testKey, RateLimit: 1 << 50}, "RateLimit", "large"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := New(tt.cfg)
			var e *clerk.ConfigError
			if !errors.As(err, &e) || c != nil || e.Field != tt.field || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("%v, %v", c, err)
			}
			for _, secret := range []string{"Y2xlcm", "c29tZ", "user_secret", "sk_test_secret", "ak_secret", testKey} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the key is in %v", err)
				}
			}
		})
	}
}

// TestFromConfig: a client uses the URL and key of a clerk.Config, and the changes set
// other fields.
func TestFromConfig(t *testing.T) {
	var auth, agent string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth, agent = r.Header.Get("Authorization"), r.Header.Get("User-Agent")
		_, _ = w.Write([]byte(`{"id":"user_1"}`))
	}))
	defer srv.Close()
	var log bytes.Buffer
	cfg := clerk.Config{APIURL: srv.URL, HTTPClient: srv.Client(), Logger: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now}
	for key, cfg := range map[string]clerk.Config{
		"sk_test_a": {SecretKey: "sk_test_a", MachineSecretKey: "ak_b"},
		"ak_b":      {MachineSecretKey: "ak_b"},
	} {
		cfg.APIURL, cfg.HTTPClient = srv.URL, srv.Client()
		c, err := FromConfig(cfg, nil, func(c *Config) { c.UserAgent = "billing/1.4" })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Users.Get(t.Context(), "user_1"); err != nil || auth != "Bearer "+key || !strings.HasPrefix(agent, "billing/1.4 clerkkit/") {
			t.Errorf("%s: sent %q by %q, %v", key, auth, agent, err)
		}
	}
	if _, err := FromConfig(cfg); err == nil || !strings.Contains(err.Error(), "CLERK_SECRET_KEY") {
		t.Errorf("no key: %v", err)
	}
	if _, err := FromConfig(clerk.Config{SecretKey: testKey, APIURL: "http://clerk:4000"}); err == nil {
		t.Error("plain http without InsecureEmulator")
	}
	if _, err := FromConfig(clerk.Config{SecretKey: testKey, APIURL: "http://clerk:4000", InsecureEmulator: true}); err != nil {
		t.Error(err)
	}
	if c, err := FromConfig(clerk.Config{SecretKey: testKey}); err != nil || c == nil { // a nil HTTP client means the default one
		t.Error(err)
	}
}

// TestZeroValuesDoNotPanic calls methods of values that were not made with New.
func TestZeroValuesDoNotPanic(t *testing.T) {
	var c Client
	var e Error
	for name, call := range map[string]func() error{
		"method":      func() error { _, err := c.Users.Get(context.Background(), "user_1"); return err },
		"list":        func() error { _, err := c.Users.List(context.Background(), UserListParams{}); return err },
		"Do":          func() error { return c.Do(context.Background(), "GET", "/users", nil, nil, nil) },
		"nil client":  func() error { return (*Client)(nil).Do(context.Background(), "GET", "/users", nil, nil, nil) },
		"service":     func() error { _, err := UsersService{}.Get(context.Background(), "user_1"); return err },
		"bare answer": func() error { return run(context.Background(), nil, request{method: "GET", path: "/x"}, nil) },
	} {
		if err := call(); !errors.Is(err, ErrInvalidArgument) || !strings.Contains(err.Error(), "New") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.CloseIdleConnections()
	(*Client)(nil).CloseIdleConnections()
	if e.Error() == "" || e.Unavailable() || e.HasCode("x") || len(e.Codes()) != 0 || e.Unwrap() != nil || errors.Is(&e, ErrNotFound) {
		t.Errorf("%v", &e)
	}
	var u *User
	if u.PrimaryEmail() != "" || u.PrimaryPhone() != "" || (&User{}).PrimaryEmail() != "" {
		t.Error("an empty user has an address")
	}
}

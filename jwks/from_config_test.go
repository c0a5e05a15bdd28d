package jwks_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/jwks"
)

// TestFromConfig: FromConfig fetches from the configured API, and sends the secret key
// only to the Backend API.
func TestFromConfig(t *testing.T) {
	var path, auth string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, auth = r.URL.Path, r.Header.Get("Authorization")
		w.WriteHeader(http.StatusNotFound)
	}))
	defer srv.Close()
	for name, tt := range map[string]struct {
		cfg        clerk.Config
		path, auth string
	}{
		"secret key":   {clerk.Config{SecretKey: "sk_test_a", APIURL: srv.URL, FrontendAPI: "https://not.example"}, "/v1/jwks", "Bearer sk_test_a"},
		"Frontend API": {clerk.Config{FrontendAPI: srv.URL}, "/.well-known/jwks.json", ""},
		"proxy":        {clerk.Config{ProxyURL: srv.URL + "/__clerk"}, "/__clerk/.well-known/jwks.json", ""},
	} {
		t.Run(name, func(t *testing.T) {
			tt.cfg.HTTPClient = srv.Client()
			s, err := jwks.FromConfig(tt.cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Warm(t.Context()); err == nil || path != tt.path || auth != tt.auth {
				t.Errorf("asked %s with %q, %v", path, auth, err)
			}
		})
	}
	for name, cfg := range map[string]clerk.Config{
		"nothing":         {},
		"damaged key":     {PublishableKey: "pk_test_x"},
		"publishable key": {SecretKey: "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"},
	} {
		var e *clerk.ConfigError
		if s, err := jwks.FromConfig(cfg); !errors.As(err, &e) || s != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err := jwks.FromConfig(clerk.Config{PublishableKey: "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"}); err != nil {
		t.Error(err)
	} else if err := s.Close(); err != nil {
		t.Error(err)
	}
}

package middleware_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// downBackend fails at once.
type downBackend struct{ handshake.Backend }

func (downBackend) VerifyAPIKey(context.Context, string) (handshake.MachineToken, error) {
	return handshake.MachineToken{}, errors.New("no route")
}

// An outage is one line in two seconds, which tells how many were left out, whatever the
// number of requests.
func TestOutageIsLoggedSeldom(t *testing.T) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		auth := authFor(t, em, func(c *clerk.Config) {
			c.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))
		}, middleware.WithBackend(downBackend{}))
		defer func() { _ = auth.Close() }()
		gate := auth.Require(clerk.Tokens(clerk.APIKey))(http.NotFoundHandler())
		for range 1000 {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Authorization", "Bearer ak_x")
			w := httptest.NewRecorder()
			gate.ServeHTTP(w, r)
			if w.Code != http.StatusServiceUnavailable {
				t.Fatal(w.Code)
			}
			time.Sleep(10 * time.Millisecond)
		}
		lines := strings.Count(out.String(), "clerk: outage")
		if lines != 5 || strings.Count(out.String(), "left_out=199 ") != 4 {
			t.Errorf("%d lines in ten seconds:\n%s", lines, out.String())
		}
	})
}

// So is a Frontend API that does not answer the proxy.
func TestProxyFailureIsLoggedSeldom(t *testing.T) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		cfg := em.Config()
		cfg.ProxyURL = "/__clerk"
		cfg.Logger = slog.New(slog.NewTextHandler(&out, nil))
		cfg.HTTPClient = &http.Client{Transport: brokenTransport{}}
		proxy, err := middleware.NewProxy(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/__clerk/v1/client", nil)
			r.Host = strings.TrimPrefix(strings.TrimPrefix(append(cfg.AuthorizedParties, "http://example.com")[0], "http://"), "https://")
			proxy.ServeHTTP(w, r)
			if w.Code != http.StatusBadGateway {
				t.Fatal(w.Code, w.Body)
			}
		}
		if lines := strings.Count(out.String(), "\n"); lines != 1 {
			t.Errorf("%d lines", lines)
		}
	})
}

type brokenTransport struct{}

func (brokenTransport) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route")
}

package middleware_test

import (
	"bytes"
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

func preflight() *http.Request {
	r := httptest.NewRequest("OPTIONS", "/", nil)
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Access-Control-Request-Method", "POST")
	return r
}

// TestPreflightIsRefused: two headers, which anybody can send, open no gate.
func TestPreflightIsRefused(t *testing.T) {
	em, auth := newAuth(t, nil)
	ran := false
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran = true })
	for name, h := range map[string]http.Handler{
		"alone": auth.Require()(next), "below Handler": auth.Handler(auth.Require()(next)), "role": auth.Require(clerk.Role("org:admin"))(next),
		"machine": auth.Require(clerk.Tokens(clerk.APIKey))(next), "what no token can do": auth.Require(nil)(next),
	} {
		for _, token := range []string{"", "Bearer forged", "Bearer ak_forged", "forged"} {
			r := preflight()
			if token != "" {
				r.Header.Set("Authorization", token)
			}
			if w := serve(h, r); w.Code != 401 && w.Code != 403 || ran {
				t.Fatalf("%s, %q: got %d, the handler ran: %t", name, token, w.Code, ran)
			}
		}
	}
	// With credentials it is a request like any other.
	r := preflight()
	em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"})).Authorize(r)
	if w := serve(auth.Require()(next), r); w.Code != 200 || !ran {
		t.Errorf("signed in: got %d, the handler ran: %t", w.Code, ran)
	}
}

func TestWithPreflightHandler(t *testing.T) {
	answer := middleware.WithPreflightHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.WriteHeader(http.StatusNoContent)
	}))
	em, auth := newAuth(t, nil, answer)
	chooser := middleware.Choose(func(handshake.Request) *middleware.Middleware { return auth }, answer)
	ran := false
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran = true })
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	for name, h := range map[string]http.Handler{
		"alone": auth.Require()(next), "below Handler": auth.Handler(auth.Require()(next)), "role": auth.Require(clerk.Role("org:admin"))(next), "Choose": chooser.Require()(next),
	} {
		bare, signedIn := preflight(), preflight()
		sess.Authorize(signedIn)
		for _, r := range []*http.Request{bare, signedIn} {
			if w := serve(h, r); w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != "https://app.example.com" || ran {
				t.Errorf("%s: got %d %v, the handler ran: %t", name, w.Code, w.Header(), ran)
			}
		}
		if w := serve(h, httptest.NewRequest("OPTIONS", "/", nil)); w.Code != 401 || ran {
			t.Errorf("%s: plain OPTIONS: got %d", name, w.Code)
		}
	}
}

// TestRefusedPreflightsAreTold, once a minute whatever strangers send.
func TestRefusedPreflightsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		_, auth := newAuth(t, func(c *clerk.Config) { c.Logger = slog.New(slog.NewTextHandler(&out, nil)) })
		h := auth.Require()(http.NotFoundHandler())
		lines := func() []string {
			var all []string
			for line := range strings.Lines(out.String()) {
				if strings.Contains(line, "preflight") {
					all = append(all, line)
				}
			}
			return all
		}
		for range 100 {
			serve(h, preflight())
		}
		if got := lines(); len(got) != 1 || !strings.Contains(got[0], "level=WARN") || !strings.Contains(got[0], "middleware.WithPreflightHandler") ||
			!strings.Contains(got[0], "above") || strings.Contains(got[0], "app.example.com") {
			t.Fatalf("got %q", got)
		}
		time.Sleep(time.Minute)
		serve(h, preflight())
		if got := lines(); len(got) != 2 || !strings.Contains(got[1], "left_out=99") {
			t.Errorf("got %q", got)
		}
	})
}

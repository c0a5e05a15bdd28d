package middleware_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// Tokens of machines that the emulator made, verified by way of the whole kit:
// the Backend API for opaque ones, the published keys for JWTs.
func TestMachineTokensOfTheEmulator(t *testing.T) {
	// JWTs of machines have no azp, and pass beside parties.
	em, auth := newAuth(t, func(c *clerk.Config) { c.AuthorizedParties = []string{"https://app.example.com"} })
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	job := em.AddMachine(clerktest.Machine{Name: "job"})
	like := clerktest.MachineToken{Name: "nightly", Scopes: []string{"read", "write"}, Lifetime: time.Minute}
	asJWT := like
	asJWT.JWT = true
	m2m := clerktest.MachineToken{Claims: map[string]any{"role": "x"}, Lifetime: time.Minute}
	m2mJWT := m2m
	m2mJWT.JWT = true
	for _, c := range []struct {
		name, token    string
		kind           clerk.TokenType
		subject        string
		scopes, claims string
	}{
		{"API key", em.APIKey(alice.ID, like), clerk.APIKey, alice.ID, "read write", ""},
		{"opaque M2M token", em.M2MToken(job, m2m), clerk.M2M, job.ID, "", `{"role":"x"}`},
		{"M2M JWT", em.M2MToken(job, m2mJWT), clerk.M2M, job.ID, "", `{"role":"x"}`},
		{"opaque OAuth token", em.OAuthToken(alice, like), clerk.OAuth, alice.ID, "read write", ""},
		{"OAuth JWT", em.OAuthToken(alice, asJWT), clerk.OAuth, alice.ID, "read write", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got clerk.Auth
			h := auth.Require(clerk.Tokens(c.kind))(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = clerk.FromContext(r.Context()) }))
			call := func(token string) int {
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("Authorization", "Bearer "+token)
				return serve(h, r).Code
			}
			if code := call(c.token); code != 200 || got.TokenType != c.kind || got.Subject != c.subject || strings.Join(got.Scopes(), " ") != c.scopes ||
				string(got.Machine().Claims) != c.claims && c.claims != "" || got.TokenID == "" || got.TokenID == c.token {
				t.Errorf("%d %+v %s", code, got, got.Machine().Claims)
			}
			if want := em.Now().Add(time.Minute); got.ExpiresAt.Sub(want).Abs() > 2*time.Second {
				t.Errorf("expires at %v, want about %v", got.ExpiresAt, want)
			}
			if code := call(c.token[:len(c.token)-2] + "xx"); code != 401 {
				t.Errorf("another token: %d", code)
			}
		})
	}
	if t.Failed() {
		return
	}
	em.Advance(2 * time.Minute)
	h := auth.Require(clerk.Tokens(clerk.APIKey))(http.NotFoundHandler())
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+em.APIKey(alice.ID, clerktest.MachineToken{Lifetime: time.Nanosecond}))
	if code := serve(h, r).Code; code != 401 {
		t.Errorf("an expired key: %d", code)
	}
}

// A server that is a machine accepts the tokens that are meant for it.
func TestMachineSecretKeyOfTheEmulator(t *testing.T) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	api := em.AddMachine(clerktest.Machine{Name: "api"})
	job := em.AddMachine(clerktest.Machine{Name: "job", Scopes: []string{api.ID}})
	stranger := em.AddMachine(clerktest.Machine{Name: "stranger"})
	auth := authFor(t, em, func(c *clerk.Config) { c.MachineSecretKey = api.SecretKey })
	h := auth.Require(clerk.Tokens(clerk.M2M))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(clerk.FromContext(r.Context()).Subject)
	}))
	for _, c := range []struct {
		from clerktest.Machine
		code int
	}{{job, 200}, {stranger, 401}, {api, 401}} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer "+em.M2MToken(c.from, clerktest.MachineToken{}))
		if w := serve(h, r); w.Code != c.code {
			t.Errorf("%s: %d %s", c.from.Name, w.Code, w.Body)
		}
	}
}

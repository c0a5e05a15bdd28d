package clerktest_test

import (
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestRateLimits(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	em := newEmulator(t, clerktest.Config{Now: func() time.Time { return now }, RateLimits: true})
	em.AddUser(clerktest.User{ID: "user_alice", Email: "alice@example.com", Password: password})
	f := newFAPI(t, em)
	for range 5 {
		f.ok("POST /client/sign_ins", "identifier", "alice@example.com")
	}
	resp, body := f.do("POST /client/sign_ins", "identifier", "alice@example.com")
	want(t, "status", resp.StatusCode, 429)
	want(t, "code", body.str("errors", 0, "code"), "too_many_requests")
	want(t, "Retry-After", resp.Header.Get("Retry-After"), "10")
	f.ok("GET /client") // another operation
	em.Advance(9 * time.Second)
	resp, _ = f.do("POST /client/sign_ins", "identifier", "alice@example.com")
	want(t, "Retry-After", resp.Header.Get("Retry-After"), "1")
	em.Advance(time.Second)
	in := f.ok("POST /client/sign_ins", "identifier", "alice@example.com")

	// Both factors are attempted against one limit.
	path := "POST /client/sign_ins/" + in.str("id")
	f.refused(422, "form_password_incorrect", path+"/attempt_first_factor", "strategy", "password", "password", "x")
	f.do(path+"/attempt_second_factor", "strategy", "totp", "code", "1")
	f.do(path+"/attempt_second_factor", "strategy", "totp", "code", "1")
	f.refused(429, "too_many_requests", path+"/attempt_first_factor", "strategy", "password", "password", password)

	// The Backend API as a whole, but for its keys.
	for i := range 101 {
		resp, body := get(t, em, "/v1/users/user_alice", bearer(em.SecretKey()))
		if i < 100 && resp.StatusCode != 200 {
			t.Fatalf("request %d: %d %s", i, resp.StatusCode, body)
		} else if i == 100 {
			wantError(t, resp, body, 429, "too_many_requests")
		}
	}
	for range 101 {
		if resp, _ := get(t, em, "/v1/jwks", bearer(em.SecretKey())); resp.StatusCode != 200 {
			t.Fatalf("keys: %d", resp.StatusCode)
		}
	}
	if resp, _ := get(t, em, "/v1/users", bearer("sk_test_other")); resp.StatusCode != 401 {
		t.Errorf("a wrong key is limited before it is refused: %d", resp.StatusCode)
	}
	em.Advance(10 * time.Second)

	// One user's changes are limited apart from another's.
	change := func(user string) int {
		resp, _ := do(t, em, "PATCH", "/v1/users/"+user+"/metadata", bearer(em.SecretKey()), "{}")
		return resp.StatusCode
	}
	for range 10 {
		if change("user_alice") == 429 {
			t.Fatal("limited too early")
		}
	}
	want(t, "the eleventh change", change("user_alice"), 429)
	if change("user_bob") == 429 {
		t.Error("another user is limited too")
	}
	control{t, em}.ok("PUT /rate_limits", `{"enabled":false}`)
	if change("user_alice") == 429 {
		t.Error("limited although they are off")
	}
	off := newEmulator(t, clerktest.Config{})
	for range 200 {
		if resp, _ := get(t, off, "/v1/users", bearer(off.SecretKey())); resp.StatusCode != 200 {
			t.Fatalf("off by default: %d", resp.StatusCode)
		}
	}
	production := newEmulator(t, clerktest.Config{Instance: clerk.Production, RateLimits: true})
	for i := range 1001 {
		if resp, _ := get(t, production, "/v1/users", bearer(production.SecretKey())); (resp.StatusCode == 429) != (i == 1000) {
			t.Fatalf("production, request %d: %d", i, resp.StatusCode)
		}
	}
}

package clerktest_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func textLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func TestSignInPage(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newBrowser(t, em)
	if _, body := b.get("/sign-in"); !strings.Contains(body, "There are no users yet") {
		t.Errorf("empty page: %s", body)
	}
	em.AddUser(clerktest.User{Email: "alice@example.com", FirstName: "Alice", LastName: "Li", Password: "secret"})
	em.AddUser(clerktest.User{Username: "bob"})
	em.AddUser(clerktest.User{FirstName: `<script>alert("x")</script>`})
	for i := range 30 {
		em.AddUser(clerktest.User{ID: fmt.Sprintf("user_%d", i)})
	}
	resp, body := b.get("/sign-in?redirect_url=" + url.QueryEscape(`http://localhost:3000/"><script>alert(1)</script>`))
	if resp.StatusCode != 200 || strings.Contains(body, "<script") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	resp, body = b.get("/sign-in?redirect_url=" + url.QueryEscape(`http://localhost:3000/?a="'><b>x`))
	for _, want := range []string{"Alice Li", "alice@example.com", "bob", "and 8 more", "http://localhost:3000", `name="password"`, "Not a real Clerk instance"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "<script") || strings.Contains(body, `"'><b>`) {
		t.Error("the page is not escaped")
	}
	csp := resp.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "script-src") {
		t.Errorf("CSP is %q", csp)
	}
	for what, form := range map[string]url.Values{
		"wrong password":  {"identifier": {"alice@example.com"}, "password": {"Secret"}},
		"no password":     {"identifier": {"alice@example.com"}},
		"has no password": {"identifier": {"bob"}, "password": {""}},
		"unknown":         {"identifier": {"carol@example.com"}, "password": {"x"}},
		"empty":           {},
		"unknown id":      {"user_id": {"user_unknown"}},
	} {
		resp, body := b.post("/sign-in", form)
		if resp.StatusCode != 422 || !strings.Contains(body, `role="alert"`) || len(resp.Cookies()) != 0 {
			t.Errorf("%s: %d %s", what, resp.StatusCode, body)
		}
	}
	resp, _ = b.post("/sign-in", url.Values{"identifier": {" BOB "}, "password": {"x"}})
	if resp.StatusCode != 422 {
		t.Error("a user without password signed in with one")
	}
	resp, _ = b.get("/")
	if location(t, resp).Path != "/_emulator/" {
		t.Errorf("index leads to %s", location(t, resp))
	}
	resp, body = b.get("/static/avatar.svg")
	if resp.Header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(body, "<svg") {
		t.Errorf("avatar: %s", body)
	}
}

// A page of another origin can neither sign anyone in nor out.
func TestForgery(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	u := em.AddUser(clerktest.User{})
	b := newBrowser(t, em)
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}},
		{"Sec-Fetch-Site": {"same-site"}},
		{"Origin": {"https://evil.example"}},
		{"Origin": {"http://localhost:3000"}},
		{"Origin": {"null"}},
	} {
		for _, path := range []string{"/sign-in", "/sign-out"} {
			resp, body := b.send("POST", em.URL+path, header, url.Values{"user_id": {u.ID}})
			wantError(t, resp, body, 403, "cross_origin_form")
		}
	}
	resp, _ := b.send("POST", em.URL+"/sign-in", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {em.URL}}, url.Values{"user_id": {u.ID}})
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("the page's own form: %d", resp.StatusCode)
	}
	resp, body := b.send("GET", em.URL+"/sign-out", http.Header{"Sec-Fetch-Site": {"cross-site"}}, nil)
	if resp.StatusCode != 200 || !strings.Contains(body, "Sign out?") {
		t.Errorf("a link from another site: %d %s", resp.StatusCode, body)
	}
	if _, body = b.get("/sign-in"); !strings.Contains(body, "You are signed in") {
		t.Error("a link from another site signed out")
	}
	b.send("POST", em.URL+"/sign-out", http.Header{"Sec-Fetch-Site": {"same-origin"}}, url.Values{})
	if _, body = b.get("/sign-in"); strings.Contains(body, "You are signed in") {
		t.Error("still signed in")
	}
	resp, _ = b.send("GET", em.URL+"/sign-out", http.Header{"Sec-Fetch-Site": {"same-site"}}, nil)
	if resp.StatusCode != http.StatusSeeOther {
		t.Errorf("signing out twice: %d", resp.StatusCode)
	}
}

// Signing in again replaces the session of the same browser.
func TestOneSessionAtATime(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Instance: clerk.Production})
	alice, bob := em.AddUser(clerktest.User{}), em.AddUser(clerktest.User{})
	b := newBrowser(t, em)
	b.post("/sign-in", url.Values{"user_id": {alice.ID}})
	b.post("/sign-in", url.Values{"user_id": {bob.ID}})
	_, body := get(t, em, "/v1/sessions", bearer(em.SecretKey()))
	sessions := decode[[]struct {
		Status string
		UserID string `json:"user_id"`
	}](t, body)
	if len(sessions) != 2 || sessions[0].UserID != bob.ID || sessions[0].Status != "active" || sessions[1].Status != "replaced" {
		t.Errorf("sessions: %s", body)
	}
}

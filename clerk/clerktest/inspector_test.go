package clerktest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// Everything that anybody can put into the store is shown as text.
func TestInspector(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Origins: []string{"http://localhost:3000"}})
	const evil = `<script>alert(1)</script>"'>`
	u := em.AddUser(clerktest.User{ID: "user_evil", Email: "evil@example.com", FirstName: evil, LastName: evil})
	em.AddOrganization(clerktest.Organization{ID: "org_evil", Name: evil})
	em.SignIn(u, clerktest.WithOrg("org_evil", "org:admin"))
	em.Fault(clerktest.Fault{Path: "/" + evil, Status: 500})
	b := newBrowser(t, em)
	b.get("/v1/" + url.PathEscape(evil))
	b.handshake(em.URL, "http://localhost:3000/a%22%3E%3Cscript%3E", "nonce", nil)
	f := newFAPI(t, em)
	f.ok("POST /client/sign_ins", "identifier", "evil@example.com", "strategy", "email_code")
	resp, body := b.get("/_emulator/")
	csp := resp.Header.Get("Content-Security-Policy")
	if resp.StatusCode != 200 || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%d, CSP %q", resp.StatusCode, csp)
	}
	if strings.Contains(body, "<script>") || strings.Contains(body, "alert(1)<") || strings.Count(body, "<script ") != 1 {
		t.Errorf("not escaped: %s", body)
	}
	for _, part := range []string{"<svg", "user_evil", "org_evil", "status 500", f.code("evil@example.com"), em.KeyID(), "signed out", "POST"} {
		if !strings.Contains(body, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	for _, external := range []string{"http://", "https://"} {
		for _, attr := range []string{`src="` + external, `<link rel="stylesheet" href="` + external, "url(" + external} {
			if strings.Contains(body, attr) {
				t.Errorf("the page fetches %s…", attr)
			}
		}
	}
	if strings.Contains(body, em.SecretKey()) {
		t.Error("the page shows the secret key")
	}
	for path, kind := range map[string]string{"inspector.css": "text/css; charset=utf-8", "inspector.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		if resp, body := b.get("/_emulator/" + path); resp.Header.Get("Content-Type") != kind || body == "" {
			t.Errorf("%s: %d %v", path, resp.StatusCode, resp.Header)
		}
	}
	if resp, _ := b.get("/_emulator"); location(t, resp).Path != "/_emulator/" {
		t.Error("no way to the page without its slash")
	}
}

func TestInspectorButtons(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	sess := em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"}))
	other := em.SignIn(em.AddUser(clerktest.User{ID: "user_bob"}))
	b := newBrowser(t, em)
	kid := em.KeyID()
	for _, form := range [][]string{
		{"action", "advance", "seconds", "3600"}, {"action", "rotate-keep"}, {"action", "fail-jwks"}, {"action", "rate-limits", "on", "true"},
		{"action", "revoke", "session", sess.ID}, {"action", "expire", "session", other.ID}, {"action", "add-user", "email_address", "c@example.com"},
	} {
		values := url.Values{}
		for i := 0; i < len(form); i += 2 {
			values.Set(form[i], form[i+1])
		}
		resp, body := b.post("/_emulator/", values)
		if resp.StatusCode != 303 || location(t, resp).String() != "/_emulator/?did="+form[1] {
			t.Fatalf("%q: %d %s", form, resp.StatusCode, body)
		}
		if _, page := b.get(location(t, resp).String()); !strings.Contains(page, `role="status"`) {
			t.Errorf("%q: the page does not say that it was done", form)
		}
	}
	state := control{t, em}.ok("GET /state", "")
	want(t, "clock", state.at("clock", "offset_seconds"), 3600.0)
	want(t, "users", state.at("counts", "users"), 3.0)
	want(t, "faults", state.at("faults"), 1.0)
	want(t, "rate limits", state.at("rate_limits"), true)
	want(t, "revoked", sess.Status(), "revoked")
	want(t, "expired", other.Status(), "expired")
	if em.KeyID() == kid {
		t.Error("the key was not rotated")
	}
	for _, form := range []url.Values{
		{}, {"action": {"format-disk"}}, {"action": {"advance"}, "seconds": {"NaN"}}, {"action": {"advance"}, "seconds": {"-1"}}, {"action": {"revoke"}, "session": {"none"}},
		{"action": {"add-user"}, "email_address": {"<x>"}},
	} {
		if resp, body := b.post("/_emulator/", form); resp.StatusCode < 400 || resp.StatusCode >= 500 {
			t.Errorf("%v: %d %s", form, resp.StatusCode, body)
		}
	}
	b.post("/_emulator/", url.Values{"action": {"reset"}})
	want(t, "users after reset", control{t, em}.ok("GET /state", "").at("counts", "users"), 0.0)
	if _, body := b.get("/_emulator/?did=%3Cb%3E"); strings.Contains(body, `role="status"`) {
		t.Error("the page says what the URL tells it to")
	}
}

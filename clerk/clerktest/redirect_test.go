package clerktest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// Neither the handshake nor a page is an open redirect.
func TestBadRedirects(t *testing.T) {
	for _, cfg := range []clerktest.Config{{}, {Instance: clerk.Production}} {
		em := newEmulator(t, cfg)
		u := em.AddUser(clerktest.User{})
		b := newBrowser(t, em)
		for _, bad := range badRedirects {
			resp, body := b.get("/v1/client/handshake?redirect_url=" + url.QueryEscape(bad))
			wantError(t, resp, body, 422, "form_param_format_invalid")
			for _, path := range []string{"/sign-in", "/sign-out"} {
				resp, body = b.get(path + "?redirect_url=" + url.QueryEscape(bad))
				resp2, _ := b.post(path, url.Values{"redirect_url": {bad}, "user_id": {u.ID}})
				if resp.StatusCode != 422 || resp2.StatusCode != 422 || resp.Header.Get("Location")+resp2.Header.Get("Location") != "" ||
					len(resp.Cookies())+len(resp2.Cookies()) != 0 {
					t.Errorf("%s to %q: %d, %d %s", path, bad, resp.StatusCode, resp2.StatusCode, body)
				}
			}
		}
		resp, body := b.get("/v1/client/handshake")
		wantError(t, resp, body, 422, "form_param_missing")
		resp, body = b.get("/v1/client/handshake?format=xml&redirect_url=http%3A%2F%2Flocalhost%3A3000%2F")
		wantError(t, resp, body, 422, "form_param_value_invalid")
	}
	// In production, loopback is no exception: only the configured origins.
	em := newEmulator(t, clerktest.Config{Instance: clerk.Production})
	resp, body := get(t, em, "/v1/client/handshake?redirect_url=http%3A%2F%2Flocalhost%3A3001%2F", nil)
	wantError(t, resp, body, 422, "form_param_format_invalid")
}

func TestHandshakeKeepsTheQuery(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newBrowser(t, em)
	resp, _ := b.get("/v1/client/handshake?redirect_url=" + url.QueryEscape("http://localhost:3000/p%2Fq?b=~*;c&__clerk_handshake=old&a=%20+&&z#frag"))
	loc := resp.Header.Get("Location")
	if !strings.HasPrefix(loc, "http://localhost:3000/p%2Fq?b=~*;c&a=%20+&z&__clerk_handshake=ey") || !strings.HasSuffix(loc, "#frag") || strings.Contains(loc, "old") {
		t.Errorf("sent back to %s", loc)
	}
	resp, _ = b.get("/v1/client/handshake?redirect_url=" + url.QueryEscape("http://localhost:3000"))
	if !strings.HasPrefix(resp.Header.Get("Location"), "http://localhost:3000/?__clerk_handshake=ey") {
		t.Errorf("sent back to %s", resp.Header.Get("Location"))
	}
}

func FuzzHandshakeRedirect(f *testing.F) {
	for _, s := range badRedirects {
		f.Add(s)
	}
	f.Add("http://localhost:3000/a?b=c#d")
	em := newEmulator(f, clerktest.Config{Instance: clerk.Production, Origins: []string{"http://localhost:3000"}})
	f.Fuzz(func(t *testing.T, redirect string) {
		resp, body := get(t, em, "/v1/client/handshake?format=nonce&redirect_url="+url.QueryEscape(redirect), nil)
		if resp.StatusCode != 307 {
			if resp.StatusCode != 422 || resp.Header.Get("Location") != "" {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
			return
		}
		u, err := url.Parse(resp.Header.Get("Location"))
		// localhost:0 is the emulator itself, which has no listener here.
		if err != nil || !strings.EqualFold(u.Scheme, "http") || u.User != nil ||
			!strings.EqualFold(u.Host, "localhost:3000") && !strings.EqualFold(u.Host, "localhost:0") {
			t.Errorf("%q leads to %q", redirect, resp.Header.Get("Location"))
		}
	})
}

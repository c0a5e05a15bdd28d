package browser_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// TestProtocols follows a browser through the life of a session and checks every
// redirect.
func TestProtocols(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) { life(t, s) })
	}
}

// The hops of a browser. In development the result of the handshake is in the URL, and
// a last redirect removes it.
const toClerk = "clerk /v1/client/handshake 307"

func life(t *testing.T, s shape) {
	x := newSite(t, s)
	b := newTab(t, x.origin, look{})
	me := x.origin + "/me"

	w := b.open(me)
	if s.instance == clerk.Development {
		w.was(t, "app /me 307 dev-browser-missing", toClerk, "app /me 307 session-token-missing", "app /me 401 session-token-and-uat-missing")
	} else {
		w.was(t, "app /me 401 session-token-and-uat-missing")
	}
	b.sees("Not signed in")

	b.press("Sign in").was(t, "app /sign-in 303 session-token-and-uat-missing", "clerk /sign-in 200")
	w = b.signIn("alice@example.com", password)
	if s.instance == clerk.Development {
		w.was(t, "clerk /sign-in 303", "app /me 307 dev-browser-sync", toClerk, "app /me 307", "app /me 200")
	} else {
		w.was(t, "clerk /sign-in 303", "app /me 307 client-uat-but-no-session-token", toClerk, "app /me 200")
	}
	if p := b.sees("Signed in", x.session.Load().UserID); p.URL != x.origin+"/me?tab=1&tab=2" {
		t.Errorf("the handshake left the browser at %s", p.URL)
	}
	x.holds(t, b, s)
	b.open(me).was(t, "app /me 200")

	// The session token expires. A refresh token gets a new one without a redirect.
	first := x.session.Load()
	x.em.Advance(70 * time.Second)
	b.open(me).was(t, "app /me 200")
	b.sees("Signed in", first.UserID)
	if next := x.session.Load(); !next.ExpiresAt.After(first.ExpiresAt) || next.SessionID != first.SessionID {
		t.Errorf("%s until %s after %s until %s", next.SessionID, next.ExpiresAt, first.SessionID, first.ExpiresAt)
	}

	// Without a refresh token, the handshake renews it.
	b.forget(clerk.CookieRefresh)
	x.em.Advance(70 * time.Second)
	w = b.open(me)
	const expired = "app /me 307 session-token-expired-refresh-non-eligible-no-refresh-cookie"
	if s.instance == clerk.Development {
		w.was(t, expired, toClerk, "app /me 307", "app /me 200")
	} else {
		w.was(t, expired, toClerk, "app /me 200")
	}
	b.sees("Signed in", first.UserID)
	x.holds(t, b, s)
	b.open(me).was(t, "app /me 200")

	w = b.press("Sign out")
	way := []string{"app /sign-out 303", "clerk /sign-out 303"}
	if s.confirmsExit {
		w.was(t, "app /sign-out 303", "clerk /sign-out 200")
		b.sees("Sign out?")
		w, way = b.press("Sign out"), way[1:]
	}
	if s.instance == clerk.Development {
		w.was(t, append(way, "app /me 307 dev-browser-sync", toClerk, "app /me 307 session-token-missing", "app /me 401 session-token-and-uat-missing")...)
	} else {
		w.was(t, append(way, "app /me 307 session-token-but-no-client-uat", toClerk, "app /me 401 session-token-missing")...)
	}
	b.sees("Not signed in")
	for name := range b.cookies() {
		if strings.HasPrefix(name, clerk.CookieSession) || strings.HasPrefix(name, clerk.CookieRefresh) {
			t.Errorf("signed out, the browser still holds %s", name)
		}
	}
	b.open(me).was(t, "app /me 401 session-token-and-uat-missing")
}

// was checks the hops.
func (w way) was(t *testing.T, hops ...string) {
	t.Helper()
	if want := strings.Join(hops, "\n"); w.String() != want {
		t.Errorf("the browser went\n%s\nand should have gone\n%s", w, want)
	}
}

// holds checks the cookies of a signed-in browser.
func (x *site) holds(t *testing.T, b *tab, s shape) {
	t.Helper()
	key, err := clerk.ParsePublishableKey(x.cfg.PublishableKey)
	if err != nil {
		t.Fatal(err)
	}
	domain := s.app // of the host alone, where they have no domain to share
	if s.https {
		domain = ".example.test"
	}
	have := b.cookies()
	want := map[string]cookie{
		clerk.CookieSession:                       {Domain: s.app},
		key.SuffixedCookie(clerk.CookieSession):   {Domain: s.app},
		key.SuffixedCookie(clerk.CookieRefresh):   {Domain: s.app, HTTPOnly: true},
		clerk.CookieClientUAT:                     {Domain: domain},
		key.SuffixedCookie(clerk.CookieClientUAT): {Domain: domain},
		clerk.CookieClient:                        {Domain: s.clerk, HTTPOnly: true},
	}
	if s.instance == clerk.Development {
		want[clerk.CookieDevBrowser] = cookie{Domain: s.app}
		want[key.SuffixedCookie(clerk.CookieDevBrowser)] = cookie{Domain: s.app}
	}
	for name, c := range want {
		c.Name, c.Path, c.SameSite, c.Secure, c.Value = name, "/", "Lax", s.https, have[name].Value
		if have[name] != c || c.Value == "" {
			// Do not log the value.
			t.Errorf("cookie %s is of %q, path %q, SameSite %s, Secure %t, HttpOnly %t, %d bytes", name, have[name].Domain,
				have[name].Path, have[name].SameSite, have[name].Secure, have[name].HTTPOnly, len(have[name].Value))
		}
	}
	for name := range have {
		if _, ok := want[name]; !ok && name != clerk.CookieRedirectCount {
			t.Errorf("the browser was left with the cookie %s", name)
		}
	}
	if slices.Contains([]string{"", "0"}, have[clerk.CookieClientUAT].Value) {
		t.Error("signed in, client_uat says nobody is")
	}
}

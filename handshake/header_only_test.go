package handshake

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// TestHeaderOnly: with HeaderOnly no cookie and no parameter of the handshake makes an
// identity or a redirect, and none spoils a good header.
func TestHeaderOnly(t *testing.T) {
	good, cookie := token(t, nil), "; __session="+token(t, claims{"sub": "user_cookie"})
	for _, make := range []func() *world{production, development} {
		w := make()
		w.config.HeaderOnly = true
		w.backend.nonce = map[string][]string{"n": answer(t, nil)}
		post := fetch(uatNow+cookie, "Origin", "https://evil.example", "Content-Type", "application/x-www-form-urlencoded")
		post.Method = "POST"
		linked := page("")
		linked.Target = "/?__clerk_handshake_nonce=n&__clerk_handshake=" + handshakeToken(t, nil, answer(t, nil)...) + "&__clerk_db_jwt=dvb_1"
		for name, r := range map[string]Request{
			"a page with cookies":        page(uatNow + cookie),
			"a page with a changed uat":  page("__client_uat=9999999999" + cookie),
			"a form post from elsewhere": post,
			"an answer in the URL":       linked,
			"a nonce in a cookie":        page("__clerk_handshake_nonce=n"),
			"a handshake in a cookie":    page("__clerk_handshake=" + handshakeToken(t, nil, answer(t, nil)...)),
			"nothing":                    page(""),
		} {
			d := w.decide(t, r)
			if d.Status != SignedOut || d.Reason != clerk.ReasonNoTokenInHeader || d.Location != "" || len(d.Cookies) > 0 {
				t.Errorf("%s: %v %q %q %q", name, d.Status, d.Reason, d.Location, d.Cookies)
			}
		}
		if d := w.decide(t, fetch("__session=e30.bnVsbA.x; __client_uat=0", "Authorization", "Bearer "+good)); d.Status != SignedIn || d.Auth.UserID != "user_1" {
			t.Errorf("a good header beside broken cookies: %v %q", d.Status, d.Reason)
		}
		if d := w.decide(t, page(uatNow+cookie+"; __refresh_"+"x=r", "Authorization", "Bearer "+expired(t))); d.Status != SignedOut || !d.Reason.Is(clerk.ReasonSessionTokenExpired) || d.Location != "" {
			t.Errorf("an expired header: %v %q %q", d.Status, d.Reason, d.Location)
		}
		if d := w.decide(t, fetch(uatNow+cookie), clerk.SessionToken, clerk.APIKey); d.Status != SignedOut {
			t.Errorf("a route of several kinds reads the cookie: %v", d.Status)
		}
		if w.machine(t).PresentsToken(fetch(uatNow+cookie), true) {
			t.Error("a stray cookie counts as a token that was presented")
		}
		if w.backend.calls != 0 {
			t.Errorf("%d calls to the Backend API", w.backend.calls)
		}
	}
}

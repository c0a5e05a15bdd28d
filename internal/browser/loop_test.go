package browser_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// TestLoopsEnd breaks the handshake in such a way that the browser would go round
// for ever. It must end on a page that says what is the matter, long before it
// gives up by itself (after 20 redirects, ERR_TOO_MANY_REDIRECTS), and be signed
// in again when the cause is gone.
func TestLoopsEnd(t *testing.T) {
	const again = "app /me 307 session-token-expired-refresh-non-eligible-no-refresh-cookie"
	const enough = "app /me 401 session-token-expired-refresh-non-eligible-no-refresh-cookie"
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			x := newSite(t, s)
			b := newTab(t, x.origin, look{})
			b.open(x.origin + "/sign-in")
			b.signIn("alice@example.com", password)
			b.sees("Signed in")
			expire := func() {
				x.em.Advance(70 * time.Second)
				b.forget(clerk.CookieRefresh)
			}
			mended := func() {
				x.beforeApp.Store(nil)
				x.beforeClerk.Store(nil)
				b.forget(clerk.CookieHandshake) // it lives a minute
				b.open(x.origin + "/me")
				b.sees("Signed in")
			}

			expire()
			x.answerNothing()
			b.open(x.origin+"/me").was(t, again, toClerk, again, toClerk, again, toClerk, enough)
			b.sees("Not signed in", "session-token-expired")
			mended()

			expire()
			x.answerExpired(s)
			w := b.open(x.origin + "/me")
			if s.instance == clerk.Development {
				const taken = "app /me 307" // the answer out of the URL into cookies
				w.was(t, again, toClerk, taken, again, toClerk, taken, again, toClerk, taken, enough)
			} else {
				w.was(t, again, toClerk, again, toClerk, again, toClerk, enough)
			}
			b.sees("Not signed in", "session-token-expired")
			mended()

			if s.instance == clerk.Production {
				// No cookie of the application's arrives, its count of redirects not either.
				// The answer is in a cookie of Clerk's, and counts for this one page.
				expire()
				x.dropCookies()
				b.open(x.origin+"/me").was(t, again, toClerk, "app /me 200")
				b.sees("Signed in")
				mended()
			}
		})
	}
}

// onHandshake replaces the answer of the handshake endpoint.
func (x *site) onHandshake(answer func(w http.ResponseWriter, back *url.URL)) {
	put(&x.beforeClerk, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v1/client/handshake" {
				next.ServeHTTP(w, r)
				return
			}
			back, err := url.Parse(r.URL.Query().Get("redirect_url"))
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			answer(w, back)
			w.Header().Set("Location", back.String())
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
	})
}

func (x *site) answerNothing() {
	x.onHandshake(func(http.ResponseWriter, *url.URL) {})
}

// answerExpired answers with a session token that ended an hour ago.
func (x *site) answerExpired(s shape) {
	now, who := x.em.Now().Unix(), x.session.Load()
	session := x.em.Sign(nil, map[string]any{
		"iss": x.em.Issuer(), "azp": x.origin, "sub": who.UserID, "sid": who.SessionID,
		"iat": now - 3660, "nbf": now - 3660, "exp": now - 3600,
	})
	token := x.em.Sign(nil, map[string]any{
		"handshake": []string{clerk.CookieSession + "=" + session + "; Path=/; SameSite=Lax"}, "iat": now, "exp": now + 60,
	})
	x.onHandshake(func(w http.ResponseWriter, back *url.URL) {
		if s.instance == clerk.Development {
			q := back.Query()
			q.Set(clerk.CookieHandshake, token)
			back.RawQuery = q.Encode()
			return
		}
		domain := "" // of the host that both share
		if s.https {
			domain = "example.test"
		}
		http.SetCookie(w, &http.Cookie{Name: clerk.CookieHandshake, Value: token, Path: "/", Domain: domain, MaxAge: 60, Secure: s.https})
	})
}

// dropCookies takes the cookies out of the application's answers, as a cache in
// front of it may.
func (x *site) dropCookies() {
	put(&x.beforeApp, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			for name, values := range rec.Header() {
				if name != "Set-Cookie" {
					w.Header()[name] = values
				}
			}
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
		})
	})
}

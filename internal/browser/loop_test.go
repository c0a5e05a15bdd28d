package browser_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// TestLoopsEnd breaks the handshake so that the browser would redirect forever. The
// redirects must end on a page that explains the problem, long before the browser gives
// up (after 20 redirects, ERR_TOO_MANY_REDIRECTS). Once the cause is fixed, the user
// must be signed in again.
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
				// No cookie of the application arrives, not even its redirect counter. The result
				// is in a cookie of Clerk's and applies only to this page.
				expire()
				x.dropCookies()
				b.open(x.origin+"/me").was(t, again, toClerk, "app /me 200")
				b.sees("Signed in")
				mended()
			}
		})
	}
}

// onHandshake replaces the response of the handshake endpoint.
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

// answerExpired responds with a session token that expired an hour ago.
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

// dropCookies removes the cookies from the application's responses, like a cache in
// front of it could.
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

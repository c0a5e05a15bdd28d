package middlewaretest

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// handshakes are about the answers that browsers bring back from the Frontend
// API, and about sessions that are refreshed on the way.
func handshakes() []behaviour {
	open := Group{Handler: true, Routes: []Route{me(), gated("/gated")}}
	ask := func(name string, production bool, f func(*site)) behaviour {
		return behaviour{"handshakes/" + name, func(c *checker) { f(c.serve(setup{production: production}, open)) }}
	}
	return []behaviour{
		ask("a browser goes all the way", false, wholeWay),
		ask("signed-out browser goes all the way", false, func(s *site) {
			b := s.browser()
			a := b.visit("/me")
			s.isNobody(a, clerk.ReasonSessionTokenAndUATMissing)
			if b.redirects != 3 {
				s.errorf("%d redirects, want three: to the Frontend API, back, and to the clean URL", b.redirects)
			}
			if s.isNobody(b.visit("/me"), clerk.ReasonSessionTokenAndUATMissing); b.redirects != 3 {
				s.errorf("the second visit was redirected again")
			}
		}),
		ask("development takes it from the URL", false, func(s *site) {
			token, want := s.handshakeToken(s.signIn("a@example.com"))
			a := s.get("/me?a=1&__clerk_handshake="+token+"&b=2", document)
			if a.status != http.StatusTemporaryRedirect || a.header.Get("Location") != origin+"/me?a=1&b=2" {
				s.errorf("status %d, Location %q; want 307 to the clean URL", a.status, a.header.Get("Location"))
			}
			s.hasCookies(a, want)
			if len(a.cookies) != len(want) {
				s.errorf("Set-Cookie fields %q, want %q", a.cookies, want)
			}
		}),
		{"handshakes/a gate alone takes it too", func(c *checker) {
			s := c.serve(setup{}, Group{Routes: []Route{gated("/gated")}})
			token, want := s.handshakeToken(s.signIn("a@example.com"))
			a := s.get("/gated?__clerk_handshake="+token, document)
			if a.status != http.StatusTemporaryRedirect || a.header.Get("Location") != origin+"/gated" {
				s.errorf("status %d, Location %q; want 307 to the clean URL", a.status, a.header.Get("Location"))
			}
			s.hasCookies(a, want)
		}},
		ask("an answer that is nobody", false, func(s *site) {
			want := []string{clerk.CookieSession + "=; Path=/; Max-Age=0", clerk.CookieClientUAT + "=0; Path=/"}
			token := s.signHandshake(want)
			a := s.get("/me?__clerk_handshake="+token, document)
			if a.status != http.StatusTemporaryRedirect || a.header.Get("Location") != origin+"/me" {
				s.errorf("status %d, Location %q; want 307 to the clean URL", a.status, a.header.Get("Location"))
			}
			s.hasCookies(a, want)
		}),
		ask("forged answer", false, func(s *site) {
			token, _ := s.handshakeToken(s.signIn("a@example.com"))
			a := s.get("/me?__clerk_handshake="+token[:len(token)-8]+"AAAAAAAA", document)
			s.isNobody(a, clerk.ReasonTokenInvalidSignature)
			if len(a.cookies) > 0 {
				s.errorf("Set-Cookie fields %q of a forged answer", a.cookies)
			}
		}),
		ask("production takes it from a cookie", true, func(s *site) {
			sess := s.signIn("a@example.com")
			answer, want := s.handshakeCookie(sess)
			a := s.get("/me", document, answer)
			s.isUser(a, sess)
			s.hasCookies(a, want)
			a = s.get("/gated", document, answer)
			s.isUser(a, sess)
			if len(a.cookies) != len(want) {
				s.errorf("Set-Cookie fields below a gate: %q, want each of %q once", a.cookies, want)
			}
		}),
		ask("production takes none from a link", true, func(s *site) {
			token, _ := s.handshakeToken(s.signIn("a@example.com"))
			a := s.get("/me?__clerk_handshake="+token, document)
			s.isNobody(a, clerk.ReasonSessionTokenMissing)
			if len(a.cookies) > 0 {
				s.errorf("Set-Cookie fields %q from a link", a.cookies)
			}
		}),
		ask("only Clerk's cookies", true, func(s *site) {
			sess := s.signIn("a@example.com")
			_, want := s.handshakeToken(sess)
			token := s.signHandshake(append([]string{"admin=1; Path=/"}, want...))
			a := s.get("/me", document, cookie(clerk.CookieHandshake, token))
			s.isUser(a, sess)
			if !slices.Equal(a.cookies, want) {
				s.errorf("Set-Cookie fields %q, want %q", a.cookies, want)
			}
			token = s.signHandshake(append([]string{"__client_uat=1\r\nX-Evil: 1"}, want...))
			a = s.get("/me", document, cookie(clerk.CookieHandshake, token))
			if id := s.who(a); id.SignedIn || len(a.cookies) > 0 || a.header.Get("X-Evil") != "" {
				s.errorf("a line break in an answer: user %s, header %v", id.User, a.header)
			}
		}),
		ask("expired session is refreshed", false, refreshed),
		ask("refresh that fails", false, func(s *site) {
			sess := s.signIn("a@example.com")
			undo := s.em.Fault(clerktest.Fault{Path: "/v1/sessions/*", Status: http.StatusBadRequest})
			defer undo()
			expired := []option{browserCookies(sess, clerktest.WithLifetime(-time.Minute)), s.suffixed(clerk.CookieRefresh, "anything")}
			s.is401(s.get("/gated", expired...), clerk.ReasonSessionTokenExpired)
			s.isHandshake(s.get("/gated", append(expired, document)...), clerk.ReasonSessionTokenExpired)
		}),
	}
}

// signHandshake makes the token in which the Frontend API sends directives.
func (s *site) signHandshake(directives []string) string {
	now := s.em.Now()
	return s.em.Sign(nil, map[string]any{"handshake": directives, "iat": now.Unix(), "nbf": now.Unix() - 5, "exp": now.Add(time.Minute).Unix()})
}

// handshakeToken is the answer about a session, and the Set-Cookie values in it.
func (s *site) handshakeToken(sess *clerktest.Session) (token string, directives []string) {
	fresh := sess.Token()
	directives = []string{
		clerk.CookieClientUAT + "=" + strconv.FormatInt(s.em.Now().Unix()-1, 10) + "; Path=/; Max-Age=315360000; SameSite=Lax",
		clerk.CookieSession + "=" + fresh + "; Path=/; Max-Age=31536000; SameSite=Lax",
		s.suffix(clerk.CookieSession) + "=" + fresh + "; Path=/; Max-Age=31536000; SameSite=Lax",
		clerk.CookieHandshake + "=; Path=/; Max-Age=0",
	}
	return s.signHandshake(directives), directives
}

// handshakeCookie is the same, as a production instance's browser brings it.
func (s *site) handshakeCookie(sess *clerktest.Session) (option, []string) {
	token, directives := s.handshakeToken(sess)
	return cookie(clerk.CookieHandshake, token), directives
}

func (s *site) suffix(name string) string {
	key, err := clerk.ParsePublishableKey(s.em.PublishableKey())
	if err != nil {
		s.fatalf("publishable key: %v", err)
	}
	return key.SuffixedCookie(name)
}

func (s *site) suffixed(name, value string) option { return cookie(s.suffix(name), value) }

// refreshed has a request that no redirect could help, a script's, bring an
// expired session token and the refresh token.
func refreshed(s *site) {
	b := s.browser()
	sess := s.signIn("a@example.com")
	b.adopt(sess)
	s.isUser(b.visit("/me"), sess)
	s.em.Advance(5 * time.Minute)
	a := s.get("/gated", b.cookies)
	s.isUser(a, sess)
	fresh := ""
	for _, c := range a.cookies {
		pair, _, _ := strings.Cut(c, ";")
		if value, ok := strings.CutPrefix(pair, clerk.CookieSession+"="); ok {
			fresh = value
		}
	}
	if fresh == "" {
		s.fatalf("Set-Cookie fields %q hold no new session token", a.cookies)
	}
	s.has(a, "Cache-Control", "no-store")
	s.isUser(s.get("/gated", bearer(fresh)), sess)
}

// wholeWay follows a browser from its first visit to a sign-in on the emulator's
// page, an expired session, and a sign-out.
func wholeWay(s *site) {
	b := s.browser()
	sess := s.signIn("a@example.com")
	s.isNobody(b.visit("/me"), clerk.ReasonSessionTokenAndUATMissing)
	b.adopt(sess)
	a := b.visit("/me?tab=1")
	s.isUser(a, sess)
	if !strings.HasSuffix(b.at, "/me?tab=1") {
		s.errorf("the browser ended at %s", b.at)
	}
	s.isUser(b.visit("/gated"), sess)
	s.em.Advance(5 * time.Minute)
	s.isUser(b.visit("/gated"), sess)
	if !strings.HasSuffix(b.at, "/gated") {
		s.errorf("the browser ended at %s", b.at)
	}
	sess.End()
	s.em.Advance(5 * time.Minute)
	s.is401(b.visit("/gated"), clerk.ReasonSessionTokenAndUATMissing)
}

// browser is a browser with one cookie jar for the application and the emulator.
// Both are on localhost, and cookies do not know ports.
type browser struct {
	s         *site
	jar       http.CookieJar
	at        string // the URL of the page
	redirects int
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.fatalf("cookie jar: %v", err)
	}
	return &browser{s: s, jar: jar}
}

// adopt signs the browser in as the session's: as after a sign-in on the account
// portal, which the application learns about by the dev browser alone.
func (b *browser) adopt(sess *clerktest.Session) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, origin+"/", http.NoBody)
	if err != nil {
		b.s.fatalf("request: %v", err)
	}
	sess.Cookies(r)
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, clerk.CookieDevBrowser) || strings.HasPrefix(c.Name, clerk.CookieClientUAT) {
			c.Path = "/"
			b.jar.SetCookies(r.URL, []*http.Cookie{c})
		}
	}
}

// cookies are those that a script's request to the application carries.
func (b *browser) cookies(r *http.Request) {
	for _, c := range b.jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
}

// visit opens a page and follows redirects.
func (b *browser) visit(target string) *answer {
	b.at = origin + target
	for range 8 {
		u, err := url.Parse(b.at)
		if err != nil {
			b.s.fatalf("%s: %v", b.at, err)
		}
		var a *answer
		if strings.HasPrefix(b.at, origin) {
			a = b.s.get(strings.TrimPrefix(b.at, origin), document, b.cookies)
		} else {
			a = b.ask(u)
		}
		b.jar.SetCookies(u, (&http.Response{Header: a.header}).Cookies())
		location := a.header.Get("Location")
		if a.status < 300 || a.status >= 400 || location == "" {
			return a
		}
		next, err := u.Parse(location)
		if err != nil {
			b.s.fatalf("Location %q: %v", location, err)
		}
		b.at = next.String()
		b.redirects++
	}
	b.s.fatalf("the browser was sent round eight times, at last to %s", b.at)
	return nil
}

// ask asks the emulator.
func (b *browser) ask(u *url.URL) *answer {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		b.s.fatalf("%s: %v", u, err)
	}
	document(r)
	b.cookies(r)
	res, err := b.s.em.Transport().RoundTrip(r)
	if err != nil {
		b.s.fatalf("the emulator: %v", err)
	}
	_ = res.Body.Close() // a redirect
	return &answer{res.StatusCode, res.Header, res.Header.Values("Set-Cookie"), ""}
}

package middlewaretest

import (
	"net/http"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

// signIns are about browsers that are sent to sign in.
func signIns() []behaviour {
	// Without the handshake, a browser that nobody knows is signed out at once.
	set := func(opts ...middleware.Option) setup {
		return setup{options: opts, config: func(cfg *clerk.Config) { cfg.Handshake = clerk.HandshakeOff }}
	}
	return []behaviour{
		{"sign-in/off by default", func(c *checker) {
			s := c.serve(set(), Group{Routes: []Route{gated("/gated")}})
			s.is401(s.get("/gated", document), clerk.ReasonSessionTokenAndUATMissing)
		}},
		{"sign-in/pages only", func(c *checker) {
			for _, handler := range []bool{true, false} {
				s := c.serve(set(middleware.WithSignInRedirect()), Group{Handler: handler, Routes: []Route{
					gated("/gated"), gated("/keys", clerk.Tokens(clerk.APIKey)), gated("/admin", clerk.Role("org:admin")),
					{Method: http.MethodPost, Path: "/gated", Gates: []Gate{{}}, Handle: whoami},
				}})
				s.goesToSignIn(s.get("/gated?x=1", document), http.StatusTemporaryRedirect, origin+"/gated?x=1")
				s.goesToSignIn(s.get("/admin", document), http.StatusTemporaryRedirect, origin+"/admin")
				s.is401(s.get("/gated"), anyReason)
				s.is401(s.get("/gated", document, bearer("forged")), anyReason)
				s.is401(s.get("/keys", document), anyReason)
				s.is401(s.do(http.MethodPost, "/gated", "a=b", document), anyReason)
				sess := s.signIn("a@example.com")
				s.isUser(s.get("/gated", document, browserCookies(sess)), sess)
				s.is403(s.get("/admin", document, browserCookies(sess)))
				s.is401(s.get("/gated", document, cookie(clerk.CookieSignInCount, "5")), anyReason)

				a := s.get("/gated", header("Hx-Request", "true"), header("Hx-Current-Url", origin+"/list"))
				s.is401(a, anyReason)
				if back := s.query(a.header.Get("Hx-Redirect")).Get("redirect_url"); back != origin+"/list" {
					s.errorf("HX-Redirect %q leads back to %q, want %s/list", a.header.Get("Hx-Redirect"), back, origin)
				}
			}
		}},
		{"sign-in/after the handshake", func(c *checker) {
			s := c.serve(setup{options: []middleware.Option{middleware.WithSignInRedirect()}}, Group{Handler: true, Routes: []Route{gated("/gated")}})
			s.isHandshake(s.get("/gated", document), clerk.ReasonDevBrowserMissing)
			a := s.get("/gated", document, cookie(clerk.CookieDevBrowser, "dvb_1"))
			s.goesToSignIn(a, http.StatusTemporaryRedirect, origin+"/gated")
			if got := s.query(a.header.Get("Location")).Get(clerk.CookieDevBrowser); got != "dvb_1" {
				s.errorf("the dev browser in %q is %q", a.header.Get("Location"), got)
			}
		}},
		{"sign-in/asked for by a handler", func(c *checker) {
			var auth *middleware.Middleware
			ask := func(x Exchange) error { return x.RedirectToSignIn(auth) }
			s := c.serve(set(), Group{Handler: true, Routes: []Route{
				{Method: http.MethodGet, Path: "/ask", Handle: ask}, {Method: http.MethodPost, Path: "/ask", Handle: ask},
			}})
			auth = s.auth
			s.goesToSignIn(s.get("/ask?x=1", document), http.StatusSeeOther, origin+"/ask?x=1")
			s.goesToSignIn(s.do(http.MethodPost, "/ask", "a=b", document, header("Referer", origin+"/form")), http.StatusSeeOther, origin+"/form")
			s.is401(s.get("/ask", document, cookie(clerk.CookieSignInCount, "5")), anyReason)
			if a := s.get("/ask", header("Hx-Request", "true")); a.status != http.StatusUnauthorized || !strings.HasPrefix(a.header.Get("Hx-Redirect"), s.em.URL+"/sign-in?") {
				s.errorf("htmx: status %d, HX-Redirect %q", a.status, a.header.Get("Hx-Redirect"))
			}
		}},
	}
}

// goesToSignIn wants a redirect to the sign-in page, which leads back to a page.
func (s *site) goesToSignIn(a *answer, status int, back string) {
	location := a.header.Get("Location")
	if a.status != status || !strings.HasPrefix(location, s.em.URL+"/sign-in?") {
		s.errorf("status %d, Location %q; want %d to the sign-in page; body %s", a.status, location, status, a.body)
		return
	}
	if got := s.query(location).Get("redirect_url"); got != back {
		s.errorf("redirect_url %q, want %q", got, back)
	}
	s.has(a, "Cache-Control", "no-store")
	if len(a.cookies) != 1 || !strings.HasPrefix(a.cookies[0], clerk.CookieSignInCount+"=1;") {
		s.errorf("Set-Cookie fields %q, want one that counts the redirect", a.cookies)
	}
}

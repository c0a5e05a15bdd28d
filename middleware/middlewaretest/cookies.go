package middlewaretest

import (
	"errors"
	"net/http"
	"slices"

	"github.com/clerkkit/clerkkit/clerk"
)

// cookies are about the kit's cookies in an answer that the handler makes: a
// browser that does not get them is asked for a handshake again, in a circle.
func cookies() []behaviour {
	// keep wants the kit's cookies in whatever the handler answers.
	keep := func(name string, handle func(Exchange) error, check func(*site, *answer)) behaviour {
		return behaviour{"cookies/" + name, func(c *checker) {
			s := c.serve(setup{production: true}, Group{Handler: true, Routes: []Route{
				{Method: http.MethodGet, Path: "/page", Handle: handle},
				{Method: http.MethodGet, Path: "/gated", Handle: handle, Gates: []Gate{nil}},
			}})
			alone := c.serve(setup{production: true}, Group{Routes: []Route{{Method: http.MethodGet, Path: "/alone", Handle: handle, Gates: []Gate{nil}}}})
			for _, at := range []struct {
				site *site
				path string
			}{{s, "/page"}, {s, "/gated"}, {alone, "/alone"}} {
				answer, want := at.site.handshakeCookie(at.site.signIn("a" + at.path[1:] + "@example.com"))
				a := at.site.get(at.path, document, answer)
				at.site.hasCookies(a, want)
				if check != nil {
					check(at.site, a)
				}
			}
		}}
	}
	ownFirst := func(s *site, a *answer) {
		if len(a.cookies) != 5 || a.cookies[0][:4] != "own=" {
			s.errorf("Set-Cookie fields %q, want the handler's own before the kit's", a.cookies)
		}
	}
	return []behaviour{
		keep("kept in order", func(x Exchange) error { return x.Text(http.StatusOK, "hello") }, func(s *site, a *answer) {
			if len(a.cookies) != 4 || a.body != "hello" {
				s.errorf("Set-Cookie fields %q, body %q", a.cookies, a.body)
			}
		}),
		keep("kept where the handler writes nothing", func(Exchange) error { return nil }, nil),
		keep("kept where the handler redirects", func(x Exchange) error { return x.Redirect(http.StatusSeeOther, "/elsewhere") }, func(s *site, a *answer) {
			if a.status != http.StatusSeeOther || a.header.Get("Location") != "/elsewhere" {
				s.errorf("status %d, Location %q, want the handler's redirect", a.status, a.header.Get("Location"))
			}
		}),
		keep("kept beside the handler's own", func(x Exchange) error {
			x.SetCookie("own", "1")
			return x.Text(http.StatusOK, "hello")
		}, ownFirst),
		keep("kept where the handler adds fields", func(x Exchange) error {
			x.AddHeader("Set-Cookie", "own=1; Path=/")
			return x.Text(http.StatusOK, "hello")
		}, ownFirst),
		keep("kept where the handler overwrites them", func(x Exchange) error {
			x.SetHeader("Set-Cookie", "own=1; Path=/")
			return x.Text(http.StatusOK, "hello")
		}, ownFirst),
		keep("kept where the handler sets the same names", func(x Exchange) error {
			x.SetCookie(clerk.CookieSession, "of-the-handler")
			return x.Text(http.StatusOK, "hello")
		}, func(s *site, a *answer) {
			if len(a.cookies) != 5 {
				s.errorf("Set-Cookie fields %q, want the handler's too", a.cookies)
			}
		}),
		keep("kept in a stream", func(x Exchange) error {
			x.SetHeader("Set-Cookie", "own=1; Path=/")
			return x.Stream(func(send func(string)) { send("a"); send("b") })
		}, func(s *site, a *answer) {
			if ownFirst(s, a); a.body != "ab" {
				s.errorf("body %q", a.body)
			}
		}),
		keep("kept where the handler flushes first", func(x Exchange) error {
			x.SetHeader("Set-Cookie", "own=1; Path=/")
			return x.Stream(func(send func(string)) { send(""); send("a") })
		}, ownFirst),
		keep("kept in an error", func(x Exchange) error {
			x.SetHeader("Set-Cookie", "own=1; Path=/")
			return errors.New("oops")
		}, func(s *site, a *answer) {
			if a.status != http.StatusInternalServerError {
				s.errorf("status %d, want 500", a.status)
			}
		}),
		keep("kept out of caches", func(x Exchange) error {
			x.SetHeader("Cache-Control", "public, max-age=3600")
			return x.Text(http.StatusOK, "hello")
		}, nil),
		keep("kept in an empty answer", func(x Exchange) error { return x.Text(http.StatusNoContent, "") }, func(s *site, a *answer) {
			if a.status != http.StatusNoContent {
				s.errorf("status %d, want 204", a.status)
			}
		}),
		{"cookies/kept in refusals", func(c *checker) {
			s := c.serve(setup{production: true}, Group{Handler: true, Routes: []Route{gated("/admin", clerk.Role("org:admin"))}})
			answer, want := s.handshakeCookie(s.signIn("a@example.com"))
			a := s.get("/admin", document, answer)
			s.is403(a)
			s.hasCookies(a, want)
			alone := c.serve(setup{production: true}, Group{Routes: []Route{gated("/admin", clerk.Role("org:admin"))}})
			answer, want = alone.handshakeCookie(alone.signIn("a@example.com"))
			a = alone.get("/admin", document, answer)
			alone.is403(a)
			alone.hasCookies(a, want)
		}},
		{"cookies/the handler's own stay where there are none of the kit's", func(c *checker) {
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{{Method: http.MethodGet, Path: "/page", Handle: func(x Exchange) error {
				x.AddHeader("Set-Cookie", "a=1; Path=/")
				x.AddHeader("Set-Cookie", "b=2; Path=/")
				return x.Text(http.StatusOK, "hello")
			}}}})
			a := s.get("/page", bearer(s.signIn("a@example.com").Token()))
			if !slices.Equal(a.cookies, []string{"a=1; Path=/", "b=2; Path=/"}) || a.header.Get("Cache-Control") != "" {
				s.errorf("Set-Cookie fields %q, Cache-Control %q", a.cookies, a.header.Get("Cache-Control"))
			}
		}},
	}
}

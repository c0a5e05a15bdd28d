package middlewaretest

import (
	"errors"
	"net/http"
)

// faults are about handlers that fail.
func faults() []behaviour {
	return []behaviour{
		{"faults/panic", func(c *checker) {
			boom := Route{Method: http.MethodGet, Path: "/boom", Gates: []Gate{nil}, Handle: func(Exchange) error { panic("a handler's own") }}
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{boom, gated("/gated")}})
			sess := s.signIn("a@example.com")
			for range 3 {
				// Whether somebody recovers is the router's affair: it is 500, or the
				// connection is cut. Nobody may answer 200, and the server goes on.
				if a, err := s.try(http.MethodGet, "/boom", "", bearer(sess.Token())); err == nil && a.status != http.StatusInternalServerError {
					s.errorf("status %d after a panic", a.status)
				}
				s.isUser(s.get("/gated", bearer(sess.Token())), sess)
				s.is401(s.get("/gated"), anyReason)
			}
		}},
		{"faults/panic with the kit's cookies", func(c *checker) {
			boom := Route{Method: http.MethodGet, Path: "/boom", Handle: func(x Exchange) error {
				x.SetHeader("Set-Cookie", "own=1; Path=/")
				panic("a handler's own")
			}}
			s := c.serve(setup{production: true}, Group{Handler: true, Routes: []Route{boom}})
			answer, want := s.handshakeCookie(s.signIn("a@example.com"))
			if a, err := s.try(http.MethodGet, "/boom", "", document, answer); err == nil {
				s.hasCookies(a, want)
			}
		}},
		{"faults/error", func(c *checker) {
			oops := Route{Method: http.MethodGet, Path: "/oops", Gates: []Gate{nil}, Handle: func(Exchange) error { return errors.New("a handler's own") }}
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{oops}})
			if a := s.get("/oops", bearer(s.signIn("a@example.com").Token())); a.status != http.StatusInternalServerError {
				s.errorf("status %d, want 500", a.status)
			}
		}},
	}
}

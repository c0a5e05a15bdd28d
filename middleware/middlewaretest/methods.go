package middlewaretest

import (
	"net/http"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// methods are about requests that are not GET.
func methods() []behaviour {
	options := func(path string, gates ...Gate) Route {
		return Route{Method: http.MethodOptions, Path: path, Gates: gates, Handle: func(x Exchange) error {
			x.SetHeader("X-User", x.Auth().UserID)
			return x.Text(http.StatusNoContent, "")
		}}
	}
	routes := []Route{
		gated("/gated"), {Method: http.MethodHead, Path: "/gated", Gates: []Gate{nil}, Handle: whoami}, options("/gated", nil),
		{Method: http.MethodPost, Path: "/gated", Gates: []Gate{nil}, Handle: func(x Exchange) error {
			body, err := x.Body()
			if err != nil {
				return err
			}
			return x.Text(http.StatusCreated, x.Method()+" "+x.Auth().UserID+" "+string(body))
		}},
	}
	ask := func(name string, f func(*site)) behaviour {
		return behaviour{"methods/" + name, func(c *checker) {
			for _, handler := range []bool{true, false} {
				f(c.serve(setup{}, Group{Handler: handler, Routes: routes}))
			}
		}}
	}
	preflight := []option{header("Origin", "https://app.example.com"), header("Access-Control-Request-Method", "POST")}
	return []behaviour{
		ask("HEAD", func(s *site) {
			a := s.do(http.MethodHead, "/gated", "")
			if a.status != http.StatusUnauthorized || a.body != "" || a.header.Get("WWW-Authenticate") == "" || a.header.Get("Cache-Control") != "no-store" {
				s.errorf("status %d, body %q, header %v; want 401 as for GET, without a body", a.status, a.body, a.header)
			}
			if a := s.do(http.MethodHead, "/gated", "", bearer(s.signIn("a@example.com").Token())); a.status != http.StatusOK || a.body != "" {
				s.errorf("signed in: status %d, body %q; want 200 without a body", a.status, a.body)
			}
		}),
		ask("a preflight is gated", func(s *site) {
			for _, more := range []option{func(*http.Request) {}, document, bearer("forged"), header("Access-Control-Request-Headers", "authorization")} {
				s.is401(s.do(http.MethodOptions, "/gated", "", append([]option{more}, preflight...)...), anyReason)
			}
			sess := s.signIn("a@example.com")
			if a := s.do(http.MethodOptions, "/gated", "", append([]option{bearer(sess.Token())}, preflight...)...); a.status != http.StatusNoContent || a.header.Get("X-User") != sess.UserID {
				s.errorf("signed in: status %d, user %s", a.status, a.header.Get("X-User"))
			}
		}),
		ask("OPTIONS that is no preflight is gated", func(s *site) {
			s.is401(s.do(http.MethodOptions, "/gated", ""), anyReason)
			s.is401(s.do(http.MethodOptions, "/gated", "", preflight[0]), anyReason)
			s.is401(s.do(http.MethodOptions, "/gated", "", preflight[1]), anyReason)
			sess := s.signIn("a@example.com")
			if a := s.do(http.MethodOptions, "/gated", "", bearer(sess.Token())); a.status != http.StatusNoContent || a.header.Get("X-User") != sess.UserID {
				s.errorf("signed in: status %d, user %s", a.status, a.header.Get("X-User"))
			}
		}),
		ask("POST keeps its body", func(s *site) {
			sess := s.signIn("a@example.com")
			body := strings.Repeat("0123456789", 10_000)
			if a := s.do(http.MethodPost, "/gated", body, bearer(sess.Token())); a.status != http.StatusCreated || a.body != "POST "+sess.UserID+" "+body {
				s.errorf("status %d, %d bytes; want 201 and what was sent", a.status, len(a.body))
			}
			s.is401(s.do(http.MethodPost, "/gated", "a=b"), anyReason)
			s.is401(s.do(http.MethodPost, "/gated", "a=b", document), clerk.ReasonDevBrowserMissing)
			s.is401(s.do(http.MethodPost, "/gated", "a=b", document, browserCookies(sess, clerktest.WithLifetime(-1e9*60))), clerk.ReasonSessionTokenExpired)
		}),
	}
}

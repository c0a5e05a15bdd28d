package middlewaretest

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// optionalRoutes are about routes below Handler that no gate closes: they serve
// everybody, and say to whom.
func optionalRoutes() []behaviour {
	ask := func(name string, f func(*site)) behaviour {
		return behaviour{"optional/" + name, func(c *checker) {
			f(c.serve(setup{}, Group{Handler: true, Routes: []Route{me()}}))
		}}
	}
	return []behaviour{
		ask("nobody", func(s *site) {
			a := s.get("/me")
			s.isNobody(a, clerk.ReasonDevBrowserMissing)
			s.has(a, "X-Clerk-Auth-Status", "signed-out")
			s.has(a, "X-Clerk-Auth-Reason", string(clerk.ReasonDevBrowserMissing))
		}),
		ask("somebody has no diagnostics", func(s *site) {
			sess := s.signIn("a@example.com")
			a := s.get("/me", bearer(sess.Token()))
			s.isUser(a, sess)
			if got := a.header.Get("X-Clerk-Auth-Status") + a.header.Get("Cache-Control"); got != "" || len(a.cookies) > 0 {
				s.errorf("a plain answer to a signed-in user has the fields %v", a.header)
			}
		}),
		ask("bad token is nobody", func(s *site) {
			s.isNobody(s.get("/me", bearer("garbage")), clerk.ReasonTokenInvalid)
		}),
		ask("expired token is nobody", func(s *site) {
			token := s.signIn("a@example.com").Token()
			s.em.Advance(2 * time.Minute)
			s.isNobody(s.get("/me", bearer(token)), clerk.ReasonSessionTokenExpired)
		}),
		ask("signed-out browser is nobody", func(s *site) {
			sess := s.signIn("a@example.com")
			sess.End()
			s.isNobody(s.get("/me", browserCookies(sess)), clerk.ReasonSessionTokenAndUATMissing)
		}),
		{"optional/outage is not a sign-out", func(c *checker) {
			s := c.serve(setup{options: []middleware.Option{middleware.WithKeySource(noKeys{})}}, Group{Handler: true, Routes: []Route{me()}})
			sess := s.signIn("a@example.com")
			for _, o := range []option{bearer(sess.Token()), browserCookies(sess)} {
				a := s.get("/me", o)
				if id := s.who(a); !id.Outage || id.SignedIn || id.User != "" {
					s.errorf("the handler saw %+v, want nobody in an outage", id)
				}
				s.has(a, "X-Clerk-Auth-Status", "outage")
			}
		}},
		ask("pending session has its session still", func(s *site) {
			sess := s.signIn("a@example.com", clerktest.WithPending("choose-organization"))
			s.isNobody(s.get("/me", browserCookies(sess)), clerk.ReasonSessionPending)
		}),
	}
}

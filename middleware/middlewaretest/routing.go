package middlewaretest

import (
	"net/http"
	"sync/atomic"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// routing is about groups, sub-routers, and several middlewares in one
// application.
func routing() []behaviour {
	return []behaviour{
		{"routing/group", func(c *checker) {
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{me()}, Groups: []Group{
				{Prefix: "/admin", Gates: []Gate{{clerk.Role("org:admin")}}, Routes: []Route{me()}},
				{Prefix: "/public", Routes: []Route{me()}},
			}})
			user, admin := s.signIn("a@example.com"), s.signIn("b@example.com", clerktest.WithOrg("org_1", "org:admin"))
			s.isUser(s.get("/admin/me", bearer(admin.Token())), admin)
			s.is403(s.get("/admin/me", bearer(user.Token())))
			s.is401(s.get("/admin/me"), anyReason)
			s.isUser(s.get("/public/me", bearer(user.Token())), user)
			s.isNobody(s.get("/public/me"), clerk.ReasonDevBrowserMissing)
			s.isNobody(s.get("/me"), clerk.ReasonDevBrowserMissing)
		}},
		{"routing/groups in groups", func(c *checker) {
			s := c.serve(setup{}, Group{Groups: []Group{{
				Prefix: "/api", Gates: []Gate{nil}, Routes: []Route{me()},
				Groups: []Group{{Prefix: "/v1", Gates: []Gate{{clerk.Role("org:admin")}}, Routes: []Route{me(), gated("/billing", clerk.Permission("org:invoices:create"))}}},
			}}})
			s.em.AddRole("org:admin", "org:posts:write")
			user, admin := s.signIn("a@example.com"), s.signIn("b@example.com", clerktest.WithOrg("org_1", "org:admin"))
			s.isUser(s.get("/api/me", bearer(user.Token())), user)
			s.is401(s.get("/api/me"), anyReason)
			s.is403(s.get("/api/v1/me", bearer(user.Token())))
			s.isUser(s.get("/api/v1/me", bearer(admin.Token())), admin)
			s.is403(s.get("/api/v1/billing", bearer(admin.Token())))
		}},
		{"routing/Handler on one group", func(c *checker) {
			s := c.serve(setup{}, Group{Routes: []Route{me()}, Groups: []Group{{Prefix: "/app", Handler: true, Routes: []Route{me()}}}})
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/app/me", bearer(sess.Token())), sess)
			s.isNobody(s.get("/me", bearer(sess.Token())), clerk.ReasonNotAuthenticated)
			s.isNobody(s.get("/me", document), clerk.ReasonNotAuthenticated)
		}},
		{"routing/Handler twice", func(c *checker) { twice(c, func(auth *middleware.Middleware) adapter.Middleware { return auth }) }},
		{"routing/Handler of Choose twice", func(c *checker) {
			twice(c, func(auth *middleware.Middleware) adapter.Middleware {
				return middleware.Choose(func(handshake.Request) *middleware.Middleware { return auth })
			})
		}},
		{"routing/gates beside open routes", func(c *checker) {
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{me(), gated("/gated"), gated("/admin", clerk.Role("org:admin"))}})
			sess := s.signIn("a@example.com")
			for range 2 {
				s.isNobody(s.get("/me"), clerk.ReasonDevBrowserMissing)
				s.is401(s.get("/gated"), anyReason)
				s.isUser(s.get("/gated", bearer(sess.Token())), sess)
				s.is403(s.get("/admin", bearer(sess.Token())))
			}
		}},
		{"routing/no route", func(c *checker) {
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{me()}})
			if a := s.get("/nowhere"); a.status != http.StatusNotFound {
				s.errorf("status %d, want 404", a.status)
			}
			if a := s.get("/nowhere", bearer(s.signIn("a@example.com").Token())); a.status != http.StatusNotFound {
				s.errorf("signed in: status %d, want 404", a.status)
			}
		}},
		{"routing/a nil middleware lets nobody in", func(c *checker) {
			for _, auth := range []adapter.Middleware{(*middleware.Middleware)(nil), (*middleware.Choice)(nil), &middleware.Middleware{}, middleware.Choose(nil)} {
				var reached atomic.Bool
				run := func(x Exchange) error { reached.Store(true); return whoami(x) }
				s := c.serve(setup{}, Group{Auth: auth, Handler: true, Routes: []Route{
					me(), {Method: http.MethodGet, Path: "/gated", Gates: []Gate{{}}, Handle: run},
					{Method: http.MethodGet, Path: "/ask", Handle: func(x Exchange) error { return x.RedirectToSignIn(auth) }},
					{Method: http.MethodGet, Path: "/deny", Handle: func(x Exchange) error { return x.Deny(auth, nil) }},
				}})
				sess := s.signIn("a@example.com")
				s.isNobody(s.get("/me", bearer(sess.Token())), clerk.ReasonNotAuthenticated)
				s.is401(s.get("/gated", bearer(sess.Token())), clerk.ReasonNotAuthenticated)
				s.is401(s.get("/ask", document), clerk.ReasonNotAuthenticated)
				s.is403(s.get("/deny", document))
				if reached.Load() {
					s.errorf("the handler ran")
				}
			}
		}},
		{"routing/two instances", func(c *checker) {
			em, other := c.clerk(setup{config: func(cfg *clerk.Config) { cfg.Handshake = clerk.HandshakeOff }})
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{me()}, Groups: []Group{
				{Prefix: "/other", Auth: other, Routes: []Route{gated("/gated")}},
				{Prefix: "/both", Auth: other, Handler: true, Routes: []Route{me(), gated("/gated")}},
			}})
			ours := s.signIn("a@example.com")
			theirs := em.SignIn(em.AddUser(clerktest.User{Email: "b@example.com"}))
			s.isUser(s.get("/me", bearer(ours.Token())), ours)
			s.isNobody(s.get("/me", bearer(theirs.Token())), clerk.ReasonTokenInvalidIssuer)
			s.is401(s.get("/other/gated", bearer(ours.Token())), clerk.ReasonTokenInvalidIssuer)
			s.isUser(s.get("/other/gated", bearer(theirs.Token())), theirs)
			s.isUser(s.get("/both/me", bearer(theirs.Token())), theirs)
			s.is401(s.get("/both/gated", bearer(ours.Token())), clerk.ReasonTokenInvalidIssuer)
		}},
	}
}

// twice has Handler above Handler: a nonce is good once.
func twice(c *checker, choose func(*middleware.Middleware) adapter.Middleware) {
	k := &keyring{}
	em, auth := c.clerk(setup{production: true, options: []middleware.Option{middleware.WithBackend(k)}})
	s := c.serve(setup{}, Group{Auth: choose(auth), Handler: true, Groups: []Group{{Prefix: "/app", Handler: true, Routes: []Route{me(), gated("/gated")}}}})
	s.em = em
	sess := s.signIn("a@example.com")
	for _, path := range []string{"/app/me", "/app/gated"} {
		_, k.payload = s.handshakeToken(sess)
		want := k.payload
		a := s.get(path, document, cookie(clerk.CookieHandshakeNonce, "nonce"))
		s.isUser(a, sess)
		if s.hasCookies(a, want); len(a.cookies) != len(want) {
			s.errorf("Set-Cookie fields %q, want each of %q once", a.cookies, want)
		}
	}
	if n := k.asked(); n != 2 {
		s.errorf("%d calls to the Backend API for two handshakes", n)
	}
}

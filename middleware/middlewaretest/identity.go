package middlewaretest

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// identities are about who the handlers see, through the router's accessor and
// through the standard context.
func identities() []behaviour {
	open := Group{Handler: true, Routes: []Route{me()}}
	ask := func(name string, f func(*site)) behaviour {
		return behaviour{"identity/" + name, func(c *checker) { f(c.serve(setup{}, open)) }}
	}
	return []behaviour{
		ask("bearer token", func(s *site) {
			sess := s.signIn("a@example.com", clerktest.WithOrg("org_1", "org:admin"))
			if id := s.isUser(s.get("/me", bearer(sess.Token())), sess); id.Org != "org_1" || id.Role != "org:admin" {
				s.errorf("organization %s, role %s", id.Org, id.Role)
			}
		}),
		ask("bearer in any case", func(s *site) {
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/me", header("Authorization", "bEARER "+sess.Token())), sess)
		}),
		ask("token without a scheme", func(s *site) {
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/me", header("Authorization", sess.Token())), sess)
		}),
		ask("another scheme is somebody else's", func(s *site) {
			s.isNobody(s.get("/me", header("Authorization", "Basic dXNlcjpwYXNz")), clerk.ReasonDevBrowserMissing)
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/me", header("Authorization", "Basic dXNlcjpwYXNz"), browserCookies(sess)), sess)
		}),
		ask("cookies", func(s *site) {
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/me", browserCookies(sess)), sess)
			s.isUser(s.get("/me", browserCookies(sess), document), sess)
		}),
		ask("cookies in several fields", func(s *site) {
			sess := s.signIn("a@example.com")
			split := func(r *http.Request) { // as HTTP/2 may, RFC 9113 section 8.2.3
				pairs := strings.Split(r.Header.Get("Cookie"), "; ")
				r.Header["Cookie"] = pairs
			}
			s.isUser(s.get("/me", browserCookies(sess), split), sess)
		}),
		ask("cookies among others", func(s *site) {
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/me", cookie("theme", `"dark mode"`), browserCookies(sess), cookie("cart", "a%20b=c"), cookie("flag", "")), sess)
		}),
		ask("cookies that another middleware has read", func(s *site) {
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/me", browserCookies(sess), cookie("theme", "dark"), header("Referer", origin+"/")), sess)
		}),
		ask("token in the header before cookies", func(s *site) {
			a, b := s.signIn("a@example.com"), s.signIn("b@example.com")
			s.isUser(s.get("/me", browserCookies(a), bearer(b.Token())), b)
			s.isNobody(s.get("/me", browserCookies(a), bearer("garbage")), clerk.ReasonTokenInvalid)
		}),
		ask("version 1 token", func(s *site) {
			sess := s.signIn("a@example.com", clerktest.WithVersion(1), clerktest.WithOrg("org_1", "org:admin"))
			if id := s.isUser(s.get("/me", bearer(sess.Token())), sess); id.Org != "org_1" || id.Role != "org:admin" {
				s.errorf("organization %s, role %s", id.Org, id.Role)
			}
		}),
		ask("pending session", func(s *site) {
			sess := s.signIn("a@example.com", clerktest.WithPending("choose-organization"))
			s.isNobody(s.get("/me", bearer(sess.Token())), clerk.ReasonSessionPending)
		}),
		{"identity/pending session allowed", func(c *checker) {
			s := c.serve(setup{config: func(cfg *clerk.Config) { cfg.AllowPendingSessions = true }}, open)
			sess := s.signIn("a@example.com", clerktest.WithPending("choose-organization"))
			s.isUser(s.get("/me", bearer(sess.Token())), sess)
		}},
		{"identity/claims", claims},
		{"identity/none without a middleware", func(c *checker) {
			s := c.serve(setup{}, Group{Routes: []Route{me()}})
			sess := s.signIn("a@example.com")
			s.isNobody(s.get("/me", bearer(sess.Token())), clerk.ReasonNotAuthenticated)
		}},
		{"identity/from a gate alone", func(c *checker) {
			s := c.serve(setup{}, Group{Routes: []Route{gated("/gated")}})
			sess := s.signIn("a@example.com")
			s.isUser(s.get("/gated", bearer(sess.Token())), sess)
			s.isUser(s.get("/gated", browserCookies(sess)), sess)
		}},
		{"identity/outlives the request", outlives},
		{"identity/belongs to one request", belongs},
	}
}

// claims asks for everything that a token may say beyond names.
func claims(c *checker) {
	type told struct {
		Tier          string
		Actor         string
		First, Second int
		Expires       time.Time
		Permissions   []string
	}
	tell := func(x Exchange) error {
		a := x.Auth()
		custom, err := clerk.ClaimsAs[struct{ Tier string }](a)
		if err != nil {
			return err
		}
		actor, _ := a.Actor()
		t := told{Tier: custom.Tier, Actor: actor.Subject, Expires: a.ExpiresAt, Permissions: a.Permissions()}
		t.First, t.Second, _ = a.FactorAges()
		text, err := json.Marshal(t)
		if err != nil {
			return err
		}
		return x.Text(http.StatusOK, string(text))
	}
	s := c.serve(setup{}, Group{Handler: true, Routes: []Route{{Method: http.MethodGet, Path: "/claims", Handle: tell}}})
	support := s.em.AddUser(clerktest.User{Email: "support@example.com"})
	s.em.AddRole("org:admin", "org:invoices:create")
	sess := s.signIn("a@example.com", clerktest.WithOrg("org_1", "org:admin"), clerktest.WithFactorAges(3, 5),
		clerktest.WithActor(support.ID), clerktest.WithClaims(map[string]any{"tier": "gold"}))
	a := s.get("/claims", bearer(sess.Token()))
	var got told
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		s.fatalf("status %d, body %q: %v", a.status, a.body, err)
	}
	left := got.Expires.Sub(s.em.Now())
	if got.Tier != "gold" || got.Actor != support.ID || got.First != 3 || got.Second != 5 ||
		len(got.Permissions) != 1 || got.Permissions[0] != "org:invoices:create" || left <= 0 || left > time.Minute {
		s.errorf("the handler saw %+v", got)
	}
}

// outlives keeps identities beyond their requests, as loggers and jobs do, while
// other users' requests come over the same connection and reuse its buffers.
func outlives(c *checker) {
	type kept struct {
		want      string
		auth, ctx clerk.Auth
	}
	var mu sync.Mutex
	var all []kept
	keep := func(x Exchange) error {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, kept{strings.Clone(x.Header("X-User")), x.Auth(), clerk.FromContext(x.Context())})
		return x.Text(http.StatusOK, "kept")
	}
	s := c.serve(setup{}, Group{Handler: true, Routes: []Route{{Method: http.MethodGet, Path: "/keep", Handle: keep}}})
	var sessions []*clerktest.Session
	for _, name := range []string{"a", "b", "c", "d"} {
		sessions = append(sessions, s.signIn(name+"@example.com"))
	}
	for range 5 {
		for i, sess := range sessions {
			s.get("/keep", header("X-User", sess.UserID), bearer(sess.Token()))
			other := sessions[(i+1)%len(sessions)]
			s.get("/keep", header("X-User", other.UserID), browserCookies(other))
		}
	}
	if len(all) != 40 {
		s.fatalf("the handler ran %d times, want 40", len(all))
	}
	for i, k := range all {
		if k.auth.UserID != k.want || k.ctx.UserID != k.want || k.auth.Claims().Subject() != k.want {
			s.errorf("request %d: afterwards the identity is %s (context: %s, claims: %s), want %s",
				i, k.auth.UserID, k.ctx.UserID, k.auth.Claims().Subject(), k.want)
		}
	}
}

// belongs lets a handler write into everything that it is given; the next request
// with the same token must not notice.
func belongs(c *checker) {
	scribble := func(x Exchange) error {
		a := x.Auth()
		for _, list := range [][]string{a.Permissions(), a.Features(), a.Plans()} {
			for i := range list {
				list[i] = "org:everything:everywhere"
			}
		}
		for i, raw := 0, a.RawClaims(); i < len(raw); i++ {
			raw[i] = ' '
		}
		a.UserID = "user_somebody_else"
		return whoami(x)
	}
	s := c.serve(setup{}, Group{Handler: true, Routes: []Route{{
		Method: http.MethodGet, Path: "/scribble", Handle: scribble,
		Gates: []Gate{{clerk.Permission("org:invoices:create")}},
	}}})
	s.em.AddRole("org:admin", "org:invoices:create")
	sess := s.signIn("a@example.com", clerktest.WithOrg("org_1", "org:admin"))
	token := sess.Token()
	for range 3 {
		s.isUser(s.get("/scribble", bearer(token)), sess)
	}
}

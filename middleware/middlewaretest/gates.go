package middlewaretest

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// gates are about what signed-in users may do.
func gates() []behaviour {
	type reqs = []clerk.Requirement
	// pass builds one route for each gate, and wants some open and some shut for a
	// user with a role, permissions, features and plans.
	pass := func(name string, open, shut []reqs) behaviour {
		return behaviour{"gates/" + name, func(c *checker) {
			var routes []Route
			for i, r := range append(append([]reqs(nil), open...), shut...) {
				routes = append(routes, gated("/gate/"+strconv.Itoa(i), r...))
			}
			s := c.serve(setup{}, Group{Handler: true, Routes: routes})
			s.em.AddOrganization(clerktest.Organization{ID: "org_1", Slug: "acme", Plan: "pro", Features: []string{"teams"}})
			s.em.AddRole("org:editor", "org:posts:write")
			user := s.em.AddUser(clerktest.User{Email: "a@example.com", Plan: "gold", Features: []string{"beta"}})
			sess := s.em.SignIn(user, clerktest.WithOrg("org_1", "org:editor"), clerktest.WithFactorAges(30, 30))
			for i := range routes {
				a := s.get("/gate/"+strconv.Itoa(i), bearer(sess.Token()))
				switch {
				case i < len(open):
					s.isUser(a, sess)
				case a.status != http.StatusForbidden:
					s.errorf("%v: status %d, want 403; body %s", shut[i-len(open)], a.status, a.body)
				default:
					s.is403(a)
				}
			}
		}}
	}
	return []behaviour{
		pass("any session", []reqs{nil, {clerk.Tokens(clerk.SessionToken)}}, nil),
		pass("role", []reqs{{clerk.Role("org:editor")}, {clerk.Role("editor")}},
			[]reqs{{clerk.Role("org:admin")}, {clerk.Role("org:edit")}}),
		pass("permission", []reqs{{clerk.Permission("org:posts:write")}},
			[]reqs{{clerk.Permission("org:posts:delete")}, {clerk.Permission("org:sys_profile:manage")}}),
		pass("feature", []reqs{{clerk.Feature("teams")}, {clerk.Feature("org:teams")}, {clerk.Feature("user:beta")}},
			[]reqs{{clerk.Feature("user:teams")}, {clerk.Feature("sso")}}),
		pass("plan", []reqs{{clerk.Plan("pro")}, {clerk.Plan("org:pro")}, {clerk.Plan("user:gold")}},
			[]reqs{{clerk.Plan("user:pro")}, {clerk.Plan("enterprise")}}),
		pass("all of several", []reqs{{clerk.Role("org:editor"), clerk.Permission("org:posts:write")}},
			[]reqs{{clerk.Role("org:editor"), clerk.Permission("org:posts:delete")}, {clerk.Role("org:admin"), clerk.Permission("org:posts:write")}}),
		pass("any of several", []reqs{{clerk.Any(clerk.Role("org:admin"), clerk.Plan("pro"))}},
			[]reqs{{clerk.Any(clerk.Role("org:admin"), clerk.Plan("free"))}}),
		pass("what cannot be understood", nil, []reqs{{nil}, {clerk.Role("")}, {clerk.Any()}, {clerk.All()}, {clerk.Permission("org:")}}),
		pass("fresh verification", []reqs{{clerk.Reverified(clerk.Moderate)}, {clerk.Reverified(clerk.ReverificationPolicy{Level: clerk.FirstFactor, AfterMinutes: 31})}}, nil),
		{"gates/reverification", func(c *checker) {
			own := clerk.ReverificationPolicy{Level: clerk.FirstFactor, AfterMinutes: 5}
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{
				gated("/strict", clerk.Reverified(clerk.Strict)), gated("/own", clerk.Reverified(own)),
				gated("/useless", clerk.Reverified(clerk.Strict), clerk.Role("org:admin")),
			}})
			sess := s.signIn("a@example.com", clerktest.WithFactorAges(30, 30))
			for path, want := range map[string]string{"/strict": `"strict"`, "/own": `{"level":"first_factor","afterMinutes":5}`} {
				r := s.isRefused(s.get(path, bearer(sess.Token())), http.StatusForbidden, "reverification_required", "")
				if r.Clerk == nil || r.Clerk.Type != "forbidden" || r.Clerk.Reason != "reverification-error" ||
					!sameJSON(r.Clerk.Metadata.Reverification, want) {
					s.errorf("%s: clerk_error %+v, want one that asks for %s", path, r.Clerk, want)
				}
			}
			if r := s.isRefused(s.get("/useless", bearer(sess.Token())), http.StatusForbidden, "authorization_denied", ""); r.Clerk != nil {
				s.errorf("a reverification is asked for that would not help")
			}
		}},
		{"gates/several in a row", func(c *checker) {
			row := Route{Method: http.MethodGet, Path: "/row", Handle: whoami, Gates: []Gate{{}, {clerk.Role("org:editor")}, {clerk.Permission("org:posts:write")}}}
			s := c.serve(setup{}, Group{Routes: []Route{row}})
			s.em.AddRole("org:editor", "org:posts:write")
			s.em.AddRole("org:reader", "org:posts:read")
			editor := s.signIn("a@example.com", clerktest.WithOrg("org_1", "org:editor"))
			reader := s.signIn("b@example.com", clerktest.WithOrg("org_1", "org:reader"))
			s.isUser(s.get("/row", bearer(editor.Token())), editor)
			s.is403(s.get("/row", bearer(reader.Token())))
			s.is401(s.get("/row"), anyReason)
		}},
		{"gates/another organization", func(c *checker) {
			s := c.serve(setup{}, Group{Routes: []Route{gated("/admin", clerk.Role("org:admin"))}})
			sess := s.signIn("a@example.com", clerktest.WithOrg("org_1", "org:admin"))
			s.em.AddOrganization(clerktest.Organization{ID: "org_2", Slug: "other"})
			s.em.AddMember("org_2", sess.UserID, "org:member")
			s.isUser(s.get("/admin", bearer(sess.Token())), sess)
			s.is403(s.get("/admin", bearer(sess.Token(clerktest.WithActiveOrg("org_2")))))
			s.is403(s.get("/admin", bearer(sess.Token(clerktest.WithActiveOrg("")))))
		}},
	}
}

// sameJSON compares JSON whatever its white space is.
func sameJSON(have json.RawMessage, want string) bool {
	var a, b any
	if json.Unmarshal(have, &a) != nil || json.Unmarshal([]byte(want), &b) != nil {
		return false
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

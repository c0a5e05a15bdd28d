package clerktest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestIdentity(t *testing.T) {
	for _, tt := range []struct {
		name  string
		id    clerktest.Identity
		has   []clerk.Requirement
		lacks []clerk.Requirement
	}{
		{"nothing asked for", clerktest.Identity{}, nil,
			[]clerk.Requirement{clerk.ActiveOrg(), clerk.Role("member"), clerk.Feature("beta"), clerk.Plan("pro")}},
		{"a permission alone", clerktest.Identity{Permissions: []string{"org:invoices:create"}},
			[]clerk.Requirement{clerk.Permission("org:invoices:create"), clerk.ActiveOrg(), clerk.Org("org_1"), clerk.Role("member")},
			[]clerk.Requirement{clerk.Permission("org:invoices:delete"), clerk.Role("admin")}},
		{"an organization", clerktest.Identity{OrgID: "org_2", OrgSlug: "acme", Role: "org:admin", Permissions: []string{"teams:read", "invoices:create"},
			Features: []string{"teams", "u:beta", "uo:both"}, Plans: []string{"pro", "u:free"}},
			[]clerk.Requirement{clerk.Org("org_2"), clerk.Org("acme"), clerk.Role("admin"), clerk.Permission("teams:read"), clerk.Permission("invoices:create"),
				clerk.Feature("org:teams"), clerk.Feature("user:beta"), clerk.Feature("org:both"), clerk.Feature("user:both"), clerk.Plan("org:pro"), clerk.Plan("user:free")},
			[]clerk.Requirement{clerk.Permission("teams:create"), clerk.Permission("invoices:read"), clerk.Feature("user:teams"), clerk.Feature("org:beta"), clerk.Plan("user:pro")}},
		{"a user", clerktest.Identity{Features: []string{"beta"}, Plans: []string{"free"}, FactorAges: &[2]int{30, -1}},
			[]clerk.Requirement{clerk.Feature("user:beta"), clerk.Plan("user:free")},
			[]clerk.Requirement{clerk.Feature("org:beta"), clerk.Reverified(clerk.Strict)}},
	} {
		a := tt.id.Auth()
		if !a.SignedIn() || a.UserID != "user_1" || a.SessionID != "sess_1" {
			t.Errorf("%s: %+v", tt.name, a)
		}
		for _, r := range tt.has {
			if !a.Has(r) {
				t.Errorf("%s: lacks %s", tt.name, r)
			}
		}
		for _, r := range tt.lacks {
			if a.Has(r) {
				t.Errorf("%s: has %s", tt.name, r)
			}
		}
	}

	a := clerktest.Identity{UserID: "user_7", SessionID: "sess_7", Actor: "user_admin", Claims: map[string]any{"tenant": "t1"}}.Auth()
	actor, ok := a.Actor()
	custom, err := clerk.ClaimsAs[struct{ Tenant string }](a)
	if a.UserID != "user_7" || a.SessionID != "sess_7" || !ok || actor.Subject != "user_admin" || err != nil || custom.Tenant != "t1" {
		t.Errorf("%+v, actor %+v, custom claims %+v %v", a, actor, custom, err)
	}
	if p := (clerktest.Identity{Pending: true}).Auth(); p.SignedIn() || p.Reason != clerk.ReasonSessionPending || !p.AllowPending().SignedIn() {
		t.Errorf("pending: %+v", p)
	}
}

func TestIdentityRefusesContradictions(t *testing.T) {
	for _, tt := range []struct {
		id   clerktest.Identity
		says string
	}{
		{clerktest.Identity{Permissions: []string{"create"}}, "Permissions"},
		{clerktest.Identity{Permissions: []string{"org:invoices:"}}, "Permissions"},
		{clerktest.Identity{Features: []string{"o:teams"}}, "no OrgID"},
		{clerktest.Identity{OrgID: "org_1", Plans: []string{"x:pro"}}, "x:pro"},
		{clerktest.Identity{OrgID: "org_1", Features: []string{"a,b"}}, "a,b"},
		{clerktest.Identity{Claims: map[string]any{"sub": "user_2"}}, "sub"},
		{clerktest.Identity{Claims: map[string]any{"f": func() {}}}, "Claims"},
	} {
		func() {
			defer func() {
				if s, _ := recover().(string); !strings.Contains(s, tt.says) {
					t.Errorf("%+v: %q does not name %s", tt.id, s, tt.says)
				}
			}()
			tt.id.Auth()
		}()
	}
}

func TestIdentitiesAreTheirOwn(t *testing.T) {
	id := clerktest.Identity{Permissions: []string{"org:a:b"}}
	first := id.Auth()
	id.Permissions[0] = "org:a:c"
	if got := first.Permissions(); !slices.Equal(got, []string{"org:a:b"}) {
		t.Errorf("permissions follow the caller's list: %v", got)
	}
}

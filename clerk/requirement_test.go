package clerk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/tokenkind"
)

func TestHas(t *testing.T) {
	member := mustClaims(t, `{"sub":"user_1","v":2,"o":{"id":"org_1","rol":"member","per":"read,write","fpm":"1,2"},
		"fea":"o:invoices,o:teams,u:beta,uo:both,x:odd","pla":"u:free,o:pro,ou:bundle","fva":[5,20]}`).Auth()
	v1 := mustClaims(t, `{"sub":"user_1","org_id":"org_1","org_role":"admin","org_permissions":["org:invoices:create"]}`).Auth()
	personal := mustClaims(t, `{"sub":"user_1","v":2,"fea":"u:beta","pla":"u:free"}`).Auth()
	roleNoOrg := mustClaims(t, `{"sub":"user_1","org_role":"org:admin","org_permissions":["org:a:b"]}`).Auth()
	pending := mustClaims(t, `{"sub":"user_1","sts":"pending","org_id":"org_1","org_role":"org:admin"}`).Auth()
	byHand := clerk.Auth{UserID: "user_1", OrgID: "org_1", OrgRole: "org:admin"}
	key := clerk.MachineInfo{}.Auth(clerk.APIKey, "org_1", "ak_1")
	out := clerk.Auth{Reason: clerk.ReasonSessionTokenExpired, OrgID: "org_1", OrgRole: "org:admin"}
	outage := clerk.Auth{UserID: "user_1", OrgID: "org_1", OrgRole: "org:admin", Outage: true}

	yes := clerk.Role("org:member")
	for _, tt := range []struct {
		who  clerk.Auth
		req  clerk.Requirement
		want bool
	}{
		{member, clerk.Role("org:member"), true},
		{member, clerk.Role("member"), true},
		{member, clerk.Role("org:org:member"), true},
		{member, clerk.Role("org:admin"), false},
		{member, clerk.Role("org:Member"), false},
		{member, clerk.Role(" org:member"), false},
		{member, clerk.Role("org:membe"), false},
		{member, clerk.Role(""), false},
		{member, clerk.Role("org:"), false},
		{v1, clerk.Role("org:admin"), true},
		{v1, clerk.Role("admin"), true},
		{byHand, clerk.Role("admin"), true},
		{byHand, clerk.Role(""), false},
		{clerk.Auth{UserID: "user_1", OrgID: "org_1"}, clerk.Role(""), false},
		{roleNoOrg, clerk.Role("admin"), false},
		{pending, clerk.Role("admin"), false},
		{pending.AllowPending(), clerk.Role("admin"), true},
		{out, clerk.Role("admin"), false},
		{outage, clerk.Role("admin"), false},
		{clerk.Auth{}, clerk.Role("admin"), false},

		{member, clerk.Permission("org:invoices:read"), true},
		{member, clerk.Permission("invoices:read"), true},
		{member, clerk.Permission("org:teams:write"), true},
		{member, clerk.Permission("org:invoices:write"), false},
		{member, clerk.Permission("org:teams:read"), false},
		{member, clerk.Permission("org:beta:read"), false},
		{member, clerk.Permission("org:both:read"), false},
		{member, clerk.Permission("org:invoices:"), false},
		{member, clerk.Permission("org:invoices"), false},
		{member, clerk.Permission("org:invoices:rea"), false},
		{member, clerk.Permission("org:invoices:read,write"), false},
		{member, clerk.Permission("org:invoices:*"), false},
		{member, clerk.Permission("org:sys_memberships:read"), false},
		{member, clerk.Permission("org:"), false},
		{member, clerk.Permission(""), false},
		{v1, clerk.Permission("org:invoices:create"), true},
		{v1, clerk.Permission("org:invoices:delete"), false},
		{roleNoOrg, clerk.Permission("org:a:b"), false},
		{byHand, clerk.Permission("org:invoices:create"), false},

		{member, clerk.Feature("invoices"), true},
		{member, clerk.Feature("org:invoices"), true},
		{member, clerk.Feature("o:invoices"), true},
		{member, clerk.Feature("organization:invoices"), true},
		{member, clerk.Feature("user:invoices"), false},
		{member, clerk.Feature("beta"), true},
		{member, clerk.Feature("user:beta"), true},
		{member, clerk.Feature("u:beta"), true},
		{member, clerk.Feature("org:beta"), false},
		{member, clerk.Feature("org:both"), true},
		{member, clerk.Feature("user:both"), true},
		{member, clerk.Feature("odd"), false},
		{member, clerk.Feature("x:odd"), false},
		{member, clerk.Feature("uo:both"), false},
		{member, clerk.Feature("ORG:invoices"), false},
		{member, clerk.Feature(""), false},
		{member, clerk.Feature(":"), false},
		{member, clerk.Feature(":invoices"), false},
		{member, clerk.Feature("org:"), false},
		{member, clerk.Feature("org:org:invoices"), false},
		{member, clerk.Feature("pro"), false},
		{member, clerk.Plan("pro"), true},
		{member, clerk.Plan("org:pro"), true},
		{member, clerk.Plan("user:pro"), false},
		{member, clerk.Plan("user:bundle"), true},
		{member, clerk.Plan("invoices"), false},
		{personal, clerk.Feature("beta"), true},
		{personal, clerk.Plan("free"), true},
		{personal, clerk.Plan("org:free"), false},
		{byHand, clerk.Feature("beta"), false},
		{v1, clerk.Plan("free"), false},

		{member, clerk.Reverified(clerk.Lax), true},
		{member, clerk.Reverified(clerk.Moderate), true},
		{member, clerk.Reverified(clerk.Strict), false},
		{v1, clerk.Reverified(clerk.Lax), false},
		{byHand, clerk.Reverified(clerk.Lax), false},

		{member, clerk.Tokens(clerk.SessionToken), true},
		{byHand, clerk.Tokens(clerk.SessionToken), true},
		{member, clerk.Tokens(clerk.APIKey, clerk.M2M), false},
		{member, clerk.Tokens(), false},
		{byHand, clerk.Tokens(""), false},
		{member, clerk.Tokens("session"), false},
		{key, clerk.Tokens(clerk.APIKey, clerk.M2M), true},
		{key, clerk.Tokens(clerk.SessionToken), false},
		{key, clerk.Tokens(clerk.M2M, clerk.OAuth), false},
		{key, clerk.Role("admin"), false},

		{member, clerk.Any(clerk.Role("admin"), yes), true},
		{member, clerk.Any(clerk.Role("admin"), clerk.Plan("none")), false},
		{member, clerk.Any(), false},
		{member, clerk.Any(nil), false},
		{member, clerk.Any(nil, yes), true},
		{member, clerk.All(yes, clerk.Plan("pro")), true},
		{member, clerk.All(yes, clerk.Plan("none")), false},
		{member, clerk.All(), false},
		{member, clerk.All(nil), false},
		{member, clerk.All(yes, nil), false},
		{member, clerk.All(yes, clerk.Any()), false},
		{member, clerk.Any(clerk.All(), clerk.All(yes)), true},
		{member, nil, false},
	} {
		if got := tt.who.Has(tt.req); got != tt.want {
			t.Errorf("%+v has %v: %v", tt.who, tt.req, got)
		}
		if err := tt.who.Check(tt.req); (err == nil) != tt.want {
			t.Errorf("%+v checked for %v: %v", tt.who, tt.req, err)
		}
		if tt.who.Has(tt.req, yes) && !tt.want {
			t.Errorf("a second requirement turned %v into yes", tt.req)
		}
	}
	if member.Has() {
		t.Error("Has without requirements is true")
	}
}

// TestRequirementsKeepTheirArguments changes a list after it was given.
func TestRequirementsKeepTheirArguments(t *testing.T) {
	user := clerk.Auth{UserID: "user_1", OrgID: "org_1", OrgRole: "org:member"}
	types := []clerk.TokenType{clerk.M2M}
	reqs := []clerk.Requirement{clerk.Role("admin")}
	tokens, anyOf, all := clerk.Tokens(types...), clerk.Any(reqs...), clerk.All(reqs...)
	types[0], reqs[0] = clerk.SessionToken, clerk.Role("member")
	for _, req := range []clerk.Requirement{tokens, anyOf, all} {
		if user.Has(req) {
			t.Errorf("%v changed with its argument", req)
		}
	}
	level := clerk.ReverificationPolicy{Level: clerk.FirstFactor, AfterMinutes: 1}
	req := clerk.Reverified(&level)
	level.AfterMinutes = 1000
	if mustClaims(t, `{"sub":"user_1","fva":[5,-1]}`).Auth().Has(req) {
		t.Error("a policy changed after it was given")
	}
}

func TestCheck(t *testing.T) {
	stale := mustClaims(t, `{"sub":"user_1","org_id":"org_1","org_role":"org:member","fva":[500,-1]}`).Auth()
	role, admin, strict := clerk.Role("member"), clerk.Role("admin"), clerk.Reverified(clerk.Strict)
	own := clerk.ReverificationPolicy{Level: clerk.FirstFactor, AfterMinutes: 3}
	for _, tt := range []struct {
		name   string
		reqs   []clerk.Requirement
		lacks  clerk.Requirement // nil: allowed
		policy clerk.Reverification
	}{
		{"nothing required", nil, nil, nil},
		{"has it", []clerk.Requirement{role}, nil, nil},
		{"lacks it", []clerk.Requirement{admin}, admin, nil},
		{"first one that is missing", []clerk.Requirement{role, admin, clerk.Plan("x")}, admin, nil},
		{"stale alone", []clerk.Requirement{role, strict}, strict, clerk.Strict},
		{"stale before a role that is there", []clerk.Requirement{strict, role}, strict, clerk.Strict},
		{"stale before a role that is not", []clerk.Requirement{strict, admin}, admin, nil},
		{"first of two policies", []clerk.Requirement{clerk.Reverified(own), strict}, clerk.Reverified(own), own},
		{"stale inside All", []clerk.Requirement{clerk.All(role, strict)}, strict, clerk.Strict},
		{"stale inside All, role missing outside", []clerk.Requirement{clerk.All(role, strict), admin}, admin, nil},
		{"role missing inside All", []clerk.Requirement{clerk.All(admin, strict)}, admin, nil},
		{"policy that nobody satisfies", []clerk.Requirement{clerk.Reverified(clerk.ReverificationPreset("bogus"))}, clerk.Reverified(clerk.ReverificationPreset("bogus")), nil},
		{"policy without time", []clerk.Requirement{clerk.Reverified(clerk.ReverificationPolicy{Level: clerk.FirstFactor})}, clerk.Reverified(clerk.ReverificationPolicy{Level: clerk.FirstFactor}), nil},
		{"no policy", []clerk.Requirement{clerk.Reverified(nil)}, clerk.Reverified(nil), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := stale.Check(tt.reqs...)
			if tt.lacks == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var denied *clerk.DeniedError
			if !errors.As(err, &denied) {
				t.Fatalf("%v is no DeniedError", err)
			}
			if denied.Requirement.String() != tt.lacks.String() || denied.Reverification != tt.policy {
				t.Errorf("lacks %v (reverification %v), want %v (%v)", denied.Requirement, denied.Reverification, tt.lacks, tt.policy)
			}
			if !strings.Contains(err.Error(), tt.lacks.String()) {
				t.Errorf("the text is %q", err)
			}
		})
	}
	t.Run("empty All and nil", func(t *testing.T) {
		for _, req := range []clerk.Requirement{clerk.All(), nil, clerk.All(nil), clerk.All(clerk.All())} {
			var denied *clerk.DeniedError
			if err := stale.Check(req); !errors.As(err, &denied) || denied.Reverification != nil || err.Error() == "" {
				t.Errorf("%v: %v", req, err)
			}
		}
	})
	t.Run("not signed in", func(t *testing.T) {
		for _, a := range []clerk.Auth{
			{}, {Reason: clerk.ReasonTokenExpired}, {UserID: "user_1", Reason: clerk.ReasonTokenExpired}, {UserID: "user_1", Outage: true},
			{UserID: "user_1", SessionStatus: "pending"}, {TokenType: clerk.M2M}, {TokenType: clerk.M2M, UserID: "user_1"},
			{TokenType: clerk.M2M, Subject: "mch_1", Outage: true}, {TokenType: clerk.M2M, Subject: "mch_1", Reason: "x"},
			mustClaims(t, `{"sub":"user_1","sts":"pending"}`).Auth(), mustClaims(t, `{}`).Auth(),
		} {
			for _, reqs := range [][]clerk.Requirement{nil, {role}, {clerk.Tokens(clerk.SessionToken, clerk.M2M)}, {nil}} {
				if err := a.Check(reqs...); !errors.Is(err, clerk.ErrNotSignedIn) {
					t.Errorf("%+v: %v", a, err)
				}
			}
		}
	})
	t.Run("machine on a plain route", func(t *testing.T) {
		machine := clerk.MachineInfo{}.Auth(clerk.M2M, "mch_1", "mt_1")
		var denied *clerk.DeniedError
		if err := machine.Check(); !errors.As(err, &denied) {
			t.Errorf("Check() is %v, a route without requirements takes sessions only", err)
		}
	})
}

// taken are the kinds of tokens that a gate with reqs looks for.
func taken(reqs []clerk.Requirement) []clerk.TokenType {
	return tokenkind.Append([]clerk.TokenType(nil), tokenkind.OfRoute(reqs))
}

func sorted(kinds []clerk.TokenType) (all []clerk.TokenType) {
	for _, kind := range []clerk.TokenType{clerk.SessionToken, clerk.APIKey, clerk.M2M, clerk.OAuth, clerk.TemplateToken} {
		if slices.Contains(kinds, kind) {
			all = append(all, kind)
		}
	}
	return all
}

func TestAcceptedTokens(t *testing.T) {
	session, machines := []clerk.TokenType{clerk.SessionToken}, clerk.Tokens(clerk.APIKey, clerk.M2M)
	for _, tt := range []struct {
		reqs []clerk.Requirement
		want []clerk.TokenType
	}{
		{nil, session},
		{[]clerk.Requirement{clerk.Role("x")}, session},
		{[]clerk.Requirement{clerk.Permission("x")}, session},
		{[]clerk.Requirement{clerk.Feature("x")}, session},
		{[]clerk.Requirement{clerk.Plan("x")}, session},
		{[]clerk.Requirement{clerk.Reverified(clerk.Lax)}, session},
		{[]clerk.Requirement{machines}, []clerk.TokenType{clerk.APIKey, clerk.M2M}},
		{[]clerk.Requirement{machines, clerk.Role("x")}, nil},
		{[]clerk.Requirement{machines, clerk.Tokens(clerk.M2M, clerk.OAuth)}, []clerk.TokenType{clerk.M2M}},
		{[]clerk.Requirement{clerk.Any(machines, clerk.Role("x"))}, []clerk.TokenType{clerk.APIKey, clerk.M2M, clerk.SessionToken}},
		{[]clerk.Requirement{clerk.Any(clerk.Role("x"), clerk.Plan("y"), nil)}, session},
		{[]clerk.Requirement{clerk.Any(clerk.All(machines, clerk.Tokens(clerk.M2M)), clerk.Role("x"))}, []clerk.TokenType{clerk.M2M, clerk.SessionToken}},
		{[]clerk.Requirement{clerk.Any()}, nil},
		{[]clerk.Requirement{clerk.All()}, nil},
		{[]clerk.Requirement{nil}, nil},
		{[]clerk.Requirement{machines, nil}, nil},
		{[]clerk.Requirement{clerk.Tokens()}, nil},
		{[]clerk.Requirement{clerk.Tokens("", "session", clerk.OAuth)}, []clerk.TokenType{clerk.OAuth}},
		{[]clerk.Requirement{clerk.Tokens(clerk.TemplateToken, clerk.SessionToken)}, []clerk.TokenType{clerk.SessionToken, clerk.TemplateToken}},
	} {
		if got := taken(tt.reqs); !slices.Equal(got, sorted(tt.want)) {
			t.Errorf("%v: %v, want %v", tt.reqs, got, tt.want)
		}
	}
}

func TestRequirementStrings(t *testing.T) {
	for want, req := range map[string]clerk.Requirement{
		"role org:admin":                               clerk.Role("admin"),
		"permission org:a:b":                           clerk.Permission("a:b"),
		"feature org:x":                                clerk.Feature("org:x"),
		"plan pro":                                     clerk.Plan("pro"),
		"reverification strict":                        clerk.Reverified(clerk.Strict),
		"reverification <nil>":                         clerk.Reverified(nil),
		"token api_key or m2m_token":                   clerk.Tokens(clerk.APIKey, clerk.M2M),
		"any of (role org:a, plan b)":                  clerk.Any(clerk.Role("a"), clerk.Plan("b")),
		"all of (role org:a, <nil>)":                   clerk.All(clerk.Role("a"), nil),
		"reverification first_factor within 5 minutes": clerk.Reverified(clerk.ReverificationPolicy{Level: clerk.FirstFactor, AfterMinutes: 5}),
	} {
		if got := fmt.Sprint(req); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

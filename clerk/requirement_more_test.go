package clerk_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

var errNotOwner = errors.New("not the owner")

func owner(a clerk.Auth) error {
	if a.UserID != "user_1" {
		return errNotOwner
	}
	return nil
}

func TestOrganizationScopeAndCustom(t *testing.T) {
	member := clerk.Auth{UserID: "user_1", OrgID: "org_1", OrgSlug: "acme"}
	personal := clerk.Auth{UserID: "user_2"}
	orgKey := clerk.MachineInfo{Scopes: []string{"files:read"}}.Auth(clerk.APIKey, "org_1", "ak_1")
	oauth := clerk.MachineInfo{Scopes: []string{"files:read", "email"}}.Auth(clerk.OAuth, "user_1", "oat_1")
	none := clerk.MachineInfo{Scopes: []string{""}}.Auth(clerk.OAuth, "user_1", "oat_1")
	forged := clerk.Auth{UserID: "user_1", OrgID: "org_1", OrgSlug: "org_2"}
	out := clerk.Auth{Reason: clerk.ReasonSessionTokenExpired, UserID: "user_1", OrgID: "org_1"}

	for _, tt := range []struct {
		who  clerk.Auth
		req  clerk.Requirement
		want bool
	}{
		{member, clerk.ActiveOrg(), true},
		{orgKey, clerk.ActiveOrg(), true},
		{personal, clerk.ActiveOrg(), false},
		{oauth, clerk.ActiveOrg(), false},
		{out, clerk.ActiveOrg(), false},

		{member, clerk.Org("org_1"), true},
		{member, clerk.Org("acme"), true},
		{orgKey, clerk.Org("org_1"), true},
		{orgKey, clerk.Org(""), false},
		{member, clerk.Org(""), false},
		{member, clerk.Org("org_2"), false},
		{member, clerk.Org("Acme"), false},
		{forged, clerk.Org("org_2"), false}, // a slug that looks like an id
		{personal, clerk.Org(""), false},
		{out, clerk.Org("org_1"), false},

		{oauth, clerk.Scope("files:read"), true},
		{oauth, clerk.Scope("files:read", "email"), true},
		{orgKey, clerk.Scope("files:read"), true},
		{oauth, clerk.Scope("files:read", "files:write"), false},
		{oauth, clerk.Scope("files"), false},
		{oauth, clerk.Scope("FILES:READ"), false},
		{oauth, clerk.Scope(), false},
		{none, clerk.Scope(""), false},
		{none, clerk.Scope(`a"b`), false},
		{member, clerk.Scope("files:read"), false},

		{member, clerk.Custom("owner", owner), true},
		{personal, clerk.Custom("owner", owner), false},
		{out, clerk.Custom("owner", owner), false},
		{member, clerk.Custom("nothing", nil), false},
	} {
		if got := tt.who.Has(tt.req); got != tt.want {
			t.Errorf("%s of %+v: %v, want %v", tt.req, tt.who, got, tt.want)
		}
	}
}

func TestDeniedSaysWhatIsMissing(t *testing.T) {
	oauth := clerk.MachineInfo{Scopes: []string{"email"}}.Auth(clerk.OAuth, "user_2", "oat_1")
	var denied *clerk.DeniedError
	if err := oauth.Check(clerk.Tokens(clerk.OAuth), clerk.Scope("files:read")); !errors.As(err, &denied) || !slices.Equal(denied.Scopes, []string{"files:read"}) {
		t.Errorf("scope: %v", err)
	}
	if err := oauth.Check(clerk.Tokens(clerk.OAuth), clerk.Scope("a b")); !errors.As(err, &denied) || denied.Scopes != nil {
		t.Errorf("a scope that cannot be written into a header: %+v", denied)
	}
	err := clerk.Auth{UserID: "user_2"}.Check(clerk.Custom("account owner", owner))
	if !errors.Is(err, errNotOwner) {
		t.Errorf("custom: the cause is lost: %v", err)
	}
	if got := err.Error(); got != "clerk: lacks account owner" {
		t.Errorf("custom: %q", got)
	}
}

// A route takes the kinds of tokens that it names, and without a name none that its
// author may not have thought of.
func TestTokensThatRoutesTake(t *testing.T) {
	s, k, m, o := clerk.SessionToken, clerk.APIKey, clerk.M2M, clerk.OAuth
	custom := clerk.Custom("x", func(clerk.Auth) error { return nil })
	for _, tt := range []struct {
		reqs []clerk.Requirement
		want []clerk.TokenType
	}{
		{nil, []clerk.TokenType{s}},
		{[]clerk.Requirement{clerk.ActiveOrg()}, []clerk.TokenType{s}},
		{[]clerk.Requirement{clerk.Org("org_1")}, []clerk.TokenType{s}},
		{[]clerk.Requirement{custom}, []clerk.TokenType{s}},
		{[]clerk.Requirement{clerk.Scope("a")}, []clerk.TokenType{o}},
		{[]clerk.Requirement{clerk.Scope("a"), custom, clerk.Tokens(k, o, s)}, []clerk.TokenType{o, k}},
		{[]clerk.Requirement{clerk.Tokens(k), clerk.ActiveOrg()}, []clerk.TokenType{k}},
		{[]clerk.Requirement{clerk.ActiveOrg(), clerk.Tokens(k, m)}, []clerk.TokenType{k}},
		{[]clerk.Requirement{clerk.Any(clerk.Tokens(k), clerk.ActiveOrg())}, []clerk.TokenType{k, s}},
		{[]clerk.Requirement{clerk.Any(clerk.Tokens(k), clerk.Tokens(m)), custom}, []clerk.TokenType{k, m}},
		{[]clerk.Requirement{clerk.Any(clerk.All(clerk.Tokens(o), clerk.Scope("a")), clerk.Role("admin"))}, []clerk.TokenType{o, s}},
		{[]clerk.Requirement{clerk.Scope("a"), clerk.Role("admin")}, nil},
		{[]clerk.Requirement{clerk.Tokens(o), clerk.Role("admin")}, nil},
		{[]clerk.Requirement{custom, nil}, nil},
		{[]clerk.Requirement{clerk.Any()}, nil},
	} {
		if got := taken(tt.reqs); !slices.Equal(got, sorted(tt.want)) {
			t.Errorf("%v takes %v, want %v", tt.reqs, got, tt.want)
		}
	}
}

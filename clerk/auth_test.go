package clerk_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestAuthZeroValueIsSignedOut(t *testing.T) {
	var a clerk.Auth
	if a.SignedIn() || a.Authenticated() || a.Has(clerk.Tokens(clerk.SessionToken)) {
		t.Error("the zero value is somebody")
	}
	if a.Permissions() != nil || a.Features() != nil || a.Plans() != nil || a.Scopes() != nil || a.Claims() != nil || a.RawClaims() != nil {
		t.Error("the zero value has something")
	}
	if _, ok := a.Actor(); ok {
		t.Error("the zero value has an actor")
	}
	if first, second, ok := a.FactorAges(); first != -1 || second != -1 || ok {
		t.Errorf("the zero value has factor ages %d, %d, %v", first, second, ok)
	}
	if m := a.Machine(); m.Name != "" || m.Scopes != nil || m.Claims != nil {
		t.Errorf("the zero value has a machine %v", m)
	}
	if b := a.AllowPending(); b.SignedIn() {
		t.Error("the zero value is somebody with pending sessions allowed")
	}
}

func TestAuthByHand(t *testing.T) {
	for _, tt := range []struct {
		name                    string
		auth                    clerk.Auth
		signedIn, authenticated bool
	}{
		{"user", clerk.Auth{UserID: "user_1"}, true, true},
		{"user with token type", clerk.Auth{UserID: "user_1", TokenType: clerk.SessionToken}, true, true},
		{"session without user", clerk.Auth{SessionID: "sess_1"}, false, false},
		{"reason wins", clerk.Auth{UserID: "user_1", Reason: clerk.ReasonTokenExpired}, false, false},
		{"outage wins", clerk.Auth{UserID: "user_1", Outage: true}, false, false},
		{"pending", clerk.Auth{UserID: "user_1", SessionStatus: "pending"}, false, false},
		{"pending, allowed", clerk.Auth{UserID: "user_1", SessionStatus: "pending"}.AllowPending(), true, true},
		{"pending with reason, allowed", clerk.Auth{UserID: "user_1", SessionStatus: "pending", Reason: "x"}.AllowPending(), false, false},
		{"pending without user, allowed", clerk.Auth{SessionStatus: "pending"}.AllowPending(), false, false},
		{"active", clerk.Auth{UserID: "user_1", SessionStatus: "active"}, true, true},
		{"machine", clerk.Auth{TokenType: clerk.M2M, Subject: "mch_1"}, false, true},
		{"machine without subject", clerk.Auth{TokenType: clerk.M2M, UserID: "user_1"}, false, false},
		{"machine with outage", clerk.Auth{TokenType: clerk.M2M, Subject: "mch_1", Outage: true}, false, false},
		{"subject without type", clerk.Auth{Subject: "mch_1"}, false, false},
	} {
		if got := tt.auth.SignedIn(); got != tt.signedIn {
			t.Errorf("%s: signed in %v", tt.name, got)
		}
		if got := tt.auth.Authenticated(); got != tt.authenticated {
			t.Errorf("%s: authenticated %v", tt.name, got)
		}
	}
}

func TestPendingSession(t *testing.T) {
	c := mustClaims(t, `{"sub":"user_1","sid":"sess_1","sts":"pending","org_id":"org_1","org_role":"org:admin","exp":1750000060,"x":1}`)
	a := c.Auth()
	if a.SignedIn() || a.Authenticated() || a.Reason != clerk.ReasonSessionPending || a.SessionStatus != "pending" {
		t.Errorf("%+v", a)
	}
	if a.UserID+a.SessionID+a.OrgID+a.OrgRole != "" || a.Claims() != nil || a.RawClaims() != nil || !a.ExpiresAt.IsZero() {
		t.Errorf("a signed-out identity tells who it would be: %+v", a)
	}
	b := a.AllowPending()
	if !b.SignedIn() || b.Reason != "" || b.UserID != "user_1" || b.SessionID != "sess_1" || b.SessionStatus != "pending" || b.OrgID != "org_1" || !b.Has(clerk.Role("admin")) || b.ExpiresAt.Unix() != 1750000060 {
		t.Errorf("%+v", b)
	}
	if b.Claims().SessionStatus() != "pending" {
		t.Error("the claims were changed")
	}
	if again := b.AllowPending(); !again.SignedIn() || again.UserID != "user_1" {
		t.Errorf("allowing twice: %+v", again)
	}
	if a.SignedIn() || a.UserID != "" {
		t.Error("allowing in one place changed the identity elsewhere")
	}
	b.SessionStatus, b.Reason = "pending", clerk.ReasonTokenExpired
	if b.SignedIn() {
		t.Error("a reason does not win over an allowed pending session")
	}
}

func TestAuthFromClaims(t *testing.T) {
	a := mustClaims(t, `{"sub":"user_1","sid":"sess_1","iat":1750000000,"exp":1750000060,"act":{"sub":"user_2","sid":"sess_2","x":1}}`).Auth()
	if a.TokenType != clerk.SessionToken || !a.IssuedAt.Equal(time.Unix(1750000000, 0)) || !a.ExpiresAt.Equal(time.Unix(1750000060, 0)) {
		t.Errorf("%+v", a)
	}
	actor, ok := a.Actor()
	if !ok || actor.Subject != "user_2" || actor.SessionID != "sess_2" || string(actor.Raw) != `{"sub":"user_2","sid":"sess_2","x":1}` {
		t.Errorf("actor %+v", actor)
	}
}

func TestMachineAuth(t *testing.T) {
	for _, tt := range []struct {
		kind                    clerk.TokenType
		subject, user, org      string
		signedIn, authenticated bool
	}{
		{clerk.M2M, "mch_1", "", "", false, true},
		{clerk.M2M, "user_1", "", "", false, true},
		{clerk.APIKey, "user_1", "user_1", "", false, true},
		{clerk.APIKey, "org_1", "", "org_1", false, true},
		{clerk.APIKey, "", "", "", false, false},
		{clerk.OAuth, "user_1", "user_1", "", false, true},
		{clerk.SessionToken, "user_1", "", "", false, false},
	} {
		a := clerk.MachineInfo{}.Auth(tt.kind, tt.subject, "id_1")
		if a.UserID != tt.user || a.OrgID != tt.org || a.SignedIn() != tt.signedIn || a.Authenticated() != tt.authenticated || a.TokenID != "id_1" || a.Subject != tt.subject {
			t.Errorf("%s %s: %+v", tt.kind, tt.subject, a)
		}
	}
	scopes, claims := []string{"read"}, json.RawMessage(`{"tenant":"t1"}`)
	a := clerk.MachineInfo{Name: "ci", ClientID: "c", Scopes: scopes, Claims: claims}.Auth(clerk.APIKey, "user_1", "ak_1")
	b := a
	scopes[0], claims[2] = "admin", 'X'
	a.Scopes()[0] = "admin"
	m := a.Machine()
	m.Scopes[0], m.Claims[2], m.Name = "admin", 'X', "evil"
	a.RawClaims()[2] = 'X'
	for _, x := range []clerk.Auth{a, b} {
		if m := x.Machine(); !slices.Equal(x.Scopes(), []string{"read"}) || string(m.Claims) != `{"tenant":"t1"}` || m.Name != "ci" || m.ClientID != "c" {
			t.Errorf("changed from outside: %+v", m)
		}
	}
	got, err := clerk.ClaimsAs[map[string]string](a)
	if err != nil || got["tenant"] != "t1" {
		t.Errorf("ClaimsAs: %v, %v", got, err)
	}
}

func TestClaimsAs(t *testing.T) {
	type tenant struct {
		Tenant string   `json:"tenant"`
		Tags   []string `json:"tags"`
	}
	a := mustClaims(t, `{"sub":"user_1","tenant":"t1","tags":["a"]}`).Auth()
	first, err := clerk.ClaimsAs[tenant](a)
	if err != nil || first.Tenant != "t1" {
		t.Fatalf("%+v, %v", first, err)
	}
	first.Tags[0] = "changed"
	if second, err := clerk.ClaimsAs[tenant](a); err != nil || second.Tags[0] != "a" {
		t.Errorf("the second value shares memory with the first: %+v, %v", second, err)
	}
	if p, err := clerk.ClaimsAs[*tenant](a); err != nil || p.Tenant != "t1" {
		t.Errorf("pointer: %+v, %v", p, err)
	}
	if _, err := clerk.ClaimsAs[struct{ Sub int }](a); err == nil || errors.Is(err, clerk.ErrNoClaims) {
		t.Errorf("wrong type: %v", err)
	}
	for name, nobody := range map[string]clerk.Auth{
		"zero": {}, "by hand": {UserID: "user_1"}, "opaque machine token": clerk.MachineInfo{}.Auth(clerk.M2M, "mch_1", "mt_1"),
		"pending": mustClaims(t, `{"sub":"user_1","sts":"pending","tenant":"t1"}`).Auth(),
	} {
		if got, err := clerk.ClaimsAs[tenant](nobody); !errors.Is(err, clerk.ErrNoClaims) || got.Tenant != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

package handshake

import (
	"context"
	"errors"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

func templateJWT(tb testing.TB, over claims) string {
	tb.Helper()
	c := claims{"header.cat": "cl_B7d4PD222AAA", "sid": nil, "o": "free", "fea": 1, "role": "writer"}
	for k, v := range over {
		c[k] = v
	}
	return token(tb, c)
}

// TestTemplateTokens: a template's token opens routes that name it, and is a session
// nowhere.
func TestTemplateTokens(t *testing.T) {
	s, p := clerk.SessionToken, clerk.TemplateToken
	w := production()
	for _, c := range []struct {
		name     string
		r        Request
		accepted []clerk.TokenType
		status   Status
		reason   clerk.Reason
		kind     clerk.TokenType
	}{
		{"template", bearer(templateJWT(t, nil)), []clerk.TokenType{p}, SignedIn, "", p},
		{"template or session", bearer(templateJWT(t, nil)), []clerk.TokenType{s, p}, SignedIn, "", p},
		{"session or template", bearer(token(t, nil)), []clerk.TokenType{s, p}, SignedIn, "", s},
		{"template as session", bearer(templateJWT(t, nil)), nil, SignedOut, clerk.ReasonTokenTypeMismatch, s},
		{"template as session or key", bearer(templateJWT(t, nil)), []clerk.TokenType{s, clerk.APIKey}, SignedOut, clerk.ReasonTokenTypeMismatch, s},
		{"template as OAuth", bearer(templateJWT(t, nil)), []clerk.TokenType{clerk.OAuth}, SignedOut, clerk.ReasonTokenTypeMismatch, clerk.OAuth},
		{"session as template", bearer(token(t, nil)), []clerk.TokenType{p}, SignedOut, clerk.ReasonTokenTypeMismatch, p},
		{"M2M as template", bearer(m2mJWT(t, nil)), []clerk.TokenType{p}, SignedOut, clerk.ReasonTokenTypeMismatch, p},
		{"in a cookie", fetch(uatNow + "; __session=" + templateJWT(t, nil)), []clerk.TokenType{p}, SignedOut, clerk.ReasonNoTokenInHeader, p},
		{"in a cookie, with sessions", fetch(uatNow + "; __session=" + templateJWT(t, nil)), []clerk.TokenType{s, p}, SignedOut, clerk.ReasonTokenTypeMismatch, s},
		{"expired", bearer(templateJWT(t, claims{"exp": now.Unix() - 60})), []clerk.TokenType{p}, SignedOut, clerk.ReasonTokenExpired, p},
		{"forged", bearer(templateJWT(t, claims{"key": "other"})), []clerk.TokenType{p}, SignedOut, clerk.ReasonTokenInvalidSignature, p},
	} {
		d := w.decide(t, c.r, c.accepted...)
		if d.Status != c.status || d.Reason != c.reason || d.Auth.TokenType != c.kind || d.Auth.Authenticated() != (c.status == SignedIn) {
			t.Errorf("%s: %v %q %q", c.name, d.Status, d.Reason, d.Auth.TokenType)
		}
	}
	a := w.decide(t, bearer(templateJWT(t, claims{"org_id": "org_9", "org_role": "org:admin", "org_permissions": []string{"org:a:b"}, "pla": "u:pro", "fva": []int{0, 0}})), p).Auth
	custom, err := clerk.ClaimsAs[struct{ Role, O string }](a)
	if a.SignedIn() || a.UserID != "user_1" || a.Subject != "user_1" || a.OrgID != "" || custom.Role != "writer" || custom.O != "free" || err != nil || a.Claims() == nil {
		t.Errorf("%+v %+v %v", a, custom, err)
	}
	for _, r := range []clerk.Requirement{clerk.Role("admin"), clerk.Permission("a:b"), clerk.Plan("pro"), clerk.Reverified(clerk.Strict), clerk.ActiveOrg()} {
		if a.Has(r) {
			t.Errorf("a template's claims grant %s", r)
		}
	}
}

func TestVerifyToken(t *testing.T) {
	w := production()
	w.backend.token = MachineToken{ID: "ak_id", Subject: "user_1", Scopes: []string{"r"}}
	s, k, m, o, p := clerk.SessionToken, clerk.APIKey, clerk.M2M, clerk.OAuth, clerk.TemplateToken
	for _, c := range []struct {
		name, token string
		accepted    []clerk.TokenType
		status      Status
		reason      clerk.Reason
		calls       int
	}{
		{"session", token(t, nil), nil, SignedIn, "", 0},
		{"session, named", token(t, nil), []clerk.TokenType{k, s}, SignedIn, "", 0},
		{"session, not asked for", token(t, nil), []clerk.TokenType{k}, SignedOut, clerk.ReasonTokenTypeMismatch, 0},
		{"API key", "ak_1", []clerk.TokenType{k}, SignedIn, "", 1},
		{"API key, not asked for", "ak_1", nil, SignedOut, clerk.ReasonTokenTypeMismatch, 0},
		{"API key as M2M", "ak_1", []clerk.TokenType{m, o}, SignedOut, clerk.ReasonTokenTypeMismatch, 0},
		{"M2M", "mt_1", []clerk.TokenType{m}, SignedIn, "", 1},
		{"M2M JWT", m2mJWT(t, nil), []clerk.TokenType{m}, SignedIn, "", 0},
		{"M2M JWT, not asked for", m2mJWT(t, nil), nil, SignedOut, clerk.ReasonTokenTypeMismatch, 0},
		{"OAuth", "oat_1", []clerk.TokenType{o}, SignedIn, "", 1},
		{"OAuth JWT", oauthJWT(t, nil), []clerk.TokenType{s, o}, SignedIn, "", 0},
		{"template", templateJWT(t, nil), []clerk.TokenType{p}, SignedIn, "", 0},
		{"template, not asked for", templateJWT(t, nil), nil, SignedOut, clerk.ReasonTokenTypeMismatch, 0},
		{"garbage", "x", nil, SignedOut, clerk.ReasonTokenInvalid, 0},
		{"nothing", "", nil, SignedOut, clerk.ReasonTokenInvalid, 0},
		{"nothing, keys", "", []clerk.TokenType{k}, SignedOut, clerk.ReasonTokenTypeMismatch, 0},
		{"a key that looks like a JWT", "ak_a.b.c", []clerk.TokenType{k}, SignedOut, clerk.ReasonTokenInvalid, 0},
		{"expired", expired(t), nil, SignedOut, clerk.ReasonTokenExpired, 0},
	} {
		w.backend.calls = 0
		d := w.machine(t).VerifyToken(context.Background(), c.token, c.accepted...)
		if d.Status != c.status || d.Reason != c.reason || d.Auth.Authenticated() != (c.status == SignedIn) || w.backend.calls != c.calls {
			t.Errorf("%s: %v %q, %d calls", c.name, d.Status, d.Reason, w.backend.calls)
		}
		if e := (*verify.Error)(nil); d.Reason == clerk.ReasonTokenTypeMismatch && !errors.As(d.Cause, &e) {
			t.Errorf("%s: no cause: %v", c.name, d.Cause)
		}
	}
}

// TestOAuthClaims: what an OAuth JWT says is there to read, and grants nothing that is
// a session's.
func TestOAuthClaims(t *testing.T) {
	a := production().decide(t, bearer(oauthJWT(t, claims{"aud": []string{"https://api.example.com"}, "act": claims{"sub": "client_9"}, "scope": "r w", "v": 2, "fea": "u:beta", "pla": "u:pro", "fva": []int{0, 0}})), clerk.OAuth).Auth
	actor, acts := a.Actor()
	custom, err := clerk.ClaimsAs[struct{ Scope string }](a)
	if a.Claims() == nil || !a.Claims().HasAudience("https://api.example.com") || !acts || actor.Subject != "client_9" || custom.Scope != "r w" || err != nil || len(a.RawClaims()) == 0 {
		t.Errorf("%+v %+v %v %+v %v", a, actor, acts, custom, err)
	}
	if a.Has(clerk.Feature("beta")) || a.Has(clerk.Plan("pro")) || a.Has(clerk.Reverified(clerk.Strict)) || a.Features() != nil || a.Plans() != nil || a.SignedIn() {
		t.Error("an OAuth token's claims count as a session's")
	}
}

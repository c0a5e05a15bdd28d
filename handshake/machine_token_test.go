package handshake

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

func bearer(token string) Request { return fetch("", "Authorization", "Bearer "+token) }

func m2mJWT(t testing.TB, over claims) string {
	c := claims{"sub": "mch_1", "sid": nil, "azp": nil, "jti": "mt_1", "scopes": "a b", "role": "x", "header.cat": "cl_B7d4PD333AAA"}
	for k, v := range over {
		c[k] = v
	}
	return token(t, c)
}

func oauthJWT(t testing.TB, over claims) string {
	c := claims{"header.typ": "at+jwt", "sid": nil, "azp": nil, "jti": "oat_1", "client_id": "client_1", "scope": "r w"}
	for k, v := range over {
		c[k] = v
	}
	return token(t, c)
}

func TestTokenTypes(t *testing.T) {
	w := production()
	w.backend.token = MachineToken{ID: "id_1", Subject: "user_9", Name: "key", ClientID: "client_9", Scopes: []string{"r"}}
	session := token(t, nil)
	none := clerk.TokenType("")
	for _, c := range []struct {
		name     string
		r        Request
		accepted []clerk.TokenType
		status   Status
		reason   clerk.Reason
		kind     clerk.TokenType
	}{
		{"nothing, one kind", fetch(""), []clerk.TokenType{clerk.M2M}, SignedOut, clerk.ReasonNoTokenInHeader, clerk.M2M},
		{"nothing, several", fetch(""), []clerk.TokenType{clerk.M2M, clerk.APIKey}, SignedOut, clerk.ReasonTokenTypeMismatch, none},
		{"nothing, several with session", fetch(""), []clerk.TokenType{clerk.SessionToken, clerk.APIKey}, SignedOut, clerk.ReasonSessionTokenAndUATMissing, clerk.SessionToken},
		{"unknown kinds", bearer(session), []clerk.TokenType{"x", "y"}, SignedOut, clerk.ReasonTokenTypeMismatch, none},
		{"session for machine", bearer(session), []clerk.TokenType{clerk.M2M}, SignedOut, clerk.ReasonTokenTypeMismatch, clerk.M2M},
		{"other machine", bearer("ak_1"), []clerk.TokenType{clerk.M2M}, SignedOut, clerk.ReasonTokenTypeMismatch, clerk.M2M},
		{"session among several", bearer(session), []clerk.TokenType{clerk.APIKey, clerk.SessionToken}, SignedIn, "", clerk.SessionToken},
		{"api key", bearer("ak_1"), []clerk.TokenType{clerk.APIKey}, SignedIn, "", clerk.APIKey},
		{"m2m", bearer("mt_1"), []clerk.TokenType{clerk.APIKey, clerk.M2M}, SignedIn, "", clerk.M2M},
		{"oauth", bearer("oat_1"), []clerk.TokenType{clerk.OAuth}, SignedIn, "", clerk.OAuth},
		{"m2m jwt", bearer(m2mJWT(t, nil)), []clerk.TokenType{clerk.M2M}, SignedIn, "", clerk.M2M},
		{"oauth jwt", bearer(oauthJWT(t, nil)), []clerk.TokenType{clerk.OAuth, clerk.SessionToken}, SignedIn, "", clerk.OAuth},
		{"m2m jwt not accepted", bearer(m2mJWT(t, nil)), []clerk.TokenType{clerk.SessionToken, clerk.OAuth}, SignedOut, clerk.ReasonTokenTypeMismatch, none},
		{"m2m jwt as a session", bearer(m2mJWT(t, nil)), nil, SignedOut, clerk.ReasonTokenTypeMismatch, clerk.SessionToken},
		{"m2m jwt of another category", bearer(m2mJWT(t, claims{"header.cat": "cl_B7d4PD111AAA"})), []clerk.TokenType{clerk.M2M}, SignedOut, clerk.ReasonTokenInvalid, clerk.M2M},
		{"m2m jwt expired", bearer(m2mJWT(t, claims{"exp": 5})), []clerk.TokenType{clerk.M2M}, SignedOut, clerk.ReasonTokenVerificationFailed, clerk.M2M},
		{"oauth jwt foreign", bearer(oauthJWT(t, claims{"key": "other"})), []clerk.TokenType{clerk.OAuth}, SignedOut, clerk.ReasonTokenVerificationFailed, clerk.OAuth},
		{"empty cookie beside a machine token", fetch("__session=e30.bnVsbA.x", "Authorization", "Bearer ak_1"), []clerk.TokenType{clerk.APIKey}, SignedOut, clerk.ReasonTokenInvalid, clerk.APIKey},
		{"the same, several", fetch("__session=e30.bnVsbA.x", "Authorization", "Bearer ak_1"), []clerk.TokenType{clerk.APIKey, clerk.M2M}, SignedOut, clerk.ReasonTokenInvalid, clerk.APIKey},
		{"a token in a cookie", fetch("__session=ak_1"), []clerk.TokenType{clerk.APIKey}, SignedOut, clerk.ReasonNoTokenInHeader, clerk.APIKey},
		{"looks like a JWT", bearer("ak_a.b.c"), []clerk.TokenType{clerk.APIKey}, SignedOut, clerk.ReasonTokenInvalid, clerk.APIKey},
		{"odd characters", bearer("ak_\"x"), []clerk.TokenType{clerk.APIKey}, SignedOut, clerk.ReasonTokenInvalid, clerk.APIKey},
		{"too long", bearer("ak_" + strings.Repeat("x", 2000)), []clerk.TokenType{clerk.APIKey}, SignedOut, clerk.ReasonTokenInvalid, clerk.APIKey},
	} {
		d := w.decide(t, c.r, c.accepted...)
		if d.Status != c.status || d.Reason != c.reason || d.Auth.TokenType != c.kind || d.Auth.Authenticated() != (c.status == SignedIn) {
			t.Errorf("%s: %v %q %q", c.name, d.Status, d.Reason, d.Auth.TokenType)
		}
	}
}

func TestMachineIdentities(t *testing.T) {
	w := production()
	d := w.decide(t, bearer(m2mJWT(t, claims{"aud": []string{"mch_2"}})), clerk.M2M)
	a := d.Auth
	if a.Subject != "mch_1" || a.TokenID != "mt_1" || strings.Join(a.Scopes(), ",") != "a,b" || a.ExpiresAt.IsZero() || a.SignedIn() ||
		string(a.Machine().Claims) != `{"aud":["mch_2"],"role":"x","scopes":"a b"}` {
		t.Errorf("%+v %s", a, a.Machine().Claims)
	}
	d = w.decide(t, bearer(m2mJWT(t, claims{"aud": []string{"mch_2"}, "scopes": nil, "role": nil})), clerk.M2M)
	if strings.Join(d.Auth.Scopes(), ",") != "mch_2" {
		t.Error(d.Auth.Scopes())
	}
	d = w.decide(t, bearer(oauthJWT(t, nil)), clerk.OAuth)
	if d.Auth.UserID != "user_1" || d.Auth.Machine().ClientID != "client_1" || strings.Join(d.Auth.Scopes(), ",") != "r,w" || d.Auth.TokenID != "oat_1" {
		t.Errorf("%+v", d.Auth)
	}
	d = w.decide(t, bearer(oauthJWT(t, claims{"scp": []string{"s"}})), clerk.OAuth)
	if strings.Join(d.Auth.Scopes(), ",") != "s" {
		t.Error(d.Auth.Scopes())
	}
}

func TestOpaqueTokenAnswers(t *testing.T) {
	good := MachineToken{ID: "ak_id", Subject: "org_1", Name: "ci", Scopes: []string{"r"}, Claims: []byte(`{"x":1}`), CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(time.Hour)}
	with := func(change func(*MachineToken)) MachineToken { t := good; change(&t); return t }
	for _, c := range []struct {
		name   string
		token  MachineToken
		err    error
		status Status
		reason clerk.Reason
	}{
		{"good", good, nil, SignedIn, ""},
		{"without an end", with(func(t *MachineToken) { t.ExpiresAt = time.Time{} }), nil, SignedIn, ""},
		{"revoked", with(func(t *MachineToken) { t.Revoked = true }), nil, SignedOut, clerk.ReasonTokenInvalid},
		{"expired", with(func(t *MachineToken) { t.Expired = true }), nil, SignedOut, clerk.ReasonTokenInvalid},
		{"past its time", with(func(t *MachineToken) { t.ExpiresAt = now }), nil, SignedOut, clerk.ReasonTokenInvalid},
		{"about nobody", MachineToken{}, nil, SignedOut, clerk.ReasonUnexpectedError},
		{"without subject", with(func(t *MachineToken) { t.Subject = "" }), nil, SignedOut, clerk.ReasonUnexpectedError},
		{"404", MachineToken{}, &BackendError{Status: 404}, SignedOut, clerk.ReasonTokenInvalid},
		{"401", MachineToken{}, &BackendError{Status: 401}, SignedOut, clerk.ReasonSecretKeyInvalid},
		{"400", MachineToken{}, &BackendError{Status: 400}, SignedOut, clerk.ReasonUnexpectedError},
		{"500", MachineToken{}, &BackendError{Status: 500}, Outage, clerk.ReasonUnexpectedError},
		{"429", MachineToken{}, &BackendError{Status: 429}, Outage, clerk.ReasonUnexpectedError},
		{"network", MachineToken{}, errors.New("no route"), Outage, clerk.ReasonUnexpectedError},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := production()
			w.backend.token, w.backend.err = c.token, c.err
			for _, kind := range []clerk.TokenType{clerk.APIKey, clerk.M2M, clerk.OAuth} {
				prefix := map[clerk.TokenType]string{clerk.APIKey: "ak_", clerk.M2M: "mt_", clerk.OAuth: "oat_"}[kind]
				d := w.decide(t, bearer(prefix+"abc/+=~"), kind)
				want(t, d, c.status, c.reason)
				if c.status == SignedIn && (d.Auth.Subject != "org_1" || d.Auth.Machine().Name != "ci" || !d.Auth.ExpiresAt.Equal(c.token.ExpiresAt) || string(d.Auth.RawClaims()) != `{"x":1}`) {
					t.Errorf("%+v", d.Auth)
				}
			}
		})
	}
	w := production()
	w.skip = true
	want(t, w.decide(t, bearer("ak_1"), clerk.APIKey), SignedOut, clerk.ReasonUnexpectedError)
	w = production()
	w.keys.err = clerk.ErrUnavailable
	want(t, w.decide(t, bearer(m2mJWT(t, nil)), clerk.M2M), Outage, clerk.ReasonTokenVerificationFailed)
	// OAuth tokens name an audience where audiences are configured.
	w = production()
	w.config.Audience = []string{"api"}
	for _, c := range []struct {
		aud    []string
		status Status
	}{{nil, SignedOut}, {[]string{"other"}, SignedOut}, {[]string{"api", ""}, SignedOut}, {[]string{"x", "api"}, SignedIn}} {
		w.backend.token = with(func(t *MachineToken) { t.Audience = c.aud })
		if d := w.decide(t, bearer("oat_1"), clerk.OAuth); d.Status != c.status {
			t.Errorf("%q: %v", c.aud, d.Status)
		}
		w.backend.token.Audience = nil
		want(t, w.decide(t, bearer("ak_1"), clerk.APIKey), SignedIn, "")
	}
}

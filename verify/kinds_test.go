package verify_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// slotOf returns the method that accepts a signed token, or "". Kinds are distinguished
// by typ, then the subject, then the category. They never overlap.
func slotOf(h, p obj) string {
	cat := h["cat"] // nil if null
	if _, ok := h["cat"]; !ok {
		cat = remove
	}
	sub, _ := p["sub"].(string)
	_, hasSub := p["sub"]
	_, hasSID := p["sid"]
	_, hasHandshake := p["handshake"]
	is := func(cats ...any) bool { return cat == remove || slices.Contains(cats, cat) }
	switch machine := strings.HasPrefix(sub, "mch_"); {
	case h["typ"] == "at+jwt":
		if is(ignoreCat) && sub != "" && !machine {
			return "oauth"
		}
	case machine:
		if is(m2mCat) {
			return "m2m"
		}
	case cat == templateCat && sub != "":
		return "template"
	case !is(sessionCat, ignoreCat):
	case sub != "":
		return "session"
	case !hasSub && !hasSID && hasHandshake:
		return "handshake"
	}
	return ""
}

// TestKinds gives every kind of token with every category to every method.
func TestKinds(t *testing.T) {
	v := newVerifier(t, func(c *verify.Config) { c.Issuers, c.AuthorizedParties = nil, nil })
	seen := map[string]int{}
	for name, p := range map[string]obj{
		"session": session(nil), "machine": m2m(nil), "OAuth": oauth(nil), "handshake": handshake(nil),
		// Custom claims must not turn one kind into another.
		"session that claims a handshake": session(obj{"handshake": []string{"__session=evil"}}),
		"machine that claims a handshake": m2m(obj{"handshake": []string{"__session=evil"}}),
		"machine that claims a session":   session(obj{"sub": "mch_1"}),
		"handshake with a session id":     handshake(obj{"sid": "sess_1", "exp": nowSec + 60}),
		"handshake with an empty subject": handshake(obj{"sub": "", "exp": nowSec + 60}),
		"handshake of a machine":          handshake(obj{"sub": "mch_1", "exp": nowSec + 60}),
		"session without subject":         session(obj{"sub": remove}),
		"nothing":                         {},
	} {
		for _, typ := range []any{"JWT", remove, "at+jwt"} {
			for _, cat := range []any{remove, sessionCat, m2mCat, templateCat, ignoreCat, "cl_unknown", nil} {
				h := header(obj{"typ": typ, "cat": cat})
				want := slotOf(h, p)
				seen[want]++
				for slot, err := range inEverySlot(t.Context(), v, token(h, p)) {
					good := err == nil
					if good != (slot == want) {
						t.Errorf("%s with typ %v and category %v as %s: %v; only %q accepts it", name, typ, cat, slot, err, want)
					}
					var e *verify.Error
					if !good && !errors.As(err, &e) {
						t.Errorf("%s as %s: %T", name, slot, err)
					}
				}
			}
		}
	}
	if len(seen) != 6 {
		t.Errorf("not every kind occurred: %v", seen)
	}
}

func TestVerifyM2M(t *testing.T) {
	for name, tt := range map[string]struct {
		h, p obj
		want clerk.Reason
	}{
		"plain":                 {nil, nil, ""},
		"no category":           {obj{"cat": remove}, nil, ""},
		"no typ":                {obj{"typ": remove}, nil, ""},
		"session":               {nil, obj{"sub": "user_1"}, clerk.ReasonTokenTypeMismatch},
		"no sub":                {nil, obj{"sub": remove}, clerk.ReasonTokenTypeMismatch},
		"sub of a wrong type":   {nil, obj{"sub": []string{"mch_1"}}, clerk.ReasonTokenTypeMismatch},
		"other case":            {nil, obj{"sub": "MCH_1"}, clerk.ReasonTokenTypeMismatch},
		"in the middle":         {nil, obj{"sub": "xmch_1"}, clerk.ReasonTokenTypeMismatch},
		"category ignored":      {obj{"cat": ignoreCat}, nil, clerk.ReasonTokenTypeMismatch},
		"typ of an OAuth token": {obj{"typ": "at+jwt"}, nil, clerk.ReasonTokenInvalid},
		"expired":               {nil, obj{"exp": nowSec - 60}, clerk.ReasonTokenExpired},
		"no exp":                {nil, obj{"exp": remove}, clerk.ReasonTokenVerificationFailed},
		"not yet":               {nil, obj{"nbf": nowSec + 60}, clerk.ReasonTokenNotActiveYet},
		"foreign issuer":        {nil, obj{"iss": "https://evil.example.com"}, clerk.ReasonTokenInvalidIssuer},
		"alg none":              {obj{"alg": "none"}, nil, clerk.ReasonTokenInvalidAlgorithm},
		"unknown key":           {obj{"kid": "ins_9"}, nil, clerk.ReasonJWKKidMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			tok := token(header(obj{"cat": m2mCat}).with(tt.h), m2m(tt.p))
			claims, err := newVerifier(t).VerifyM2M(t.Context(), tok)
			if tt.want != "" {
				refused(t, err, tt.want, tok)
				return
			}
			if err != nil || claims.Subject() != "mch_1" {
				t.Errorf("%v, %v", claims, err)
			}
		})
	}
	t.Run("forged", func(t *testing.T) {
		tok := sign(foreignKey(), header(obj{"cat": m2mCat}).String(), m2m(nil).String())
		_, err := newVerifier(t).VerifyM2M(t.Context(), tok)
		refused(t, err, clerk.ReasonTokenInvalidSignature, tok)
	})
	t.Run("custom claim twice", func(t *testing.T) {
		p := m2m(nil).String()
		tok := sign(instanceKey(), header(obj{"cat": m2mCat}).String(), p[:len(p)-1]+`,"x":1,"x":2}`)
		_, err := newVerifier(t).VerifyM2M(t.Context(), tok)
		refused(t, err, clerk.ReasonTokenTypeMismatch, tok)
	})
}

func TestVerifyOAuth(t *testing.T) {
	for name, tt := range map[string]struct {
		h, p obj
		want clerk.Reason
	}{
		"plain":              {nil, nil, ""},
		"long type":          {obj{"typ": "application/at+jwt"}, nil, ""},
		"category ignored":   {obj{"cat": ignoreCat}, nil, ""},
		"session":            {obj{"typ": "JWT"}, nil, clerk.ReasonTokenTypeMismatch},
		"no typ":             {obj{"typ": remove}, nil, clerk.ReasonTokenTypeMismatch},
		"other case":         {obj{"typ": "AT+JWT"}, nil, clerk.ReasonTokenTypeMismatch},
		"session category":   {obj{"cat": sessionCat}, nil, clerk.ReasonTokenTypeMismatch},
		"machine":            {nil, obj{"sub": "mch_1"}, clerk.ReasonTokenTypeMismatch},
		"no sub":             {nil, obj{"sub": remove}, clerk.ReasonTokenVerificationFailed},
		"sub empty":          {nil, obj{"sub": ""}, clerk.ReasonTokenVerificationFailed},
		"exp of wrong type":  {nil, obj{"exp": "x"}, clerk.ReasonTokenVerificationFailed},
		"expired":            {nil, obj{"exp": nowSec - 60}, clerk.ReasonTokenExpired},
		"foreign issuer":     {nil, obj{"iss": "https://evil.example.com"}, clerk.ReasonTokenInvalidIssuer},
		"issued in a while":  {nil, obj{"iat": nowSec + 60}, clerk.ReasonTokenIATInTheFuture},
		"HS256":              {obj{"alg": "HS256"}, nil, clerk.ReasonTokenInvalidAlgorithm},
		"crit":               {obj{"crit": []string{"x"}}, nil, clerk.ReasonTokenInvalid},
		"kid of wrong type":  {obj{"kid": 1}, nil, clerk.ReasonJWKKidMismatch},
		"no exp, no session": {nil, obj{"exp": remove}, clerk.ReasonTokenVerificationFailed},
	} {
		t.Run(name, func(t *testing.T) {
			tok := token(header(obj{"typ": "at+jwt", "cat": remove}).with(tt.h), oauth(tt.p))
			claims, err := newVerifier(t).VerifyOAuth(t.Context(), tok)
			if tt.want != "" {
				refused(t, err, tt.want, tok)
				return
			}
			if err != nil || claims.Subject() != "user_1" {
				t.Errorf("%v, %v", claims, err)
			}
		})
	}
}

func TestVerifyHandshake(t *testing.T) {
	for name, tt := range map[string]struct {
		h, p obj
		want clerk.Reason
	}{
		"plain":                 {nil, nil, ""},
		"no category":           {obj{"cat": remove}, nil, ""},
		"no typ":                {obj{"typ": remove}, nil, ""},
		"times":                 {nil, obj{"iat": nowSec, "nbf": nowSec, "exp": nowSec + 60}, ""},
		"same name, other case": {nil, obj{"HANDSHAKE": []string{"evil"}, "handſhake": []string{"evil"}}, ""},
		"expired":               {nil, obj{"exp": nowSec - 60}, clerk.ReasonTokenExpired},
		"not yet":               {nil, obj{"nbf": nowSec + 60}, clerk.ReasonTokenNotActiveYet},
		"issued in a while":     {nil, obj{"iat": nowSec + 60}, clerk.ReasonTokenIATInTheFuture},
		"not yet, with exp":     {nil, obj{"nbf": nowSec + 60, "exp": nowSec + 90}, clerk.ReasonTokenNotActiveYet},
		"exp null":              {nil, obj{"exp": nil}, clerk.ReasonTokenVerificationFailed},
		"template":              {obj{"cat": templateCat}, nil, clerk.ReasonTokenTypeMismatch},
		"machine":               {obj{"cat": m2mCat}, nil, clerk.ReasonTokenTypeMismatch},
		"typ":                   {obj{"typ": "at+jwt"}, nil, clerk.ReasonTokenInvalid},
		"alg":                   {obj{"alg": "none"}, nil, clerk.ReasonTokenInvalidAlgorithm},
		"session":               {nil, obj{"sub": "user_1", "sid": "sess_1"}, clerk.ReasonTokenTypeMismatch},
		"sub empty":             {nil, obj{"sub": ""}, clerk.ReasonTokenTypeMismatch},
		"no directives":         {nil, obj{"handshake": remove}, clerk.ReasonTokenVerificationFailed},
		"only in upper case":    {nil, obj{"handshake": remove, "Handshake": []string{"evil"}}, clerk.ReasonTokenVerificationFailed},
		"directives null":       {nil, obj{"handshake": nil}, clerk.ReasonTokenVerificationFailed},
		"directives a string":   {nil, obj{"handshake": "x"}, clerk.ReasonTokenVerificationFailed},
		"directives an object":  {nil, obj{"handshake": obj{"a": "b"}}, clerk.ReasonTokenVerificationFailed},
		"a directive null":      {nil, obj{"handshake": []any{"a", nil}}, clerk.ReasonTokenVerificationFailed},
		"a directive a number":  {nil, obj{"handshake": []any{5}}, clerk.ReasonTokenVerificationFailed},
	} {
		t.Run(name, func(t *testing.T) {
			tok := token(header(tt.h), handshake(tt.p))
			directives, err := newVerifier(t).VerifyHandshake(t.Context(), tok)
			if tt.want != "" {
				refused(t, err, tt.want, tok)
				if directives != nil {
					t.Errorf("directives came with the error: %q", directives)
				}
				return
			}
			if want := []string{"__client_uat=1750000000; Path=/", "__session=x.y.z; Path=/"}; err != nil || !slices.Equal(directives, want) {
				t.Errorf("%q, %v", directives, err)
			}
		})
	}
	t.Run("twice", func(t *testing.T) {
		tok := sign(instanceKey(), header(nil).String(), `{"handshake":["a"],"handshake":["b"]}`)
		_, err := newVerifier(t).VerifyHandshake(t.Context(), tok)
		refused(t, err, clerk.ReasonTokenVerificationFailed, tok)
	})
	t.Run("forged", func(t *testing.T) {
		tok := sign(foreignKey(), header(nil).String(), handshake(nil).String())
		_, err := newVerifier(t).VerifyHandshake(t.Context(), tok)
		refused(t, err, clerk.ReasonTokenInvalidSignature, tok)
	})
	t.Run("empty list", func(t *testing.T) {
		tok := token(header(nil), handshake(obj{"handshake": []string{}}))
		if directives, err := newVerifier(t).VerifyHandshake(t.Context(), tok); err != nil || len(directives) != 0 {
			t.Errorf("%q, %v", directives, err)
		}
	})
}

func TestAudience(t *testing.T) {
	both := []string{"aud1", "aud2"}
	for _, tt := range []struct {
		configured []string
		aud        any
		session    bool
		m2m        bool
		oauth      bool
	}{
		{nil, remove, true, true, true},
		{nil, "x", true, true, true},
		{nil, []string{}, true, true, true},
		{[]string{"aud1"}, remove, true, true, false},
		{[]string{"aud1"}, nil, true, true, false},
		{[]string{"aud1"}, []string{}, true, true, false},
		{[]string{"aud1"}, "aud1", true, true, true},
		{[]string{"aud1"}, []string{"aud1"}, true, true, true},
		{both, []string{"x", "aud2"}, true, true, true},
		{both, []string{"x"}, false, false, false},
		{both, []string{"", "aud2"}, true, true, false},
		{[]string{"aud1"}, "aud", false, false, false},
		{[]string{"aud1"}, "aud11", false, false, false},
		{[]string{"aud1"}, "AUD1", false, false, false},
		{[]string{"aud1"}, "", false, false, false},
		{[]string{"aud1"}, []string{""}, false, false, false},
		{[]string{"aud1"}, 5, false, false, false},
		{[]string{"aud1"}, []any{"aud1", 5}, false, false, false},
		{nil, 5, false, false, false},
		{[]string{"aud1"}, obj{"aud1": "aud1"}, false, false, false},
	} {
		v := newVerifier(t, func(c *verify.Config) { c.Audience = tt.configured })
		p := obj{"aud": tt.aud}
		_, err1 := v.Verify(t.Context(), token(header(nil), session(p)))
		_, err2 := v.VerifyM2M(t.Context(), token(header(obj{"cat": m2mCat}), m2m(p)))
		_, err3 := v.VerifyOAuth(t.Context(), token(header(obj{"typ": "at+jwt", "cat": remove}), oauth(p)))
		if (err1 == nil) != tt.session || (err2 == nil) != tt.m2m || (err3 == nil) != tt.oauth {
			t.Errorf("%q configured, aud %v: session %v, M2M %v, OAuth %v", tt.configured, tt.aud, err1, err2, err3)
		}
	}
}

func TestAuthorizedParties(t *testing.T) {
	for _, tt := range []struct {
		parties      []string
		allowMissing bool
		azp          any
		want         bool
	}{
		{nil, false, "https://evil.example.com", true},
		{nil, false, remove, true},
		{[]string{origin}, false, origin, true},
		{[]string{origin}, false, remove, false},
		{[]string{origin}, true, remove, true},
		{[]string{origin}, true, "", true},
		{[]string{origin}, true, "https://evil.example.com", false},
		{[]string{origin}, true, " ", false},
		{[]string{origin}, true, nil, false},
	} {
		v := newVerifier(t, func(c *verify.Config) {
			c.AuthorizedParties, c.InsecureAllowMissingAuthorizedParty = tt.parties, tt.allowMissing
		})
		if _, err := v.Verify(t.Context(), token(header(nil), session(obj{"azp": tt.azp}))); (err == nil) != tt.want {
			t.Errorf("%q (missing allowed: %v), azp %v: %v", tt.parties, tt.allowMissing, tt.azp, err)
		}
	}
	v := newVerifier(t, func(c *verify.Config) { c.Issuers = nil })
	if _, err := v.Verify(t.Context(), token(header(nil), session(obj{"iss": "https://other.example"}))); err != nil {
		t.Errorf("without issuers: %v", err)
	}
}

// TestMachineTokensWhateverTheirAuthorizedParty: azp of machine tokens is not checked.
// In Clerk's OAuth tokens it is the client or missing.
func TestMachineTokensWhateverTheirAuthorizedParty(t *testing.T) {
	v := newVerifier(t, func(c *verify.Config) { c.AuthorizedParties = []string{origin} })
	for _, azp := range []any{remove, "", origin, "https://evil.example.com", "client_1"} {
		if _, err := v.VerifyM2M(t.Context(), token(header(obj{"cat": m2mCat}), m2m(obj{"azp": azp}))); err != nil {
			t.Errorf("M2M, azp %v: %v", azp, err)
		}
		if _, err := v.VerifyOAuth(t.Context(), token(header(obj{"typ": "at+jwt", "cat": remove}), oauth(obj{"azp": azp}))); err != nil {
			t.Errorf("OAuth, azp %v: %v", azp, err)
		}
	}
	if _, err := v.VerifyM2M(t.Context(), token(header(obj{"cat": m2mCat}), m2m(obj{"azp": 5}))); err == nil {
		t.Error("M2M with an azp of a wrong type verifies")
	}
}

// TestTokenTypeSaysWhatVerifies: the kind that an unverified token says it is, and the
// method that accepts it, follow one rule.
func TestTokenTypeSaysWhatVerifies(t *testing.T) {
	for _, tt := range []struct {
		header, claims obj
		want           clerk.TokenType
	}{
		{header(nil), session(nil), clerk.SessionToken},
		{header(nil), m2m(nil), clerk.M2M},
		{header(obj{"typ": "at+jwt"}), m2m(nil), clerk.M2M},
		{header(obj{"typ": "at+jwt"}), oauth(nil), clerk.OAuth},
		{header(obj{"typ": "application/at+jwt"}), oauth(nil), clerk.OAuth},
		{header(obj{"typ": "at+jwt", "cat": templateCat}), oauth(nil), clerk.OAuth},
		{header(obj{"cat": templateCat}), session(nil), clerk.TemplateToken},
		{header(obj{"cat": "cl_unknown"}), session(nil), clerk.SessionToken},
	} {
		u, err := verify.Decode(token(tt.header, tt.claims))
		if err != nil || u.TokenType() != tt.want {
			t.Errorf("%v %v: %q, %v, want %q", tt.header, tt.claims, u.TokenType(), err, tt.want)
		}
	}
	if got := (verify.Unverified{}).TokenType(); got != clerk.SessionToken {
		t.Errorf("the zero value: %q", got)
	}
}

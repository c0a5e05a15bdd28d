package conformance

import (
	"slices"
	"strings"
	"testing"
)

// TestFalseAcceptsAreNotExcused uses results in which the kit accepts a request that
// the reference refuses. Only valid cases of the six features may be excused.
func TestFalseAcceptsAreNotExcused(t *testing.T) {
	g := newGenerator(t, 99)
	g.inst = instances[0]
	token := func(change func(header, payload object)) string {
		h, p := object{"alg": "RS256", "typ": "JWT", "kid": "ins_ours"}, object{
			"sub": "user_1", "sid": "sess_1", "iss": "https://clerk.example.com", "azp": "https://example.com",
			"iat": g.now - 10, "nbf": g.now - 20, "exp": g.now + 50,
		}
		key := g.ours
		if change != nil {
			change(h, p)
		}
		if h["foreign"] != nil {
			delete(h, "foreign")
			key = g.foreign
		}
		return g.sign(key, h, p)
	}
	keys := func(status int) Answer { return Answer{Method: "GET", Path: "/v1/jwks", Status: status, JSON: g.jwks} }
	refused := func(reason string) Expect { return Expect{Status: "signed-out", Reason: &reason} }
	base := func(name, value string, change func(*Case)) *Case {
		c := &Case{ID: "x", Sequence: "s", Now: float64(g.now * 1000), BAPI: []Answer{keys(200)}, Expect: refused("session-token-and-uat-missing")}
		c.Options.PublishableKey, c.Options.SecretKey, c.Options.APIURL = g.inst.key, "sk_live_a", "https://api.clerk.test"
		c.Options.AuthorizedParties = strs{"https://example.com"}
		c.Request = CaseRequest{Method: "GET", URL: "https://example.com/", Headers: [][2]string{{name, value}}}
		if change != nil {
			change(c)
		}
		return c
	}
	session := "session_token"
	signedIn := &Result{Status: "signed-in", TokenType: &session}
	excused := func(cases ...*Case) (string, bool) {
		last := len(cases) - 1
		if !FalseAccept(cases[last], signedIn) {
			t.Fatal("not a false accept")
		}
		id := Explain(cases[last], earlierCases(cases, last), signedIn, Compare(cases[last], signedIn))
		return id, Excused(id, cases[last], signedIn)
	}

	bad := map[string]string{
		"foreign signature": token(func(h, p object) { h["foreign"] = true }),
		"unknown key":       token(func(h, p object) { h["kid"] = "ins_other" }),
		"no key id":         token(func(h, p object) { delete(h, "kid") }),
		"expired":           token(func(h, p object) { p["exp"] = g.now - 60 }),
		"not yet":           token(func(h, p object) { p["nbf"] = g.now + 60 }),
		"from the future":   token(func(h, p object) { p["iat"] = g.now + 60 }),
		"foreign azp":       token(func(h, p object) { p["azp"] = "https://evil.example" }),
		"no azp":            token(func(h, p object) { delete(p, "azp") }),
		"template":          token(func(h, p object) { h["cat"] = "cl_B7d4PD222AAA" }),
		"machine":           token(func(h, p object) { p["sub"] = "mch_1" }),
		"nobody":            token(func(h, p object) { delete(p, "sub") }),
		"other algorithm":   token(func(h, p object) { h["alg"] = "none" }),
		"no token":          "x",
		"truncated":         strings.TrimRight(token(nil), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
	}
	fails := func(c *Case) { c.BAPI, c.Expect = []Answer{keys(503)}, refused("jwk-remote-failed-to-load") }

	t.Run("keys-past-interval", func(t *testing.T) {
		good := token(nil)
		first := base("authorization", "Bearer "+good, nil)
		if id, ok := excused(first, base("authorization", "Bearer "+good, fails)); id != "keys-past-interval" || !ok {
			t.Fatalf("the feature itself: %q, %v", id, ok)
		}
		if id, ok := excused(first, base("cookie", "__session="+good, fails)); id != "keys-past-interval" || !ok {
			t.Fatalf("the feature itself, with a cookie: %q, %v", id, ok)
		}
		for name, tok := range bad {
			if id, ok := excused(first, base("authorization", "Bearer "+tok, fails)); ok {
				t.Errorf("%s: excused as %s", name, id)
			}
			if id, ok := excused(first, base("cookie", "__session="+good+"; __session_"+g.inst.suffix+"="+tok, fails)); ok {
				t.Errorf("%s, in one of two cookies: excused as %s", name, id)
			}
		}
		withdrawn := base("authorization", "Bearer "+good, func(c *Case) {
			c.BAPI[0].JSON = g.marshal(object{"keys": []any{g.jwk("ins_new", g.foreign)}})
		})
		for name, cases := range map[string][]*Case{
			"no earlier case":      {base("authorization", "Bearer "+good, fails)},
			"keys are withdrawn":   {first, withdrawn, base("authorization", "Bearer "+good, fails)},
			"server answers":       {first, base("authorization", "Bearer "+good, nil)},
			"refused for a reason": {first, base("authorization", "Bearer "+good, func(c *Case) { fails(c); c.Expect = refused("token-expired") })},
			"wrong secret key": {first, base("authorization", "Bearer "+good, func(c *Case) {
				c.BAPI, c.Expect = []Answer{keys(401)}, refused("jwk-remote-failed-to-load")
			})},
			"another secret key": {first, base("authorization", "Bearer "+good, func(c *Case) { fails(c); c.Options.SecretKey = "sk_live_b" })},
			"another key server": {first, base("authorization", "Bearer "+good, func(c *Case) { fails(c); c.Options.APIURL = "https://b.test" })},
			"another sequence":   {first, base("authorization", "Bearer "+good, func(c *Case) { fails(c); c.Sequence = "other" })},
			"two hours later": {first, base("authorization", "Bearer "+token(func(h, p object) { p["exp"] = g.now + 7300 }),
				func(c *Case) { fails(c); c.Now += 2 * 3600 * 1000 })},
		} {
			if id, ok := excused(cases...); ok {
				t.Errorf("%s: excused as %s", name, id)
			}
		}
	})
	// The other features excuse what their rule finds only if the token is good.
	otherForm := strings.ReplaceAll(strings.TrimSpace(g.pem), "\n", `\n`)
	for id, change := range map[string]func(*Case){
		"bearer-case":            func(c *Case) { c.Request.Headers[0][1] = "b" + c.Request.Headers[0][1][1:] },
		"pem-without-secret-key": func(c *Case) { c.Options.SecretKey, c.Options.JWTKey = "", g.pem },
		"pem-forms":              func(c *Case) { c.Options.JWTKey = otherForm },
		"json-charset": func(c *Case) {
			c.BAPI[0].ContentType = ptr("application/json; charset=utf-8")
		},
	} {
		t.Run(id, func(t *testing.T) {
			if !slices.Contains(features, id) {
				t.Fatal("no feature")
			}
			if got, ok := excused(base("authorization", "Bearer "+token(nil), change)); got != id || !ok {
				t.Errorf("the feature itself: %q, %v", got, ok)
			}
			for name, tok := range bad {
				if strings.Contains(name, "key") && strings.HasPrefix(id, "pem") {
					continue // a PEM has no key id
				}
				if got, ok := excused(base("authorization", "Bearer "+tok, change)); ok {
					t.Errorf("%s: excused as %s", name, got)
				}
			}
		})
	}
	// No other rule excuses anything.
	for _, id := range Divergences() {
		if !slices.Contains(features, id) && Excused(id, base("authorization", "Bearer "+token(nil), nil), signedIn) {
			t.Errorf("%s excuses", id)
		}
	}
	// Somebody whom the reference signs in, and the kit refuses in a sequence.
	for reason, want := range map[string]string{"jwk-kid-mismatch": "key-cooldown", "token-invalid-signature": ""} {
		c := base("authorization", "Bearer "+token(nil), func(c *Case) { c.Expect = Expect{Status: "signed-in"} })
		r := &Result{Status: "signed-out", Reason: &reason, TokenType: &session}
		if got := Explain(c, []*Case{c}, r, Compare(c, r)); got != want {
			t.Errorf("signed out by %s: %q, want %q", reason, got, want)
		}
		if got := Explain(c, nil, r, Compare(c, r)); got != "" {
			t.Errorf("signed out by %s in a case of its own: %q", reason, got)
		}
	}
}

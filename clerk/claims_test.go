package clerk_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

func mustClaims(tb testing.TB, payload string) *clerk.Claims {
	tb.Helper()
	c, err := clerk.ParseClaims(payload)
	if err != nil {
		tb.Fatalf("%s: %v", payload, err)
	}
	return c
}

func TestClaimsAccessors(t *testing.T) {
	c := mustClaims(t, `{"sub":"user_1","sid":"sess_1","iss":"https://clerk.example.com","azp":"https://app.example.com","jti":"j1",
		"aud":["a","b",""],"exp":1750000060,"nbf":1749999990.9,"iat":1.75e9,"sts":"active","v":2,"o":{"id":"org_1","slg":"one","rol":"admin"},"fva":[1,-1],
		"role":"tenant","nothing":null}`)
	for name, got := range map[string]string{
		"sub": c.Subject(), "sid": c.SessionID(), "iss": c.Issuer(), "azp": c.AuthorizedParty(), "jti": c.TokenID(), "sts": c.SessionStatus(), "o.id": c.OrgID(), "o.slg": c.OrgSlug(), "o.rol": c.OrgRole(),
	} {
		want := map[string]string{
			"sub": "user_1", "sid": "sess_1", "iss": "https://clerk.example.com", "azp": "https://app.example.com", "jti": "j1", "sts": "active",
			"o.id": "org_1", "o.slg": "one", "o.rol": "org:admin",
		}[name]
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if c.Version() != 2 || mustClaims(t, "{}").Version() != 1 {
		t.Error("version")
	}
	for name, tt := range map[string]struct {
		got  time.Time
		want int64
	}{"exp": {c.ExpiresAt(), 1750000060}, "nbf": {c.NotBefore(), 1749999990}, "iat": {c.IssuedAt(), 1750000000}} {
		if !tt.got.Equal(time.Unix(tt.want, 0)) || tt.got.Location() != time.UTC {
			t.Errorf("%s is %v", name, tt.got)
		}
	}
	empty := mustClaims(t, "{}")
	if !empty.ExpiresAt().IsZero() || !empty.NotBefore().IsZero() || !empty.IssuedAt().IsZero() {
		t.Error("absent times are not the zero time")
	}
	if epoch := mustClaims(t, `{"exp":0}`); epoch.ExpiresAt().IsZero() || epoch.ExpiresAt().Unix() != 0 {
		t.Errorf("exp 0 is %v", epoch.ExpiresAt())
	}
	if before := mustClaims(t, `{"exp":-1.9}`).ExpiresAt().Unix(); before != -1 {
		t.Errorf("exp -1.9 is %d, fractions are cut towards zero", before)
	}
	for name, want := range map[string]bool{
		"sub": true, "o": true, "role": true, "nothing": true, "act": false, "handshake": false, "Sub": false, "": false, "o.id": false, "id": false,
	} {
		if c.Has(name) != want {
			t.Errorf("Has(%q) is %v", name, !want)
		}
	}
	for _, tt := range []struct {
		any  []string
		want bool
	}{{[]string{"b"}, true}, {[]string{"x", "a"}, true}, {[]string{"x"}, false}, {[]string{""}, false}, {nil, false}, {[]string{"A"}, false}} {
		if c.HasAudience(tt.any...) != tt.want {
			t.Errorf("HasAudience(%q) is %v", tt.any, !tt.want)
		}
	}
	if got := mustClaims(t, `{"aud":"a"}`).Audience(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("aud as a string is %q", got)
	}
	var custom struct {
		Role string `json:"role"`
	}
	if err := c.Decode(&custom); err != nil || custom.Role != "tenant" {
		t.Errorf("Decode: %v, %v", custom, err)
	}
	if !strings.Contains(string(c.Raw()), `"role":"tenant"`) {
		t.Errorf("Raw: %s", c.Raw())
	}
}

// TestClaimsAreNotShared changes everything that can be reached from one identity
// and looks at another one of the same token.
func TestClaimsAreNotShared(t *testing.T) {
	c := mustClaims(t, `{"sub":"user_1","aud":["a"],"v":2,"o":{"id":"org_1","rol":"member","per":"read","fpm":"1"},
		"fea":"o:x","pla":"o:free","act":{"sub":"user_2"},"fva":[1,2]}`)
	mine, theirs := c.Auth(), c.Auth()
	before, err := json.Marshal(snapshot(theirs))
	if err != nil {
		t.Fatal(err)
	}

	for _, list := range [][]string{mine.Permissions(), mine.Features(), mine.Plans(), mine.Claims().Audience(), c.Audience(), c.Permissions(), c.Features(), c.Plans()} {
		if len(list) == 0 {
			t.Fatal("a list is empty, the test sees nothing")
		}
		list[0] = "org:admin:all"
		_ = append(list[:0], "org:admin:all")
	}
	for _, raw := range [][]byte{mine.RawClaims(), mine.Claims().Raw(), c.Raw()} {
		clear(raw)
	}
	actor, _ := mine.Actor()
	clear(actor.Raw)
	*mine.Claims() = *mustClaims(t, `{"sub":"user_evil"}`)
	for _, target := range []any{mine.Claims()} { // any, or vet tools say that it does nothing: that is the point
		if err := json.Unmarshal([]byte(`{"sub":"user_evil"}`), target); err != nil {
			t.Fatal(err)
		}
	}
	mine.UserID, mine.OrgID, mine.OrgRole, mine.Reason = "user_evil", "org_evil", "org:admin", "x"

	after, err := json.Marshal(snapshot(theirs))
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Errorf("another request's identity changed from %s to %s", before, after)
	}
}

// snapshot is everything an identity says.
func snapshot(a clerk.Auth) map[string]any {
	actor, isActed := a.Actor()
	first, second, ok := a.FactorAges()
	m := map[string]any{
		"auth": a, "permissions": a.Permissions(), "features": a.Features(), "plans": a.Plans(), "actor": actor, "acted": isActed,
		"ages": []int{first, second}, "agesOK": ok, "scopes": a.Scopes(), "machine": a.Machine(), "raw": string(a.RawClaims()),
	}
	if c := a.Claims(); c != nil {
		m["audience"], m["subject"] = c.Audience(), c.Subject()
	}
	return m
}

func TestClaimErrorShowsNoValue(t *testing.T) {
	for _, payload := range []string{
		`{"sub":{"x":"SuperSecret"}}`, `{"aud":["SuperSecret",5]}`, `{"fva":"SuperSecret"}`, `{"exp":"SuperSecret"}`,
		`{"SuperSecret":1,"SuperSecret":2}`, `{"o.SuperSecret":1,"o.SuperSecret":2}`, `{"line\nbreak SuperSecret":1,"line\nbreak SuperSecret":2}`,
		`{"v":2,"fea":"SuperSecret"}`, `{"SuperSecret"}`, `SuperSecret`,
	} {
		_, err := clerk.ParseClaims(payload)
		var ce *clerk.ClaimError
		if !errors.As(err, &ce) {
			t.Errorf("%s: %v", payload, err)
			continue
		}
		if strings.Contains(err.Error(), "SuperSecret") || strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("the error repeats the payload: %v", err)
		}
	}
	if _, err := clerk.ParseClaims(`{"v":2,"o":{"per":5}}`); err == nil || err.Error() != "clerk: claim o.per is not a string" {
		t.Errorf("the error does not name the claim: %v", err)
	}
}

// FuzzParseClaims holds what is accepted against encoding/json, and walks through
// every accessor.
func FuzzParseClaims(f *testing.F) {
	for _, c := range claimsCases(f) {
		f.Add(c.Payload)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		c, err := clerk.ParseClaims(payload)
		if err != nil {
			var ce *clerk.ClaimError
			if !errors.As(err, &ce) || c != nil {
				t.Fatalf("%v, %v", c, err)
			}
			return
		}
		var members map[string]any
		d := json.NewDecoder(strings.NewReader(payload))
		d.UseNumber() // a float64 cannot hold all
		if err := d.Decode(&members); err != nil || d.More() {
			t.Fatalf("accepted, but encoding/json says %v", err)
		}
		text := func(name string) string { s, _ := members[name].(string); return s }
		for name, got := range map[string]string{"sub": c.Subject(), "sid": c.SessionID(), "iss": c.Issuer(), "azp": c.AuthorizedParty(), "jti": c.TokenID(), "sts": c.SessionStatus()} {
			if got != text(name) {
				t.Errorf("%s is %q, encoding/json reads %q", name, got, text(name))
			}
		}
		if exp, ok := members["exp"].(json.Number); ok {
			if f, err := exp.Float64(); err != nil || c.ExpiresAt().Unix() != int64(f) || !c.Has("exp") {
				t.Errorf("exp is %v, encoding/json reads %v", c.ExpiresAt(), exp)
			}
		}
		a := c.Auth()
		if a.SignedIn() != (text("sub") != "" && text("sts") != "pending") {
			t.Errorf("signed in: %v", a.SignedIn())
		}
		if b := a.AllowPending(); b.SignedIn() != (text("sub") != "") || b.UserID != text("sub") {
			t.Errorf("with pending sessions allowed: %+v", b)
		}
		for _, p := range a.Permissions() {
			understood := strings.HasPrefix(p, "org:") && !strings.HasPrefix(p, "org::") && !strings.HasPrefix(p, "org:org:") && !strings.HasSuffix(p, ":")
			if understood && a.SignedIn() && a.OrgID != "" && !a.Has(clerk.Permission(p)) {
				t.Errorf("listed, but Has says no: %q", p)
			}
		}
		_ = snapshot(a)
	})
}

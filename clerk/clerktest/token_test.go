package clerktest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

var weakKey1024 = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	// A fixed modulus would do, but no private key belongs in a test file.
	return rsa.GenerateKey(rand.Reader, 1024)
})

func weakKey(t testing.TB) *rsa.PrivateKey {
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := weakKey1024()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// split takes a token apart, strictly.
func split(t testing.TB, token string) (header map[string]any, payload string, input string, sig []byte) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	decode := func(s string) []byte {
		b, err := base64.RawURLEncoding.Strict().DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if err := json.Unmarshal(decode(parts[0]), &header); err != nil {
		t.Fatal(err)
	}
	return header, string(decode(parts[1])), parts[0] + "." + parts[1], decode(parts[2])
}

func claimsOf(t testing.TB, token string) *clerk.Claims {
	t.Helper()
	_, payload, _, _ := split(t, token)
	claims, err := clerk.ParseClaims(payload)
	if err != nil {
		t.Fatalf("%v in %s", err, payload)
	}
	return claims
}

// jwks fetches the published keys.
func jwks(t testing.TB, em *clerktest.Emulator, path string) map[string]*rsa.PublicKey {
	t.Helper()
	resp, body := get(t, em, path, bearer(em.SecretKey()))
	if resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	var set struct {
		Keys []struct{ Use, Kty, Kid, Alg, N, E string }
	}
	if err := json.Unmarshal([]byte(body), &set); err != nil {
		t.Fatal(err)
	}
	keys := map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		if k.Use != "sig" || k.Kty != "RSA" || k.Alg != "RS256" {
			t.Errorf("key is %+v", k)
		}
		n, err1 := base64.RawURLEncoding.DecodeString(k.N)
		e, err2 := base64.RawURLEncoding.DecodeString(k.E)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		keys[k.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	}
	return keys
}

func verify(key *rsa.PublicKey, input string, sig []byte) error {
	sum := sha256.Sum256([]byte(input))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig)
}

func TestTokenIsSignedByThePublishedKeys(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	sess := em.SignIn(em.AddUser(clerktest.User{}))
	header, _, input, sig := split(t, sess.Token())
	want := map[string]any{"alg": "RS256", "typ": "JWT", "cat": "cl_B7d4PD111AAA", "kid": em.KeyID()}
	if !reflect.DeepEqual(header, want) {
		t.Errorf("header is %v", header)
	}
	for _, path := range []string{"/v1/jwks", "/.well-known/jwks.json"} {
		if err := verify(jwks(t, em, path)[em.KeyID()], input, sig); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	block, _ := pem.Decode([]byte(em.JWTKey()))
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(public.(*rsa.PublicKey), input, sig); err != nil {
		t.Errorf("PEM: %v", err)
	}
}

func TestRotateKeys(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	sess := em.SignIn(em.AddUser(clerktest.User{}))
	first := em.KeyID()
	old := sess.Token()

	second := em.RotateKeys(clerktest.KeepOld)
	keys := jwks(t, em, "/v1/jwks")
	if first == second || len(keys) != 2 || keys[first] == nil || keys[second] == nil || em.KeyID() != second {
		t.Fatalf("after the first rotation %v, current %s", keys, em.KeyID())
	}
	_, _, input, sig := split(t, old)
	if verify(keys[first], input, sig) != nil || verify(keys[second], input, sig) == nil {
		t.Error("the old token verifies with the wrong key")
	}

	third := em.RotateKeys()
	if keys = jwks(t, em, "/.well-known/jwks.json"); len(keys) != 1 || keys[third] == nil {
		t.Fatalf("after the second rotation %v", keys)
	}
	header, _, input, sig := split(t, sess.Token())
	if header["kid"] != third || verify(keys[third], input, sig) != nil {
		t.Error("new tokens are not signed with the new key")
	}
}

func TestSigningKeys(t *testing.T) {
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	published := newEmulator(t, clerktest.Config{}).KeyID()
	generated := newEmulator(t, clerktest.Config{GenerateKey: true}).KeyID()
	mine := newEmulator(t, clerktest.Config{SigningKey: own})
	if published == generated || published == mine.KeyID() || !jwks(t, mine, "/v1/jwks")[mine.KeyID()].Equal(&own.PublicKey) {
		t.Errorf("kids are %s, %s, %s", published, generated, mine.KeyID())
	}
	if again := newEmulator(t, clerktest.Config{}).KeyID(); again != published {
		t.Error("the published key changes its kid")
	}
	if !strings.HasPrefix(published, "ins_") || len(published) != len("ins_")+27 {
		t.Errorf("kid %s", published)
	}
}

func TestClaimsVersion2(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Now: func() time.Time { return time.Unix(1_800_000_000, 9e8) }})
	em.AddRole("org:billing", "org:invoices:create", "org:invoices:read", "org:teams:read")
	em.AddOrganization(clerktest.Organization{ID: "org_1", Slug: "acme", Plan: "pro", Features: []string{"api"}})
	u := em.AddUser(clerktest.User{ID: "user_1", Plan: "free", Features: []string{"beta", "teams"}})
	sess := em.SignIn(u,
		clerktest.WithOrg("acme", "org:billing"), clerktest.WithFactorAges(3, 1), clerktest.WithActor("user_boss"),
		clerktest.WithClaims(map[string]any{"tenant": "t1", "level": 3}))
	_, payload, _, _ := split(t, sess.Token())
	var raw map[string]any
	if err := json.Unmarshal([]byte(payload), &raw); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"azp": "http://localhost:3000", "exp": 1_800_000_060.0, "iat": 1_800_000_000.0, "nbf": 1_799_999_990.0,
		"iss": em.Issuer(), "sid": sess.ID, "sub": "user_1", "sts": "active", "v": 2.0,
		"fva": []any{3.0, 1.0}, "fea": "o:api,u:beta,o:invoices,uo:teams", "pla": "u:free,o:pro",
		"o":      map[string]any{"id": "org_1", "slg": "acme", "rol": "billing", "per": "create,read", "fpm": "0,3,2"},
		"tenant": "t1", "level": 3.0,
	} {
		if !reflect.DeepEqual(raw[name], want) {
			t.Errorf("%s is %v, want %v", name, raw[name], want)
		}
	}
	if act, _ := raw["act"].(map[string]any); act["sub"] != "user_boss" || act["sid"] == "" {
		t.Errorf("act is %v", raw["act"])
	}
	if jti, _ := raw["jti"].(string); len(jti) != 20 {
		t.Errorf("jti is %v", raw["jti"])
	}
	claims := claimsOf(t, sess.Token())
	if got, want := claims.Permissions(), []string{"org:invoices:create", "org:invoices:read", "org:teams:read"}; !slices.Equal(got, want) {
		t.Errorf("permissions are %v", got)
	}
	if actor, ok := claims.Actor(); !ok || actor.Subject != "user_boss" {
		t.Errorf("actor is %v", actor)
	}
}

func TestClaimsVersion1(t *testing.T) {
	em := newEmulator(t, clerktest.Config{TokenVersion: 1})
	em.AddRole("org:admin", "org:invoices:create", "org:teams:read")
	sess := em.SignIn(em.AddUser(clerktest.User{}), clerktest.WithOrg("org_1", "org:admin"))
	claims := claimsOf(t, sess.Token())
	if claims.Version() != 1 || claims.OrgID() != "org_1" || claims.OrgSlug() != "1" || claims.OrgRole() != "org:admin" ||
		!slices.Equal(claims.Permissions(), []string{"org:invoices:create", "org:teams:read"}) {
		t.Errorf("claims are %s", claims.Raw())
	}
	for _, name := range []string{"v", "o", "sts", "jti", "fea", "pla"} {
		if claims.Has(name) {
			t.Errorf("version 1 has %s", name)
		}
	}
	if c := claimsOf(t, em.SignIn(em.AddUser(clerktest.User{}), clerktest.WithPending("choose-organization")).Token()); c.SessionStatus() != "pending" || c.Auth().SignedIn() {
		t.Errorf("a pending session has %s", c.Raw())
	}
	if c := claimsOf(t, em.SignIn(em.AddUser(clerktest.User{}), clerktest.WithVersion(2)).Token()); c.Version() != 2 {
		t.Error("WithVersion(2) is ignored")
	}
}

func TestPending(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	sess := em.SignIn(em.AddUser(clerktest.User{}), clerktest.WithPending("choose-organization"))
	auth := claimsOf(t, sess.Token()).Auth()
	if auth.SignedIn() || auth.Reason != clerk.ReasonSessionPending || sess.Status() != "pending" {
		t.Errorf("got %+v", auth)
	}
}

// What the emulator packs, the kit unpacks: any number of features and
// permissions, more than 64 of them too.
func TestPermissionsRoundTrip(t *testing.T) {
	for _, size := range []struct{ features, names int }{{1, 1}, {1, 64}, {1, 65}, {7, 3}, {3, 200}, {90, 2}} {
		em := newEmulator(t, clerktest.Config{})
		var all, want []string
		for f := range size.features {
			for n := range size.names {
				p := fmt.Sprintf("org:f%d:p%d", f, n)
				all = append(all, p)
				if (f*31+n*17)%3 != 0 || n == size.names-1 {
					want = append(want, p)
				}
			}
		}
		em.AddRole("org:member", want...)
		// Features of the user alone stand between the others and have no number.
		u := em.AddUser(clerktest.User{Features: []string{"a-first", "f0x", "f1", "zzz"}})
		claims := claimsOf(t, em.SignIn(u, clerktest.WithOrg("org_1", "org:member")).Token())
		got := claims.Permissions()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%v: %d permissions came back, want %d", size, len(got), len(want))
		}
		auth := claims.Auth()
		for _, p := range all {
			if auth.Has(clerk.Permission(p)) != slices.Contains(want, p) {
				t.Errorf("%v: %s is %v", size, p, !slices.Contains(want, p))
			}
		}
	}
}

func TestTokenOptions(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Origins: []string{"https://a.example", "https://b.example"}})
	u := em.AddUser(clerktest.User{})
	em.AddOrganization(clerktest.Organization{Slug: "other"})
	em.AddMember("other", u.ID, "org:member")
	sess := em.SignIn(u, clerktest.WithOrg("org_1", "org:admin"))
	for name, c := range map[string]struct {
		opt  clerktest.TokenOption
		want func(*clerk.Claims) bool
	}{
		"another origin": {clerktest.WithOrigin("https://evil.example"), func(c *clerk.Claims) bool { return c.AuthorizedParty() == "https://evil.example" }},
		"no origin":      {clerktest.WithOrigin(""), func(c *clerk.Claims) bool { return !c.Has("azp") }},
		"lifetime":       {clerktest.WithLifetime(time.Hour), func(c *clerk.Claims) bool { return c.ExpiresAt().Sub(c.IssuedAt()) == time.Hour }},
		"expired":        {clerktest.WithLifetime(-time.Hour), func(c *clerk.Claims) bool { return c.ExpiresAt().Before(em.Now()) }},
		"other org":      {clerktest.WithActiveOrg("other"), func(c *clerk.Claims) bool { return c.OrgSlug() == "other" && c.OrgRole() == "org:member" }},
		"no org":         {clerktest.WithActiveOrg(""), func(c *clerk.Claims) bool { return c.OrgID() == "" && !c.Has("o") }},
		"none": {func() clerktest.TokenOption { return clerktest.WithOrigin("https://a.example") }(), func(c *clerk.Claims) bool {
			return c.AuthorizedParty() == "https://a.example" && c.OrgID() == "org_1"
		}},
	} {
		if claims := claimsOf(t, sess.Token(c.opt)); !c.want(claims) {
			t.Errorf("%s: %s", name, claims.Raw())
		}
	}
	mustPanic(t, "foreign organization", func() { sess.Token(clerktest.WithActiveOrg("org_unknown")) })
}

func rsaKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }

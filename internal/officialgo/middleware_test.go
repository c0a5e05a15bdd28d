package officialgo

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/clerk/clerk-sdk-go/v2"
	clerkhttp "github.com/clerk/clerk-sdk-go/v2/http"
	"github.com/clerk/clerk-sdk-go/v2/jwks"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// emulatorClock gives the SDK the emulator's time.
type emulatorClock struct{ em *clerktest.Emulator }

func (c emulatorClock) Now() time.Time { return c.em.Now() }

// An application with the SDK's middleware accepts the emulator's users and refuses
// others.
func TestRequireHeaderAuthorization(t *testing.T) {
	em, cfg := newEmulator(t)
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	em.AddRole("org:billing", "org:invoices:create")
	sess := em.SignIn(alice, clerktest.WithOrg("org_1", "org:billing"))
	var claims *clerk.SessionClaims
	gate := clerkhttp.RequireHeaderAuthorization(
		clerkhttp.JWKSClient(jwks.NewClient(cfg)), clerkhttp.Clock(emulatorClock{em}),
		clerkhttp.AuthorizedPartyMatches(em.Config().AuthorizedParties...),
	)
	h := gate(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		claims, _ = clerk.SessionClaimsFromContext(r.Context())
	}))
	call := func(authorization string) int {
		r := httptest.NewRequest("GET", "/", nil)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for _, version := range []int{1, 2} {
		s := em.SignIn(alice, clerktest.WithOrg("org_1", "org:billing"), clerktest.WithVersion(version))
		claims = nil
		if code := call("Bearer " + s.Token()); code != 200 || claims == nil {
			t.Fatalf("version %d: %d", version, code)
		}
		if claims.Subject != alice.ID || claims.SessionID != s.ID || claims.ActiveOrganizationID != "org_1" || claims.ActiveOrganizationRole != "org:billing" {
			t.Errorf("version %d: %+v", version, claims)
		}
		if !claims.HasRole("org:billing") || !claims.HasPermission("org:invoices:create") || claims.HasPermission("org:invoices:delete") {
			t.Errorf("version %d: role %s, permissions %v", version, claims.ActiveOrganizationRole, claims.ActiveOrganizationPermissions)
		}
	}
	token := sess.Token()
	other, err := clerktest.New(clerktest.Config{GenerateKey: true})
	if err != nil {
		t.Fatal(err)
	}
	foreign := other.SignIn(other.AddUser(clerktest.User{Email: "x@example.com"})).Token()
	for _, c := range []struct {
		what, authorization string
		codes               []int
	}{
		{"nothing", "", []int{403}}, // the SDK answers so
		{"no token", "Bearer x", []int{403}},
		{"a changed token", "Bearer " + token[:len(token)-4] + "AAAA", []int{401}},
		{"another instance's token", "Bearer " + foreign, []int{401}},
		{"another party's token", "Bearer " + sess.Token(clerktest.WithOrigin("https://evil.example.com")), []int{401}},
		{"an expired token", "Bearer " + sess.Token(clerktest.WithLifetime(-time.Minute)), []int{401}},
	} {
		if code := call(c.authorization); !slices.Contains(c.codes, code) {
			t.Errorf("%s: %d, want %v", c.what, code, c.codes)
		}
	}
	if code := call("Bearer " + token); code != 200 {
		t.Errorf("before its time is over: %d", code)
	}
	em.Advance(2 * time.Minute)
	if code := call("Bearer " + token); code != 401 {
		t.Errorf("after its time is over: %d", code)
	}
	if code := call("Bearer " + sess.Token()); code != 200 {
		t.Errorf("a fresh token: %d", code)
	}
	em.RotateKeys()
	if code := call("Bearer " + sess.Token()); code != 200 {
		t.Errorf("a token of a new key: %d", code)
	}
}

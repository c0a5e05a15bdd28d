package clerk_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

// claimsCase is one case of testdata/claims, see the README there.
type claimsCase struct {
	Name, Source, Payload string
	Identity              *struct {
		User, Session, Status, Org, Slug, Role string
		Permissions, Features, Plans           []string
		FactorAges                             *[2]int
		Actor                                  *string
	}
	Pending bool
	Refused *string
}

func claimsCases(tb testing.TB) []claimsCase {
	tb.Helper()
	raw, err := os.ReadFile("../testdata/claims/session-claims.json")
	if err != nil {
		tb.Fatal(err)
	}
	var cases []claimsCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		tb.Fatal(err)
	}
	return cases
}

func TestSessionClaims(t *testing.T) {
	for _, tt := range claimsCases(t) {
		t.Run(tt.Name, func(t *testing.T) {
			if (tt.Identity == nil) == (tt.Refused == nil) || tt.Source == "" {
				t.Fatal("the case is not complete")
			}
			claims, err := clerk.ParseClaims(tt.Payload)
			if tt.Refused != nil {
				var ce *clerk.ClaimError
				if !errors.As(err, &ce) || ce.Claim != *tt.Refused || claims != nil {
					t.Fatalf("%v, %v; want it refused because of %q", claims, err, *tt.Refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if string(claims.Raw()) != tt.Payload {
				t.Errorf("the raw payload is %s", claims.Raw())
			}
			auth := claims.Auth()
			if tt.Pending {
				if auth.SignedIn() || auth.UserID != "" || auth.Claims() != nil || auth.Reason != clerk.ReasonSessionPending {
					t.Errorf("a pending session is %+v", auth)
				}
				auth = auth.AllowPending()
			}
			want := tt.Identity
			if !auth.SignedIn() || auth.TokenType != clerk.SessionToken || auth.Reason != "" {
				t.Errorf("not signed in: %+v", auth)
			}
			for _, f := range []struct{ name, got, want string }{
				{"user", auth.UserID, want.User}, {"session", auth.SessionID, want.Session}, {"status", auth.SessionStatus, want.Status},
				{"org", auth.OrgID, want.Org}, {"slug", auth.OrgSlug, want.Slug}, {"role", auth.OrgRole, want.Role},
			} {
				if f.got != f.want {
					t.Errorf("%s is %q, want %q", f.name, f.got, f.want)
				}
			}
			for _, f := range []struct {
				name      string
				got, want []string
			}{
				{"permissions", auth.Permissions(), want.Permissions}, {"features", auth.Features(), want.Features}, {"plans", auth.Plans(), want.Plans},
			} {
				if !slices.Equal(f.got, f.want) {
					t.Errorf("%s are %q, want %q", f.name, f.got, f.want)
				}
			}
			checkPermissionLookup(t, auth, want.Permissions)
			first, second, ok := auth.FactorAges()
			if ok != (want.FactorAges != nil) || ok && [2]int{first, second} != *want.FactorAges {
				t.Errorf("factor ages %d, %d, %v; want %v", first, second, ok, want.FactorAges)
			}
			actor, ok := auth.Actor()
			if ok != (want.Actor != nil) || ok && actor.Subject != *want.Actor {
				t.Errorf("actor %v, %v", actor, ok)
			}
		})
	}
}

// checkPermissionLookup holds that looking one permission up and listing them all
// are the same reading.
func checkPermissionLookup(t *testing.T, auth clerk.Auth, granted []string) {
	candidates := []string{"org:dash:read", "org:dash:manage", "org:teams:read", "org:teams:manage", "org:mine:read", "org:mine:manage", "org:a:read", "org:x:read", "org::", "org:dash:", "org::read"}
	for _, p := range append(candidates, granted...) {
		if got, want := auth.Has(clerk.Permission(p)), slices.Contains(granted, p); got != want {
			t.Errorf("Has(Permission(%q)) is %v", p, got)
		}
	}
}

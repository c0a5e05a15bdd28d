package clerktest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
)

// Identity describes a signed-in user for a unit test of a handler, which needs no
// emulator and no token:
//
//	id := clerktest.Identity{UserID: "user_1", OrgID: "org_1", Permissions: []string{"org:invoices:create"}}
//	r = r.WithContext(clerk.NewContext(r.Context(), id.Auth()))
//
// The identity equals that of Clerk's session token of version 2.
type Identity struct {
	// UserID is sub; "user_1" if empty.
	UserID string
	// SessionID is sid; "sess_1" if empty.
	SessionID string
	// OrgID and OrgSlug are the active organization. Where a slug, a role
	// or a permission is given without OrgID, it is "org_1".
	OrgID, OrgSlug string
	// Role is the role in the organization, with or without org:; "org:member" if
	// empty and there is an organization.
	Role string
	// Permissions are those of the organization: org:invoices:create. The prefix may
	// be left out.
	Permissions []string
	// Features and Plans have their scope in front: o:teams of the organization,
	// u:beta of the user, uo:both of both. Without one they are the user's, or the
	// organization's where there is one.
	Features, Plans []string
	// FactorAges are the minutes since the first and the second factor were
	// verified, -1 for never. nil means that both were verified just now.
	FactorAges *[2]int
	// Pending makes the session one with unfinished tasks.
	Pending bool
	// Actor is the id of the user who impersonates this one.
	Actor string
	// Claims are custom claims. They cannot replace Clerk's own.
	Claims map[string]any
}

// Auth returns the identity as a handler gets it from clerk.FromContext. It panics if
// the Identity contradicts itself or cannot be encoded as JSON, because a test with
// another identity than it asked for proves nothing.
func (id Identity) Auth() clerk.Auth {
	payload, err := json.Marshal(id.claims())
	if err != nil {
		panic(fmt.Sprintf("clerktest: Identity.Claims: %v", err))
	}
	claims, err := clerk.ParseClaims(string(payload))
	if err != nil {
		panic(fmt.Sprintf("clerktest: Identity: %v", err))
	}
	return claims.Auth()
}

func (id Identity) claims() map[string]any {
	claims := map[string]any{}
	for name, v := range id.Claims {
		if slices.Contains(tokens.ReservedClaims, name) {
			panic("clerktest: Identity.Claims: " + name + " is Clerk's own claim")
		}
		claims[name] = v
	}
	if id.OrgID == "" && (id.OrgSlug != "" || id.Role != "" || len(id.Permissions) > 0) {
		id.OrgID = "org_1"
	}
	shown := tokens.TokenState{Session: state.Session{Status: state.StatusActive}}
	if id.Pending {
		shown.Session.Status = state.StatusPending
	}
	ofOrganization, ofUser := byScope(id.Features, id.OrgID != "")
	shown.User.Features = ofUser
	if id.OrgID != "" {
		shown.Organization = &state.Organization{OrganizationSeed: state.OrganizationSeed{ID: id.OrgID, Slug: id.OrgSlug, Features: ofOrganization}}
		shown.Role = state.Role{Key: orgKey(cmp.Or(id.Role, "member"))}
		for _, p := range id.Permissions {
			if _, _, ok := state.SplitPermission(orgKey(p)); !ok {
				panic("clerktest: Identity.Permissions: " + p + " is not like org:invoices:create")
			}
			shown.Role.Permissions = append(shown.Role.Permissions, orgKey(p))
		}
	}
	tokens.ClaimsV2(claims, &shown)
	if ofOrganization, ofUser := byScope(id.Plans, id.OrgID != ""); len(id.Plans) > 0 {
		elements, _ := tokens.FeatureClaim(ofOrganization, ofUser)
		claims["pla"] = strings.Join(elements, ",")
	}
	claims["sub"], claims["sid"] = cmp.Or(id.UserID, "user_1"), cmp.Or(id.SessionID, "sess_1")
	claims["fva"] = []int{0, 0}
	if id.FactorAges != nil {
		claims["fva"] = id.FactorAges[:]
	}
	if id.Actor != "" {
		claims["act"] = map[string]string{"sub": id.Actor}
	}
	return claims
}

func orgKey(s string) string { return "org:" + strings.TrimPrefix(s, "org:") }

// byScope takes the scopes off features or plans. Those without one are the
// organization's where there is one.
func byScope(elements []string, organization bool) (ofOrganization, ofUser []string) {
	for _, e := range elements {
		scope, name, ok := strings.Cut(e, ":")
		if !ok {
			scope, name = "u", e
			if organization {
				scope = "o"
			}
		}
		isOrg, isUser := strings.Contains(scope, "o"), strings.Contains(scope, "u")
		switch {
		case !slices.Contains([]string{"o", "u", "ou", "uo"}, scope) || !state.ValidSlug(name):
			panic("clerktest: Identity: " + e + " is not like o:teams, u:beta or uo:both")
		case isOrg && !organization:
			panic("clerktest: Identity: " + e + " is an organization's, and there is no OrgID")
		}
		if isOrg {
			ofOrganization = append(ofOrganization, name)
		}
		if isUser {
			ofUser = append(ofUser, name)
		}
	}
	return ofOrganization, ofUser
}

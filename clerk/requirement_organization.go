package clerk

import "github.com/clerkkit/clerkkit/internal/tokenkind"

// organizationTokens are the kinds of tokens that can represent an organization.
func organizationTokens() tokenkind.Accepted {
	return tokenkind.Accepted{Possible: tokenkind.Session | tokenkind.APIKey | tokenkind.OAuth, Implied: tokenkind.Session}
}

type activeOrgRequirement struct{}

// ActiveOrg requires an active organization: [Auth].OrgID is set. A personal
// account does not satisfy it. On a route whose [Tokens] name API keys, a key of an
// organization satisfies it too.
func ActiveOrg() Requirement { return activeOrgRequirement{} }

func (activeOrgRequirement) satisfied(a *Auth) bool      { return a.OrgID != "" }
func (activeOrgRequirement) Accepts() tokenkind.Accepted { return organizationTokens() }
func (activeOrgRequirement) String() string              { return "active organization" }

type orgRequirement string

// Org requires that the active organization is the given one, by id (org_…) or by
// slug. It is for the organization in a path or a host:
//
//	err := clerk.FromContext(ctx).Check(clerk.Org(r.PathValue("org")))
//
// An id is compared with [Auth].OrgID, anything else with [Auth].OrgSlug, both as they
// are. Another organization can take over a slug; use ids to protect data. An empty
// text is never satisfied.
func Org(idOrSlug string) Requirement { return orgRequirement(idOrSlug) }

func (r orgRequirement) satisfied(a *Auth) bool {
	switch {
	case a.OrgID == "" || r == "":
		return false
	case hasPrefix(string(r), "org_"): // slugs have no underscore
		return a.OrgID == string(r)
	}
	return a.OrgSlug == string(r)
}
func (r orgRequirement) Accepts() tokenkind.Accepted { return organizationTokens() }
func (r orgRequirement) String() string              { return "organization " + string(r) }

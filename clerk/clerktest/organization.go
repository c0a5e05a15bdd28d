package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Organization describes an organization to add.
type Organization struct {
	// ID pins the id, which must begin with org_. Empty means a new one.
	ID string `json:"id,omitempty"`
	// Name is the name, made from the slug if empty.
	Name string `json:"name,omitempty"`
	// Slug is the name in URLs, made from the name or id if empty.
	Slug string `json:"slug,omitempty"`
	// Plan is the slug of the organization's plan and Features are those that it
	// brings: the pla and fea claims with scope o. The features that a role's
	// permissions are about need not be repeated here.
	Plan     string   `json:"plan,omitempty"`
	Features []string `json:"features,omitempty"`
	// The metadata of the organization, JSON objects.
	PublicMetadata  map[string]any `json:"public_metadata,omitempty"`
	PrivateMetadata map[string]any `json:"private_metadata,omitempty"`
	// CreatedBy is the id of the user who made it. It adds no membership.
	CreatedBy string `json:"created_by,omitempty"`
}

// AddOrganization adds an organization and returns it with its id, name and
// slug. Duplicate ids and slugs are refused.
func (e *Emulator) AddOrganization(o Organization) Organization {
	e.helper()
	record, err := e.server.Store.AddOrganization(state.OrganizationSeed(o))
	if err != nil {
		e.fail("AddOrganization: %v", err)
		return o
	}
	o.ID, o.Name, o.Slug = record.ID, record.Name, record.Slug
	return o
}

// AddMember makes a user a member of an organization, or changes the member's
// role. Organization and user are ids; the organization may be a slug.
func (e *Emulator) AddMember(organization, user, role string) {
	e.helper()
	if err := e.server.Store.AddMember(organization, user, role); err != nil {
		e.fail("AddMember: %v", err)
	}
}

// AddRole sets the permissions (org:invoices:create) of a role (org:billing) and
// replaces those it had. The roles org:admin and org:member exist from the start,
// without custom permissions. Roles apply to all organizations. Clerk's own permissions
// (org:sys_memberships:manage) stay as they are if none is named; a new role has those
// of a member then.
func (e *Emulator) AddRole(key string, permissions ...string) {
	e.helper()
	if err := e.server.Store.AddRole(key, "", permissions); err != nil {
		e.fail("AddRole: %v", err)
	}
}

package answers

import (
	"encoding/json"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type OrganizationResource struct {
	Object             string          `json:"object"`
	ID                 string          `json:"id"`
	Name               string          `json:"name"`
	Slug               string          `json:"slug"`
	ImageURL           string          `json:"image_url"`
	LogoURL            *string         `json:"logo_url,omitempty"` // UploadOrganizationLogo
	HasImage           bool            `json:"has_image"`
	MembersCount       *int            `json:"members_count,omitempty"`
	LacksElevated      *bool           `json:"missing_member_with_elevated_permissions,omitempty"`
	PendingInvitations int             `json:"pending_invitations_count"`
	MaxMemberships     int             `json:"max_allowed_memberships"`
	AdminDelete        bool            `json:"admin_delete_enabled"`
	PublicMetadata     json.RawMessage `json:"public_metadata"`
	PrivateMetadata    json.RawMessage `json:"private_metadata,omitempty"` // Backend API
	CreatedBy          string          `json:"created_by,omitempty"`       // Backend API
	RoleSetKey         any             `json:"role_set_key,omitempty"`     // Backend API, where it may be null
	CreatedAt          int64           `json:"created_at"`
	UpdatedAt          int64           `json:"updated_at"`
}

type MembershipResource struct {
	Object          string               `json:"object"`
	ID              string               `json:"id"`
	Role            string               `json:"role"`
	RoleName        string               `json:"role_name"`
	Permissions     []string             `json:"permissions"`
	PublicMetadata  json.RawMessage      `json:"public_metadata"`
	PrivateMetadata json.RawMessage      `json:"private_metadata,omitempty"` // Backend API
	Organization    OrganizationResource `json:"organization"`
	PublicUser      PublicUser           `json:"public_user_data"`
	CreatedAt       int64                `json:"created_at"`
	UpdatedAt       int64                `json:"updated_at"`
}

func (e *API) OrganizationResource(o *state.Organization, members *int) OrganizationResource {
	return OrganizationResource{
		Object: "organization", ID: o.ID, Name: o.Name, Slug: o.Slug, ImageURL: e.PictureURL(o.LogoID), HasImage: o.LogoID != "", MembersCount: members,
		PendingInvitations: e.Store.CountPending(o.ID), MaxMemberships: o.MaxMemberships, AdminDelete: o.AdminDelete,
		PublicMetadata: o.Public, CreatedAt: wire.Millis(o.Created.At), UpdatedAt: wire.Millis(o.UpdatedAt),
	}
}

func (e *API) MembershipResource(m *state.MemberOf, u *state.User) MembershipResource {
	return e.membershipWithin(m, u, e.OrganizationResource(&m.Organization, &m.Members))
}

func (e *API) membershipWithin(m *state.MemberOf, u *state.User, o OrganizationResource) MembershipResource {
	return MembershipResource{
		Object: "organization_membership", ID: m.Membership.ID, Role: m.Role.Key, RoleName: m.Role.Name,
		Permissions: m.Role.AllPermissions(), PublicMetadata: m.Membership.Public,
		Organization: o, PublicUser: e.PublicUser(u),
		CreatedAt: wire.Millis(m.Membership.Created.At), UpdatedAt: wire.Millis(m.Membership.UpdatedAt),
	}
}

// BackendMembership adds what only servers see.
func (e *API) BackendMembership(m *state.MemberOf, u *state.User) MembershipResource {
	r := e.membershipWithin(m, u, e.BackendOrganization(&m.Organization, nil))
	r.PrivateMetadata = m.Membership.Private
	return r
}

// BackendMemberships describes members; those of one organization share its
// description.
func (e *API) BackendMemberships(members []state.Member) []MembershipResource {
	organizations := map[string]OrganizationResource{}
	out := make([]MembershipResource, len(members))
	for i := range members {
		m := &members[i]
		o, ok := organizations[m.Organization.ID]
		if !ok {
			o = e.BackendOrganization(&m.Organization, nil)
			organizations[m.Organization.ID] = o
		}
		out[i] = e.membershipWithin(&m.MemberOf, &m.User, o)
		out[i].PrivateMetadata = m.Membership.Private
	}
	return out
}

func (e *API) BackendOrganization(o *state.Organization, members *int) OrganizationResource {
	r := e.OrganizationResource(o, members)
	r.PrivateMetadata, r.CreatedBy, r.RoleSetKey = o.Private, o.CreatedBy, wire.OptString(o.RoleSet)
	return r
}

type RoleResource struct {
	Object      string               `json:"object"`
	ID          string               `json:"id"`
	Name        string               `json:"name"`
	Key         string               `json:"key"`
	Description *string              `json:"description"`
	Creator     bool                 `json:"is_creator_eligible"`
	Permissions []PermissionResource `json:"permissions"`
	CreatedAt   int64                `json:"created_at"`
	UpdatedAt   int64                `json:"updated_at"`
}

type PermissionResource struct {
	Object      string `json:"object"`
	ID          string `json:"id"`
	Name        string `json:"name"`
	Key         string `json:"key"`
	Description string `json:"description"`
	Type        string `json:"type"`
	CreatedAt   int64  `json:"created_at"`
	UpdatedAt   int64  `json:"updated_at"`
}

func (e *API) RoleResource(r *state.Role) RoleResource {
	out := RoleResource{
		Object: "role", ID: r.ID, Name: r.Name, Key: r.Key, Description: wire.OptString(r.Description), Creator: r.MayCreate(),
		Permissions: []PermissionResource{}, CreatedAt: wire.Millis(r.Created.At), UpdatedAt: wire.Millis(r.UpdatedAt),
	}
	var permissions []state.Permission
	e.Store.View(func(tx *state.Tx) {
		permissions = tx.RolePermissions(r)
	})
	for i := range permissions {
		out.Permissions = append(out.Permissions, DescribePermission(&permissions[i]))
	}
	return out
}

func DescribePermission(p *state.Permission) PermissionResource {
	kind := "user"
	if state.SystemPermission(p.Key) {
		kind = "system"
	}
	return PermissionResource{
		Object: "permission", ID: p.ID, Name: p.Name, Key: p.Key, Description: p.Description, Type: kind,
		CreatedAt: wire.Millis(p.Created.At), UpdatedAt: wire.Millis(p.UpdatedAt),
	}
}

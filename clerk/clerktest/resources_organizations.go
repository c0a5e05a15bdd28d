package clerktest

import (
	"encoding/json"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type organizationResource struct {
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

type membershipResource struct {
	Object          string               `json:"object"`
	ID              string               `json:"id"`
	Role            string               `json:"role"`
	RoleName        string               `json:"role_name"`
	Permissions     []string             `json:"permissions"`
	PublicMetadata  json.RawMessage      `json:"public_metadata"`
	PrivateMetadata json.RawMessage      `json:"private_metadata,omitempty"` // Backend API
	Organization    organizationResource `json:"organization"`
	PublicUser      publicUser           `json:"public_user_data"`
	CreatedAt       int64                `json:"created_at"`
	UpdatedAt       int64                `json:"updated_at"`
}

func (e *Emulator) organizationResource(o *state.Organization, members *int) organizationResource {
	return organizationResource{
		Object: "organization", ID: o.ID, Name: o.Name, Slug: o.Slug, ImageURL: e.pictureURL(o.LogoID), HasImage: o.LogoID != "", MembersCount: members,
		PendingInvitations: e.store.CountPending(o.ID), MaxMemberships: o.MaxMemberships, AdminDelete: o.AdminDelete,
		PublicMetadata: o.Public, CreatedAt: millis(o.Created.At), UpdatedAt: millis(o.UpdatedAt),
	}
}

func (e *Emulator) membershipResource(m *state.MemberOf, u *state.User) membershipResource {
	return e.membershipWithin(m, u, e.organizationResource(&m.Organization, &m.Members))
}

func (e *Emulator) membershipWithin(m *state.MemberOf, u *state.User, o organizationResource) membershipResource {
	return membershipResource{
		Object: "organization_membership", ID: m.Membership.ID, Role: m.Role.Key, RoleName: m.Role.Name,
		Permissions: m.Role.AllPermissions(), PublicMetadata: m.Membership.Public,
		Organization: o, PublicUser: e.publicUser(u),
		CreatedAt: millis(m.Membership.Created.At), UpdatedAt: millis(m.Membership.UpdatedAt),
	}
}

// backendMembership adds what only servers see.
func (e *Emulator) backendMembership(m *state.MemberOf, u *state.User) membershipResource {
	r := e.membershipWithin(m, u, e.backendOrganization(&m.Organization, nil))
	r.PrivateMetadata = m.Membership.Private
	return r
}

// backendMemberships describes members; those of one organization share its
// description.
func (e *Emulator) backendMemberships(members []state.Member) []membershipResource {
	organizations := map[string]organizationResource{}
	out := make([]membershipResource, len(members))
	for i := range members {
		m := &members[i]
		o, ok := organizations[m.Organization.ID]
		if !ok {
			o = e.backendOrganization(&m.Organization, nil)
			organizations[m.Organization.ID] = o
		}
		out[i] = e.membershipWithin(&m.MemberOf, &m.User, o)
		out[i].PrivateMetadata = m.Membership.Private
	}
	return out
}

func (e *Emulator) backendOrganization(o *state.Organization, members *int) organizationResource {
	r := e.organizationResource(o, members)
	r.PrivateMetadata, r.CreatedBy, r.RoleSetKey = o.Private, o.CreatedBy, optString(o.RoleSet)
	return r
}

type roleResource struct {
	Object      string               `json:"object"`
	ID          string               `json:"id"`
	Name        string               `json:"name"`
	Key         string               `json:"key"`
	Description *string              `json:"description"`
	Creator     bool                 `json:"is_creator_eligible"`
	Permissions []permissionResource `json:"permissions"`
	CreatedAt   int64                `json:"created_at"`
	UpdatedAt   int64                `json:"updated_at"`
}

type permissionResource struct {
	Object      string `json:"object"`
	ID          string `json:"id"`
	Name        string `json:"name"`
	Key         string `json:"key"`
	Description string `json:"description"`
	Type        string `json:"type"`
	CreatedAt   int64  `json:"created_at"`
	UpdatedAt   int64  `json:"updated_at"`
}

func (e *Emulator) roleResource(r *state.Role) roleResource {
	out := roleResource{
		Object: "role", ID: r.ID, Name: r.Name, Key: r.Key, Description: optString(r.Description), Creator: r.MayCreate(),
		Permissions: []permissionResource{}, CreatedAt: millis(r.Created.At), UpdatedAt: millis(r.UpdatedAt),
	}
	var permissions []state.Permission
	e.store.View(func(tx *state.Tx) {
		permissions = tx.RolePermissions(r)
	})
	for i := range permissions {
		out.Permissions = append(out.Permissions, describePermission(&permissions[i]))
	}
	return out
}

func describePermission(p *state.Permission) permissionResource {
	kind := "user"
	if state.SystemPermission(p.Key) {
		kind = "system"
	}
	return permissionResource{
		Object: "permission", ID: p.ID, Name: p.Name, Key: p.Key, Description: p.Description, Type: kind,
		CreatedAt: millis(p.Created.At), UpdatedAt: millis(p.UpdatedAt),
	}
}

package state

import (
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Clerk's own permissions of organizations
// (https://clerk.com/docs/guides/organizations/control-access/roles-and-permissions).
// They are not in session tokens, and decide over the Frontend API's operations.
const (
	MayManageOrganization = "org:sys_profile:manage"
	MayDeleteOrganization = "org:sys_profile:delete"
	MayReadMembers        = "org:sys_memberships:read"
	MayManageMembers      = "org:sys_memberships:manage"
	MayReadDomains        = "org:sys_domains:read"
	MayManageDomains      = "org:sys_domains:manage"
	mayReadBilling        = "org:sys_billing:read"
	mayManageBilling      = "org:sys_billing:manage"
	mayManageConnections  = "org:sys_entconns:manage"
)

var systemPermissions = []struct{ key, id, name string }{
	{MayManageOrganization, "perm_profile_manage", "Manage organization"},
	{MayDeleteOrganization, "perm_profile_delete", "Delete organization"},
	{MayReadMembers, "perm_memberships_read", "Read members"},
	{MayManageMembers, "perm_memberships_manage", "Manage members"},
	{MayReadDomains, "perm_domains_read", "Read domains"},
	{MayManageDomains, "perm_domains_manage", "Manage domains"},
	{mayReadBilling, "perm_billing_read", "Read billing"},
	{mayManageBilling, "perm_billing_manage", "Manage billing"},
	{mayManageConnections, "perm_entconns_manage", "Manage enterprise connections"},
}

var (
	// memberPermissions are those of org:member.
	memberPermissions = []string{MayReadMembers, mayReadBilling}
	// creatorPermissions are those that a creator's role must have.
	creatorPermissions = []string{MayManageMembers, MayReadMembers, MayDeleteOrganization}
)

// Permission is a permission that roles can have.
type Permission struct {
	ID, Key, Name, Description string
	Created                    Made
	UpdatedAt                  time.Time
}

// SystemPermission tells the keys that Clerk keeps for itself.
func SystemPermission(key string) bool { return strings.HasPrefix(key, "org:sys_") }

func builtInPermissions() map[string]*Permission {
	out := map[string]*Permission{}
	at := Made{At: builtInAt}
	for _, p := range systemPermissions {
		at.Seq++
		out[p.key] = &Permission{ID: p.id, Key: p.key, Name: p.name, Description: p.name, Created: at, UpdatedAt: builtInAt}
	}
	return out
}

// SplitPermission takes org:feature:name apart.
func SplitPermission(p string) (feature, name string, ok bool) {
	rest, ok := strings.CutPrefix(p, "org:")
	if !ok {
		return "", "", false
	}
	feature, name, ok = strings.Cut(rest, ":")
	return feature, name, ok && ValidSlug(feature) && ValidSlug(name)
}

// ensurePermission makes a permission where there is none with the key.
func (tx *Tx) ensurePermission(key string) {
	if tx.Permissions[key] != nil {
		return
	}
	p := &Permission{ID: tx.IDs.Next("perm"), Key: key, Name: key, Created: tx.Made()}
	p.UpdatedAt = p.Created.At
	tx.Permissions[key] = p
	Emit(tx, "permission.created", p)
}

// permissionByID finds a permission by its id, nil if there is none.
func (tx *Tx) permissionByID(id string) *Permission {
	for _, p := range tx.Permissions {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// RolePermissions are the permissions of a role, Clerk's own first.
func (tx *Tx) RolePermissions(r *Role) []Permission {
	out := []Permission{}
	for _, key := range r.AllPermissions() {
		if p := tx.Permissions[key]; p != nil {
			out = append(out, *p)
		}
	}
	return out
}

// Authorize finds a user's membership in an organization, and wants the
// permission unless it is "".
func (s *Store) Authorize(organization, userID, permission string) (MemberOf, error) {
	return With2(s, func(tx *Tx) (MemberOf, error) {
		o := tx.Organization(organization)
		if o == nil {
			return MemberOf{}, refusal.NotFound("organization " + refusal.Quoted(organization))
		}
		m := tx.Memberships[MembershipKey{o.ID, userID}]
		if m == nil {
			return MemberOf{}, &refusal.Error{
				Kind: refusal.KindNotAllowed, Code: "not_a_member_in_organization", Message: "Not a member", Long: "You are not a member of this organization.", Param: "", Meta: nil,
			}
		}
		r := tx.Roles[m.Role]
		if permission != "" && !slices.Contains(r.System, permission) {
			return MemberOf{}, &refusal.Error{
				Kind: refusal.KindNotAllowed, Code: "missing_organization_permission", Message: "missing permission", Long: "You lack the permission " + permission + ".", Param: "",
				Meta: map[string]any{"permissions": []string{permission}},
			}
		}
		return MemberOf{*m, *o, *r, tx.Members[o.ID]}, nil
	})
}

// CountPending returns how many open invitations an organization has.
func (s *Store) CountPending(organizationID string) int {
	return With(s, func(tx *Tx) int {
		return tx.countPending(organizationID)
	})
}

func (tx *Tx) countPending(organizationID string) int {
	n, now := 0, tx.Now()
	for _, i := range tx.Invitations {
		if i.OrganizationID == organizationID && i.State(now) == InvitePending {
			n++
		}
	}
	return n
}

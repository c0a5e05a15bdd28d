package clerktest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Clerk's own permissions of organizations
// (https://clerk.com/docs/guides/organizations/control-access/roles-and-permissions).
// They are not in session tokens, and decide over the Frontend API's operations.
const (
	mayManageOrganization = "org:sys_profile:manage"
	mayDeleteOrganization = "org:sys_profile:delete"
	mayReadMembers        = "org:sys_memberships:read"
	mayManageMembers      = "org:sys_memberships:manage"
	mayReadDomains        = "org:sys_domains:read"
	mayManageDomains      = "org:sys_domains:manage"
	mayReadBilling        = "org:sys_billing:read"
	mayManageBilling      = "org:sys_billing:manage"
	mayManageConnections  = "org:sys_entconns:manage"
)

var systemPermissions = []struct{ key, id, name string }{
	{mayManageOrganization, "perm_profile_manage", "Manage organization"},
	{mayDeleteOrganization, "perm_profile_delete", "Delete organization"},
	{mayReadMembers, "perm_memberships_read", "Read members"},
	{mayManageMembers, "perm_memberships_manage", "Manage members"},
	{mayReadDomains, "perm_domains_read", "Read domains"},
	{mayManageDomains, "perm_domains_manage", "Manage domains"},
	{mayReadBilling, "perm_billing_read", "Read billing"},
	{mayManageBilling, "perm_billing_manage", "Manage billing"},
	{mayManageConnections, "perm_entconns_manage", "Manage enterprise connections"},
}

var (
	// memberPermissions are those of org:member.
	memberPermissions = []string{mayReadMembers, mayReadBilling}
	// creatorPermissions are those that a creator's role must have.
	creatorPermissions = []string{mayManageMembers, mayReadMembers, mayDeleteOrganization}
)

// permission is a permission that roles can have.
type permission struct {
	ID, Key, Name, Description string
	Created                    made
	UpdatedAt                  time.Time
}

// systemPermission tells the keys that Clerk keeps for itself.
func systemPermission(key string) bool { return strings.HasPrefix(key, "org:sys_") }

func builtInPermissions() map[string]*permission {
	out := map[string]*permission{}
	at := made{At: builtInAt}
	for _, p := range systemPermissions {
		at.Seq++
		out[p.key] = &permission{ID: p.id, Key: p.key, Name: p.name, Description: p.name, Created: at, UpdatedAt: builtInAt}
	}
	return out
}

// splitPermission takes org:feature:name apart.
func splitPermission(p string) (feature, name string, ok bool) {
	rest, ok := strings.CutPrefix(p, "org:")
	if !ok {
		return "", "", false
	}
	feature, name, ok = strings.Cut(rest, ":")
	return feature, name, ok && validSlug(feature) && validSlug(name)
}

// ensurePermission makes a permission where there is none with the key.
func (tx *stateTx) ensurePermission(key string) {
	if tx.Permissions[key] != nil {
		return
	}
	p := &permission{ID: tx.ids.next("perm"), Key: key, Name: key, Created: tx.made()}
	p.UpdatedAt = p.Created.At
	tx.Permissions[key] = p
	emit(tx, "permission.created", p)
}

// permissionByID finds a permission by its id, nil if there is none.
func (tx *stateTx) permissionByID(id string) *permission {
	for _, p := range tx.Permissions {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// rolePermissions are the permissions of a role, Clerk's own first.
func (tx *stateTx) rolePermissions(r *role) []permission {
	out := []permission{}
	for _, key := range r.allPermissions() {
		if p := tx.Permissions[key]; p != nil {
			out = append(out, *p)
		}
	}
	return out
}

// authorize finds a user's membership in an organization, and wants the
// permission unless it is "".
func (s *store) authorize(organization, userID, permission string) (memberOf, error) {
	return with2(s, func(tx *stateTx) (memberOf, error) {
		o := tx.organization(organization)
		if o == nil {
			return memberOf{}, errNotFound("organization " + quoted(organization))
		}
		m := tx.Memberships[membershipKey{o.ID, userID}]
		if m == nil {
			return memberOf{}, &apiError{
				http.StatusForbidden, "not_a_member_in_organization", "Not a member", "You are not a member of this organization.", "", nil,
			}
		}
		r := tx.Roles[m.Role]
		if permission != "" && !slices.Contains(r.System, permission) {
			return memberOf{}, &apiError{
				http.StatusForbidden, "missing_organization_permission", "missing permission", "You lack the permission " + permission + ".", "",
				map[string]any{"permissions": []string{permission}},
			}
		}
		return memberOf{*m, *o, *r, tx.members[o.ID]}, nil
	})
}

// countPending returns how many open invitations an organization has.
func (s *store) countPending(organizationID string) int {
	return with(s, func(tx *stateTx) int {
		return tx.countPending(organizationID)
	})
}

func (tx *stateTx) countPending(organizationID string) int {
	n, now := 0, tx.now()
	for _, i := range tx.Invitations {
		if i.OrganizationID == organizationID && i.state(now) == invitePending {
			n++
		}
	}
	return n
}

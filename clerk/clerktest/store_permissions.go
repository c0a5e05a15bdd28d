package clerktest

import (
	"net/http"
	"slices"
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
)

// systemPermissions are Clerk's own permissions of a role. A custom role has
// those of a member.
func (r *role) systemPermissions() []string {
	if r.Key == "org:admin" {
		return []string{
			mayManageDomains, mayReadDomains, mayManageMembers, mayReadMembers, mayDeleteOrganization, mayManageOrganization,
		}
	}
	return []string{mayReadMembers}
}

func (r *role) allPermissions() []string {
	return append(r.systemPermissions(), r.Permissions...)
}

// authorize finds a user's membership in an organization, and wants the
// permission unless it is "".
func (s *store) authorize(organization, userID, permission string) (memberOf, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.organizationLocked(organization)
	if o == nil {
		return memberOf{}, errNotFound("organization " + quoted(organization))
	}
	m := s.Memberships[membershipKey{o.ID, userID}]
	if m == nil {
		return memberOf{}, &apiError{
			http.StatusForbidden, "not_a_member_in_organization", "Not a member", "You are not a member of this organization.", "", nil,
		}
	}
	r := s.Roles[m.Role]
	if permission != "" && !slices.Contains(r.systemPermissions(), permission) {
		return memberOf{}, &apiError{
			http.StatusForbidden, "missing_permission", "Missing permission", "You lack the permission " + permission + ".", "", nil,
		}
	}
	return memberOf{*m, *o, *r, s.members[o.ID]}, nil
}

// countPending returns how many open invitations an organization has.
func (s *store) countPending(organizationID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, i := range s.Invitations {
		if i.OrganizationID == organizationID && i.state(s.now()) == invitePending {
			n++
		}
	}
	return n
}

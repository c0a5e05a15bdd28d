package clerktest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// createRole adds a role. permissions are ids.
func (s *store) createRole(r role, permissions []string, initial bool) (role, error) {
	return with2(s, func(tx *stateTx) (role, error) {
		if err := tx.checkRole(&r); err != nil {
			return role{}, err
		}
		if len(tx.Roles)-2 >= maxRoles { // Clerk's own two do not count
			return role{}, &apiError{
				http.StatusForbidden, "organization_instance_roles_quota_exceeded", "organization roles for instance quota exceeded",
				fmt.Sprintf("You have reached your limit of %d organization roles per instance.", maxRoles), "", nil,
			}
		}
		keys, err := tx.permissionKeys(permissions)
		if err != nil {
			return role{}, err
		}
		set := tx.initialRoleSet()
		if initial && len(set.Roles) >= maxRoles {
			return role{}, errParam("include_in_initial_role_set", "form_param_value_invalid", fmt.Sprintf("a role set has at most %d roles", maxRoles))
		}
		r.ID, r.Created = tx.ids.next("role"), tx.made()
		r.UpdatedAt = r.Created.At
		r.setPermissions(keys)
		tx.Roles[r.Key] = &r
		if initial {
			set.Roles = append(slices.Clone(set.Roles), r.Key)
		}
		emit(tx, "role.created", &r)
		return r, nil
	})
}

// checkRole refuses a name or key that a role cannot have.
func (tx *stateTx) checkRole(r *role) error {
	switch other := tx.Roles[r.Key]; {
	case strings.TrimSpace(r.Name) == "":
		return errMissing("name")
	case len(r.Name) > maxName:
		return errParam("name", "form_param_max_length_exceeded", "name is too long")
	case len(r.Description) > maxName:
		return errParam("description", "form_param_max_length_exceeded", "description is too long")
	case r.Key == "":
		return errMissing("key")
	case !roleKey.MatchString(r.Key) && (other == nil || other.ID != r.ID):
		return errParam("key", "form_param_format_invalid", "key "+quoted(r.Key)+" is not org: and lower-case letters, digits or _")
	case other != nil && other.ID != r.ID:
		return errParam("key", "form_identifier_exists", "That key is taken. Please try another.")
	}
	return nil
}

// permissionKeys finds the keys of permissions by their ids.
func (tx *stateTx) permissionKeys(ids []string) ([]string, error) {
	var keys []string
	for _, id := range ids {
		p := tx.permissionByID(id)
		if p == nil {
			return nil, errPermissionNotFound()
		}
		keys = append(keys, p.Key)
	}
	return keys, nil
}

func errPermissionNotFound() *apiError {
	return &apiError{http.StatusNotFound, "resource_not_found", "not found", "Organization permission not found", "", nil}
}

// role returns the role with the id.
func (s *store) role(id string) (role, error) {
	return with2(s, func(tx *stateTx) (role, error) {
		if r := tx.roleByID(id); r != nil {
			return *r, nil
		}
		return role{}, errRoleNotFound("", id)
	})
}

// changeRoleByID changes a role, if change has no objection.
func (s *store) changeRoleByID(id string, change func(*stateTx, *role) error) (role, error) {
	return with2(s, func(tx *stateTx) (role, error) {
		r := tx.roleByID(id)
		if r == nil {
			return role{}, errRoleNotFound("", id)
		}
		next := *r
		if err := change(tx, &next); err != nil {
			return role{}, err
		}
		if err := tx.checkRole(&next); err != nil {
			return role{}, err
		}
		creator := slices.ContainsFunc(tx.roleSets(), func(set *roleSet) bool { return set.Creator == r.Key })
		if creator && !next.mayCreate() {
			return role{}, errCreatorPermissions("permissions")
		}
		if next.Key != r.Key {
			tx.renameRole(r.Key, next.Key)
		}
		next.UpdatedAt = tx.now()
		tx.Roles[next.Key] = &next
		emit(tx, "role.updated", &next)
		return next, nil
	})
}

func (tx *stateTx) roleSets() []*roleSet {
	var all []*roleSet
	for _, set := range tx.RoleSets {
		all = append(all, set)
	}
	return all
}

// renameRole gives a role another key wherever it stands.
func (tx *stateTx) renameRole(from, to string) {
	tx.Roles[to] = tx.Roles[from] // its memberships are looked up meanwhile
	delete(tx.Roles, from)
	for _, set := range tx.RoleSets {
		set.Roles = slices.Clone(set.Roles)
		if n := slices.Index(set.Roles, from); n >= 0 {
			set.Roles[n] = to
		}
		if set.Default == from {
			set.Default = to
		}
		if set.Creator == from {
			set.Creator = to
		}
	}
	tx.reassign(func(string) bool { return true }, func(role string) string {
		if role == from {
			return to
		}
		return role
	})
}

// deleteRole removes a role that nobody has.
func (s *store) deleteRole(id string) (role, error) {
	return with2(s, func(tx *stateTx) (role, error) {
		r := tx.roleByID(id)
		if r == nil {
			return role{}, errRoleNotFound("", id)
		}
		refused := func(code, message, long string) (role, error) {
			return role{}, &apiError{http.StatusUnprocessableEntity, code, message, long, "", nil}
		}
		for _, set := range tx.RoleSets {
			switch r.Key {
			case set.Creator:
				return refused("organization_role_default_creator_role", "role is used as the creator role",
					"The organization role cannot be deleted as it is currently used as the creator role.")
			case set.Default:
				return refused("organization_role_domain_default_role", "role is used as the domain default role",
					"The organization role cannot be deleted as it is currently used as the default domain role.")
			}
		}
		for _, m := range tx.Memberships {
			if m.Role == r.Key {
				return refused("organization_role_assigned_members", "role is assigned to organization members",
					"The organization role is currently assigned to one or more organization members.")
			}
		}
		now := tx.now()
		for _, i := range tx.Invitations {
			if i.OrganizationID != "" && i.Role == r.Key && i.state(now) == invitePending {
				return refused("organization_role_exists_in_invitations", "role exists in pending organization invitations",
					"The organization role exists in one or more pending organization invitations. Please revoke these invitations to proceed.")
			}
		}
		for _, set := range tx.RoleSets {
			set.Roles = slices.DeleteFunc(slices.Clone(set.Roles), func(key string) bool { return key == r.Key })
		}
		delete(tx.Roles, r.Key)
		emit(tx, "role.deleted", r)
		return *r, nil
	})
}

// assignPermission gives a role a permission, or takes it away.
func (s *store) assignPermission(roleID, permissionID string, assign bool) (role, error) {
	return s.changeRoleByID(roleID, func(tx *stateTx, r *role) error {
		p := tx.permissionByID(permissionID)
		if p == nil {
			return errPermissionNotFound()
		}
		keys := r.allPermissions()
		switch has := slices.Contains(keys, p.Key); {
		case assign && has:
			return &apiError{
				http.StatusConflict, "organization_role_permission_association_exists", "permission already assigned to role",
				"This organization permission is already associated to this organization role.", "", nil,
			}
		case assign:
			keys = append(keys, p.Key)
		case !has:
			return errPermissionNotFound()
		default:
			keys = slices.DeleteFunc(keys, func(key string) bool { return key == p.Key })
		}
		r.setPermissions(keys)
		return nil
	})
}

var permissionKey = regexp.MustCompile(`^org:[a-z0-9_]{1,128}:[a-z0-9_]{1,128}$`)

// checkPermission refuses what a permission cannot be.
func (tx *stateTx) checkPermission(p *permission) error {
	switch other := tx.Permissions[p.Key]; {
	case strings.TrimSpace(p.Name) == "":
		return errMissing("name")
	case len(p.Name) > maxName:
		return errParam("name", "form_param_max_length_exceeded", "name is too long")
	case len(p.Description) > maxName:
		return errParam("description", "form_param_max_length_exceeded", "description is too long")
	case p.Key == "":
		return errMissing("key")
	case other != nil && other.ID == p.ID:
		return nil
	case !permissionKey.MatchString(p.Key) || systemPermission(p.Key):
		return errParam("key", "form_param_format_invalid", "key "+quoted(p.Key)+" is not org:feature:action in lower-case letters, digits or _, without org:sys_")
	case other != nil:
		return errParam("key", "form_identifier_exists", "That key is taken. Please try another.")
	}
	return nil
}

func (s *store) createPermission(p permission) (permission, error) {
	return with2(s, func(tx *stateTx) (permission, error) {
		if err := tx.checkPermission(&p); err != nil {
			return permission{}, err
		}
		p.ID, p.Created = tx.ids.next("perm"), tx.made()
		p.UpdatedAt = p.Created.At
		tx.Permissions[p.Key] = &p
		emit(tx, "permission.created", &p)
		return p, nil
	})
}

// permission returns the permission with the id.
func (s *store) permission(id string) (permission, error) {
	return with2(s, func(tx *stateTx) (permission, error) {
		if p := tx.permissionByID(id); p != nil {
			return *p, nil
		}
		return permission{}, errPermissionNotFound()
	})
}

// custom finds a permission that can be changed.
func (tx *stateTx) custom(id string) (*permission, error) {
	p := tx.permissionByID(id)
	switch {
	case p == nil:
		return nil, errPermissionNotFound()
	case systemPermission(p.Key):
		return nil, &apiError{
			http.StatusForbidden, "organization_system_permission_not_modifiable", "organization system permission cannot be modified",
			"This organization permission cannot be modified because it is a system permission.", "", nil,
		}
	}
	return p, nil
}

func (s *store) changePermission(id string, change func(*permission)) (permission, error) {
	return with2(s, func(tx *stateTx) (permission, error) {
		p, err := tx.custom(id)
		if err != nil {
			return permission{}, err
		}
		next := *p
		change(&next)
		if err := tx.checkPermission(&next); err != nil {
			return permission{}, err
		}
		next.UpdatedAt = tx.now()
		delete(tx.Permissions, p.Key)
		tx.Permissions[next.Key] = &next
		if next.Key != p.Key {
			tx.replacePermission(p.Key, next.Key)
		}
		emit(tx, "permission.updated", &next)
		return next, nil
	})
}

// deletePermission removes a permission, also from all roles.
func (s *store) deletePermission(id string) (permission, error) {
	return with2(s, func(tx *stateTx) (permission, error) {
		p, err := tx.custom(id)
		if err != nil {
			return permission{}, err
		}
		delete(tx.Permissions, p.Key)
		tx.replacePermission(p.Key, "")
		emit(tx, "permission.deleted", p)
		return *p, nil
	})
}

// replacePermission gives roles another permission instead of one, or none.
func (tx *stateTx) replacePermission(from, to string) {
	for _, r := range tx.Roles {
		keys := r.allPermissions()
		n := slices.Index(keys, from)
		if n < 0 {
			continue
		}
		if keys = slices.Delete(keys, n, n+1); to != "" {
			keys = append(keys, to)
		}
		r.setPermissions(keys)
		r.UpdatedAt = tx.now()
		emit(tx, "role.updated", r)
	}
}

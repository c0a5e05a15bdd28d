package state

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// CreateRole adds a role. permissions are ids.
func (s *Store) CreateRole(r Role, permissions []string, initial bool) (Role, error) {
	return With2(s, func(tx *Tx) (Role, error) {
		if err := tx.checkRole(&r); err != nil {
			return Role{}, err
		}
		if len(tx.Roles)-2 >= MaxRoles { // Clerk's own two do not count
			return Role{}, &refusal.Error{
				Kind: refusal.KindNotAllowed, Code: "organization_instance_roles_quota_exceeded", Message: "organization roles for instance quota exceeded",
				Long: fmt.Sprintf("You have reached your limit of %d organization roles per instance.", MaxRoles), Param: "", Meta: nil,
			}
		}
		keys, err := tx.PermissionKeys(permissions)
		if err != nil {
			return Role{}, err
		}
		set := tx.InitialRoleSet()
		if initial && len(set.Roles) >= MaxRoles {
			return Role{}, refusal.Param("include_in_initial_role_set", "form_param_value_invalid", fmt.Sprintf("a role set has at most %d roles", MaxRoles))
		}
		r.ID, r.Created = tx.IDs.Next("role"), tx.Made()
		r.UpdatedAt = r.Created.At
		r.SetPermissions(keys)
		tx.Roles[r.Key] = &r
		if initial {
			set.Roles = append(slices.Clone(set.Roles), r.Key)
		}
		Emit(tx, "role.created", &r)
		return r, nil
	})
}

// checkRole refuses a name or key that a role cannot have.
func (tx *Tx) checkRole(r *Role) error {
	switch other := tx.Roles[r.Key]; {
	case strings.TrimSpace(r.Name) == "":
		return refusal.Missing("name")
	case len(r.Name) > MaxName:
		return refusal.Param("name", "form_param_max_length_exceeded", "name is too long")
	case len(r.Description) > MaxName:
		return refusal.Param("description", "form_param_max_length_exceeded", "description is too long")
	case r.Key == "":
		return refusal.Missing("key")
	case !roleKey.MatchString(r.Key) && (other == nil || other.ID != r.ID):
		return refusal.Param("key", "form_param_format_invalid", "key "+refusal.Quoted(r.Key)+" is not org: and lower-case letters, digits or _")
	case other != nil && other.ID != r.ID:
		return refusal.Param("key", "form_identifier_exists", "That key is taken. Please try another.")
	}
	return nil
}

// PermissionKeys finds the keys of permissions by their ids.
func (tx *Tx) PermissionKeys(ids []string) ([]string, error) {
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

func errPermissionNotFound() *refusal.Error {
	return &refusal.Error{Kind: refusal.KindNotFound, Code: "resource_not_found", Message: "not found", Long: "Organization permission not found", Param: "", Meta: nil}
}

// Role returns the role with the id.
func (s *Store) Role(id string) (Role, error) {
	return With2(s, func(tx *Tx) (Role, error) {
		if r := tx.RoleByID(id); r != nil {
			return *r, nil
		}
		return Role{}, ErrRoleNotFound("", id)
	})
}

// ChangeRoleByID changes a role, if change has no objection.
func (s *Store) ChangeRoleByID(id string, change func(*Tx, *Role) error) (Role, error) {
	return With2(s, func(tx *Tx) (Role, error) {
		r := tx.RoleByID(id)
		if r == nil {
			return Role{}, ErrRoleNotFound("", id)
		}
		next := *r
		if err := change(tx, &next); err != nil {
			return Role{}, err
		}
		if err := tx.checkRole(&next); err != nil {
			return Role{}, err
		}
		creator := slices.ContainsFunc(tx.roleSets(), func(set *RoleSet) bool { return set.Creator == r.Key })
		if creator && !next.MayCreate() {
			return Role{}, ErrCreatorPermissions("permissions")
		}
		if next.Key != r.Key {
			tx.renameRole(r.Key, next.Key)
		}
		next.UpdatedAt = tx.Now()
		tx.Roles[next.Key] = &next
		Emit(tx, "role.updated", &next)
		return next, nil
	})
}

func (tx *Tx) roleSets() []*RoleSet {
	var all []*RoleSet
	for _, set := range tx.RoleSets {
		all = append(all, set)
	}
	return all
}

// renameRole gives a role another key wherever it stands.
func (tx *Tx) renameRole(from, to string) {
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

// DeleteRole removes a role that nobody has.
func (s *Store) DeleteRole(id string) (Role, error) {
	return With2(s, func(tx *Tx) (Role, error) {
		r := tx.RoleByID(id)
		if r == nil {
			return Role{}, ErrRoleNotFound("", id)
		}
		refused := func(code, message, long string) (Role, error) {
			return Role{}, &refusal.Error{Kind: refusal.KindInvalid, Code: code, Message: message, Long: long, Param: "", Meta: nil}
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
		now := tx.Now()
		for _, i := range tx.Invitations {
			if i.OrganizationID != "" && i.Role == r.Key && i.State(now) == InvitePending {
				return refused("organization_role_exists_in_invitations", "role exists in pending organization invitations",
					"The organization role exists in one or more pending organization invitations. Please revoke these invitations to proceed.")
			}
		}
		for _, set := range tx.RoleSets {
			set.Roles = slices.DeleteFunc(slices.Clone(set.Roles), func(key string) bool { return key == r.Key })
		}
		delete(tx.Roles, r.Key)
		Emit(tx, "role.deleted", r)
		return *r, nil
	})
}

// AssignPermission gives a role a permission, or takes it away.
func (s *Store) AssignPermission(roleID, permissionID string, assign bool) (Role, error) {
	return s.ChangeRoleByID(roleID, func(tx *Tx, r *Role) error {
		p := tx.permissionByID(permissionID)
		if p == nil {
			return errPermissionNotFound()
		}
		keys := r.AllPermissions()
		switch has := slices.Contains(keys, p.Key); {
		case assign && has:
			return &refusal.Error{
				Kind: refusal.KindConflict, Code: "organization_role_permission_association_exists", Message: "permission already assigned to role",
				Long: "This organization permission is already associated to this organization role.", Param: "", Meta: nil,
			}
		case assign:
			keys = append(keys, p.Key)
		case !has:
			return errPermissionNotFound()
		default:
			keys = slices.DeleteFunc(keys, func(key string) bool { return key == p.Key })
		}
		r.SetPermissions(keys)
		return nil
	})
}

var permissionKey = regexp.MustCompile(`^org:[a-z0-9_]{1,128}:[a-z0-9_]{1,128}$`)

// checkPermission refuses what a permission cannot be.
func (tx *Tx) checkPermission(p *Permission) error {
	switch other := tx.Permissions[p.Key]; {
	case strings.TrimSpace(p.Name) == "":
		return refusal.Missing("name")
	case len(p.Name) > MaxName:
		return refusal.Param("name", "form_param_max_length_exceeded", "name is too long")
	case len(p.Description) > MaxName:
		return refusal.Param("description", "form_param_max_length_exceeded", "description is too long")
	case p.Key == "":
		return refusal.Missing("key")
	case other != nil && other.ID == p.ID:
		return nil
	case !permissionKey.MatchString(p.Key) || SystemPermission(p.Key):
		return refusal.Param("key", "form_param_format_invalid", "key "+refusal.Quoted(p.Key)+" is not org:feature:action in lower-case letters, digits or _, without org:sys_")
	case other != nil:
		return refusal.Param("key", "form_identifier_exists", "That key is taken. Please try another.")
	}
	return nil
}

func (s *Store) CreatePermission(p Permission) (Permission, error) {
	return With2(s, func(tx *Tx) (Permission, error) {
		if err := tx.checkPermission(&p); err != nil {
			return Permission{}, err
		}
		p.ID, p.Created = tx.IDs.Next("perm"), tx.Made()
		p.UpdatedAt = p.Created.At
		tx.Permissions[p.Key] = &p
		Emit(tx, "permission.created", &p)
		return p, nil
	})
}

// Permission returns the permission with the id.
func (s *Store) Permission(id string) (Permission, error) {
	return With2(s, func(tx *Tx) (Permission, error) {
		if p := tx.permissionByID(id); p != nil {
			return *p, nil
		}
		return Permission{}, errPermissionNotFound()
	})
}

// custom finds a permission that can be changed.
func (tx *Tx) custom(id string) (*Permission, error) {
	p := tx.permissionByID(id)
	switch {
	case p == nil:
		return nil, errPermissionNotFound()
	case SystemPermission(p.Key):
		return nil, &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "organization_system_permission_not_modifiable", Message: "organization system permission cannot be modified",
			Long: "This organization permission cannot be modified because it is a system permission.", Param: "", Meta: nil,
		}
	}
	return p, nil
}

func (s *Store) ChangePermission(id string, change func(*Permission)) (Permission, error) {
	return With2(s, func(tx *Tx) (Permission, error) {
		p, err := tx.custom(id)
		if err != nil {
			return Permission{}, err
		}
		next := *p
		change(&next)
		if err := tx.checkPermission(&next); err != nil {
			return Permission{}, err
		}
		next.UpdatedAt = tx.Now()
		delete(tx.Permissions, p.Key)
		tx.Permissions[next.Key] = &next
		if next.Key != p.Key {
			tx.replacePermission(p.Key, next.Key)
		}
		Emit(tx, "permission.updated", &next)
		return next, nil
	})
}

// DeletePermission removes a permission, also from all roles.
func (s *Store) DeletePermission(id string) (Permission, error) {
	return With2(s, func(tx *Tx) (Permission, error) {
		p, err := tx.custom(id)
		if err != nil {
			return Permission{}, err
		}
		delete(tx.Permissions, p.Key)
		tx.replacePermission(p.Key, "")
		Emit(tx, "permission.deleted", p)
		return *p, nil
	})
}

// replacePermission gives roles another permission instead of one, or none.
func (tx *Tx) replacePermission(from, to string) {
	for _, r := range tx.Roles {
		keys := r.AllPermissions()
		n := slices.Index(keys, from)
		if n < 0 {
			continue
		}
		if keys = slices.Delete(keys, n, n+1); to != "" {
			keys = append(keys, to)
		}
		r.SetPermissions(keys)
		r.UpdatedAt = tx.Now()
		Emit(tx, "role.updated", r)
	}
}

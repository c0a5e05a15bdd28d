package state

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Role is a role of the instance. Roles belong to the instance, not to one
// organization.
type Role struct {
	ID, Key, Name, Description string
	System                     []string // Clerk's own permissions: org:sys_feature:name
	Permissions                []string // custom ones: org:feature:name
	Created                    Made
	UpdatedAt                  time.Time
}

// AllPermissions are the keys of all permissions, Clerk's own first.
func (r *Role) AllPermissions() []string {
	return append(append([]string{}, r.System...), r.Permissions...)
}

// MayCreate reports whether the role can be that of who makes an organization.
func (r *Role) MayCreate() bool {
	return !slices.ContainsFunc(creatorPermissions, func(p string) bool { return !slices.Contains(r.System, p) })
}

// SetPermissions replaces the permissions, whoever's they are.
func (r *Role) SetPermissions(keys []string) {
	r.System, r.Permissions = []string{}, []string{}
	keys = slices.Sorted(slices.Values(keys))
	for _, key := range slices.Compact(keys) {
		if SystemPermission(key) {
			r.System = append(r.System, key)
		} else {
			r.Permissions = append(r.Permissions, key)
		}
	}
}

// RoleSet says which roles an organization's members can have.
type RoleSet struct {
	ID, Key, Name, Description string
	Roles                      []string // keys
	Default, Creator           string   // keys
	Initial                    bool     // for new organizations; one of them is
	Created                    Made
	UpdatedAt                  time.Time
}

// builtInAt is when Clerk's own roles and permissions were made.
var builtInAt = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func builtInRoles() map[string]*Role {
	at := func(n uint64) Made { return Made{At: builtInAt, Seq: n} }
	admin := &Role{
		ID: "role_admin", Key: "org:admin", Name: "Admin", UpdatedAt: builtInAt, Created: at(1),
		Description: "Role with elevated permissions", Permissions: []string{},
	}
	for _, p := range systemPermissions {
		admin.System = append(admin.System, p.key)
	}
	member := &Role{
		ID: "role_member", Key: "org:member", Name: "Member", UpdatedAt: builtInAt, Created: at(2),
		Description: "Role with non-elevated permissions", System: slices.Clone(memberPermissions), Permissions: []string{},
	}
	return map[string]*Role{admin.Key: admin, member.Key: member}
}

func builtInRoleSets() map[string]*RoleSet {
	return map[string]*RoleSet{DefaultRoleSet: {
		ID: "rset_default", Key: DefaultRoleSet, Name: "Default role set", Roles: []string{"org:admin", "org:member"},
		Default: "org:member", Creator: "org:admin", Initial: true, Created: Made{At: builtInAt}, UpdatedAt: builtInAt,
	}}
}

const DefaultRoleSet = "role_set:default"

func (s *Store) AddRole(key, name string, permissions []string) error {
	return s.Update(func(tx *Tx) error {
		return tx.addRole(key, name, permissions)
	})
}

func (tx *Tx) addRole(key, name string, permissions []string) error {
	suffix, ok := strings.CutPrefix(key, "org:")
	if !ok || !ValidSlug(suffix) {
		return refusal.Param("key", "form_param_format_invalid", "role "+refusal.Quoted(key)+" is not org: and a name")
	}
	for _, p := range permissions {
		if _, _, ok := SplitPermission(p); !ok {
			return refusal.Param("permissions", "form_param_format_invalid", "permission "+refusal.Quoted(p)+" is not org:feature:name")
		}
		if SystemPermission(p) && tx.Permissions[p] == nil {
			return refusal.Param("permissions", "form_param_value_invalid", refusal.Quoted(p)+" is not one of Clerk's own permissions")
		}
	}
	old := tx.Roles[key]
	r := &Role{Key: key, Name: cmp.Or(name, strings.ToUpper(suffix[:1])+suffix[1:])}
	r.SetPermissions(permissions)
	if old != nil {
		r.ID, r.Description, r.Created = old.ID, old.Description, old.Created
	} else {
		r.ID, r.Created = tx.IDs.Next("role"), tx.Made()
	}
	if len(r.System) == 0 {
		if r.System = slices.Clone(memberPermissions); old != nil {
			r.System = old.System
		}
	}
	for _, p := range r.Permissions {
		tx.ensurePermission(p)
	}
	r.UpdatedAt = tx.Now()
	tx.Roles[key] = r
	if set := tx.InitialRoleSet(); set != nil && !slices.Contains(set.Roles, key) {
		set.Roles = append(slices.Clone(set.Roles), key)
	}
	if old == nil {
		Emit(tx, "role.created", r)
	} else {
		Emit(tx, "role.updated", r)
	}
	return nil
}

// InitialRoleSet is the role set of new organizations.
func (tx *Tx) InitialRoleSet() *RoleSet {
	for _, set := range tx.RoleSets {
		if set.Initial {
			return set
		}
	}
	return nil
}

// RoleSet is the role set of an organization.
func (tx *Tx) RoleSet(o *Organization) *RoleSet {
	if set := tx.RoleSets[o.RoleSet]; set != nil {
		return set
	}
	return tx.InitialRoleSet()
}

// RoleByID finds a role by its id, nil if there is none.
func (tx *Tx) RoleByID(id string) *Role {
	for _, r := range tx.Roles {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// assignable finds a role that a member of an organization can have.
func (tx *Tx) assignable(o *Organization, key string) (*Role, error) {
	r := tx.Roles[key]
	if r == nil {
		return nil, ErrRoleNotFound("role", key)
	}
	if !slices.Contains(tx.RoleSet(o).Roles, key) {
		return nil, refusal.Param("role", "form_param_value_invalid", "role "+refusal.Quoted(key)+" is not in the organization's role set")
	}
	return r, nil
}

func ErrRoleNotFound(param, name string) *refusal.Error {
	return &refusal.Error{Kind: refusal.KindNotFound, Code: "resource_not_found", Message: "not found", Long: "No role " + refusal.Quoted(name) + " was found.", Param: param, Meta: nil}
}

// RoleName is what people call a role.
func (s *Store) RoleName(key string) string {
	return With(s, func(tx *Tx) string {
		return tx.roleName(key)
	})
}

func (tx *Tx) roleName(key string) string {
	if r := tx.Roles[key]; r != nil {
		return r.Name
	}
	return key
}

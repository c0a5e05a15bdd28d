package clerktest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// role is a role of the instance. Roles belong to the instance, not to one
// organization.
type role struct {
	ID, Key, Name, Description string
	System                     []string // Clerk's own permissions: org:sys_feature:name
	Permissions                []string // custom ones: org:feature:name
	Created                    made
	UpdatedAt                  time.Time
}

// allPermissions are the keys of all permissions, Clerk's own first.
func (r *role) allPermissions() []string {
	return append(append([]string{}, r.System...), r.Permissions...)
}

// mayCreate reports whether the role can be that of who makes an organization.
func (r *role) mayCreate() bool {
	return !slices.ContainsFunc(creatorPermissions, func(p string) bool { return !slices.Contains(r.System, p) })
}

// setPermissions replaces the permissions, whoever's they are.
func (r *role) setPermissions(keys []string) {
	r.System, r.Permissions = []string{}, []string{}
	keys = slices.Sorted(slices.Values(keys))
	for _, key := range slices.Compact(keys) {
		if systemPermission(key) {
			r.System = append(r.System, key)
		} else {
			r.Permissions = append(r.Permissions, key)
		}
	}
}

// roleSet says which roles an organization's members can have.
type roleSet struct {
	ID, Key, Name, Description string
	Roles                      []string // keys
	Default, Creator           string   // keys
	Initial                    bool     // for new organizations; one of them is
	Created                    made
	UpdatedAt                  time.Time
}

// builtInAt is when Clerk's own roles and permissions were made.
var builtInAt = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func builtInRoles() map[string]*role {
	at := func(n uint64) made { return made{At: builtInAt, Seq: n} }
	admin := &role{
		ID: "role_admin", Key: "org:admin", Name: "Admin", UpdatedAt: builtInAt, Created: at(1),
		Description: "Role with elevated permissions", Permissions: []string{},
	}
	for _, p := range systemPermissions {
		admin.System = append(admin.System, p.key)
	}
	member := &role{
		ID: "role_member", Key: "org:member", Name: "Member", UpdatedAt: builtInAt, Created: at(2),
		Description: "Role with non-elevated permissions", System: slices.Clone(memberPermissions), Permissions: []string{},
	}
	return map[string]*role{admin.Key: admin, member.Key: member}
}

func builtInRoleSets() map[string]*roleSet {
	return map[string]*roleSet{defaultRoleSet: {
		ID: "rset_default", Key: defaultRoleSet, Name: "Default role set", Roles: []string{"org:admin", "org:member"},
		Default: "org:member", Creator: "org:admin", Initial: true, Created: made{At: builtInAt}, UpdatedAt: builtInAt,
	}}
}

const defaultRoleSet = "role_set:default"

// AddRole gives a role (org:billing) its permissions (org:invoices:create),
// instead of those it had. The roles org:admin and org:member are there from the
// start, without custom permissions. Roles hold for all organizations. Clerk's
// own permissions (org:sys_memberships:manage) stay as they are if none is
// named; a new role has those of a member then.
func (e *Emulator) AddRole(key string, permissions ...string) {
	e.helper()
	if err := e.store.addRole(key, "", permissions); err != nil {
		e.fail("AddRole: %v", err)
	}
}

func (s *store) addRole(key, name string, permissions []string) error {
	return s.Update(func(tx *stateTx) error {
		return tx.addRole(key, name, permissions)
	})
}

func (tx *stateTx) addRole(key, name string, permissions []string) error {
	suffix, ok := strings.CutPrefix(key, "org:")
	if !ok || !validSlug(suffix) {
		return errParam("key", "form_param_format_invalid", "role "+quoted(key)+" is not org: and a name")
	}
	for _, p := range permissions {
		if _, _, ok := splitPermission(p); !ok {
			return errParam("permissions", "form_param_format_invalid", "permission "+quoted(p)+" is not org:feature:name")
		}
		if systemPermission(p) && tx.Permissions[p] == nil {
			return errParam("permissions", "form_param_value_invalid", quoted(p)+" is not one of Clerk's own permissions")
		}
	}
	old := tx.Roles[key]
	r := &role{Key: key, Name: cmp.Or(name, strings.ToUpper(suffix[:1])+suffix[1:])}
	r.setPermissions(permissions)
	if old != nil {
		r.ID, r.Description, r.Created = old.ID, old.Description, old.Created
	} else {
		r.ID, r.Created = tx.ids.next("role"), tx.made()
	}
	if len(r.System) == 0 {
		if r.System = slices.Clone(memberPermissions); old != nil {
			r.System = old.System
		}
	}
	for _, p := range r.Permissions {
		tx.ensurePermission(p)
	}
	r.UpdatedAt = tx.now()
	tx.Roles[key] = r
	if set := tx.initialRoleSet(); set != nil && !slices.Contains(set.Roles, key) {
		set.Roles = append(slices.Clone(set.Roles), key)
	}
	if old == nil {
		emit(tx, "role.created", r)
	} else {
		emit(tx, "role.updated", r)
	}
	return nil
}

// initialRoleSet is the role set of new organizations.
func (tx *stateTx) initialRoleSet() *roleSet {
	for _, set := range tx.RoleSets {
		if set.Initial {
			return set
		}
	}
	return nil
}

// roleSet is the role set of an organization.
func (tx *stateTx) roleSet(o *organization) *roleSet {
	if set := tx.RoleSets[o.RoleSet]; set != nil {
		return set
	}
	return tx.initialRoleSet()
}

// roleByID finds a role by its id, nil if there is none.
func (tx *stateTx) roleByID(id string) *role {
	for _, r := range tx.Roles {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// assignable finds a role that a member of an organization can have.
func (tx *stateTx) assignable(o *organization, key string) (*role, error) {
	r := tx.Roles[key]
	if r == nil {
		return nil, errRoleNotFound("role", key)
	}
	if !slices.Contains(tx.roleSet(o).Roles, key) {
		return nil, errParam("role", "form_param_value_invalid", "role "+quoted(key)+" is not in the organization's role set")
	}
	return r, nil
}

func errRoleNotFound(param, name string) *apiError {
	return &apiError{http.StatusNotFound, "resource_not_found", "not found", "No role " + quoted(name) + " was found.", param, nil}
}

// roleName is what people call a role.
func (s *store) roleName(key string) string {
	return with(s, func(tx *stateTx) string {
		return tx.roleName(key)
	})
}

func (tx *stateTx) roleName(key string) string {
	if r := tx.Roles[key]; r != nil {
		return r.Name
	}
	return key
}

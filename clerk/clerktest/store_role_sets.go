package clerktest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxRoles is how many roles a role set can have, and how many an application
// can add to Clerk's own.
const maxRoles = 10

var (
	roleKey    = regexp.MustCompile(`^org:[a-z0-9_]{1,128}$`)
	roleSetKey = regexp.MustCompile(`^role_set:[a-z0-9_]{1,128}$`)
)

// roleSetNamed finds a role set by key or id.
func (tx *stateTx) roleSetNamed(keyOrID string) (*roleSet, error) {
	if set := tx.RoleSets[keyOrID]; set != nil {
		return set, nil
	}
	for _, set := range tx.RoleSets {
		if set.ID == keyOrID {
			return set, nil
		}
	}
	return nil, errNotFound("role set " + quoted(keyOrID))
}

// checkRoleSet refuses a role set whose roles do not fit together.
func (tx *stateTx) checkRoleSet(set *roleSet) error {
	switch {
	case strings.TrimSpace(set.Name) == "":
		return errMissing("name")
	case len(set.Name) > maxName:
		return errParam("name", "form_param_max_length_exceeded", "name is too long")
	case !roleSetKey.MatchString(set.Key):
		return errParam("key", "form_param_format_invalid", "key "+quoted(set.Key)+" is not role_set: and lower-case letters, digits or _")
	case len(set.Roles) == 0:
		return errMissing("roles")
	case len(set.Roles) > maxRoles:
		return errParam("roles", "form_param_max_length_exceeded", fmt.Sprintf("a role set has at most %d roles", maxRoles))
	}
	for i, key := range set.Roles {
		if tx.Roles[key] == nil {
			return errRoleNotFound("roles", key)
		}
		if slices.Contains(set.Roles[:i], key) {
			return errParam("roles", "form_param_duplicate", "roles contains duplicate values")
		}
	}
	if !slices.Contains(set.Roles, set.Default) {
		return errParam("default_role_key", "form_param_value_invalid", "default_role_key is not one of the role set's roles")
	}
	if !slices.Contains(set.Roles, set.Creator) {
		return errParam("creator_role_key", "form_param_value_invalid", "creator_role_key is not one of the role set's roles")
	}
	if !tx.Roles[set.Creator].mayCreate() {
		return errCreatorPermissions("creator_role_key")
	}
	return nil
}

func errCreatorPermissions(param string) *apiError {
	return errParam(param, "organization_missing_creator_role_permissions",
		"The creator role must contain the following permissions: "+strings.Join(creatorPermissions, ", "))
}

// createRoleSet adds a role set.
func (s *store) createRoleSet(set roleSet) (roleSet, error) {
	return with2(s, func(tx *stateTx) (roleSet, error) {
		if set.Key == "" {
			set.Key = "role_set:" + strings.ReplaceAll(slugify(set.Name), "-", "_")
		}
		if err := tx.checkRoleSet(&set); err != nil {
			return roleSet{}, err
		}
		if tx.RoleSets[set.Key] != nil {
			return roleSet{}, errParam("key", "form_identifier_exists", "That key is taken. Please try another.")
		}
		set.ID, set.Created = tx.ids.next("rset"), tx.made()
		set.UpdatedAt = set.Created.At
		tx.putRoleSet(&set)
		return set, nil
	})
}

// putRoleSet stores a role set; one that is initial takes the place of the
// other.
func (tx *stateTx) putRoleSet(set *roleSet) {
	if old := tx.initialRoleSet(); set.Initial && old != nil && old.ID != set.ID {
		old.Initial = false
	}
	tx.RoleSets[set.Key] = set
}

// changeRoleSet changes a role set, if change has no objection.
func (s *store) changeRoleSet(keyOrID string, change func(*stateTx, *roleSet) error) (roleSet, error) {
	return with2(s, func(tx *stateTx) (roleSet, error) {
		set, err := tx.roleSetNamed(keyOrID)
		if err != nil {
			return roleSet{}, err
		}
		next := *set
		next.Roles = slices.Clone(set.Roles)
		if err := change(tx, &next); err != nil {
			return roleSet{}, err
		}
		if err := tx.checkRoleSet(&next); err != nil {
			return roleSet{}, err
		}
		if other := tx.RoleSets[next.Key]; other != nil && other.ID != next.ID {
			return roleSet{}, errParam("key", "form_identifier_exists", "That key is taken. Please try another.")
		}
		if next.Key != set.Key {
			delete(tx.RoleSets, set.Key)
			for _, o := range tx.Organizations {
				if o.RoleSet == set.Key {
					o.RoleSet = next.Key
				}
			}
		}
		next.UpdatedAt = tx.now()
		tx.putRoleSet(&next)
		return next, nil
	})
}

// replaceRoleSet removes a role set; its organizations go to another.
func (s *store) replaceRoleSet(keyOrID, destination string, mappings map[string]string) (roleSet, error) {
	return with2(s, func(tx *stateTx) (roleSet, error) {
		from, err := tx.roleSetNamed(keyOrID)
		if err != nil {
			return roleSet{}, err
		}
		to, err := tx.roleSetNamed(destination)
		if err != nil {
			return roleSet{}, err
		}
		if from == to {
			return roleSet{}, errParam("dest_role_set_key", "form_param_value_invalid", "a role set cannot be replaced with itself")
		}
		for _, target := range mappings {
			if !slices.Contains(to.Roles, target) {
				return roleSet{}, errParam("reassignment_mappings", "form_param_value_invalid", quoted(target)+" is not a role of the destination")
			}
		}
		inSet := func(organizationID string) bool { return tx.roleSet(tx.Organizations[organizationID]) == from }
		moved := func(role string) string {
			if target := mappings[role]; target != "" {
				return target
			}
			if slices.Contains(to.Roles, role) {
				return role
			}
			return ""
		}
		for key, m := range tx.Memberships {
			if inSet(key.Organization) && moved(m.Role) == "" {
				return roleSet{}, errParam("reassignment_mappings", "form_param_missing", "members with the role "+quoted(m.Role)+" need another one")
			}
		}
		tx.reassign(inSet, func(role string) string {
			if target := moved(role); target != "" {
				return target
			}
			return to.Default
		})
		for _, o := range tx.Organizations {
			if tx.roleSet(o) == from {
				o.RoleSet = to.Key
			}
		}
		delete(tx.RoleSets, from.Key)
		if from.Initial {
			to.Initial = true
		}
		return *from, nil
	})
}

// reassign gives the members and the invited of some organizations other
// roles.
func (tx *stateTx) reassign(of func(organizationID string) bool, to func(role string) string) {
	now := tx.now()
	for key, m := range tx.Memberships {
		if role := to(m.Role); of(key.Organization) && role != m.Role {
			m.Role, m.UpdatedAt = role, now
			emit(tx, "organizationMembership.updated", m)
		}
	}
	for _, i := range tx.Invitations {
		if role := i.Role; i.OrganizationID != "" && of(i.OrganizationID) && to(role) != role {
			i.Role, i.UpdatedAt = to(role), now
		}
	}
}

// replaceRole takes a role out of a role set; those who have it get another.
func (s *store) replaceRole(keyOrID, out, in string) (roleSet, error) {
	return s.changeRoleSet(keyOrID, func(tx *stateTx, set *roleSet) error {
		n := slices.Index(set.Roles, out)
		switch {
		case n < 0:
			return errRoleNotFound("role_key", out)
		case out == in || !slices.Contains(set.Roles, in):
			return errParam("to_role_key", "form_param_value_invalid", "to_role_key is not another role of the role set")
		}
		set.Roles = slices.Delete(set.Roles, n, n+1)
		if set.Default == out {
			set.Default = in
		}
		if set.Creator == out {
			set.Creator = in
		}
		if err := tx.checkRoleSet(set); err != nil {
			return err
		}
		mine := func(organizationID string) bool { return tx.roleSet(tx.Organizations[organizationID]).ID == set.ID }
		tx.reassign(mine, func(role string) string {
			if role == out {
				return in
			}
			return role
		})
		return nil
	})
}

// moveToRoleSet gives an organization another role set, which must have
// the roles of its members.
func (tx *stateTx) moveToRoleSet(o *organization, keyOrID string) error {
	set, err := tx.roleSetNamed(keyOrID)
	if err != nil {
		return err
	}
	for key, m := range tx.Memberships {
		if key.Organization == o.ID && !slices.Contains(set.Roles, m.Role) {
			return errParam("role_set_key", "form_param_value_invalid", "members have the role "+quoted(m.Role)+", which the role set lacks")
		}
	}
	o.RoleSet = set.Key
	return nil
}

package state

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// MaxRoles is how many roles a role set can have, and how many an application
// can add to Clerk's own.
const MaxRoles = 10

var (
	roleKey    = regexp.MustCompile(`^org:[a-z0-9_]{1,128}$`)
	roleSetKey = regexp.MustCompile(`^role_set:[a-z0-9_]{1,128}$`)
)

// RoleSetNamed finds a role set by key or id.
func (tx *Tx) RoleSetNamed(keyOrID string) (*RoleSet, error) {
	if set := tx.RoleSets[keyOrID]; set != nil {
		return set, nil
	}
	for _, set := range tx.RoleSets {
		if set.ID == keyOrID {
			return set, nil
		}
	}
	return nil, refusal.NotFound("role set " + refusal.Quoted(keyOrID))
}

// checkRoleSet refuses a role set whose roles do not fit together.
func (tx *Tx) checkRoleSet(set *RoleSet) error {
	switch {
	case strings.TrimSpace(set.Name) == "":
		return refusal.Missing("name")
	case len(set.Name) > MaxName:
		return refusal.Param("name", "form_param_max_length_exceeded", "name is too long")
	case !roleSetKey.MatchString(set.Key):
		return refusal.Param("key", "form_param_format_invalid", "key "+refusal.Quoted(set.Key)+" is not role_set: and lower-case letters, digits or _")
	case len(set.Roles) == 0:
		return refusal.Missing("roles")
	case len(set.Roles) > MaxRoles:
		return refusal.Param("roles", "form_param_max_length_exceeded", fmt.Sprintf("a role set has at most %d roles", MaxRoles))
	}
	for i, key := range set.Roles {
		if tx.Roles[key] == nil {
			return ErrRoleNotFound("roles", key)
		}
		if slices.Contains(set.Roles[:i], key) {
			return refusal.Param("roles", "form_param_duplicate", "roles contains duplicate values")
		}
	}
	if !slices.Contains(set.Roles, set.Default) {
		return refusal.Param("default_role_key", "form_param_value_invalid", "default_role_key is not one of the role set's roles")
	}
	if !slices.Contains(set.Roles, set.Creator) {
		return refusal.Param("creator_role_key", "form_param_value_invalid", "creator_role_key is not one of the role set's roles")
	}
	if !tx.Roles[set.Creator].MayCreate() {
		return ErrCreatorPermissions("creator_role_key")
	}
	return nil
}

func ErrCreatorPermissions(param string) *refusal.Error {
	return refusal.Param(param, "organization_missing_creator_role_permissions",
		"The creator role must contain the following permissions: "+strings.Join(creatorPermissions, ", "))
}

// CreateRoleSet adds a role set.
func (s *Store) CreateRoleSet(set RoleSet) (RoleSet, error) {
	return With2(s, func(tx *Tx) (RoleSet, error) {
		if set.Key == "" {
			set.Key = "role_set:" + strings.ReplaceAll(slugify(set.Name), "-", "_")
		}
		if err := tx.checkRoleSet(&set); err != nil {
			return RoleSet{}, err
		}
		if tx.RoleSets[set.Key] != nil {
			return RoleSet{}, refusal.Param("key", "form_identifier_exists", "That key is taken. Please try another.")
		}
		set.ID, set.Created = tx.IDs.Next("rset"), tx.Made()
		set.UpdatedAt = set.Created.At
		tx.putRoleSet(&set)
		return set, nil
	})
}

// putRoleSet stores a role set; one that is initial takes the place of the
// other.
func (tx *Tx) putRoleSet(set *RoleSet) {
	if old := tx.InitialRoleSet(); set.Initial && old != nil && old.ID != set.ID {
		old.Initial = false
	}
	tx.RoleSets[set.Key] = set
}

// ChangeRoleSet changes a role set, if change has no objection.
func (s *Store) ChangeRoleSet(keyOrID string, change func(*Tx, *RoleSet) error) (RoleSet, error) {
	return With2(s, func(tx *Tx) (RoleSet, error) {
		set, err := tx.RoleSetNamed(keyOrID)
		if err != nil {
			return RoleSet{}, err
		}
		next := *set
		next.Roles = slices.Clone(set.Roles)
		if err := change(tx, &next); err != nil {
			return RoleSet{}, err
		}
		if err := tx.checkRoleSet(&next); err != nil {
			return RoleSet{}, err
		}
		if other := tx.RoleSets[next.Key]; other != nil && other.ID != next.ID {
			return RoleSet{}, refusal.Param("key", "form_identifier_exists", "That key is taken. Please try another.")
		}
		if next.Key != set.Key {
			delete(tx.RoleSets, set.Key)
			for _, o := range tx.Organizations {
				if o.RoleSet == set.Key {
					o.RoleSet = next.Key
				}
			}
		}
		next.UpdatedAt = tx.Now()
		tx.putRoleSet(&next)
		return next, nil
	})
}

// ReplaceRoleSet removes a role set; its organizations go to another.
func (s *Store) ReplaceRoleSet(keyOrID, destination string, mappings map[string]string) (RoleSet, error) {
	return With2(s, func(tx *Tx) (RoleSet, error) {
		from, err := tx.RoleSetNamed(keyOrID)
		if err != nil {
			return RoleSet{}, err
		}
		to, err := tx.RoleSetNamed(destination)
		if err != nil {
			return RoleSet{}, err
		}
		if from == to {
			return RoleSet{}, refusal.Param("dest_role_set_key", "form_param_value_invalid", "a role set cannot be replaced with itself")
		}
		for _, target := range mappings {
			if !slices.Contains(to.Roles, target) {
				return RoleSet{}, refusal.Param("reassignment_mappings", "form_param_value_invalid", refusal.Quoted(target)+" is not a role of the destination")
			}
		}
		inSet := func(organizationID string) bool { return tx.RoleSet(tx.Organizations[organizationID]) == from }
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
				return RoleSet{}, refusal.Param("reassignment_mappings", "form_param_missing", "members with the role "+refusal.Quoted(m.Role)+" need another one")
			}
		}
		tx.reassign(inSet, func(role string) string {
			if target := moved(role); target != "" {
				return target
			}
			return to.Default
		})
		for _, o := range tx.Organizations {
			if tx.RoleSet(o) == from {
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
func (tx *Tx) reassign(of func(organizationID string) bool, to func(role string) string) {
	now := tx.Now()
	for key, m := range tx.Memberships {
		if role := to(m.Role); of(key.Organization) && role != m.Role {
			m.Role, m.UpdatedAt = role, now
			Emit(tx, "organizationMembership.updated", m)
		}
	}
	for _, i := range tx.Invitations {
		if role := i.Role; i.OrganizationID != "" && of(i.OrganizationID) && to(role) != role {
			i.Role, i.UpdatedAt = to(role), now
		}
	}
}

// ReplaceRole takes a role out of a role set; those who have it get another.
func (s *Store) ReplaceRole(keyOrID, out, in string) (RoleSet, error) {
	return s.ChangeRoleSet(keyOrID, func(tx *Tx, set *RoleSet) error {
		n := slices.Index(set.Roles, out)
		switch {
		case n < 0:
			return ErrRoleNotFound("role_key", out)
		case out == in || !slices.Contains(set.Roles, in):
			return refusal.Param("to_role_key", "form_param_value_invalid", "to_role_key is not another role of the role set")
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
		mine := func(organizationID string) bool { return tx.RoleSet(tx.Organizations[organizationID]).ID == set.ID }
		tx.reassign(mine, func(role string) string {
			if role == out {
				return in
			}
			return role
		})
		return nil
	})
}

// MoveToRoleSet gives an organization another role set, which must have
// the roles of its members.
func (tx *Tx) MoveToRoleSet(o *Organization, keyOrID string) error {
	set, err := tx.RoleSetNamed(keyOrID)
	if err != nil {
		return err
	}
	for key, m := range tx.Memberships {
		if key.Organization == o.ID && !slices.Contains(set.Roles, m.Role) {
			return refusal.Param("role_set_key", "form_param_value_invalid", "members have the role "+refusal.Quoted(m.Role)+", which the role set lacks")
		}
	}
	o.RoleSet = set.Key
	return nil
}

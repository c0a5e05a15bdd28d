package clerktest

import (
	"fmt"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type roleSetResource struct {
	Object      string        `json:"object"`
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Key         string        `json:"key"`
	Description *string       `json:"description"`
	Roles       []roleSetItem `json:"roles"`
	Default     *roleSetItem  `json:"default_role"`
	Creator     *roleSetItem  `json:"creator_role"`
	Type        string        `json:"type"`
	Migration   any           `json:"role_set_migration"` // null: the emulator migrates at once
	CreatedAt   int64         `json:"created_at"`
	UpdatedAt   int64         `json:"updated_at"`
}

type roleSetItem struct {
	Object      string  `json:"object"`
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Key         string  `json:"key"`
	Description *string `json:"description"`
	Members     int     `json:"members_count"`
	HasMembers  bool    `json:"has_members"`
	CreatedAt   int64   `json:"created_at"`
	UpdatedAt   int64   `json:"updated_at"`
}

func (e *Emulator) roleSetResource(set *state.RoleSet) roleSetResource {
	r := roleSetResource{
		Object: "role_set", ID: set.ID, Name: set.Name, Key: set.Key, Description: optString(set.Description), Roles: []roleSetItem{},
		Type: "custom", CreatedAt: millis(set.Created.At), UpdatedAt: millis(set.UpdatedAt),
	}
	if set.Initial {
		r.Type = "initial"
	}
	return state.With(e.store, func(tx *state.Tx) roleSetResource {
		members := map[string]int{}
		for key, m := range tx.Memberships {
			if tx.RoleSet(tx.Organizations[key.Organization]).ID == set.ID {
				members[m.Role]++
			}
		}
		for _, key := range set.Roles {
			role := tx.Roles[key]
			if role == nil {
				continue
			}
			item := roleSetItem{
				"role_set_item", role.ID, role.Name, key, optString(role.Description), members[key], members[key] > 0,
				millis(role.Created.At), millis(role.UpdatedAt),
			}
			r.Roles = append(r.Roles, item)
			if key == set.Default {
				r.Default = &item
			}
			if key == set.Creator {
				r.Creator = &item
			}
		}
		return r
	})
}

var roleSetOrder = map[string]func(a, b *state.RoleSet) int{
	"name": func(a, b *state.RoleSet) int { return compareText(a.Name, b.Name) },
	"key":  func(a, b *state.RoleSet) int { return compareText(a.Key, b.Key) },
}

func (e *Emulator) listRoleSets(c *call) error {
	query := c.r.URL.Query()
	text := query.Get("query")
	page, total, err := pick(e.store, func(tx *state.Tx) map[string]*state.RoleSet { return tx.RoleSets }, query, listing[state.RoleSet]{
		made: func(set *state.RoleSet) state.Made { return set.Created }, fields: roleSetOrder,
		keep: func(_ *state.Tx, set *state.RoleSet) bool {
			return text == "" || text == set.ID || holds(text, set.Name, set.Key)
		},
	})
	if err != nil {
		return err
	}
	out := make([]roleSetResource, len(page))
	for i := range page {
		out[i] = e.roleSetResource(&page[i])
	}
	c.note("list of role sets")
	return c.ok(listed{out, total})
}

func (e *Emulator) answerRoleSet(c *call, set *state.RoleSet, err error, what string) error {
	if err != nil {
		return err
	}
	c.note("role set " + set.Key + what)
	return c.ok(e.roleSetResource(set))
}

func (e *Emulator) createRoleSet(c *call) error {
	var in struct {
		Name        string        `json:"name"`
		Key         field[string] `json:"key"`
		Description field[string] `json:"description"`
		Default     string        `json:"default_role_key"`
		Creator     string        `json:"creator_role_key"`
		Type        field[string] `json:"type"`
		Roles       []string      `json:"roles"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	switch t := in.Type.Value; {
	case in.Default == "":
		return refusal.Missing("default_role_key")
	case in.Creator == "":
		return refusal.Missing("creator_role_key")
	case t != "" && t != "initial" && t != "custom":
		return refusal.Param("type", "form_param_value_invalid", "type is neither initial nor custom")
	}
	set, err := e.store.CreateRoleSet(state.RoleSet{
		Name: in.Name, Key: in.Key.Value, Description: in.Description.Value, Roles: in.Roles,
		Default: in.Default, Creator: in.Creator, Initial: in.Type.Value == "initial",
	})
	return e.answerRoleSet(c, &set, err, " made")
}

func (e *Emulator) getRoleSet(c *call) error {
	set, err := roleSet(e.store, c.param(0))
	return e.answerRoleSet(c, &set, err, "")
}

func roleSet(s *state.Store, keyOrID string) (state.RoleSet, error) {
	return state.With2(s, func(tx *state.Tx) (state.RoleSet, error) {
		set, err := tx.RoleSetNamed(keyOrID)
		if err != nil {
			return state.RoleSet{}, err
		}
		return *set, nil
	})
}

func (e *Emulator) updateRoleSet(c *call) error {
	var in struct {
		Name        field[string] `json:"name"`
		Key         field[string] `json:"key"`
		Description field[string] `json:"description"`
		Type        field[string] `json:"type"`
		Default     field[string] `json:"default_role_key"`
		Creator     field[string] `json:"creator_role_key"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if given(in.Type) && in.Type.Value != "initial" {
		return refusal.Param("type", "form_param_value_invalid", "type can be set to initial only")
	}
	set, err := e.store.ChangeRoleSet(c.param(0), func(_ *state.Tx, set *state.RoleSet) error {
		for _, p := range []struct {
			from field[string]
			to   *string
		}{{in.Name, &set.Name}, {in.Key, &set.Key}, {in.Default, &set.Default}, {in.Creator, &set.Creator}} {
			if given(p.from) {
				*p.to = p.from.Value
			}
		}
		in.Description.into(&set.Description)
		set.Initial = set.Initial || given(in.Type)
		return nil
	})
	return e.answerRoleSet(c, &set, err, " changed")
}

func (e *Emulator) replaceRoleSet(c *call) error {
	var in struct {
		Destination string            `json:"dest_role_set_key"`
		Mappings    map[string]string `json:"reassignment_mappings"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Destination == "" {
		return refusal.Missing("dest_role_set_key")
	}
	set, err := e.store.ReplaceRoleSet(c.param(0), in.Destination, in.Mappings)
	if err != nil {
		return err
	}
	c.note("role set " + set.Key + " replaced")
	return c.ok(deletedResource{Object: "role_set", ID: set.ID, Deleted: true})
}

func (e *Emulator) addRolesToRoleSet(c *call) error {
	var in struct {
		Keys    []string      `json:"role_keys"`
		Default field[string] `json:"default_role_key"`
		Creator field[string] `json:"creator_role_key"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	switch {
	case len(in.Keys) == 0:
		return refusal.Missing("role_keys")
	case len(in.Keys) > state.MaxRoles:
		return refusal.Param("role_keys", "form_param_max_length_exceeded", fmt.Sprintf("role_keys has more than %d values", state.MaxRoles))
	}
	set, err := e.store.ChangeRoleSet(c.param(0), func(_ *state.Tx, set *state.RoleSet) error {
		set.Roles = append(set.Roles, in.Keys...)
		if given(in.Default) {
			set.Default = in.Default.Value
		}
		if given(in.Creator) {
			set.Creator = in.Creator.Value
		}
		return nil
	})
	return e.answerRoleSet(c, &set, err, " has more roles")
}

func (e *Emulator) replaceRoleInRoleSet(c *call) error {
	var in struct {
		Out string `json:"role_key"`
		In  string `json:"to_role_key"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	switch {
	case in.Out == "":
		return refusal.Missing("role_key")
	case in.In == "":
		return refusal.Missing("to_role_key")
	}
	set, err := e.store.ReplaceRole(c.param(0), in.Out, in.In)
	return e.answerRoleSet(c, &set, err, " has a role less")
}

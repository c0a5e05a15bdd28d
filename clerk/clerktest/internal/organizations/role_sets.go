package organizations

import (
	"fmt"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
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

func (e *API) roleSetResource(set *state.RoleSet) roleSetResource {
	r := roleSetResource{
		Object: "role_set", ID: set.ID, Name: set.Name, Key: set.Key, Description: wire.OptString(set.Description), Roles: []roleSetItem{},
		Type: "custom", CreatedAt: wire.Millis(set.Created.At), UpdatedAt: wire.Millis(set.UpdatedAt),
	}
	if set.Initial {
		r.Type = "initial"
	}
	return state.With(e.Store, func(tx *state.Tx) roleSetResource {
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
				"role_set_item", role.ID, role.Name, key, wire.OptString(role.Description), members[key], members[key] > 0,
				wire.Millis(role.Created.At), wire.Millis(role.UpdatedAt),
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
	"name": func(a, b *state.RoleSet) int { return wire.CompareText(a.Name, b.Name) },
	"key":  func(a, b *state.RoleSet) int { return wire.CompareText(a.Key, b.Key) },
}

func (e *API) listRoleSets(c *wire.Call) error {
	query := c.R.URL.Query()
	text := query.Get("query")
	page, total, err := wire.Pick(e.Store, func(tx *state.Tx) map[string]*state.RoleSet { return tx.RoleSets }, query, wire.Listing[state.RoleSet]{
		Made: func(set *state.RoleSet) state.Made { return set.Created }, Fields: roleSetOrder,
		Keep: func(_ *state.Tx, set *state.RoleSet) bool {
			return text == "" || text == set.ID || wire.Holds(text, set.Name, set.Key)
		},
	})
	if err != nil {
		return err
	}
	out := make([]roleSetResource, len(page))
	for i := range page {
		out[i] = e.roleSetResource(&page[i])
	}
	c.Note("list of role sets")
	return c.OK(wire.Listed{Data: out, Total: total})
}

func (e *API) answerRoleSet(c *wire.Call, set *state.RoleSet, err error, what string) error {
	if err != nil {
		return err
	}
	c.Note("role set " + set.Key + what)
	return c.OK(e.roleSetResource(set))
}

func (e *API) createRoleSet(c *wire.Call) error {
	var in struct {
		Name        string             `json:"name"`
		Key         wire.Field[string] `json:"key"`
		Description wire.Field[string] `json:"description"`
		Default     string             `json:"default_role_key"`
		Creator     string             `json:"creator_role_key"`
		Type        wire.Field[string] `json:"type"`
		Roles       []string           `json:"roles"`
	}
	if err := c.Decode(&in); err != nil {
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
	set, err := e.Store.CreateRoleSet(state.RoleSet{
		Name: in.Name, Key: in.Key.Value, Description: in.Description.Value, Roles: in.Roles,
		Default: in.Default, Creator: in.Creator, Initial: in.Type.Value == "initial",
	})
	return e.answerRoleSet(c, &set, err, " made")
}

func (e *API) getRoleSet(c *wire.Call) error {
	set, err := roleSet(e.Store, c.Param(0))
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

func (e *API) updateRoleSet(c *wire.Call) error {
	var in struct {
		Name        wire.Field[string] `json:"name"`
		Key         wire.Field[string] `json:"key"`
		Description wire.Field[string] `json:"description"`
		Type        wire.Field[string] `json:"type"`
		Default     wire.Field[string] `json:"default_role_key"`
		Creator     wire.Field[string] `json:"creator_role_key"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if wire.Given(in.Type) && in.Type.Value != "initial" {
		return refusal.Param("type", "form_param_value_invalid", "type can be set to initial only")
	}
	set, err := e.Store.ChangeRoleSet(c.Param(0), func(_ *state.Tx, set *state.RoleSet) error {
		for _, p := range []struct {
			from wire.Field[string]
			to   *string
		}{{in.Name, &set.Name}, {in.Key, &set.Key}, {in.Default, &set.Default}, {in.Creator, &set.Creator}} {
			if wire.Given(p.from) {
				*p.to = p.from.Value
			}
		}
		in.Description.Into(&set.Description)
		set.Initial = set.Initial || wire.Given(in.Type)
		return nil
	})
	return e.answerRoleSet(c, &set, err, " changed")
}

func (e *API) replaceRoleSet(c *wire.Call) error {
	var in struct {
		Destination string            `json:"dest_role_set_key"`
		Mappings    map[string]string `json:"reassignment_mappings"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.Destination == "" {
		return refusal.Missing("dest_role_set_key")
	}
	set, err := e.Store.ReplaceRoleSet(c.Param(0), in.Destination, in.Mappings)
	if err != nil {
		return err
	}
	c.Note("role set " + set.Key + " replaced")
	return c.OK(answers.DeletedResource{Object: "role_set", ID: set.ID, Deleted: true})
}

func (e *API) addRolesToRoleSet(c *wire.Call) error {
	var in struct {
		Keys    []string           `json:"role_keys"`
		Default wire.Field[string] `json:"default_role_key"`
		Creator wire.Field[string] `json:"creator_role_key"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	switch {
	case len(in.Keys) == 0:
		return refusal.Missing("role_keys")
	case len(in.Keys) > state.MaxRoles:
		return refusal.Param("role_keys", "form_param_max_length_exceeded", fmt.Sprintf("role_keys has more than %d values", state.MaxRoles))
	}
	set, err := e.Store.ChangeRoleSet(c.Param(0), func(_ *state.Tx, set *state.RoleSet) error {
		set.Roles = append(set.Roles, in.Keys...)
		if wire.Given(in.Default) {
			set.Default = in.Default.Value
		}
		if wire.Given(in.Creator) {
			set.Creator = in.Creator.Value
		}
		return nil
	})
	return e.answerRoleSet(c, &set, err, " has more roles")
}

func (e *API) replaceRoleInRoleSet(c *wire.Call) error {
	var in struct {
		Out string `json:"role_key"`
		In  string `json:"to_role_key"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	switch {
	case in.Out == "":
		return refusal.Missing("role_key")
	case in.In == "":
		return refusal.Missing("to_role_key")
	}
	set, err := e.Store.ReplaceRole(c.Param(0), in.Out, in.In)
	return e.answerRoleSet(c, &set, err, " has a role less")
}

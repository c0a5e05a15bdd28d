package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

func roleMade(r *state.Role) state.Made { return r.Created }

var roleOrder = map[string]func(a, b *state.Role) int{
	"name": func(a, b *state.Role) int { return compareText(a.Name, b.Name) },
	"key":  func(a, b *state.Role) int { return compareText(a.Key, b.Key) },
}

func (e *Emulator) listRoles(c *call) error {
	query := c.r.URL.Query()
	text := query.Get("query")
	page, total, err := pick(e.store, func(tx *state.Tx) map[string]*state.Role { return tx.Roles }, query, listing[state.Role]{
		made: roleMade, fields: roleOrder,
		keep: func(_ *state.Tx, r *state.Role) bool { return text == "" || text == r.ID || holds(text, r.Name, r.Key) },
	})
	if err != nil {
		return err
	}
	out := make([]roleResource, len(page))
	for i := range page {
		out[i] = e.roleResource(&page[i])
	}
	c.note("list of roles")
	return c.ok(listed{out, total})
}

func (e *Emulator) answerRole(c *call, r *state.Role, err error, what string) error {
	if err != nil {
		return err
	}
	c.note("role " + r.Key + what)
	return c.ok(e.roleResource(r))
}

func (e *Emulator) createRole(c *call) error {
	var in struct {
		Name        string          `json:"name"`
		Key         string          `json:"key"`
		Description field[string]   `json:"description"`
		Permissions field[[]string] `json:"permissions"`
		Initial     field[bool]     `json:"include_in_initial_role_set"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	r, err := e.store.CreateRole(state.Role{Name: in.Name, Key: in.Key, Description: in.Description.Value}, in.Permissions.Value, in.Initial.Value)
	return e.answerRole(c, &r, err, " made")
}

func (e *Emulator) getRole(c *call) error {
	r, err := e.store.Role(c.param(0))
	return e.answerRole(c, &r, err, "")
}

func (e *Emulator) updateRole(c *call) error {
	var in struct {
		Name        field[string]   `json:"name"`
		Key         field[string]   `json:"key"`
		Description field[string]   `json:"description"`
		Permissions field[[]string] `json:"permissions"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	r, err := e.store.ChangeRoleByID(c.param(0), func(tx *state.Tx, r *state.Role) error {
		if given(in.Name) {
			r.Name = in.Name.Value
		}
		if given(in.Key) {
			r.Key = in.Key.Value
		}
		in.Description.into(&r.Description)
		if !given(in.Permissions) {
			return nil
		}
		keys, err := tx.PermissionKeys(in.Permissions.Value)
		r.SetPermissions(keys)
		return err
	})
	return e.answerRole(c, &r, err, " changed")
}

func (e *Emulator) deleteRole(c *call) error {
	r, err := e.store.DeleteRole(c.param(0))
	if err != nil {
		return err
	}
	c.note("role " + r.Key + " deleted")
	return c.ok(deletedResource{Object: "role", ID: r.ID, Deleted: true})
}

func (e *Emulator) assignPermission(c *call) error {
	r, err := e.store.AssignPermission(c.param(0), c.param(1), true)
	return e.answerRole(c, &r, err, " has another permission")
}

func (e *Emulator) removePermission(c *call) error {
	r, err := e.store.AssignPermission(c.param(0), c.param(1), false)
	return e.answerRole(c, &r, err, " has a permission less")
}

package organizations

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func roleMade(r *state.Role) state.Made { return r.Created }

var roleOrder = map[string]func(a, b *state.Role) int{
	"name": func(a, b *state.Role) int { return wire.CompareText(a.Name, b.Name) },
	"key":  func(a, b *state.Role) int { return wire.CompareText(a.Key, b.Key) },
}

func (e *API) listRoles(c *wire.Call) error {
	query := c.R.URL.Query()
	text := query.Get("query")
	page, total, err := wire.Pick(e.Store, func(tx *state.Tx) map[string]*state.Role { return tx.Roles }, query, wire.Listing[state.Role]{
		Made: roleMade, Fields: roleOrder,
		Keep: func(_ *state.Tx, r *state.Role) bool {
			return text == "" || text == r.ID || wire.Holds(text, r.Name, r.Key)
		},
	})
	if err != nil {
		return err
	}
	out := make([]answers.RoleResource, len(page))
	for i := range page {
		out[i] = e.answers.RoleResource(&page[i])
	}
	c.Note("list of roles")
	return c.OK(wire.Listed{Data: out, Total: total})
}

func (e *API) answerRole(c *wire.Call, r *state.Role, err error, what string) error {
	if err != nil {
		return err
	}
	c.Note("role " + r.Key + what)
	return c.OK(e.answers.RoleResource(r))
}

func (e *API) createRole(c *wire.Call) error {
	var in struct {
		Name        string               `json:"name"`
		Key         string               `json:"key"`
		Description wire.Field[string]   `json:"description"`
		Permissions wire.Field[[]string] `json:"permissions"`
		Initial     wire.Field[bool]     `json:"include_in_initial_role_set"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	r, err := e.Store.CreateRole(state.Role{Name: in.Name, Key: in.Key, Description: in.Description.Value}, in.Permissions.Value, in.Initial.Value)
	return e.answerRole(c, &r, err, " made")
}

func (e *API) getRole(c *wire.Call) error {
	r, err := e.Store.Role(c.Param(0))
	return e.answerRole(c, &r, err, "")
}

func (e *API) updateRole(c *wire.Call) error {
	var in struct {
		Name        wire.Field[string]   `json:"name"`
		Key         wire.Field[string]   `json:"key"`
		Description wire.Field[string]   `json:"description"`
		Permissions wire.Field[[]string] `json:"permissions"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	r, err := e.Store.ChangeRoleByID(c.Param(0), func(tx *state.Tx, r *state.Role) error {
		if wire.Given(in.Name) {
			r.Name = in.Name.Value
		}
		if wire.Given(in.Key) {
			r.Key = in.Key.Value
		}
		in.Description.Into(&r.Description)
		if !wire.Given(in.Permissions) {
			return nil
		}
		keys, err := tx.PermissionKeys(in.Permissions.Value)
		r.SetPermissions(keys)
		return err
	})
	return e.answerRole(c, &r, err, " changed")
}

func (e *API) deleteRole(c *wire.Call) error {
	r, err := e.Store.DeleteRole(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("role " + r.Key + " deleted")
	return c.OK(answers.DeletedResource{Object: "role", ID: r.ID, Deleted: true})
}

func (e *API) assignPermission(c *wire.Call) error {
	r, err := e.Store.AssignPermission(c.Param(0), c.Param(1), true)
	return e.answerRole(c, &r, err, " has another permission")
}

func (e *API) removePermission(c *wire.Call) error {
	r, err := e.Store.AssignPermission(c.Param(0), c.Param(1), false)
	return e.answerRole(c, &r, err, " has a permission less")
}

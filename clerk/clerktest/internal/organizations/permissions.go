package organizations

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

var permissionOrder = map[string]func(a, b *state.Permission) int{
	"name": func(a, b *state.Permission) int { return wire.CompareText(a.Name, b.Name) },
	"key":  func(a, b *state.Permission) int { return wire.CompareText(a.Key, b.Key) },
}

func (e *API) listPermissions(c *wire.Call) error {
	query := c.R.URL.Query()
	text := query.Get("query")
	page, total, err := wire.Pick(e.Store, func(tx *state.Tx) map[string]*state.Permission { return tx.Permissions }, query, wire.Listing[state.Permission]{
		Made: func(p *state.Permission) state.Made { return p.Created }, Fields: permissionOrder,
		Keep: func(_ *state.Tx, p *state.Permission) bool {
			return text == "" || text == p.ID || wire.Holds(text, p.Name, p.Key)
		},
	})
	if err != nil {
		return err
	}
	out := make([]answers.PermissionResource, len(page))
	for i := range page {
		out[i] = answers.DescribePermission(&page[i])
	}
	c.Note("list of permissions")
	return c.OK(wire.Listed{Data: out, Total: total})
}

func (e *API) answerPermission(c *wire.Call, p *state.Permission, err error, what string) error {
	if err != nil {
		return err
	}
	c.Note("permission " + p.Key + what)
	return c.OK(answers.DescribePermission(p))
}

func (e *API) createPermission(c *wire.Call) error {
	var in struct {
		Name        string             `json:"name"`
		Key         string             `json:"key"`
		Description wire.Field[string] `json:"description"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	p, err := e.Store.CreatePermission(state.Permission{Name: in.Name, Key: in.Key, Description: in.Description.Value})
	return e.answerPermission(c, &p, err, " made")
}

func (e *API) getPermission(c *wire.Call) error {
	p, err := e.Store.Permission(c.Param(0))
	return e.answerPermission(c, &p, err, "")
}

func (e *API) updatePermission(c *wire.Call) error {
	var in struct {
		Name        wire.Field[string] `json:"name"`
		Key         wire.Field[string] `json:"key"`
		Description wire.Field[string] `json:"description"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	p, err := e.Store.ChangePermission(c.Param(0), func(p *state.Permission) {
		if wire.Given(in.Name) {
			p.Name = in.Name.Value
		}
		if wire.Given(in.Key) {
			p.Key = in.Key.Value
		}
		in.Description.Into(&p.Description)
	})
	return e.answerPermission(c, &p, err, " changed")
}

func (e *API) deletePermission(c *wire.Call) error {
	p, err := e.Store.DeletePermission(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("permission " + p.Key + " deleted")
	return c.OK(answers.DeletedResource{Object: "permission", ID: p.ID, Deleted: true})
}

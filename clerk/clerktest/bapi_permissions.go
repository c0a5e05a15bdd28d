package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

var permissionOrder = map[string]func(a, b *state.Permission) int{
	"name": func(a, b *state.Permission) int { return compareText(a.Name, b.Name) },
	"key":  func(a, b *state.Permission) int { return compareText(a.Key, b.Key) },
}

func (e *Emulator) listPermissions(c *call) error {
	query := c.r.URL.Query()
	text := query.Get("query")
	page, total, err := pick(e.store, func(tx *state.Tx) map[string]*state.Permission { return tx.Permissions }, query, listing[state.Permission]{
		made: func(p *state.Permission) state.Made { return p.Created }, fields: permissionOrder,
		keep: func(_ *state.Tx, p *state.Permission) bool {
			return text == "" || text == p.ID || holds(text, p.Name, p.Key)
		},
	})
	if err != nil {
		return err
	}
	out := make([]permissionResource, len(page))
	for i := range page {
		out[i] = describePermission(&page[i])
	}
	c.note("list of permissions")
	return c.ok(listed{out, total})
}

func (e *Emulator) answerPermission(c *call, p *state.Permission, err error, what string) error {
	if err != nil {
		return err
	}
	c.note("permission " + p.Key + what)
	return c.ok(describePermission(p))
}

func (e *Emulator) createPermission(c *call) error {
	var in struct {
		Name        string        `json:"name"`
		Key         string        `json:"key"`
		Description field[string] `json:"description"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	p, err := e.store.CreatePermission(state.Permission{Name: in.Name, Key: in.Key, Description: in.Description.Value})
	return e.answerPermission(c, &p, err, " made")
}

func (e *Emulator) getPermission(c *call) error {
	p, err := e.store.Permission(c.param(0))
	return e.answerPermission(c, &p, err, "")
}

func (e *Emulator) updatePermission(c *call) error {
	var in struct {
		Name        field[string] `json:"name"`
		Key         field[string] `json:"key"`
		Description field[string] `json:"description"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	p, err := e.store.ChangePermission(c.param(0), func(p *state.Permission) {
		if given(in.Name) {
			p.Name = in.Name.Value
		}
		if given(in.Key) {
			p.Key = in.Key.Value
		}
		in.Description.into(&p.Description)
	})
	return e.answerPermission(c, &p, err, " changed")
}

func (e *Emulator) deletePermission(c *call) error {
	p, err := e.store.DeletePermission(c.param(0))
	if err != nil {
		return err
	}
	c.note("permission " + p.Key + " deleted")
	return c.ok(deletedResource{Object: "permission", ID: p.ID, Deleted: true})
}

package clerktest

import "slices"

var organizationOrder = map[string]func(a, b *organization) int{
	"created_at": func(a, b *organization) int { return a.Created.compare(b.Created) },
	"name":       func(a, b *organization) int { return compareText(a.Name, b.Name) },
}

func (e *Emulator) listOrganizationsBAPI(c *call) error {
	query := c.r.URL.Query()
	ids, users, text := listParam(query, "organization_id"), listParam(query, "user_id"), query.Get("query")
	var of map[string]bool
	if len(users) > 0 {
		of = map[string]bool{}
		for _, id := range users {
			for _, m := range e.store.membershipsOf(id) {
				of[m.organization.ID] = true
			}
		}
	}
	all := e.store.listOrganizations(func(o *organization) bool {
		return (len(ids) == 0 || slices.Contains(ids, o.ID)) && (of == nil || of[o.ID]) &&
			(text == "" || holds(text, o.ID, o.Name, o.Slug))
	})
	if err := order(all, query, organizationOrder); err != nil {
		return err
	}
	total := len(all)
	all, err := page(all, query)
	if err != nil {
		return err
	}
	out := make([]organizationResource, len(all))
	for i := range all {
		out[i] = e.backendOrganization(&all[i], e.membersCount(c, all[i].ID))
	}
	c.note("list of organizations")
	return c.ok(map[string]any{"data": out, "total_count": total})
}

// getOrganizationBAPI takes an id or a slug, as Clerk does.
func (e *Emulator) getOrganizationBAPI(c *call) error {
	o, err := e.store.organization(c.param(0))
	if err != nil {
		return err
	}
	c.note("organization " + o.ID)
	return c.ok(e.backendOrganization(&o, e.membersCount(c, o.ID)))
}

// membersCount is nil unless the caller asks for it.
func (e *Emulator) membersCount(c *call, id string) *int {
	if c.r.URL.Query().Get("include_members_count") != "true" {
		return nil
	}
	n := e.store.countMembers(id)
	return &n
}

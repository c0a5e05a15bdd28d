package clerktest

import (
	"net/http"
	"net/url"
	"slices"
)

// listed is an answer of one page of a list.
type listed struct {
	Data  any `json:"data"`
	Total int `json:"total_count"`
}

// answerList answers with a page of a list, described one by one.
func answerList[T any](e *Emulator, c *call, b browser, all []T, describe func(*T) any) error {
	cut, err := page(all, c.r.URL.Query())
	if err != nil {
		return err
	}
	return answerPage(e, c, b, cut, len(all), describe)
}

// answerPage answers with a page that has been cut.
func answerPage[T any](e *Emulator, c *call, b browser, page []T, total int, describe func(*T) any) error {
	data := make([]any, len(page))
	for i := range page {
		data[i] = describe(&page[i])
	}
	c.note("list: " + c.route.operation)
	if c.r.URL.Query().Get("paginated") == "false" {
		return e.answerWrapped(c, b.clientID, data)
	}
	return e.answerWrapped(c, b.clientID, listed{data, total})
}

func (e *Emulator) myMemberships(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	return answerList(e, c, b, e.store.membershipsOf(s.user.ID), func(m *memberOf) any { return e.membershipResource(m, &s.user) })
}

// leaveOrganization ends the user's own membership. The last one who can manage
// members must stay.
func (e *Emulator) leaveOrganization(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	in, err := e.store.authorize(c.param(0), s.user.ID, "")
	if err != nil {
		return err
	}
	m, err := e.store.removeMember(in.organization.ID, s.user.ID)
	if err != nil {
		return err
	}
	c.note("left organization " + m.organization.ID)
	return e.answerWrapped(c, b.clientID, deletedResource{Object: "organization_membership", ID: m.membership.ID, Deleted: true})
}

// createOrganization makes an organization with the user as its admin.
func (e *Emulator) createOrganization(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	if err := e.organizationsOn(); err != nil {
		return err
	}
	if err := e.store.mayFoundOrganization(s.user.ID); err != nil {
		return err
	}
	o, err := e.store.foundOrganization(founding{name: form.Get("name"), slug: form.Get("slug"), creator: s.user.ID})
	if err != nil {
		return err
	}
	c.note("organization " + o.ID + " made")
	one := 1
	return e.answerWrapped(c, b.clientID, e.organizationResource(&o, &one))
}

// organizationsOn refuses where the instance has no organizations.
func (e *Emulator) organizationsOn() error {
	if set := e.store.instance(); !set.OrganizationsOff {
		return nil
	}
	return &apiError{
		http.StatusForbidden, "organization_not_enabled_in_instance", "access denied",
		"The organizations feature is not enabled for this instance.", "", nil,
	}
}

// organizationCall recognizes the user and its membership in the organization of
// the path, with a permission.
func (e *Emulator) organizationCall(c *call, permission string) (browser, sessionState, memberOf, url.Values, error) {
	b, s, err := e.me(c)
	if err != nil {
		return b, s, memberOf{}, nil, err
	}
	form := url.Values{}
	if c.method != http.MethodGet {
		if form, err = c.form(); err != nil {
			return b, s, memberOf{}, nil, err
		}
	}
	if err := e.organizationsOn(); err != nil {
		return b, s, memberOf{}, nil, err
	}
	m, err := e.store.authorize(c.param(0), s.user.ID, permission)
	return b, s, m, form, err
}

func (e *Emulator) getOrganizationFAPI(c *call) error {
	b, _, m, _, err := e.organizationCall(c, "")
	if err != nil {
		return err
	}
	c.note("organization " + m.organization.ID)
	return e.answerWrapped(c, b.clientID, e.organizationResource(&m.organization, &m.members))
}

func (e *Emulator) updateOrganization(c *call) error {
	b, _, m, form, err := e.organizationCall(c, mayManageOrganization)
	if err != nil {
		return err
	}
	o, err := e.store.changeOrganization(m.organization.ID, func(tx *stateTx, o *organization) error {
		if form.Has("name") {
			o.Name = form.Get("name")
			if err := checkOrganizationName(o.Name); err != nil {
				return err
			}
		}
		if form.Get("slug") != "" {
			o.Slug = form.Get("slug")
			return tx.checkSlug(&o.Slug)
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.note("organization " + o.ID + " changed")
	return e.answerWrapped(c, b.clientID, e.organizationResource(&o, &m.members))
}

func (e *Emulator) deleteOrganization(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayDeleteOrganization)
	if err != nil {
		return err
	}
	if !m.organization.AdminDelete {
		return &apiError{
			http.StatusForbidden, "organization_admin_delete_not_enabled", "delete not enabled",
			"Deleting this organization is not enabled for its members.", "", nil,
		}
	}
	if _, err := e.store.deleteOrganization(m.organization.ID); err != nil {
		return err
	}
	c.note("organization " + m.organization.ID + " deleted")
	return e.answerWrapped(c, b.clientID, deletedResource{Object: "organization", ID: m.organization.ID, Slug: m.organization.Slug, Deleted: true})
}

// setOrganizationLogo takes a picture, or takes it away.
func (e *Emulator) setOrganizationLogo(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	m, err := e.store.authorize(c.param(0), s.user.ID, mayManageOrganization)
	if err != nil {
		return err
	}
	var picture *image
	if c.method != http.MethodDelete {
		uploaded, err := c.uploaded()
		if err != nil {
			return err
		}
		picture = &uploaded
	}
	o, err := e.store.setLogo(m.organization.ID, picture)
	if err != nil {
		return err
	}
	c.note("logo of organization " + o.ID + " changed")
	return e.answerWrapped(c, b.clientID, e.organizationResource(&o, &m.members))
}

// organizationRoles lists the roles that members of an organization can have.
func (e *Emulator) organizationRoles(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayReadMembers)
	if err != nil {
		return err
	}
	s := e.store
	page, total, err := pick(s, func(tx *stateTx) map[string]*role { return tx.Roles }, c.r.URL.Query(), listing[role]{
		made: roleMade, fields: roleOrder, by: "key",
		keep: func(tx *stateTx, r *role) bool { return slices.Contains(tx.roleSet(&m.organization).Roles, r.Key) },
	})
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(r *role) any {
		out := e.roleResource(r)
		out.Description = &r.Description // never null here
		return out
	})
}

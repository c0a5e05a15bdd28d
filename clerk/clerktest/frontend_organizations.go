package clerktest

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// listed is an answer of one page of a list.
type listed struct {
	Data  any `json:"data"`
	Total int `json:"total_count"`
}

// answerList answers with a page of a list, described one by one.
func answerList[T any](e *Emulator, c *call, b state.Browser, all []T, describe func(*T) any) error {
	cut, err := page(all, c.r.URL.Query())
	if err != nil {
		return err
	}
	return answerPage(e, c, b, cut, len(all), describe)
}

// answerPage answers with a page that has been cut.
func answerPage[T any](e *Emulator, c *call, b state.Browser, page []T, total int, describe func(*T) any) error {
	data := make([]any, len(page))
	for i := range page {
		data[i] = describe(&page[i])
	}
	c.note("list: " + c.route.operation)
	if c.r.URL.Query().Get("paginated") == "false" {
		return e.answerWrapped(c, b.ClientID, data)
	}
	return e.answerWrapped(c, b.ClientID, listed{data, total})
}

func (e *Emulator) myMemberships(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	return answerList(e, c, b, e.store.MembershipsOf(s.User.ID), func(m *state.MemberOf) any { return e.membershipResource(m, &s.User) })
}

// leaveOrganization ends the user's own membership. The last one who can manage
// members must stay.
func (e *Emulator) leaveOrganization(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	in, err := e.store.Authorize(c.param(0), s.User.ID, "")
	if err != nil {
		return err
	}
	m, err := e.store.RemoveMember(in.Organization.ID, s.User.ID)
	if err != nil {
		return err
	}
	c.note("left organization " + m.Organization.ID)
	return e.answerWrapped(c, b.ClientID, deletedResource{Object: "organization_membership", ID: m.Membership.ID, Deleted: true})
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
	if err := e.store.MayFoundOrganization(s.User.ID); err != nil {
		return err
	}
	o, err := e.store.FoundOrganization(state.Founding{Name: form.Get("name"), Slug: form.Get("slug"), Creator: s.User.ID})
	if err != nil {
		return err
	}
	c.note("organization " + o.ID + " made")
	one := 1
	return e.answerWrapped(c, b.ClientID, e.organizationResource(&o, &one))
}

// organizationsOn refuses where the instance has no organizations.
func (e *Emulator) organizationsOn() error {
	if set := e.store.Instance(); !set.OrganizationsOff {
		return nil
	}
	return &refusal.Error{
		Kind: refusal.KindNotAllowed, Code: "organization_not_enabled_in_instance", Message: "access denied",
		Long: "The organizations feature is not enabled for this instance.", Param: "", Meta: nil,
	}
}

// organizationCall recognizes the user and its membership in the organization of
// the path, with a permission.
func (e *Emulator) organizationCall(c *call, permission string) (state.Browser, state.SessionState, state.MemberOf, url.Values, error) {
	b, s, err := e.me(c)
	if err != nil {
		return b, s, state.MemberOf{}, nil, err
	}
	form := url.Values{}
	if c.method != http.MethodGet {
		if form, err = c.form(); err != nil {
			return b, s, state.MemberOf{}, nil, err
		}
	}
	if err := e.organizationsOn(); err != nil {
		return b, s, state.MemberOf{}, nil, err
	}
	m, err := e.store.Authorize(c.param(0), s.User.ID, permission)
	return b, s, m, form, err
}

func (e *Emulator) getOrganizationFAPI(c *call) error {
	b, _, m, _, err := e.organizationCall(c, "")
	if err != nil {
		return err
	}
	c.note("organization " + m.Organization.ID)
	return e.answerWrapped(c, b.ClientID, e.organizationResource(&m.Organization, &m.Members))
}

func (e *Emulator) updateOrganization(c *call) error {
	b, _, m, form, err := e.organizationCall(c, state.MayManageOrganization)
	if err != nil {
		return err
	}
	o, err := e.store.ChangeOrganization(m.Organization.ID, func(tx *state.Tx, o *state.Organization) error {
		if form.Has("name") {
			o.Name = form.Get("name")
			if err := state.CheckOrganizationName(o.Name); err != nil {
				return err
			}
		}
		if form.Get("slug") != "" {
			o.Slug = form.Get("slug")
			return tx.CheckSlug(&o.Slug)
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.note("organization " + o.ID + " changed")
	return e.answerWrapped(c, b.ClientID, e.organizationResource(&o, &m.Members))
}

func (e *Emulator) deleteOrganization(c *call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayDeleteOrganization)
	if err != nil {
		return err
	}
	if !m.Organization.AdminDelete {
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "organization_admin_delete_not_enabled", Message: "delete not enabled",
			Long: "Deleting this organization is not enabled for its members.", Param: "", Meta: nil,
		}
	}
	if _, err := e.store.DeleteOrganization(m.Organization.ID); err != nil {
		return err
	}
	c.note("organization " + m.Organization.ID + " deleted")
	return e.answerWrapped(c, b.ClientID, deletedResource{Object: "organization", ID: m.Organization.ID, Slug: m.Organization.Slug, Deleted: true})
}

// setOrganizationLogo takes a picture, or takes it away.
func (e *Emulator) setOrganizationLogo(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	m, err := e.store.Authorize(c.param(0), s.User.ID, state.MayManageOrganization)
	if err != nil {
		return err
	}
	var picture *state.Image
	if c.method != http.MethodDelete {
		uploaded, err := c.uploaded()
		if err != nil {
			return err
		}
		picture = &uploaded
	}
	o, err := setLogo(e.store, m.Organization.ID, picture)
	if err != nil {
		return err
	}
	c.note("logo of organization " + o.ID + " changed")
	return e.answerWrapped(c, b.ClientID, e.organizationResource(&o, &m.Members))
}

// organizationRoles lists the roles that members of an organization can have.
func (e *Emulator) organizationRoles(c *call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayReadMembers)
	if err != nil {
		return err
	}
	s := e.store
	page, total, err := pick(s, func(tx *state.Tx) map[string]*state.Role { return tx.Roles }, c.r.URL.Query(), listing[state.Role]{
		made: roleMade, fields: roleOrder, by: "key",
		keep: func(tx *state.Tx, r *state.Role) bool {
			return slices.Contains(tx.RoleSet(&m.Organization).Roles, r.Key)
		},
	})
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(r *state.Role) any {
		out := e.roleResource(r)
		out.Description = &r.Description // never null here
		return out
	})
}

package organizations

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// answerList answers with a page of a list, described one by one.
func answerList[T any](e *API, c *wire.Call, b state.Browser, all []T, describe func(*T) any) error {
	cut, err := wire.Page(all, c.R.URL.Query())
	if err != nil {
		return err
	}
	return answerPage(e, c, b, cut, len(all), describe)
}

// answerPage answers with a page that has been cut.
func answerPage[T any](e *API, c *wire.Call, b state.Browser, page []T, total int, describe func(*T) any) error {
	data := make([]any, len(page))
	for i := range page {
		data[i] = describe(&page[i])
	}
	c.Note("list: " + c.Operation)
	if c.R.URL.Query().Get("paginated") == "false" {
		return e.answers.AnswerWrapped(c, b.ClientID, data)
	}
	return e.answers.AnswerWrapped(c, b.ClientID, wire.Listed{Data: data, Total: total})
}

func (e *API) myMemberships(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	return answerList(e, c, b, e.Store.MembershipsOf(s.User.ID), func(m *state.MemberOf) any { return e.answers.MembershipResource(m, &s.User) })
}

// leaveOrganization ends the user's own membership. The last one who can manage
// members must stay.
func (e *API) leaveOrganization(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	in, err := e.Store.Authorize(c.Param(0), s.User.ID, "")
	if err != nil {
		return err
	}
	m, err := e.Store.RemoveMember(in.Organization.ID, s.User.ID)
	if err != nil {
		return err
	}
	c.Note("left organization " + m.Organization.ID)
	return e.answers.AnswerWrapped(c, b.ClientID, answers.DeletedResource{Object: "organization_membership", ID: m.Membership.ID, Deleted: true})
}

// createOrganization makes an organization with the user as its admin.
func (e *API) createOrganization(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := e.OrganizationsOn(); err != nil {
		return err
	}
	if err := e.Store.MayFoundOrganization(s.User.ID); err != nil {
		return err
	}
	o, err := e.Store.FoundOrganization(state.Founding{Name: form.Get("name"), Slug: form.Get("slug"), Creator: s.User.ID})
	if err != nil {
		return err
	}
	c.Note("organization " + o.ID + " made")
	one := 1
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.OrganizationResource(&o, &one))
}

// OrganizationsOn refuses where the instance has no organizations.
func (e *API) OrganizationsOn() error {
	if set := e.Store.Instance(); !set.OrganizationsOff {
		return nil
	}
	return &refusal.Error{
		Kind: refusal.KindNotAllowed, Code: "organization_not_enabled_in_instance", Message: "access denied",
		Long: "The organizations feature is not enabled for this instance.", Param: "", Meta: nil,
	}
}

// organizationCall recognizes the user and its membership in the organization of
// the path, with a permission.
func (e *API) organizationCall(c *wire.Call, permission string) (state.Browser, state.SessionState, state.MemberOf, url.Values, error) {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return b, s, state.MemberOf{}, nil, err
	}
	form := url.Values{}
	if c.Method != http.MethodGet {
		if form, err = c.Form(); err != nil {
			return b, s, state.MemberOf{}, nil, err
		}
	}
	if err := e.OrganizationsOn(); err != nil {
		return b, s, state.MemberOf{}, nil, err
	}
	m, err := e.Store.Authorize(c.Param(0), s.User.ID, permission)
	return b, s, m, form, err
}

func (e *API) getOrganizationFAPI(c *wire.Call) error {
	b, _, m, _, err := e.organizationCall(c, "")
	if err != nil {
		return err
	}
	c.Note("organization " + m.Organization.ID)
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.OrganizationResource(&m.Organization, &m.Members))
}

func (e *API) updateOrganization(c *wire.Call) error {
	b, _, m, form, err := e.organizationCall(c, state.MayManageOrganization)
	if err != nil {
		return err
	}
	o, err := e.Store.ChangeOrganization(m.Organization.ID, func(tx *state.Tx, o *state.Organization) error {
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
	c.Note("organization " + o.ID + " changed")
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.OrganizationResource(&o, &m.Members))
}

func (e *API) deleteOrganization(c *wire.Call) error {
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
	if _, err := e.Store.DeleteOrganization(m.Organization.ID); err != nil {
		return err
	}
	c.Note("organization " + m.Organization.ID + " deleted")
	return e.answers.AnswerWrapped(c, b.ClientID, answers.DeletedResource{Object: "organization", ID: m.Organization.ID, Slug: m.Organization.Slug, Deleted: true})
}

// setOrganizationLogo takes a picture, or takes it away.
func (e *API) setOrganizationLogo(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	m, err := e.Store.Authorize(c.Param(0), s.User.ID, state.MayManageOrganization)
	if err != nil {
		return err
	}
	var picture *state.Image
	if c.Method != http.MethodDelete {
		uploaded, err := c.Uploaded()
		if err != nil {
			return err
		}
		picture = &uploaded
	}
	o, err := setLogo(e.Store, m.Organization.ID, picture)
	if err != nil {
		return err
	}
	c.Note("logo of organization " + o.ID + " changed")
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.OrganizationResource(&o, &m.Members))
}

// organizationRoles lists the roles that members of an organization can have.
func (e *API) organizationRoles(c *wire.Call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayReadMembers)
	if err != nil {
		return err
	}
	s := e.Store
	page, total, err := wire.Pick(s, func(tx *state.Tx) map[string]*state.Role { return tx.Roles }, c.R.URL.Query(), wire.Listing[state.Role]{
		Made: roleMade, Fields: roleOrder, By: "key",
		Keep: func(tx *state.Tx, r *state.Role) bool {
			return slices.Contains(tx.RoleSet(&m.Organization).Roles, r.Key)
		},
	})
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(r *state.Role) any {
		out := e.answers.RoleResource(r)
		out.Description = &r.Description // never null here
		return out
	})
}

package organizations

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// listMembers lists the members of an organization, filtered by text and role.
func (e *API) listMembers(c *wire.Call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayReadMembers)
	if err != nil {
		return err
	}
	page, total, err := listMembers(e.Store, c.R.URL.Query(), m.Organization.ID, "created_at")
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(m *state.Member) any { return e.answers.MembershipResource(&m.MemberOf, &m.User) })
}

func (e *API) createMember(c *wire.Call) error {
	b, _, m, form, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	joined, err := e.Store.Join(state.Membership{Key: state.MembershipKey{Organization: m.Organization.ID, User: form.Get("user_id")}, Role: form.Get("role")})
	return e.answerMember(c, b, &joined, err, "member added")
}

func (e *API) updateMember(c *wire.Call) error {
	b, _, m, form, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	changed, err := e.Store.ChangeRole(m.Organization.ID, c.Param(1), form.Get("role"))
	return e.answerMember(c, b, &changed, err, "role changed")
}

func (e *API) removeMemberFAPI(c *wire.Call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	removed, err := e.Store.RemoveMember(m.Organization.ID, c.Param(1))
	return e.answerMember(c, b, &removed, err, "member removed")
}

func (e *API) answerMember(c *wire.Call, b state.Browser, m *state.Member, err error, note string) error {
	if err != nil {
		return err
	}
	c.Note(note)
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.MembershipResource(&m.MemberOf, &m.User))
}

type invitationResource struct {
	Object         string              `json:"object"`
	ID             string              `json:"id"`
	EmailAddress   string              `json:"email_address"`
	Role           string              `json:"role"`
	RoleName       string              `json:"role_name"`
	OrganizationID string              `json:"organization_id,omitempty"`
	Organization   *PublicOrganization `json:"public_organization_data,omitempty"`
	Status         string              `json:"status"`
	PublicMetadata json.RawMessage     `json:"public_metadata"`
	URL            *string             `json:"url"`
	ExpiresAt      *int64              `json:"expires_at"`
	CreatedAt      int64               `json:"created_at"`
	UpdatedAt      int64               `json:"updated_at"`
}

type PublicOrganization struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Slug     string `json:"slug"`
	ImageURL string `json:"image_url"`
	HasImage bool   `json:"has_image"`
}

func (e *API) PublicOrganization(id string) *PublicOrganization {
	o, err := e.Store.Organization(id)
	if err != nil {
		return nil
	}
	return &PublicOrganization{o.ID, o.Name, o.Slug, e.answers.PictureURL(o.LogoID), o.LogoID != ""}
}

// invitationResource describes an invitation, to the one who is invited with
// what it shows of the organization.
func (e *API) invitationResource(i *state.Invitation, invited bool) invitationResource {
	r := invitationResource{
		Object: "organization_invitation", ID: i.ID, EmailAddress: i.Email, Role: i.Role, RoleName: e.Store.RoleName(i.Role),
		OrganizationID: i.OrganizationID, Status: i.State(e.Now()), PublicMetadata: i.Public, URL: wire.OptString(i.URL),
		ExpiresAt: wire.OptMillis(i.ExpireAt), CreatedAt: wire.Millis(i.Created.At), UpdatedAt: wire.Millis(i.UpdatedAt),
	}
	if invited {
		r.Organization, r.URL = e.PublicOrganization(i.OrganizationID), nil
	}
	return r
}

func (e *API) listOrganizationInvitations(c *wire.Call) error {
	statuses := wire.ListParam(c.R.URL.Query(), "status")
	return e.answerInvitations(c, statuses)
}

func (e *API) listPendingInvitations(c *wire.Call) error {
	return e.answerInvitations(c, []string{state.InvitePending})
}

func (e *API) answerInvitations(c *wire.Call, statuses []string) error {
	b, _, m, _, err := e.organizationCall(c, state.MayReadMembers)
	if err != nil {
		return err
	}
	page, total, err := pickInvitations(e.Store, c.R.URL.Query(), statuses, func(i *state.Invitation) bool {
		return i.OrganizationID == m.Organization.ID && i.DomainID == ""
	})
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(i *state.Invitation) any { return e.invitationResource(i, false) })
}

// inviteTo is where an invitation leads: the application that it was made in.
func (e *API) inviteTo(c *wire.Call) string {
	if origin := e.RequestOrigin(c); origin != "" {
		return origin + "/"
	}
	return ""
}

func (e *API) createOrganizationInvitation(c *wire.Call) error {
	b, s, m, form, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	made, err := e.inviteToOrganization([]state.OrganizationInvite{{Invitation: state.Invitation{
		OrganizationID: m.Organization.ID, Email: form.Get("email_address"), Role: form.Get("role"), InviterID: s.User.ID,
		Redirect: e.inviteTo(c),
	}, Quiet: form.Get("notify") == "false"}})
	if err != nil {
		return err
	}
	c.Note("invited")
	return e.answers.AnswerWrapped(c, b.ClientID, e.invitationResource(&made[0], false))
}

// createOrganizationInvitations invites several; clerk-js repeats the parameter.
func (e *API) createOrganizationInvitations(c *wire.Call) error {
	b, s, m, form, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	var emails []string
	for _, value := range append(form["email_address"], form["email_address[]"]...) {
		emails = append(emails, strings.Split(value, ",")...)
	}
	if len(emails) == 0 {
		return refusal.Missing("email_address")
	}
	if len(emails) > 100 {
		return refusal.Param("email_address", "form_param_max_length_exceeded", "At most 100 at a time can be invited.")
	}
	all := make([]state.OrganizationInvite, len(emails))
	for n, email := range emails {
		all[n] = state.OrganizationInvite{
			Invitation: state.Invitation{
				OrganizationID: m.Organization.ID, Email: email, Role: form.Get("role"), InviterID: s.User.ID, Redirect: e.inviteTo(c),
			},
			Quiet: form.Get("notify") == "false",
		}
	}
	made, err := e.inviteToOrganization(all)
	if err != nil {
		return err
	}
	out := []invitationResource{}
	for i := range made {
		out = append(out, e.invitationResource(&made[i], false))
	}
	c.Note("invited")
	return e.answers.AnswerWrapped(c, b.ClientID, out)
}

func (e *API) revokeOrganizationInvitation(c *wire.Call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	i, err := e.Store.RevokeInvitation(m.Organization.ID, c.Param(1))
	if err != nil {
		return err
	}
	c.Note("invitation revoked")
	return e.answers.AnswerWrapped(c, b.ClientID, e.invitationResource(&i, false))
}

// InvitedBy tells the invitations to a user's verified addresses.
func InvitedBy(u *state.User, i *state.Invitation) bool {
	return i.OrganizationID != "" && slices.ContainsFunc(u.EmailList, func(a state.Identification) bool { return a.Verified() && a.Value == i.Email })
}

func (e *API) myInvitations(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	query := c.R.URL.Query()
	page, total, err := pickInvitations(e.Store, query, wire.ListParam(query, "status"), func(i *state.Invitation) bool { return InvitedBy(&s.User, i) })
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(i *state.Invitation) any { return e.invitationResource(i, true) })
}

func (e *API) acceptMyInvitation(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	var accepted state.Invitation
	e.Store.Apply(func(tx *state.Tx) {
		i := tx.Invitations[c.Param(0)]
		switch {
		case i == nil || !InvitedBy(&s.User, i):
			err = refusal.NotFound("invitation with id " + refusal.Quoted(c.Param(0)))
		default:
			err = tx.Accept(i, s.User.ID)
			accepted = *i
		}
	})
	if err != nil {
		return err
	}
	c.Note("invitation accepted")
	return e.answers.AnswerWrapped(c, b.ClientID, e.invitationResource(&accepted, true))
}

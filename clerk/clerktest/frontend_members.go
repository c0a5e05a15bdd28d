package clerktest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// listMembers lists the members of an organization, filtered by text and role.
func (e *Emulator) listMembers(c *call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayReadMembers)
	if err != nil {
		return err
	}
	page, total, err := listMembers(e.store, c.r.URL.Query(), m.Organization.ID, "created_at")
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(m *state.Member) any { return e.membershipResource(&m.MemberOf, &m.User) })
}

func (e *Emulator) createMember(c *call) error {
	b, _, m, form, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	joined, err := e.store.Join(state.Membership{Key: state.MembershipKey{Organization: m.Organization.ID, User: form.Get("user_id")}, Role: form.Get("role")})
	return e.answerMember(c, b, &joined, err, "member added")
}

func (e *Emulator) updateMember(c *call) error {
	b, _, m, form, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	changed, err := e.store.ChangeRole(m.Organization.ID, c.param(1), form.Get("role"))
	return e.answerMember(c, b, &changed, err, "role changed")
}

func (e *Emulator) removeMemberFAPI(c *call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	removed, err := e.store.RemoveMember(m.Organization.ID, c.param(1))
	return e.answerMember(c, b, &removed, err, "member removed")
}

func (e *Emulator) answerMember(c *call, b state.Browser, m *state.Member, err error, note string) error {
	if err != nil {
		return err
	}
	c.note(note)
	return e.answerWrapped(c, b.ClientID, e.membershipResource(&m.MemberOf, &m.User))
}

type invitationResource struct {
	Object         string              `json:"object"`
	ID             string              `json:"id"`
	EmailAddress   string              `json:"email_address"`
	Role           string              `json:"role"`
	RoleName       string              `json:"role_name"`
	OrganizationID string              `json:"organization_id,omitempty"`
	Organization   *publicOrganization `json:"public_organization_data,omitempty"`
	Status         string              `json:"status"`
	PublicMetadata json.RawMessage     `json:"public_metadata"`
	URL            *string             `json:"url"`
	ExpiresAt      *int64              `json:"expires_at"`
	CreatedAt      int64               `json:"created_at"`
	UpdatedAt      int64               `json:"updated_at"`
}

type publicOrganization struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Slug     string `json:"slug"`
	ImageURL string `json:"image_url"`
	HasImage bool   `json:"has_image"`
}

func (e *Emulator) publicOrganization(id string) *publicOrganization {
	o, err := e.store.Organization(id)
	if err != nil {
		return nil
	}
	return &publicOrganization{o.ID, o.Name, o.Slug, e.pictureURL(o.LogoID), o.LogoID != ""}
}

// invitationResource describes an invitation, to the one who is invited with
// what it shows of the organization.
func (e *Emulator) invitationResource(i *state.Invitation, invited bool) invitationResource {
	r := invitationResource{
		Object: "organization_invitation", ID: i.ID, EmailAddress: i.Email, Role: i.Role, RoleName: e.store.RoleName(i.Role),
		OrganizationID: i.OrganizationID, Status: i.State(e.Now()), PublicMetadata: i.Public, URL: optString(i.URL),
		ExpiresAt: optMillis(i.ExpireAt), CreatedAt: millis(i.Created.At), UpdatedAt: millis(i.UpdatedAt),
	}
	if invited {
		r.Organization, r.URL = e.publicOrganization(i.OrganizationID), nil
	}
	return r
}

func (e *Emulator) listOrganizationInvitations(c *call) error {
	statuses := listParam(c.r.URL.Query(), "status")
	return e.answerInvitations(c, statuses)
}

func (e *Emulator) listPendingInvitations(c *call) error {
	return e.answerInvitations(c, []string{state.InvitePending})
}

func (e *Emulator) answerInvitations(c *call, statuses []string) error {
	b, _, m, _, err := e.organizationCall(c, state.MayReadMembers)
	if err != nil {
		return err
	}
	page, total, err := pickInvitations(e.store, c.r.URL.Query(), statuses, func(i *state.Invitation) bool {
		return i.OrganizationID == m.Organization.ID && i.DomainID == ""
	})
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(i *state.Invitation) any { return e.invitationResource(i, false) })
}

// inviteTo is where an invitation leads: the application that it was made in.
func (e *Emulator) inviteTo(c *call) string {
	if origin := e.requestOrigin(c); origin != "" {
		return origin + "/"
	}
	return ""
}

func (e *Emulator) createOrganizationInvitation(c *call) error {
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
	c.note("invited")
	return e.answerWrapped(c, b.ClientID, e.invitationResource(&made[0], false))
}

// createOrganizationInvitations invites several; clerk-js repeats the parameter.
func (e *Emulator) createOrganizationInvitations(c *call) error {
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
	c.note("invited")
	return e.answerWrapped(c, b.ClientID, out)
}

func (e *Emulator) revokeOrganizationInvitation(c *call) error {
	b, _, m, _, err := e.organizationCall(c, state.MayManageMembers)
	if err != nil {
		return err
	}
	i, err := e.store.RevokeInvitation(m.Organization.ID, c.param(1))
	if err != nil {
		return err
	}
	c.note("invitation revoked")
	return e.answerWrapped(c, b.ClientID, e.invitationResource(&i, false))
}

// invitedBy tells the invitations to a user's verified addresses.
func invitedBy(u *state.User, i *state.Invitation) bool {
	return i.OrganizationID != "" && slices.ContainsFunc(u.EmailList, func(a state.Identification) bool { return a.Verified() && a.Value == i.Email })
}

func (e *Emulator) myInvitations(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	query := c.r.URL.Query()
	page, total, err := pickInvitations(e.store, query, listParam(query, "status"), func(i *state.Invitation) bool { return invitedBy(&s.User, i) })
	if err != nil {
		return err
	}
	return answerPage(e, c, b, page, total, func(i *state.Invitation) any { return e.invitationResource(i, true) })
}

func (e *Emulator) acceptMyInvitation(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	var accepted state.Invitation
	e.store.Apply(func(tx *state.Tx) {
		i := tx.Invitations[c.param(0)]
		switch {
		case i == nil || !invitedBy(&s.User, i):
			err = refusal.NotFound("invitation with id " + refusal.Quoted(c.param(0)))
		default:
			err = tx.Accept(i, s.User.ID)
			accepted = *i
		}
	})
	if err != nil {
		return err
	}
	c.note("invitation accepted")
	return e.answerWrapped(c, b.ClientID, e.invitationResource(&accepted, true))
}

package clerktest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type backendInvitation struct {
	Object          string              `json:"object"`
	ID              string              `json:"id"`
	EmailAddress    string              `json:"email_address"`
	Role            string              `json:"role"`
	RoleName        string              `json:"role_name"`
	OrganizationID  string              `json:"organization_id"`
	InviterID       *string             `json:"inviter_id"`
	Inviter         *inviterResource    `json:"public_inviter_data"`
	Organization    *publicOrganization `json:"public_organization_data,omitempty"` // lists of the instance
	Status          string              `json:"status"`
	PublicMetadata  json.RawMessage     `json:"public_metadata"`
	PrivateMetadata json.RawMessage     `json:"private_metadata"`
	URL             *string             `json:"url"`
	ExpiresAt       *int64              `json:"expires_at"`
	CreatedAt       int64               `json:"created_at"`
	UpdatedAt       int64               `json:"updated_at"`
}

type inviterResource struct {
	UserID     string  `json:"user_id"`
	FirstName  *string `json:"first_name"`
	LastName   *string `json:"last_name"`
	ImageURL   string  `json:"image_url"`
	HasImage   bool    `json:"has_image"`
	Identifier string  `json:"identifier"`
}

// backendInvitation describes an invitation of an organization to servers. The
// URL holds the ticket, and is there while somebody can use it.
func (e *Emulator) backendInvitation(i *state.Invitation) backendInvitation {
	r := backendInvitation{
		Object: "organization_invitation", ID: i.ID, EmailAddress: i.Email, Role: i.Role, RoleName: e.store.RoleName(i.Role),
		OrganizationID: i.OrganizationID, InviterID: optString(i.InviterID), Status: i.State(e.Now()),
		PublicMetadata: i.Public, PrivateMetadata: i.Private, ExpiresAt: optMillis(i.ExpireAt),
		CreatedAt: millis(i.Created.At), UpdatedAt: millis(i.UpdatedAt),
	}
	if r.Status == state.InvitePending {
		r.URL = optString(i.URL)
	}
	if u, err := e.store.User(i.InviterID); err == nil {
		p := e.publicUser(&u)
		r.Inviter = &inviterResource{p.UserID, p.FirstName, p.LastName, p.ImageURL, p.HasImage, p.Identifier}
	}
	return r
}

// invitationBody is what an invitation of an organization is made of.
type invitationBody struct {
	metadataBody
	EmailAddress string        `json:"email_address"`
	InviterID    field[string] `json:"inviter_user_id"`
	Role         string        `json:"role"`
	RedirectURL  field[string] `json:"redirect_url"`
	Days         field[int]    `json:"expires_in_days"`
	Notify       field[bool]   `json:"notify"`
}

func (in *invitationBody) invite(organizationID string) (state.OrganizationInvite, error) {
	i := state.OrganizationInvite{
		Invitation: state.Invitation{
			OrganizationID: organizationID, Email: in.EmailAddress, Role: in.Role, InviterID: in.InviterID.Value, Redirect: in.RedirectURL.Value,
		},
		Quiet: given(in.Notify) && !in.Notify.Value, Days: in.Days.Value,
	}
	switch {
	case in.EmailAddress == "":
		return i, refusal.Missing("email_address")
	case in.Role == "":
		return i, refusal.Missing("role")
	case given(in.Days) && (i.Days < 1 || i.Days > 365):
		return i, refusal.Param("expires_in_days", "form_param_value_invalid", "expires_in_days is not a number from 1 to 365")
	}
	return i, in.apply(replaceMetadata, &i.Public, &i.Private)
}

func (e *Emulator) createOrganizationInvitationBAPI(c *call) error {
	var in invitationBody
	if err := c.decode(&in); err != nil {
		return err
	}
	made, err := e.inviteBAPI(c, []invitationBody{in})
	if err != nil {
		return err
	}
	return c.ok(e.backendInvitation(&made[0]))
}

func (e *Emulator) createOrganizationInvitationsBAPI(c *call) error {
	var in []invitationBody
	if err := c.decode(&in); err != nil {
		return err
	}
	switch {
	case len(in) == 0:
		return refusal.Missing("email_address")
	case len(in) > maxBulkInvitations:
		return refusal.BadRequest("bulk_size_exceeded", "Parameters exceed the maximum allowed bulk processing size of "+strconv.Itoa(maxBulkInvitations)+".")
	}
	made, err := e.inviteBAPI(c, in)
	if err != nil {
		return err
	}
	return c.ok(listed{e.backendInvitations(made), len(made)})
}

func (e *Emulator) inviteBAPI(c *call, in []invitationBody) ([]state.Invitation, error) {
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return nil, err
	}
	all := make([]state.OrganizationInvite, len(in))
	for n := range in {
		if all[n], err = in[n].invite(o.ID); err != nil {
			return nil, err
		}
		if id := all[n].InviterID; id != "" {
			if _, err := e.store.Authorize(o.ID, id, state.MayManageMembers); err != nil {
				return nil, err
			}
		}
	}
	made, err := e.inviteToOrganization(all)
	if err == nil {
		c.note("invited to " + o.ID)
	}
	return made, err
}

func (e *Emulator) backendInvitations(all []state.Invitation) []backendInvitation {
	out := make([]backendInvitation, len(all))
	for i := range all {
		out[i] = e.backendInvitation(&all[i])
	}
	return out
}

func (e *Emulator) listInvitationsOfOrganization(c *call) error {
	return e.answerInvitationsBAPI(c, listParam(c.r.URL.Query(), "status"))
}

func (e *Emulator) listPendingInvitationsBAPI(c *call) error {
	return e.answerInvitationsBAPI(c, []string{state.InvitePending})
}

func (e *Emulator) answerInvitationsBAPI(c *call, statuses []string) error {
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	query := c.r.URL.Query()
	emails := listParam(query, "email_address")
	page, total, err := pickInvitations(e.store, query, statuses, func(i *state.Invitation) bool {
		return i.OrganizationID == o.ID && i.DomainID == "" && oneOf(emails, i.Email)
	})
	if err != nil {
		return err
	}
	c.note("list of invitations")
	return c.ok(listed{e.backendInvitations(page), total})
}

func (e *Emulator) listInvitationsOfAll(c *call) error {
	query := c.r.URL.Query()
	text := query.Get("query")
	page, total, err := pickInvitations(e.store, query, listParam(query, "status"), func(i *state.Invitation) bool {
		return text == "" || holds(text, i.Email)
	})
	if err != nil {
		return err
	}
	out := e.backendInvitations(page)
	for i := range out {
		out[i].Organization = e.publicOrganization(out[i].OrganizationID)
	}
	c.note("list of invitations")
	return c.ok(listed{out, total})
}

func (e *Emulator) getInvitationBAPI(c *call) error {
	i, err := organizationInvitation(e.store, c.param(0), c.param(1))
	if err != nil {
		return err
	}
	c.note("invitation " + i.ID)
	return c.ok(e.backendInvitation(&i))
}

// organizationInvitation returns an invitation of an organization, named by id or
// slug.
func organizationInvitation(s *state.Store, organization, id string) (state.Invitation, error) {
	return state.With2(s, func(tx *state.Tx) (state.Invitation, error) {
		o := tx.Organization(organization)
		if o == nil {
			return state.Invitation{}, refusal.NotFound("organization " + refusal.Quoted(organization))
		}
		i := tx.Invitations[id]
		if i == nil || i.OrganizationID != o.ID {
			return state.Invitation{}, refusal.NotFound("invitation with id " + refusal.Quoted(id))
		}
		return *i, nil
	})
}

func (e *Emulator) revokeOrganizationInvitationBAPI(c *call) error {
	var in struct {
		RequestingUserID field[string] `json:"requesting_user_id"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	i, err := organizationInvitation(e.store, c.param(0), c.param(1))
	if err != nil {
		return err
	}
	if id := strings.TrimSpace(in.RequestingUserID.Value); id != "" {
		if _, err := e.store.Authorize(i.OrganizationID, id, state.MayManageMembers); err != nil {
			return err
		}
	}
	i, err = e.store.RevokeInvitation(i.OrganizationID, i.ID)
	if err != nil {
		return err
	}
	c.note("invitation revoked")
	return c.ok(e.backendInvitation(&i))
}

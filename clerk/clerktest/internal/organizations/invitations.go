package organizations

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type BackendInvitation struct {
	Object          string              `json:"object"`
	ID              string              `json:"id"`
	EmailAddress    string              `json:"email_address"`
	Role            string              `json:"role"`
	RoleName        string              `json:"role_name"`
	OrganizationID  string              `json:"organization_id"`
	InviterID       *string             `json:"inviter_id"`
	Inviter         *InviterResource    `json:"public_inviter_data"`
	Organization    *PublicOrganization `json:"public_organization_data,omitempty"` // lists of the instance
	Status          string              `json:"status"`
	PublicMetadata  json.RawMessage     `json:"public_metadata"`
	PrivateMetadata json.RawMessage     `json:"private_metadata"`
	URL             *string             `json:"url"`
	ExpiresAt       *int64              `json:"expires_at"`
	CreatedAt       int64               `json:"created_at"`
	UpdatedAt       int64               `json:"updated_at"`
}

type InviterResource struct {
	UserID     string  `json:"user_id"`
	FirstName  *string `json:"first_name"`
	LastName   *string `json:"last_name"`
	ImageURL   string  `json:"image_url"`
	HasImage   bool    `json:"has_image"`
	Identifier string  `json:"identifier"`
}

// BackendInvitation describes an invitation of an organization to servers. The
// URL holds the ticket, and is there while somebody can use it.
func (e *API) BackendInvitation(i *state.Invitation) BackendInvitation {
	r := BackendInvitation{
		Object: "organization_invitation", ID: i.ID, EmailAddress: i.Email, Role: i.Role, RoleName: e.Store.RoleName(i.Role),
		OrganizationID: i.OrganizationID, InviterID: wire.OptString(i.InviterID), Status: i.State(e.Now()),
		PublicMetadata: i.Public, PrivateMetadata: i.Private, ExpiresAt: wire.OptMillis(i.ExpireAt),
		CreatedAt: wire.Millis(i.Created.At), UpdatedAt: wire.Millis(i.UpdatedAt),
	}
	if r.Status == state.InvitePending {
		r.URL = wire.OptString(i.URL)
	}
	if u, err := e.Store.User(i.InviterID); err == nil {
		p := e.answers.PublicUser(&u)
		r.Inviter = &InviterResource{p.UserID, p.FirstName, p.LastName, p.ImageURL, p.HasImage, p.Identifier}
	}
	return r
}

// invitationBody is what an invitation of an organization is made of.
type invitationBody struct {
	wire.MetadataBody
	EmailAddress string             `json:"email_address"`
	InviterID    wire.Field[string] `json:"inviter_user_id"`
	Role         string             `json:"role"`
	RedirectURL  wire.Field[string] `json:"redirect_url"`
	Days         wire.Field[int]    `json:"expires_in_days"`
	Notify       wire.Field[bool]   `json:"notify"`
}

func (in *invitationBody) invite(organizationID string) (state.OrganizationInvite, error) {
	i := state.OrganizationInvite{
		Invitation: state.Invitation{
			OrganizationID: organizationID, Email: in.EmailAddress, Role: in.Role, InviterID: in.InviterID.Value, Redirect: in.RedirectURL.Value,
		},
		Quiet: wire.Given(in.Notify) && !in.Notify.Value, Days: in.Days.Value,
	}
	switch {
	case in.EmailAddress == "":
		return i, refusal.Missing("email_address")
	case in.Role == "":
		return i, refusal.Missing("role")
	case wire.Given(in.Days) && (i.Days < 1 || i.Days > 365):
		return i, refusal.Param("expires_in_days", "form_param_value_invalid", "expires_in_days is not a number from 1 to 365")
	}
	return i, in.Apply(wire.ReplaceMetadata, &i.Public, &i.Private)
}

func (e *API) createOrganizationInvitationBAPI(c *wire.Call) error {
	var in invitationBody
	if err := c.Decode(&in); err != nil {
		return err
	}
	made, err := e.inviteBAPI(c, []invitationBody{in})
	if err != nil {
		return err
	}
	return c.OK(e.BackendInvitation(&made[0]))
}

func (e *API) createOrganizationInvitationsBAPI(c *wire.Call) error {
	var in []invitationBody
	if err := c.Decode(&in); err != nil {
		return err
	}
	switch {
	case len(in) == 0:
		return refusal.Missing("email_address")
	case len(in) > wire.MaxBulkInvitations:
		return refusal.BadRequest("bulk_size_exceeded", "Parameters exceed the maximum allowed bulk processing size of "+strconv.Itoa(wire.MaxBulkInvitations)+".")
	}
	made, err := e.inviteBAPI(c, in)
	if err != nil {
		return err
	}
	return c.OK(wire.Listed{Data: e.BackendInvitations(made), Total: len(made)})
}

func (e *API) inviteBAPI(c *wire.Call, in []invitationBody) ([]state.Invitation, error) {
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return nil, err
	}
	all := make([]state.OrganizationInvite, len(in))
	for n := range in {
		if all[n], err = in[n].invite(o.ID); err != nil {
			return nil, err
		}
		if id := all[n].InviterID; id != "" {
			if _, err := e.Store.Authorize(o.ID, id, state.MayManageMembers); err != nil {
				return nil, err
			}
		}
	}
	made, err := e.inviteToOrganization(all)
	if err == nil {
		c.Note("invited to " + o.ID)
	}
	return made, err
}

func (e *API) BackendInvitations(all []state.Invitation) []BackendInvitation {
	out := make([]BackendInvitation, len(all))
	for i := range all {
		out[i] = e.BackendInvitation(&all[i])
	}
	return out
}

func (e *API) listInvitationsOfOrganization(c *wire.Call) error {
	return e.answerInvitationsBAPI(c, wire.ListParam(c.R.URL.Query(), "status"))
}

func (e *API) listPendingInvitationsBAPI(c *wire.Call) error {
	return e.answerInvitationsBAPI(c, []string{state.InvitePending})
}

func (e *API) answerInvitationsBAPI(c *wire.Call, statuses []string) error {
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	query := c.R.URL.Query()
	emails := wire.ListParam(query, "email_address")
	page, total, err := pickInvitations(e.Store, query, statuses, func(i *state.Invitation) bool {
		return i.OrganizationID == o.ID && i.DomainID == "" && wire.OneOf(emails, i.Email)
	})
	if err != nil {
		return err
	}
	c.Note("list of invitations")
	return c.OK(wire.Listed{Data: e.BackendInvitations(page), Total: total})
}

func (e *API) listInvitationsOfAll(c *wire.Call) error {
	query := c.R.URL.Query()
	text := query.Get("query")
	page, total, err := pickInvitations(e.Store, query, wire.ListParam(query, "status"), func(i *state.Invitation) bool {
		return text == "" || wire.Holds(text, i.Email)
	})
	if err != nil {
		return err
	}
	out := e.BackendInvitations(page)
	for i := range out {
		out[i].Organization = e.PublicOrganization(out[i].OrganizationID)
	}
	c.Note("list of invitations")
	return c.OK(wire.Listed{Data: out, Total: total})
}

func (e *API) getInvitationBAPI(c *wire.Call) error {
	i, err := organizationInvitation(e.Store, c.Param(0), c.Param(1))
	if err != nil {
		return err
	}
	c.Note("invitation " + i.ID)
	return c.OK(e.BackendInvitation(&i))
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

func (e *API) revokeOrganizationInvitationBAPI(c *wire.Call) error {
	var in struct {
		RequestingUserID wire.Field[string] `json:"requesting_user_id"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	i, err := organizationInvitation(e.Store, c.Param(0), c.Param(1))
	if err != nil {
		return err
	}
	if id := strings.TrimSpace(in.RequestingUserID.Value); id != "" {
		if _, err := e.Store.Authorize(i.OrganizationID, id, state.MayManageMembers); err != nil {
			return err
		}
	}
	i, err = e.Store.RevokeInvitation(i.OrganizationID, i.ID)
	if err != nil {
		return err
	}
	c.Note("invitation revoked")
	return c.OK(e.BackendInvitation(&i))
}

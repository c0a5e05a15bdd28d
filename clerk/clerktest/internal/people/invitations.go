package people

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type applicationInvitationResource struct {
	Object         string          `json:"object"`
	ID             string          `json:"id"`
	EmailAddress   string          `json:"email_address"`
	PublicMetadata json.RawMessage `json:"public_metadata"`
	Revoked        bool            `json:"revoked"`
	Status         string          `json:"status"`
	URL            string          `json:"url,omitempty"`
	ExpiresAt      *int64          `json:"expires_at"`
	CreatedAt      int64           `json:"created_at"`
	UpdatedAt      int64           `json:"updated_at"`
}

func (e *API) ApplicationInvitation(i *state.Invitation) *applicationInvitationResource {
	return &applicationInvitationResource{
		Object: "invitation", ID: i.ID, EmailAddress: i.Email, PublicMetadata: i.Public, Revoked: i.Status == state.InviteRevoked,
		Status: i.State(e.Now()), URL: i.URL, ExpiresAt: wire.OptMillis(i.ExpireAt), CreatedAt: wire.Millis(i.Created.At), UpdatedAt: wire.Millis(i.UpdatedAt),
	}
}

type invitationInput struct {
	Email    wire.Field[string]          `json:"email_address"`
	Public   wire.Field[json.RawMessage] `json:"public_metadata"`
	Redirect wire.Field[string]          `json:"redirect_url"`
	Notify   wire.Field[bool]            `json:"notify"`
	Existing wire.Field[bool]            `json:"ignore_existing"`
	Days     wire.Field[int]             `json:"expires_in_days"`
	Template wire.Field[string]          `json:"template_slug"`
}

// invitation checks what was sent.
func (in *invitationInput) invitation(bulk bool) (out state.ApplicationInvitation, err error) {
	if in.Email.Value == "" {
		return out, refusal.Missing("email_address")
	}
	if out.Public, err = wire.MetadataField("public_metadata", in.Public); err != nil {
		return out, err
	}
	if in.Days.Set && !in.Days.Null && (in.Days.Value < 1 || in.Days.Value > 365) {
		return out, refusal.Param("expires_in_days", "form_param_value_invalid", "expires_in_days is not a number from 1 to 365")
	}
	switch in.Template.Value {
	case "", "invitation", "waitlist_invitation":
	default:
		return out, refusal.Param("template_slug", "form_param_value_invalid", refusal.Quoted(in.Template.Value)+" does not match one of the allowed values for parameter template_slug")
	}
	out.Email, out.Redirect, out.Template = in.Email.Value, in.Redirect.Value, in.Template.Value
	out.Quiet = in.Notify.Set && !in.Notify.Null && !in.Notify.Value
	out.Lifetime = time.Duration(in.Days.Value) * 24 * time.Hour
	// An existing user cannot be invited in bulk, whatever is ignored.
	out.Again, out.Claimed = in.Existing.Value, in.Existing.Value && !bulk
	return out, nil
}

func (e *API) createInvitationBAPI(c *wire.Call) error {
	var in invitationInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	made, err := e.inviteByAPI(c, []invitationInput{in}, false)
	if err != nil {
		return err
	}
	return c.OK(made[0])
}

func (e *API) createInvitationsBAPI(c *wire.Call) error {
	var in []invitationInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	if len(in) > wire.MaxBulkInvitations {
		return refusal.BadRequest("bulk_size_exceeded", "Parameters exceed the maximum allowed bulk processing size of 10.")
	}
	made, err := e.inviteByAPI(c, in, true)
	if err != nil {
		return err
	}
	return c.OK(made)
}

func (e *API) inviteByAPI(c *wire.Call, in []invitationInput, bulk bool) ([]*applicationInvitationResource, error) {
	list := make([]state.ApplicationInvitation, len(in))
	for n := range in {
		var err error
		if list[n], err = in[n].invitation(bulk); err != nil {
			return nil, err
		}
	}
	var made []state.Invitation
	var err error
	e.Store.Apply(func(tx *state.Tx) {
		made, err = e.InviteAll(tx, list)
	})
	if err != nil {
		return nil, err
	}
	c.Note("invited to the application")
	return e.applicationInvitations(made), nil
}

func (e *API) applicationInvitations(list []state.Invitation) []*applicationInvitationResource {
	out := make([]*applicationInvitationResource, len(list))
	for i := range list {
		out[i] = e.ApplicationInvitation(&list[i])
	}
	return out
}

var invitationOrder = map[string]func(a, b *state.Invitation) int{
	"created_at": func(a, b *state.Invitation) int { return a.Created.Compare(b.Created) },
	"email_address": func(a, b *state.Invitation) int {
		return cmp.Or(wire.CompareText(a.Email, b.Email), a.Created.Compare(b.Created))
	},
	"expires_at": func(a, b *state.Invitation) int {
		return cmp.Or(a.ExpireAt.Compare(b.ExpireAt), a.Created.Compare(b.Created))
	},
}

func checkInvitationStatus(status string) error {
	if status != "" && !slices.Contains([]string{state.InvitePending, state.InviteAccepted, state.InviteRevoked, state.Gone}, status) {
		return refusal.Param("status", "form_param_value_invalid", refusal.Quoted(status)+" does not match one of the allowed values for parameter status")
	}
	return nil
}

// listInvitationsBAPI leaves revoked ones out unless they are asked for.
func (e *API) listInvitationsBAPI(c *wire.Call) error {
	query, now := c.R.URL.Query(), e.Now()
	status, text := query.Get("status"), query.Get("query")
	if err := checkInvitationStatus(status); err != nil {
		return err
	}
	all := e.Store.ListInvitations(func(i *state.Invitation) bool {
		shown := i.State(now)
		return i.OrganizationID == "" && (shown == status || status == "" && shown != state.InviteRevoked) &&
			(text == "" || wire.Holds(text, i.Email, i.ID))
	})
	if err := wire.Order(all, query, invitationOrder); err != nil {
		return err
	}
	total := len(all)
	all, err := wire.Page(all, query)
	if err != nil {
		return err
	}
	c.Note("list of invitations")
	return c.OkList(query, e.applicationInvitations(all), total)
}

// deleteInvitationBAPI takes an invitation away in any state, with its emails.
func (e *API) deleteInvitationBAPI(c *wire.Call) error {
	id := c.Param(0)
	if err := e.Store.DeleteApplicationInvitation(id); err != nil {
		return err
	}
	c.Note("invitation " + id + " deleted")
	return c.OK(answers.DeletedResource{Object: "invitation", ID: id, Deleted: true})
}

func (e *API) revokeInvitationBAPI(c *wire.Call) error {
	i, err := e.Store.RevokeApplicationInvitation(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("invitation " + i.ID + " revoked")
	return c.OK(e.ApplicationInvitation(&i))
}

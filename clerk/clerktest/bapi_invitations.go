package clerktest

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
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

func (e *Emulator) applicationInvitation(i *state.Invitation) *applicationInvitationResource {
	return &applicationInvitationResource{
		Object: "invitation", ID: i.ID, EmailAddress: i.Email, PublicMetadata: i.Public, Revoked: i.Status == state.InviteRevoked,
		Status: i.State(e.Now()), URL: i.URL, ExpiresAt: optMillis(i.ExpireAt), CreatedAt: millis(i.Created.At), UpdatedAt: millis(i.UpdatedAt),
	}
}

type invitationInput struct {
	Email    field[string]          `json:"email_address"`
	Public   field[json.RawMessage] `json:"public_metadata"`
	Redirect field[string]          `json:"redirect_url"`
	Notify   field[bool]            `json:"notify"`
	Existing field[bool]            `json:"ignore_existing"`
	Days     field[int]             `json:"expires_in_days"`
	Template field[string]          `json:"template_slug"`
}

// invitation checks what was sent.
func (in *invitationInput) invitation(bulk bool) (out state.ApplicationInvitation, err error) {
	if in.Email.Value == "" {
		return out, refusal.Missing("email_address")
	}
	if out.Public, err = metadataField("public_metadata", in.Public); err != nil {
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

func (e *Emulator) createInvitationBAPI(c *call) error {
	var in invitationInput
	if err := c.decode(&in); err != nil {
		return err
	}
	made, err := e.inviteByAPI(c, []invitationInput{in}, false)
	if err != nil {
		return err
	}
	return c.ok(made[0])
}

// maxBulkInvitations is how many CreateBulkInvitations takes.
const maxBulkInvitations = 10

func (e *Emulator) createInvitationsBAPI(c *call) error {
	var in []invitationInput
	if err := c.decode(&in); err != nil {
		return err
	}
	if len(in) > maxBulkInvitations {
		return refusal.BadRequest("bulk_size_exceeded", "Parameters exceed the maximum allowed bulk processing size of 10.")
	}
	made, err := e.inviteByAPI(c, in, true)
	if err != nil {
		return err
	}
	return c.ok(made)
}

func (e *Emulator) inviteByAPI(c *call, in []invitationInput, bulk bool) ([]*applicationInvitationResource, error) {
	list := make([]state.ApplicationInvitation, len(in))
	for n := range in {
		var err error
		if list[n], err = in[n].invitation(bulk); err != nil {
			return nil, err
		}
	}
	var made []state.Invitation
	var err error
	e.store.Apply(func(tx *state.Tx) {
		made, err = e.inviteAll(tx, list)
	})
	if err != nil {
		return nil, err
	}
	c.note("invited to the application")
	return e.applicationInvitations(made), nil
}

func (e *Emulator) applicationInvitations(list []state.Invitation) []*applicationInvitationResource {
	out := make([]*applicationInvitationResource, len(list))
	for i := range list {
		out[i] = e.applicationInvitation(&list[i])
	}
	return out
}

var invitationOrder = map[string]func(a, b *state.Invitation) int{
	"created_at": func(a, b *state.Invitation) int { return a.Created.Compare(b.Created) },
	"email_address": func(a, b *state.Invitation) int {
		return cmp.Or(compareText(a.Email, b.Email), a.Created.Compare(b.Created))
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
func (e *Emulator) listInvitationsBAPI(c *call) error {
	query, now := c.r.URL.Query(), e.Now()
	status, text := query.Get("status"), query.Get("query")
	if err := checkInvitationStatus(status); err != nil {
		return err
	}
	all := e.store.ListInvitations(func(i *state.Invitation) bool {
		shown := i.State(now)
		return i.OrganizationID == "" && (shown == status || status == "" && shown != state.InviteRevoked) &&
			(text == "" || holds(text, i.Email, i.ID))
	})
	if err := order(all, query, invitationOrder); err != nil {
		return err
	}
	total := len(all)
	all, err := page(all, query)
	if err != nil {
		return err
	}
	c.note("list of invitations")
	return c.okList(query, e.applicationInvitations(all), total)
}

// deleteInvitationBAPI takes an invitation away in any state, with its emails.
func (e *Emulator) deleteInvitationBAPI(c *call) error {
	id := c.param(0)
	if err := e.store.DeleteApplicationInvitation(id); err != nil {
		return err
	}
	c.note("invitation " + id + " deleted")
	return c.ok(deletedResource{Object: "invitation", ID: id, Deleted: true})
}

func (e *Emulator) revokeInvitationBAPI(c *call) error {
	i, err := e.store.RevokeApplicationInvitation(c.param(0))
	if err != nil {
		return err
	}
	c.note("invitation " + i.ID + " revoked")
	return c.ok(e.applicationInvitation(&i))
}

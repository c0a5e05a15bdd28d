package people

import (
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// InviteAll makes all of the invitations, or none.
func (e *API) InviteAll(tx *state.Tx, list []state.ApplicationInvitation) ([]state.Invitation, error) {
	var pending []string
	for n := range list {
		i := &list[n]
		i.Email = state.EmailKind.Normalize(i.Email)
		if err := state.ValidAddress(i.Email); err != nil {
			return nil, err
		}
		if i.Redirect != "" {
			if u, err := url.Parse(i.Redirect); err != nil || u.Scheme == "" || u.Host == "" {
				return nil, refusal.Param("redirect_url", "form_param_format_invalid", "redirect_url must be a URL.")
			}
		}
		if tx.Emails[i.Email] != "" && !i.Claimed {
			return nil, refusal.Taken("email_address")
		}
		twice := slices.ContainsFunc(list[:n], func(o state.ApplicationInvitation) bool { return o.Email == i.Email })
		if !i.Again && (twice || tx.PendingToApplication(i.Email) != nil) {
			pending = append(pending, i.Email)
		}
	}
	if len(pending) > 0 {
		return nil, state.ErrDuplicateInvitations(pending)
	}
	out := make([]state.Invitation, len(list))
	for n := range list {
		made, err := e.inviteToApplication(tx, &list[n])
		if err != nil {
			return nil, err
		}
		out[n] = *made
	}
	return out, nil
}

func (e *API) inviteToApplication(tx *state.Tx, in *state.ApplicationInvitation) (*state.Invitation, error) {
	lifetime := in.Lifetime
	if lifetime == 0 {
		lifetime = state.InvitationLifetime
	}
	t, err := e.strategies.SignTicket(state.Ticket{Kind: state.TicketInvitation}, lifetime)
	if err != nil {
		return nil, err
	}
	t.InvitationID = t.ID
	tx.PutTicket(t)
	i := in.Invitation
	i.ID, i.Status, i.Ticket = t.ID, state.InvitePending, t.Token
	i.URL = e.FaceURL() + "/v1/tickets/accept?ticket=" + url.QueryEscape(t.Token)
	i.Created = tx.Made()
	i.UpdatedAt, i.ExpireAt = i.Created.At, i.Created.At.Add(lifetime)
	if i.Public == nil {
		i.Public = []byte("{}")
	}
	i.Private = []byte("{}")
	tx.Invitations[i.ID] = &i
	if !in.Quiet {
		template := in.Template
		if template == "" {
			template = "invitation"
		}
		tx.Send(state.Message{Channel: "email", To: i.Email, Template: template, URL: i.URL})
	}
	return &i, nil
}

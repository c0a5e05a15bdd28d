package organizations

import (
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// inviteToOrganization makes all invitations or none. They are of one
// organization.
func (e *API) inviteToOrganization(all []state.OrganizationInvite) ([]state.Invitation, error) {
	s := e.Store
	tickets := make([]state.Ticket, len(all))
	for n := range all {
		i := &all[n]
		i.Email = state.EmailKind.Normalize(i.Email)
		if !state.ValidEmail(i.Email) {
			return nil, refusal.Param("email_address", "form_param_format_invalid", "email_address "+refusal.Quoted(i.Email)+" is not an e-mail address")
		}
		if i.Redirect != "" {
			if _, err := e.RedirectURL(i.Redirect); err != nil {
				return nil, err
			}
		}
	}
	if err := s.MayInviteAll(all); err != nil { // before there are tickets to take back
		return nil, err
	}
	for n := range all {
		var err error
		if tickets[n], err = e.strategies.NewTicket(state.Ticket{Kind: state.TicketOrganization}, all[n].Lifetime()); err != nil {
			return nil, err
		}
	}
	return state.With2(s, func(tx *state.Tx) ([]state.Invitation, error) {
		if err := tx.MayInviteAll(all); err != nil {
			for _, t := range tickets {
				delete(tx.Tickets, t.Token)
			}
			return nil, err
		}
		out := make([]state.Invitation, 0, len(all))
		for n, wanted := range all {
			t, i := tickets[n], wanted.Invitation
			i.ID, i.Ticket = t.ID, t.Token
			i.URL = e.FaceURL() + "/v1/tickets/accept?ticket=" + url.QueryEscape(t.Token)
			tx.Tickets[t.Token].InvitationID = i.ID
			tx.PutInvitation(&i, wanted.Lifetime())
			if !wanted.Quiet {
				tx.Send(state.Message{Channel: "email", To: i.Email, Template: "organization_invitation", URL: i.URL})
			}
			out = append(out, i)
		}
		return out, nil
	})
}

var organizationInvitationOrder = map[string]func(a, b *state.Invitation) int{
	"email_address": func(a, b *state.Invitation) int { return wire.CompareText(a.Email, b.Email) },
}

// pickInvitations lists invitations of organizations, filtered by their state.
func pickInvitations(s *state.Store, query url.Values, statuses []string, keep func(*state.Invitation) bool) ([]state.Invitation, int, error) {
	for _, status := range statuses {
		switch status {
		case state.InvitePending, state.InviteAccepted, state.InviteRevoked, state.Gone:
		default:
			return nil, 0, refusal.Param("status", "form_param_value_invalid", "status "+refusal.Quoted(status)+" does not exist")
		}
	}
	now := s.Now()
	return wire.Pick(s, func(tx *state.Tx) map[string]*state.Invitation { return tx.Invitations }, query, wire.Listing[state.Invitation]{
		Made: func(i *state.Invitation) state.Made { return i.Created }, Fields: organizationInvitationOrder,
		Keep: func(_ *state.Tx, i *state.Invitation) bool {
			return i.OrganizationID != "" && wire.OneOf(statuses, i.State(now)) && keep(i)
		},
	})
}

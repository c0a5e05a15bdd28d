package strategies

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// TicketStrategy is a ticket that a server of the application, or an invitation,
// handed out. It stands in for all factors, and is redeemed where a sign-in or
// sign-up is created: see SignInByTicket and the invitations of a sign-up.
var TicketStrategy = &Strategy{Name: "ticket", Object: "verification_ticket"}

// SignInByTicket completes a sign-in with a ticket. An invitation signs in who is
// invited, if there is such a user.
func SignInByTicket(tx *state.Tx, a *state.SignInAttempt, token string) error {
	if token == "" {
		return refusal.Missing("ticket")
	}
	t, err := tx.Ticket(token)
	if err != nil {
		return err
	}
	in := state.SignIn{ClientID: a.ClientID, SecondFactor: -1, Strategy: "ticket", Actor: t.Actor}
	switch t.Kind {
	case state.TicketSignIn, state.TicketActor:
		in.UserID, in.Organization, in.Lifetime = t.UserID, t.OrganizationID, t.SessionLifetime
	default:
		i := tx.Invitations[t.InvitationID]
		if i == nil {
			return refusal.Param("ticket", "ticket_invalid_code", "Ticket is invalid")
		}
		in.UserID = tx.Emails[i.Email]
		if in.UserID == "" {
			return refusal.BadRequest("invitation_account_not_exists", "There is no account for this invitation yet. Sign up to accept it.")
		}
		if err := tx.Users[in.UserID].MayEnter(tx.Now()); err != nil {
			return err
		}
		if err := tx.Accept(i, in.UserID); err != nil {
			return err
		}
		in.Organization = i.OrganizationID
	}
	u := tx.Users[in.UserID]
	if u == nil {
		return refusal.Param("ticket", "ticket_invalid_code", "Ticket is invalid")
	}
	if err := u.MayEnter(tx.Now()); err != nil {
		return err // and the ticket is still good
	}
	t.Status, t.UpdatedAt = "accepted", tx.Now()
	a.UserID, a.Identifier = u.ID, u.Identifier()
	proof := state.Done("ticket")
	a.First = &proof
	return tx.CompleteSignIn(a, in)
}

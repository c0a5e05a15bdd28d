package clerktest

// ticketStrategy is a ticket that a server of the application, or an invitation,
// handed out. It stands in for all factors, and is redeemed where a sign-in or
// sign-up is created: see signInByTicket and the invitations of a sign-up.
var ticketStrategy = &strategy{name: "ticket", object: "verification_ticket"}

// signInByTicket completes a sign-in with a ticket. An invitation signs in who is
// invited, if there is such a user.
func (tx *stateTx) signInByTicket(a *signInAttempt, token string) error {
	if token == "" {
		return errMissing("ticket")
	}
	t, err := tx.ticket(token)
	if err != nil {
		return err
	}
	in := signIn{clientID: a.ClientID, secondFactor: -1, strategy: "ticket", actor: t.Actor}
	switch t.Kind {
	case ticketSignIn, ticketActor:
		in.userID, in.organization, in.lifetime = t.UserID, t.OrganizationID, t.SessionLifetime
	default:
		i := tx.Invitations[t.InvitationID]
		if i == nil {
			return errParam("ticket", "ticket_invalid_code", "Ticket is invalid")
		}
		in.userID = tx.emails[i.Email]
		if in.userID == "" {
			return errBadRequest("invitation_account_not_exists", "There is no account for this invitation yet. Sign up to accept it.")
		}
		if err := tx.Users[in.userID].mayEnter(tx.now()); err != nil {
			return err
		}
		if err := tx.accept(i, in.userID); err != nil {
			return err
		}
		in.organization = i.OrganizationID
	}
	u := tx.Users[in.userID]
	if u == nil {
		return errParam("ticket", "ticket_invalid_code", "Ticket is invalid")
	}
	if err := u.mayEnter(tx.now()); err != nil {
		return err // and the ticket is still good
	}
	t.Status, t.UpdatedAt = "accepted", tx.now()
	a.UserID, a.Identifier = u.ID, u.identifier()
	proof := done("ticket")
	a.First = &proof
	return tx.completeSignIn(a, in)
}

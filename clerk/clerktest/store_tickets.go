package clerktest

import (
	"time"
)

// Kinds of tickets, the st of their claims.
const (
	ticketSignIn       = "sign_in_token"
	ticketActor        = "actor_token"
	ticketInvitation   = "invitation"
	ticketOrganization = "organization_invitation"
)

// ticketLifetime is how long a sign-in token is good, as at Clerk.
const ticketLifetime = 30 * 24 * time.Hour

// ticket lets somebody in without another proof, once.
type ticket struct {
	ID, Kind     string
	Token        string
	UserID       string // of a sign-in token
	Actor        []byte // act claim of an actor token
	InvitationID string
	Status       string // pending, accepted, revoked
	ExpireAt     time.Time
	Created      made
	UpdatedAt    time.Time
	// OrganizationID is what a sign-in token makes active.
	OrganizationID string
	// SessionLifetime is how long the session of an actor token lives at most.
	SessionLifetime time.Duration
}

// SignInToken makes a ticket that signs the user in, as Clerk's operation
// CreateSignInToken does: signIn.create({strategy: 'ticket', ticket}).
func (e *Emulator) SignInToken(u User) string {
	e.helper()
	if _, err := e.store.user(u.ID); err != nil {
		e.fail("SignInToken: %v", err)
		return ""
	}
	t, err := e.newTicket(ticket{Kind: ticketSignIn, UserID: u.ID}, ticketLifetime)
	if err != nil {
		e.fail("SignInToken: %v", err)
	}
	return t.Token
}

// newTicket makes a ticket and keeps it.
func (e *Emulator) newTicket(t ticket, lifetime time.Duration) (ticket, error) {
	t, err := e.signTicket(t, lifetime)
	if err != nil {
		return t, err
	}
	return with2(e.store, func(tx *stateTx) (ticket, error) {
		return tx.putTicket(t), nil
	})
}

func (tx *stateTx) putTicket(t ticket) ticket {
	t.Created = tx.made()
	t.UpdatedAt = t.Created.At
	tx.Tickets[t.Token] = &t
	return t
}

// signTicket makes a ticket: a JWT, as at Clerk, which only the emulator reads.
func (e *Emulator) signTicket(t ticket, lifetime time.Duration) (ticket, error) {
	prefix := map[string]string{ticketSignIn: "sit", ticketActor: "act", ticketInvitation: "inv", ticketOrganization: "orginv"}[t.Kind]
	t.ID, t.Status, t.ExpireAt = e.ids.next(prefix), "pending", e.Now().Add(lifetime)
	key := e.keys.current()
	var err error
	t.Token, err = signRS256(key.private, tokenHeader(key.id, nil), map[string]any{
		"eis": lifetime.Milliseconds(), "exp": t.ExpireAt.Unix(), "iid": e.KeyID(), "sid": t.ID, "st": t.Kind,
	})
	return t, err
}

// ticket finds a ticket that is still good.
func (tx *stateTx) ticket(token string) (*ticket, error) {
	t := tx.Tickets[token]
	switch {
	case t == nil:
		return nil, errParam("ticket", "ticket_invalid_code", "Ticket is invalid")
	case t.Status == "accepted":
		return nil, errBadRequest("sign_in_token_already_used_code", "This sign in token has already been used. Each token can only be used once.")
	case t.Status != "pending":
		return nil, errBadRequest("sign_in_token_revoked_code", "This sign in token has been revoked and cannot be used anymore.")
	case !tx.now().Before(t.ExpireAt):
		return nil, errBadRequest("ticket_expired_code", "The ticket has expired.")
	}
	return t, nil
}

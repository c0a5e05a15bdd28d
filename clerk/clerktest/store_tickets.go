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
	id, kind     string
	token        string
	userID       string // of a sign-in token
	actor        []byte // act claim of an actor token
	invitationID string
	status       string // pending, accepted, revoked
	expireAt     time.Time
	created      made
}

// SignInToken makes a ticket that signs the user in, as Clerk's operation
// CreateSignInToken does: signIn.create({strategy: 'ticket', ticket}).
func (e *Emulator) SignInToken(u User) string {
	e.helper()
	if _, err := e.store.user(u.ID); err != nil {
		e.fail("SignInToken: %v", err)
		return ""
	}
	t, err := e.newTicket(ticket{kind: ticketSignIn, userID: u.ID}, ticketLifetime)
	if err != nil {
		e.fail("SignInToken: %v", err)
	}
	return t.token
}

// newTicket makes a ticket: a JWT, as at Clerk, which only the emulator reads.
func (e *Emulator) newTicket(t ticket, lifetime time.Duration) (ticket, error) {
	prefix := map[string]string{ticketSignIn: "sit", ticketActor: "act", ticketInvitation: "inv", ticketOrganization: "orginv"}[t.kind]
	t.id, t.status, t.expireAt = e.ids.next(prefix), "pending", e.Now().Add(lifetime)
	key := e.keys.current()
	var err error
	t.token, err = signRS256(key.private, tokenHeader(key.id, nil), map[string]any{
		"eis": lifetime.Milliseconds(), "exp": t.expireAt.Unix(), "iid": e.KeyID(), "sid": t.id, "st": t.kind,
	})
	if err != nil {
		return t, err
	}
	s := e.store
	s.mu.Lock()
	defer s.mu.Unlock()
	t.created = s.madeLocked()
	s.tickets[t.token] = &t
	return t, nil
}

// ticketLocked finds a ticket that is still good.
func (s *store) ticketLocked(token string) (*ticket, error) {
	t := s.tickets[token]
	switch {
	case t == nil:
		return nil, errParam("ticket", "ticket_invalid_code", "Ticket is invalid")
	case t.status == "accepted":
		return nil, errBadRequest("sign_in_token_already_used_code", "This sign in token has already been used. Each token can only be used once.")
	case t.status != "pending":
		return nil, errBadRequest("sign_in_token_revoked_code", "This sign in token has been revoked and cannot be used anymore.")
	case !s.now().Before(t.expireAt):
		return nil, errBadRequest("ticket_expired_code", "The ticket has expired.")
	}
	return t, nil
}

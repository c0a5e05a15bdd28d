package state

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Kinds of tickets, the st of their claims.
const (
	TicketSignIn       = "sign_in_token"
	TicketActor        = "actor_token"
	TicketInvitation   = "invitation"
	TicketOrganization = "organization_invitation"
)

// TicketLifetime is how long a sign-in token is good, as at Clerk.
const TicketLifetime = 30 * 24 * time.Hour

// Ticket lets somebody in without another proof, once.
type Ticket struct {
	ID, Kind     string
	Token        string
	UserID       string // of a sign-in token
	Actor        []byte // act claim of an actor token
	InvitationID string
	Status       string // pending, accepted, revoked
	ExpireAt     time.Time
	Created      Made
	UpdatedAt    time.Time
	// OrganizationID is what a sign-in token makes active.
	OrganizationID string
	// SessionLifetime is how long the session of an actor token lives at most.
	SessionLifetime time.Duration
}

func (tx *Tx) PutTicket(t Ticket) Ticket {
	t.Created = tx.Made()
	t.UpdatedAt = t.Created.At
	tx.Tickets[t.Token] = &t
	return t
}

// Ticket finds a ticket that is still good.
func (tx *Tx) Ticket(token string) (*Ticket, error) {
	t := tx.Tickets[token]
	switch {
	case t == nil:
		return nil, refusal.Param("ticket", "ticket_invalid_code", "Ticket is invalid")
	case t.Status == "accepted":
		return nil, refusal.BadRequest("sign_in_token_already_used_code", "This sign in token has already been used. Each token can only be used once.")
	case t.Status != "pending":
		return nil, refusal.BadRequest("sign_in_token_revoked_code", "This sign in token has been revoked and cannot be used anymore.")
	case !tx.Now().Before(t.ExpireAt):
		return nil, refusal.BadRequest("ticket_expired_code", "The ticket has expired.")
	}
	return t, nil
}

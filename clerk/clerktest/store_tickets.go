package clerktest

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// SignInToken makes a ticket that signs the user in, as Clerk's operation
// CreateSignInToken does: signIn.create({strategy: 'ticket', ticket}).
func (e *Emulator) SignInToken(u User) string {
	e.helper()
	if _, err := e.store.User(u.ID); err != nil {
		e.fail("SignInToken: %v", err)
		return ""
	}
	t, err := e.newTicket(state.Ticket{Kind: state.TicketSignIn, UserID: u.ID}, state.TicketLifetime)
	if err != nil {
		e.fail("SignInToken: %v", err)
	}
	return t.Token
}

// newTicket makes a ticket and keeps it.
func (e *Emulator) newTicket(t state.Ticket, lifetime time.Duration) (state.Ticket, error) {
	t, err := e.signTicket(t, lifetime)
	if err != nil {
		return t, err
	}
	return state.With2(e.store, func(tx *state.Tx) (state.Ticket, error) {
		return tx.PutTicket(t), nil
	})
}

// signTicket makes a ticket: a JWT, as at Clerk, which only the emulator reads.
func (e *Emulator) signTicket(t state.Ticket, lifetime time.Duration) (state.Ticket, error) {
	prefix := map[string]string{state.TicketSignIn: "sit", state.TicketActor: "act", state.TicketInvitation: "inv", state.TicketOrganization: "orginv"}[t.Kind]
	t.ID, t.Status, t.ExpireAt = e.ids.Next(prefix), "pending", e.Now().Add(lifetime)
	key := e.keys.Current()
	var err error
	t.Token, err = keys.SignRS256(key.Private, keys.Header(key.ID, nil), map[string]any{
		"eis": lifetime.Milliseconds(), "exp": t.ExpireAt.Unix(), "iid": e.KeyID(), "sid": t.ID, "st": t.Kind,
	})
	return t, err
}

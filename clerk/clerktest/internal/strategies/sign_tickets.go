package strategies

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// NewTicket makes a ticket and keeps it.
func (e *API) NewTicket(t state.Ticket, lifetime time.Duration) (state.Ticket, error) {
	t, err := e.SignTicket(t, lifetime)
	if err != nil {
		return t, err
	}
	return state.With2(e.Store, func(tx *state.Tx) (state.Ticket, error) {
		return tx.PutTicket(t), nil
	})
}

// SignTicket makes a ticket: a JWT, as at Clerk, which only the emulator reads.
func (e *API) SignTicket(t state.Ticket, lifetime time.Duration) (state.Ticket, error) {
	prefix := map[string]string{state.TicketSignIn: "sit", state.TicketActor: "act", state.TicketInvitation: "inv", state.TicketOrganization: "orginv"}[t.Kind]
	t.ID, t.Status, t.ExpireAt = e.IDs.Next(prefix), "pending", e.Now().Add(lifetime)
	key := e.Keys.Current()
	var err error
	t.Token, err = keys.SignRS256(key.Private, keys.Header(key.ID, nil), map[string]any{
		"eis": lifetime.Milliseconds(), "exp": t.ExpireAt.Unix(), "iid": e.Keys.Current().ID, "sid": t.ID, "st": t.Kind,
	})
	return t, err
}

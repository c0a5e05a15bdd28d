package clerktest

import (
	"errors"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Webhooks hear of a change when its transaction has ended, in the order of the
// changes, also where it ends with an error: what was changed before stays.
func TestEventsFollowTheTransaction(t *testing.T) {
	em, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	err = em.server.Store.Update(func(tx *state.Tx) error {
		for _, id := range []string{"user_a", "user_b"} {
			state.Emit(tx, "user.created", blankUser(id))
		}
		if n := len(em.WebhookMessages()); n != 0 {
			t.Errorf("%d messages within the transaction", n)
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("the transaction returned %v", err)
	}
	messages := em.WebhookMessages()
	if len(messages) != 2 || messages[0].Type != "user.created" {
		t.Fatalf("messages after the transaction: %+v", messages)
	}
	em.server.Store.View(func(*state.Tx) {})
	if n := len(em.WebhookMessages()); n != 2 {
		t.Errorf("%d messages after a transaction without events", n)
	}
}

package clerktest

import (
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Message is an e-mail or text message that Clerk would have sent. The emulator
// sends none: they stay in the outbox.
type Message struct {
	// ID is the message's id, ema_… or sms_….
	ID string
	// Time is the emulator's time when it was sent.
	Time time.Time
	// Channel is email or sms.
	Channel string
	// To is the e-mail address or phone number.
	To string
	// Template is Clerk's name of the template: verification_code,
	// reset_password_code, magic_link_sign_in, magic_link_sign_up,
	// magic_link_user_profile, invitation, organization_invitation, waitlist_confirmation.
	Template string
	// Code is the one-time code, if the message has one. Test addresses
	// (jane+clerk_test@example.com, +1 (xxx) 555-01xx) have 424242 in a development
	// instance.
	Code string
	// URL is the link, if it has one.
	URL string
}

// Outbox returns the messages that Clerk would have sent, oldest first, up to a few
// thousand.
func (e *Emulator) Outbox() []Message {
	return state.With(e.server.Store, func(tx *state.Tx) []Message {
		out := make([]Message, len(tx.Outbox))
		for i, m := range tx.Outbox {
			out[i] = Message(m)
		}
		return out
	})
}

// LastMessage returns the last message to an address or number, and whether
// there is one.
func (e *Emulator) LastMessage(to string) (Message, bool) {
	return state.With2(e.server.Store, func(tx *state.Tx) (Message, bool) {
		for _, m := range slices.Backward(tx.Outbox) {
			if m.To == to {
				return Message(m), true
			}
		}
		return Message{}, false
	})
}

package state

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// States of a waitlist entry.
const (
	WaitPending   = "pending"
	WaitInvited   = "invited"
	WaitRejected  = "rejected"
	WaitCompleted = "completed"
)

// WaitlistEntry is somebody who waits to be let in.
type WaitlistEntry struct {
	ID, Email, Status string
	InvitationID      string
	InvitedAt         time.Time
	Created           Made
	UpdatedAt         time.Time
}

// JoinWaitlist puts an address on the waitlist, once, and says so to its owner
// unless quiet.
func (s *Store) JoinWaitlist(email string, quiet bool) (WaitlistEntry, error) {
	return With2(s, func(tx *Tx) (WaitlistEntry, error) {
		email = EmailKind.Normalize(email)
		if err := ValidAddress(email); err != nil {
			return WaitlistEntry{}, err
		}
		return tx.JoinWaitlist(email, quiet), nil
	})
}

func ValidAddress(email string) error {
	if !ValidEmail(email) {
		return refusal.Param("email_address", "form_param_format_invalid", "email_address must be a valid email address.")
	}
	return nil
}

func (tx *Tx) JoinWaitlist(email string, quiet bool) WaitlistEntry {
	if w := tx.Waitlist[email]; w != nil {
		return *w
	}
	w := &WaitlistEntry{ID: tx.IDs.Next("wle"), Email: email, Status: WaitPending, Created: tx.Made()}
	w.UpdatedAt = w.Created.At
	tx.Waitlist[email] = w
	Emit(tx, "waitlistEntry.created", w)
	if !quiet {
		tx.Send(Message{Channel: "email", To: email, Template: "waitlist_confirmation"})
	}
	return *w
}

// Waiting finds an entry by its id.
func (tx *Tx) Waiting(id string) (*WaitlistEntry, error) {
	for _, w := range tx.Waitlist {
		if w.ID == id {
			return w, nil
		}
	}
	return nil, refusal.NotFound("waitlist entry with id " + refusal.Quoted(id))
}

// SetWaiting changes the status of an entry.
func (tx *Tx) SetWaiting(w *WaitlistEntry, status string) {
	w.Status, w.UpdatedAt = status, tx.Now()
	Emit(tx, "waitlistEntry.updated", w)
}

// LetIn completes the waitlist entries of somebody who has an account now.
func (tx *Tx) LetIn(u *User) {
	for _, i := range u.EmailList {
		if w := tx.Waitlist[i.Value]; w != nil && w.Status != WaitCompleted {
			tx.SetWaiting(w, WaitCompleted)
		}
	}
}

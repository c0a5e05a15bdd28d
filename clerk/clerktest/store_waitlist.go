package clerktest

import (
	"time"
)

// States of a waitlist entry.
const (
	waitPending   = "pending"
	waitInvited   = "invited"
	waitRejected  = "rejected"
	waitCompleted = "completed"
)

// waitlistEntry is somebody who waits to be let in.
type waitlistEntry struct {
	ID, Email, Status string
	InvitationID      string
	InvitedAt         time.Time
	Created           made
	UpdatedAt         time.Time
}

// joinWaitlist puts an address on the waitlist, once, and says so to its owner
// unless quiet.
func (s *store) joinWaitlist(email string, quiet bool) (waitlistEntry, error) {
	return with2(s, func(tx *stateTx) (waitlistEntry, error) {
		email = emailKind.normalize(email)
		if err := validAddress(email); err != nil {
			return waitlistEntry{}, err
		}
		return tx.joinWaitlist(email, quiet), nil
	})
}

func validAddress(email string) error {
	if !validEmail(email) {
		return errParam("email_address", "form_param_format_invalid", "email_address must be a valid email address.")
	}
	return nil
}

func (tx *stateTx) joinWaitlist(email string, quiet bool) waitlistEntry {
	if w := tx.Waitlist[email]; w != nil {
		return *w
	}
	w := &waitlistEntry{ID: tx.ids.next("wle"), Email: email, Status: waitPending, Created: tx.made()}
	w.UpdatedAt = w.Created.At
	tx.Waitlist[email] = w
	emit(tx, "waitlistEntry.created", w)
	if !quiet {
		tx.send(Message{Channel: "email", To: email, Template: "waitlist_confirmation"})
	}
	return *w
}

// waiting finds an entry by its id.
func (tx *stateTx) waiting(id string) (*waitlistEntry, error) {
	for _, w := range tx.Waitlist {
		if w.ID == id {
			return w, nil
		}
	}
	return nil, errNotFound("waitlist entry with id " + quoted(id))
}

// setWaiting changes the status of an entry.
func (tx *stateTx) setWaiting(w *waitlistEntry, status string) {
	w.Status, w.UpdatedAt = status, tx.now()
	emit(tx, "waitlistEntry.updated", w)
}

// letIn completes the waitlist entries of somebody who has an account now.
func (tx *stateTx) letIn(u *user) {
	for _, i := range u.EmailList {
		if w := tx.Waitlist[i.Value]; w != nil && w.Status != waitCompleted {
			tx.setWaiting(w, waitCompleted)
		}
	}
}

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
	s.mu.Lock()
	defer s.mu.Unlock()
	email = emailKind.normalize(email)
	if err := validAddress(email); err != nil {
		return waitlistEntry{}, err
	}
	return s.joinWaitlistLocked(email, quiet), nil
}

func validAddress(email string) error {
	if !validEmail(email) {
		return errParam("email_address", "form_param_format_invalid", "email_address must be a valid email address.")
	}
	return nil
}

func (s *store) joinWaitlistLocked(email string, quiet bool) waitlistEntry {
	if w := s.Waitlist[email]; w != nil {
		return *w
	}
	w := &waitlistEntry{ID: s.ids.next("wle"), Email: email, Status: waitPending, Created: s.madeLocked()}
	w.UpdatedAt = w.Created.At
	s.Waitlist[email] = w
	emitLocked(s, "waitlistEntry.created", w)
	if !quiet {
		s.sendLocked(Message{Channel: "email", To: email, Template: "waitlist_confirmation"})
	}
	return *w
}

// waitingLocked finds an entry by its id.
func (s *store) waitingLocked(id string) (*waitlistEntry, error) {
	for _, w := range s.Waitlist {
		if w.ID == id {
			return w, nil
		}
	}
	return nil, errNotFound("waitlist entry with id " + quoted(id))
}

// setWaitingLocked changes the status of an entry.
func (s *store) setWaitingLocked(w *waitlistEntry, status string) {
	w.Status, w.UpdatedAt = status, s.now()
	emitLocked(s, "waitlistEntry.updated", w)
}

// letInLocked completes the waitlist entries of somebody who has an account now.
func (s *store) letInLocked(u *user) {
	for _, i := range u.EmailList {
		if w := s.Waitlist[i.Value]; w != nil && w.Status != waitCompleted {
			s.setWaitingLocked(w, waitCompleted)
		}
	}
}

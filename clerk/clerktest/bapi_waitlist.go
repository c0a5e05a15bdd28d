package clerktest

import (
	"cmp"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type waitlistResource struct {
	Object       string                         `json:"object"`
	ID           string                         `json:"id"`
	EmailAddress string                         `json:"email_address"`
	Status       string                         `json:"status"`
	IsLocked     bool                           `json:"is_locked"`
	Invitation   *applicationInvitationResource `json:"invitation"`
	CreatedAt    int64                          `json:"created_at"`
	UpdatedAt    int64                          `json:"updated_at"`
}

func (e *Emulator) waitlistResource(w *state.WaitlistEntry) *waitlistResource {
	r := &waitlistResource{
		Object: "waitlist_entry", ID: w.ID, EmailAddress: w.Email, Status: w.Status, CreatedAt: millis(w.Created.At), UpdatedAt: millis(w.UpdatedAt),
	}
	var i *state.Invitation
	e.store.View(func(tx *state.Tx) {
		i = state.CloneOf(tx.Invitations[w.InvitationID])
	})
	if i != nil {
		r.Invitation = e.applicationInvitation(i)
	}
	return r
}

var waitlistOrder = map[string]func(a, b *state.WaitlistEntry) int{
	"created_at":    func(a, b *state.WaitlistEntry) int { return a.Created.Compare(b.Created) },
	"email_address": func(a, b *state.WaitlistEntry) int { return compareText(a.Email, b.Email) },
	"invited_at": func(a, b *state.WaitlistEntry) int {
		return cmp.Or(a.InvitedAt.Compare(b.InvitedAt), a.Created.Compare(b.Created))
	},
}

func (e *Emulator) listWaitlist(c *call) error {
	query := c.r.URL.Query()
	status, text := query.Get("status"), query.Get("query")
	if status != "" && !slices.Contains([]string{state.WaitPending, state.WaitInvited, state.WaitRejected, state.WaitCompleted}, status) {
		return refusal.Param("status", "form_param_value_invalid", refusal.Quoted(status)+" does not match one of the allowed values for parameter status")
	}
	var all []state.WaitlistEntry
	e.store.View(func(tx *state.Tx) {
		all = state.List(tx.Waitlist, func(w *state.WaitlistEntry) state.Made { return w.Created }, func(w *state.WaitlistEntry) bool {
			return (status == "" || w.Status == status) && (text == "" || holds(text, w.Email, w.ID))
		})
	})
	if err := order(all, query, waitlistOrder); err != nil {
		return err
	}
	total := len(all)
	all, err := page(all, query)
	if err != nil {
		return err
	}
	out := make([]*waitlistResource, len(all))
	for i := range all {
		out[i] = e.waitlistResource(&all[i])
	}
	c.note("waitlist")
	return c.ok(map[string]any{"data": out, "total_count": total})
}

type waitlistInput struct {
	Email  field[string] `json:"email_address"`
	Notify field[bool]   `json:"notify"`
}

// wait puts all on the waitlist, or none.
func (e *Emulator) wait(in []waitlistInput) ([]state.WaitlistEntry, error) {
	seen := map[string]bool{}
	for i := range in {
		if in[i].Email.Value == "" {
			return nil, refusal.Missing("email_address")
		}
		email := state.EmailKind.Normalize(in[i].Email.Value)
		if err := state.ValidAddress(email); err != nil {
			return nil, err
		}
		if seen[email] {
			return nil, refusal.Param("email_address", "form_param_duplicate", "email_address included multiple times. There should only be one.")
		}
		seen[email], in[i].Email.Value = true, email
	}
	return state.With2(e.store, func(tx *state.Tx) ([]state.WaitlistEntry, error) {
		out := make([]state.WaitlistEntry, len(in))
		for i := range in {
			quiet := in[i].Notify.Set && !in[i].Notify.Null && !in[i].Notify.Value
			out[i] = tx.JoinWaitlist(in[i].Email.Value, quiet)
		}
		return out, nil
	})
}

func (e *Emulator) createWaitlistEntry(c *call) error {
	var in waitlistInput
	if err := c.decode(&in); err != nil {
		return err
	}
	made, err := e.wait([]waitlistInput{in})
	if err != nil {
		return err
	}
	c.note("put on the waitlist")
	return c.ok(e.waitlistResource(&made[0]))
}

// maxBulkWaitlist is how many CreateBulkWaitlistEntries takes.
const maxBulkWaitlist = 50

func (e *Emulator) createWaitlistEntries(c *call) error {
	var in []waitlistInput
	if err := c.decode(&in); err != nil {
		return err
	}
	if len(in) > maxBulkWaitlist {
		return refusal.BadRequest("bulk_size_exceeded", "Parameters exceed the maximum allowed bulk processing size of 50.")
	}
	made, err := e.wait(in)
	if err != nil {
		return err
	}
	out := make([]*waitlistResource, len(made))
	for i := range made {
		out[i] = e.waitlistResource(&made[i])
	}
	c.note("put on the waitlist")
	return c.ok(out)
}

// onWaiting works on the entry of the path.
func (e *Emulator) onWaiting(c *call, work func(s *state.Tx, w *state.WaitlistEntry) error) (state.WaitlistEntry, error) {
	return state.With2(e.store, func(tx *state.Tx) (state.WaitlistEntry, error) {
		w, err := tx.Waiting(c.param(0))
		if err != nil {
			return state.WaitlistEntry{}, err
		}
		c.note(c.route.operation)
		err = work(tx, w)
		return *w, err
	})
}

func errNotWaiting(w *state.WaitlistEntry) *refusal.Error {
	return &refusal.Error{Kind: refusal.KindConflict, Code: "conflict", Message: "Conflict", Long: "The waitlist entry is " + w.Status + ".", Param: "", Meta: nil}
}

func (e *Emulator) deleteWaitlistEntry(c *call) error {
	w, err := e.onWaiting(c, func(tx *state.Tx, w *state.WaitlistEntry) error {
		if w.Status != state.WaitPending {
			return errNotWaiting(w)
		}
		delete(tx.Waitlist, w.Email)
		return nil
	})
	if err != nil {
		return err
	}
	return c.ok(deletedResource{Object: "waitlist_entry", ID: w.ID, Deleted: true})
}

func (e *Emulator) inviteWaitlistEntry(c *call) error {
	var in struct {
		Existing field[bool] `json:"ignore_existing"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	w, err := e.onWaiting(c, func(tx *state.Tx, w *state.WaitlistEntry) error {
		if w.Status == state.WaitCompleted || w.Status == state.WaitInvited && !in.Existing.Value {
			return errNotWaiting(w)
		}
		made, err := e.inviteAll(tx, []state.ApplicationInvitation{{
			Invitation: state.Invitation{Email: w.Email}, Template: "waitlist_invitation", Again: in.Existing.Value, Claimed: in.Existing.Value,
		}})
		if err != nil {
			return err
		}
		w.InvitationID, w.InvitedAt = made[0].ID, tx.Now()
		tx.SetWaiting(w, state.WaitInvited)
		return nil
	})
	if err != nil {
		return err
	}
	return c.ok(e.waitlistResource(&w))
}

// rejectWaitlistEntry takes an invitation back that is still open.
func (e *Emulator) rejectWaitlistEntry(c *call) error {
	w, err := e.onWaiting(c, func(tx *state.Tx, w *state.WaitlistEntry) error {
		if w.Status == state.WaitCompleted || w.Status == state.WaitRejected {
			return errNotWaiting(w)
		}
		if i := tx.Invitations[w.InvitationID]; i != nil && i.State(tx.Now()) == state.InvitePending {
			tx.Revoke(i)
		}
		tx.SetWaiting(w, state.WaitRejected)
		return nil
	})
	if err != nil {
		return err
	}
	return c.ok(e.waitlistResource(&w))
}

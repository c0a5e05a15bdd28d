package people

import (
	"cmp"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type WaitlistResource struct {
	Object       string                         `json:"object"`
	ID           string                         `json:"id"`
	EmailAddress string                         `json:"email_address"`
	Status       string                         `json:"status"`
	IsLocked     bool                           `json:"is_locked"`
	Invitation   *applicationInvitationResource `json:"invitation"`
	CreatedAt    int64                          `json:"created_at"`
	UpdatedAt    int64                          `json:"updated_at"`
}

func (e *API) WaitlistResource(w *state.WaitlistEntry) *WaitlistResource {
	r := &WaitlistResource{
		Object: "waitlist_entry", ID: w.ID, EmailAddress: w.Email, Status: w.Status, CreatedAt: wire.Millis(w.Created.At), UpdatedAt: wire.Millis(w.UpdatedAt),
	}
	var i *state.Invitation
	e.Store.View(func(tx *state.Tx) {
		i = state.CloneOf(tx.Invitations[w.InvitationID])
	})
	if i != nil {
		r.Invitation = e.ApplicationInvitation(i)
	}
	return r
}

var waitlistOrder = map[string]func(a, b *state.WaitlistEntry) int{
	"created_at":    func(a, b *state.WaitlistEntry) int { return a.Created.Compare(b.Created) },
	"email_address": func(a, b *state.WaitlistEntry) int { return wire.CompareText(a.Email, b.Email) },
	"invited_at": func(a, b *state.WaitlistEntry) int {
		return cmp.Or(a.InvitedAt.Compare(b.InvitedAt), a.Created.Compare(b.Created))
	},
}

func (e *API) listWaitlist(c *wire.Call) error {
	query := c.R.URL.Query()
	status, text := query.Get("status"), query.Get("query")
	if status != "" && !slices.Contains([]string{state.WaitPending, state.WaitInvited, state.WaitRejected, state.WaitCompleted}, status) {
		return refusal.Param("status", "form_param_value_invalid", refusal.Quoted(status)+" does not match one of the allowed values for parameter status")
	}
	var all []state.WaitlistEntry
	e.Store.View(func(tx *state.Tx) {
		all = state.List(tx.Waitlist, func(w *state.WaitlistEntry) state.Made { return w.Created }, func(w *state.WaitlistEntry) bool {
			return (status == "" || w.Status == status) && (text == "" || wire.Holds(text, w.Email, w.ID))
		})
	})
	if err := wire.Order(all, query, waitlistOrder); err != nil {
		return err
	}
	total := len(all)
	all, err := wire.Page(all, query)
	if err != nil {
		return err
	}
	out := make([]*WaitlistResource, len(all))
	for i := range all {
		out[i] = e.WaitlistResource(&all[i])
	}
	c.Note("waitlist")
	return c.OK(map[string]any{"data": out, "total_count": total})
}

type waitlistInput struct {
	Email  wire.Field[string] `json:"email_address"`
	Notify wire.Field[bool]   `json:"notify"`
}

// wait puts all on the waitlist, or none.
func (e *API) wait(in []waitlistInput) ([]state.WaitlistEntry, error) {
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
	return state.With2(e.Store, func(tx *state.Tx) ([]state.WaitlistEntry, error) {
		out := make([]state.WaitlistEntry, len(in))
		for i := range in {
			quiet := in[i].Notify.Set && !in[i].Notify.Null && !in[i].Notify.Value
			out[i] = tx.JoinWaitlist(in[i].Email.Value, quiet)
		}
		return out, nil
	})
}

func (e *API) createWaitlistEntry(c *wire.Call) error {
	var in waitlistInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	made, err := e.wait([]waitlistInput{in})
	if err != nil {
		return err
	}
	c.Note("put on the waitlist")
	return c.OK(e.WaitlistResource(&made[0]))
}

// maxBulkWaitlist is how many CreateBulkWaitlistEntries takes.
const maxBulkWaitlist = 50

func (e *API) createWaitlistEntries(c *wire.Call) error {
	var in []waitlistInput
	if err := c.Decode(&in); err != nil {
		return err
	}
	if len(in) > maxBulkWaitlist {
		return refusal.BadRequest("bulk_size_exceeded", "Parameters exceed the maximum allowed bulk processing size of 50.")
	}
	made, err := e.wait(in)
	if err != nil {
		return err
	}
	out := make([]*WaitlistResource, len(made))
	for i := range made {
		out[i] = e.WaitlistResource(&made[i])
	}
	c.Note("put on the waitlist")
	return c.OK(out)
}

// onWaiting works on the entry of the path.
func (e *API) onWaiting(c *wire.Call, work func(s *state.Tx, w *state.WaitlistEntry) error) (state.WaitlistEntry, error) {
	return state.With2(e.Store, func(tx *state.Tx) (state.WaitlistEntry, error) {
		w, err := tx.Waiting(c.Param(0))
		if err != nil {
			return state.WaitlistEntry{}, err
		}
		c.Note(c.Operation)
		err = work(tx, w)
		return *w, err
	})
}

func errNotWaiting(w *state.WaitlistEntry) *refusal.Error {
	return &refusal.Error{Kind: refusal.KindConflict, Code: "conflict", Message: "Conflict", Long: "The waitlist entry is " + w.Status + ".", Param: "", Meta: nil}
}

func (e *API) deleteWaitlistEntry(c *wire.Call) error {
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
	return c.OK(answers.DeletedResource{Object: "waitlist_entry", ID: w.ID, Deleted: true})
}

func (e *API) inviteWaitlistEntry(c *wire.Call) error {
	var in struct {
		Existing wire.Field[bool] `json:"ignore_existing"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	w, err := e.onWaiting(c, func(tx *state.Tx, w *state.WaitlistEntry) error {
		if w.Status == state.WaitCompleted || w.Status == state.WaitInvited && !in.Existing.Value {
			return errNotWaiting(w)
		}
		made, err := e.InviteAll(tx, []state.ApplicationInvitation{{
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
	return c.OK(e.WaitlistResource(&w))
}

// rejectWaitlistEntry takes an invitation back that is still open.
func (e *API) rejectWaitlistEntry(c *wire.Call) error {
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
	return c.OK(e.WaitlistResource(&w))
}

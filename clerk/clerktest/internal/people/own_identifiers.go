package people

import (
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// maxIdentifications bounds what one user may have of a kind.
const maxIdentifications = 100

// answer describes an identification of a user.
func (e *API) identificationAnswer(k *state.IdentificationKind, id string) func(*state.User) any {
	return func(u *state.User) any {
		i := state.FindIdentification(*k.List(u), id)
		if i == nil {
			return nil
		}
		if k == state.PhoneKind {
			return e.answers.PhoneResource(i)
		}
		return e.answers.EmailResource(u, i)
	}
}

// listIdentifications answers with the bare list: no other operation on identifiers
// does.
func (e *API) listIdentifications(c *wire.Call, k *state.IdentificationKind) error {
	_, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	out := []any{}
	for _, i := range *k.List(&s.User) {
		out = append(out, e.identificationAnswer(k, i.ID)(&s.User))
	}
	c.Note("own account: " + c.Operation)
	return c.OK(out)
}

func (e *API) createIdentification(c *wire.Call, k *state.IdentificationKind) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		if err := e.sessions.Fresh(s); err != nil {
			return nil, err
		}
		value := k.Normalize(form.Get(k.Param))
		if value == "" {
			return nil, refusal.Missing(k.Param)
		}
		if err := k.Check(tx, value); err != nil {
			return nil, err
		}
		for _, i := range *k.List(u) {
			if i.Value == value {
				return nil, refusal.Taken(k.Param)
			}
		}
		if len(*k.List(u)) >= maxIdentifications {
			return nil, refusal.BadRequest("identification_quota_exceeded", "This user has too many of these.")
		}
		i := tx.AddIdentification(u, k, value, state.Verification{Status: state.Unverified})
		if form.Get("reserved_for_second_factor") == "true" {
			tx.ChangeIdentification(u, k, i.ID, func(i *state.Identification) bool {
				i.SecondFactor = true
				return true
			})
		}
		return e.identificationAnswer(k, i.ID), nil
	})
}

// onIdentification works on the user's address or number of the path.
func (e *API) onIdentification(c *wire.Call, k *state.IdentificationKind, work func(tx *state.Tx, s *state.SessionState, u *state.User, i state.Identification, form url.Values) error) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		i := state.FindIdentification(*k.List(u), c.Param(0))
		if i == nil {
			return nil, refusal.NotFound(k.Param + " with id " + refusal.Quoted(c.Param(0)))
		}
		if err := work(tx, s, u, *i, form); err != nil {
			return nil, err
		}
		return e.identificationAnswer(k, i.ID), nil
	})
}

func (e *API) getIdentification(c *wire.Call, k *state.IdentificationKind) error {
	return e.onIdentification(c, k, func(*state.Tx, *state.SessionState, *state.User, state.Identification, url.Values) error { return nil })
}

func (e *API) deleteIdentification(c *wire.Call, k *state.IdentificationKind) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, _ url.Values) (func(*state.User) any, error) {
		if err := e.sessions.Fresh(s); err != nil {
			return nil, err
		}
		i := state.FindIdentification(*k.List(u), c.Param(0))
		if i == nil {
			return nil, refusal.NotFound(k.Param + " with id " + refusal.Quoted(c.Param(0)))
		}
		id := i.ID
		if i.Usable() && len(state.UsableOnly(u.EmailList))+len(state.UsableOnly(u.PhoneList)) == 1 && u.Username == "" {
			return nil, refusal.BadRequest("identification_deletion_failed", "You cannot delete your last identification.")
		}
		tx.ChangeIdentification(u, k, id, func(*state.Identification) bool { return false })
		noteSecondFactor(tx, u)
		return answers.Deleted(k.Param, id), nil
	})
}

// ownProof is what strategies need to verify an address of a user's own.
func (e *API) ownProof(tx *state.Tx, u *state.User, k *state.IdentificationKind, i *state.Identification, form url.Values) *strategies.Proof {
	p := &strategies.Proof{
		E: e.strategies, Tx: tx, User: u, Form: form, V: &i.Proof, Purpose: state.TargetEmail, Target: state.LinkTarget{Kind: state.TargetEmail, ID: u.ID, Item: i.ID},
	}
	// The id is in the path here; a parameter does not say another.
	form.Del("email_address_id")
	form.Del("phone_number_id")
	if k == state.PhoneKind {
		p.Phones = []state.Identification{*i}
	} else {
		p.Emails = []state.Identification{*i}
	}
	return p
}

// verifies allows the strategies that verify an address of the kind.
func verifies(k *state.IdentificationKind) func(*strategies.Strategy) bool {
	return func(s *strategies.Strategy) bool {
		if k == state.PhoneKind {
			return s == strategies.PhoneCodeStrategy
		}
		return s == strategies.EmailCodeStrategy || s == strategies.EmailLinkStrategy
	}
}

func (e *API) prepareIdentification(c *wire.Call, k *state.IdentificationKind) error {
	return e.onIdentification(c, k, func(tx *state.Tx, _ *state.SessionState, u *state.User, i state.Identification, form url.Values) error {
		if i.Verified() {
			return refusal.BadRequest("verification_already_verified", "This verification has already been verified.")
		}
		if form.Get("strategy") == "" && k == state.PhoneKind {
			form.Set("strategy", strategies.PhoneCodeStrategy.Name)
		}
		if _, err := e.ownProof(tx, u, k, &i, form).Prepare(verifies(k)); err != nil {
			return err
		}
		e.keepProof(tx, u, k, &i)
		return nil
	})
}

func (e *API) attemptIdentification(c *wire.Call, k *state.IdentificationKind) error {
	return e.onIdentification(c, k, func(tx *state.Tx, _ *state.SessionState, u *state.User, i state.Identification, form url.Values) error {
		if i.Proof.Strategy == "" {
			return refusal.NoVerification()
		}
		form.Set("strategy", i.Proof.Strategy)
		_, problem := e.ownProof(tx, u, k, &i, form).Attempt(verifies(k))
		if problem != nil {
			e.keepProof(tx, u, k, &i) // the attempt counts
			return problem
		}
		if owner := k.Taken(tx)[i.Value]; owner != "" && owner != u.ID {
			return refusal.Taken(k.Param)
		}
		e.keepProof(tx, u, k, &i)
		tx.OfferDomains(u)
		return nil
	})
}

func (e *API) keepProof(tx *state.Tx, u *state.User, k *state.IdentificationKind, i *state.Identification) {
	tx.ChangeIdentification(u, k, i.ID, func(kept *state.Identification) bool {
		kept.Proof = i.Proof
		return true
	})
	noteSecondFactor(tx, u)
}

// updatePhone reserves a number for the second factor, or makes it the one that
// is offered first.
func (e *API) updatePhone(c *wire.Call) error {
	return e.onIdentification(c, state.PhoneKind, func(tx *state.Tx, _ *state.SessionState, u *state.User, i state.Identification, form url.Values) error {
		if form.Get("reserved_for_second_factor") == "true" && !i.Verified() {
			return refusal.BadRequest("phone_number_not_verified", "Verify the phone number first.")
		}
		if form.Get("default_second_factor") == "true" {
			for _, other := range u.PhoneList {
				tx.ChangeIdentification(u, state.PhoneKind, other.ID, func(o *state.Identification) bool {
					o.DefaultPhone = false
					return true
				})
			}
		}
		tx.ChangeIdentification(u, state.PhoneKind, i.ID, func(i *state.Identification) bool {
			if form.Has("reserved_for_second_factor") {
				i.SecondFactor = form.Get("reserved_for_second_factor") == "true"
			}
			if form.Has("default_second_factor") {
				i.DefaultPhone = form.Get("default_second_factor") == "true"
			}
			return true
		})
		noteSecondFactor(tx, u)
		return nil
	})
}

// noteSecondFactor remembers when a second factor came, which sessions may
// have waited for, and when the last one went, and backup codes with it. Neither
// time is forgotten.
func noteSecondFactor(tx *state.Tx, u *state.User) {
	has := u.HasSecondFactor()
	if has {
		tx.FinishTasks(u, state.TaskSetupMFA)
	}
	switch {
	case has && !u.MFAOn:
		u.MFAOn, u.MFAEnabledAt = true, tx.Now()
	case !has && u.MFAOn:
		u.MFAOn, u.MFADisabledAt = false, tx.Now()
		u.BackupCodes = nil // they are for those who lost the other one
	}
}

func (e *API) listEmails(c *wire.Call) error { return e.listIdentifications(c, state.EmailKind) }

func (e *API) createEmail(c *wire.Call) error { return e.createIdentification(c, state.EmailKind) }

func (e *API) getEmail(c *wire.Call) error { return e.getIdentification(c, state.EmailKind) }

func (e *API) deleteEmail(c *wire.Call) error { return e.deleteIdentification(c, state.EmailKind) }

func (e *API) prepareEmail(c *wire.Call) error {
	return e.prepareIdentification(c, state.EmailKind)
}

func (e *API) attemptEmail(c *wire.Call) error {
	return e.attemptIdentification(c, state.EmailKind)
}

func (e *API) listPhones(c *wire.Call) error { return e.listIdentifications(c, state.PhoneKind) }

func (e *API) createPhone(c *wire.Call) error { return e.createIdentification(c, state.PhoneKind) }

func (e *API) getPhone(c *wire.Call) error { return e.getIdentification(c, state.PhoneKind) }

func (e *API) deletePhone(c *wire.Call) error { return e.deleteIdentification(c, state.PhoneKind) }

func (e *API) preparePhone(c *wire.Call) error {
	return e.prepareIdentification(c, state.PhoneKind)
}

func (e *API) attemptPhone(c *wire.Call) error {
	return e.attemptIdentification(c, state.PhoneKind)
}

package clerktest

import (
	"net/url"
)

// maxIdentifications bounds what one user may have of a kind.
const maxIdentifications = 100

// answer describes an identification of a user.
func (e *Emulator) identificationAnswer(k *identificationKind, id string) func(*user) any {
	return func(u *user) any {
		i := findIdentification(*k.list(u), id)
		if i == nil {
			return nil
		}
		if k == phoneKind {
			return e.phoneResource(i)
		}
		return e.emailResource(u, i)
	}
}

// listIdentifications answers with the bare list: no other operation on identifiers
// does.
func (e *Emulator) listIdentifications(c *call, k *identificationKind) error {
	_, s, err := e.me(c)
	if err != nil {
		return err
	}
	out := []any{}
	for _, i := range *k.list(&s.user) {
		out = append(out, e.identificationAnswer(k, i.ID)(&s.user))
	}
	c.note("own account: " + c.route.operation)
	return c.ok(out)
}

func (e *Emulator) createIdentification(c *call, k *identificationKind) error {
	return e.onMe(c, func(tx *stateTx, s *sessionState, u *user, form url.Values) (func(*user) any, error) {
		if err := e.fresh(s); err != nil {
			return nil, err
		}
		value := k.normalize(form.Get(k.param))
		if value == "" {
			return nil, errMissing(k.param)
		}
		if err := k.check(tx, value); err != nil {
			return nil, err
		}
		for _, i := range *k.list(u) {
			if i.Value == value {
				return nil, errTaken(k.param)
			}
		}
		if len(*k.list(u)) >= maxIdentifications {
			return nil, errBadRequest("identification_quota_exceeded", "This user has too many of these.")
		}
		i := tx.addIdentification(u, k, value, verification{Status: unverified})
		if form.Get("reserved_for_second_factor") == "true" {
			tx.changeIdentification(u, k, i.ID, func(i *identification) bool {
				i.SecondFactor = true
				return true
			})
		}
		return e.identificationAnswer(k, i.ID), nil
	})
}

// onIdentification works on the user's address or number of the path.
func (e *Emulator) onIdentification(c *call, k *identificationKind, work func(tx *stateTx, s *sessionState, u *user, i identification, form url.Values) error) error {
	return e.onMe(c, func(tx *stateTx, s *sessionState, u *user, form url.Values) (func(*user) any, error) {
		i := findIdentification(*k.list(u), c.param(0))
		if i == nil {
			return nil, errNotFound(k.param + " with id " + quoted(c.param(0)))
		}
		if err := work(tx, s, u, *i, form); err != nil {
			return nil, err
		}
		return e.identificationAnswer(k, i.ID), nil
	})
}

func (e *Emulator) getIdentification(c *call, k *identificationKind) error {
	return e.onIdentification(c, k, func(*stateTx, *sessionState, *user, identification, url.Values) error { return nil })
}

func (e *Emulator) deleteIdentification(c *call, k *identificationKind) error {
	return e.onMe(c, func(tx *stateTx, s *sessionState, u *user, _ url.Values) (func(*user) any, error) {
		if err := e.fresh(s); err != nil {
			return nil, err
		}
		i := findIdentification(*k.list(u), c.param(0))
		if i == nil {
			return nil, errNotFound(k.param + " with id " + quoted(c.param(0)))
		}
		id := i.ID
		if i.usable() && len(usableOnly(u.EmailList))+len(usableOnly(u.PhoneList)) == 1 && u.Username == "" {
			return nil, errBadRequest("identification_deletion_failed", "You cannot delete your last identification.")
		}
		tx.changeIdentification(u, k, id, func(*identification) bool { return false })
		tx.noteSecondFactor(u)
		return deleted(k.param, id), nil
	})
}

// ownProof is what strategies need to verify an address of a user's own.
func (e *Emulator) ownProof(tx *stateTx, u *user, k *identificationKind, i *identification, form url.Values) *proof {
	p := &proof{
		e: e, tx: tx, user: u, form: form, v: &i.Proof, purpose: targetEmail, target: linkTarget{Kind: targetEmail, ID: u.ID, Item: i.ID},
	}
	// The id is in the path here; a parameter does not say another.
	form.Del("email_address_id")
	form.Del("phone_number_id")
	if k == phoneKind {
		p.phones = []identification{*i}
	} else {
		p.emails = []identification{*i}
	}
	return p
}

// verifies allows the strategies that verify an address of the kind.
func verifies(k *identificationKind) func(*strategy) bool {
	return func(s *strategy) bool {
		if k == phoneKind {
			return s == phoneCodeStrategy
		}
		return s == emailCodeStrategy || s == emailLinkStrategy
	}
}

func (e *Emulator) prepareIdentification(c *call, k *identificationKind) error {
	return e.onIdentification(c, k, func(tx *stateTx, _ *sessionState, u *user, i identification, form url.Values) error {
		if i.verified() {
			return errBadRequest("verification_already_verified", "This verification has already been verified.")
		}
		if form.Get("strategy") == "" && k == phoneKind {
			form.Set("strategy", phoneCodeStrategy.name)
		}
		if _, err := e.ownProof(tx, u, k, &i, form).prepare(verifies(k)); err != nil {
			return err
		}
		e.keepProof(tx, u, k, &i)
		return nil
	})
}

func (e *Emulator) attemptIdentification(c *call, k *identificationKind) error {
	return e.onIdentification(c, k, func(tx *stateTx, _ *sessionState, u *user, i identification, form url.Values) error {
		if i.Proof.Strategy == "" {
			return errNoVerification()
		}
		form.Set("strategy", i.Proof.Strategy)
		_, problem := e.ownProof(tx, u, k, &i, form).attempt(verifies(k))
		if problem != nil {
			e.keepProof(tx, u, k, &i) // the attempt counts
			return problem
		}
		if owner := k.taken(tx)[i.Value]; owner != "" && owner != u.ID {
			return errTaken(k.param)
		}
		e.keepProof(tx, u, k, &i)
		tx.offerDomains(u)
		return nil
	})
}

func (e *Emulator) keepProof(tx *stateTx, u *user, k *identificationKind, i *identification) {
	tx.changeIdentification(u, k, i.ID, func(kept *identification) bool {
		kept.Proof = i.Proof
		return true
	})
	tx.noteSecondFactor(u)
}

// updatePhone reserves a number for the second factor, or makes it the one that
// is offered first.
func (e *Emulator) updatePhone(c *call) error {
	return e.onIdentification(c, phoneKind, func(tx *stateTx, _ *sessionState, u *user, i identification, form url.Values) error {
		if form.Get("reserved_for_second_factor") == "true" && !i.verified() {
			return errBadRequest("phone_number_not_verified", "Verify the phone number first.")
		}
		if form.Get("default_second_factor") == "true" {
			for _, other := range u.PhoneList {
				tx.changeIdentification(u, phoneKind, other.ID, func(o *identification) bool {
					o.DefaultPhone = false
					return true
				})
			}
		}
		tx.changeIdentification(u, phoneKind, i.ID, func(i *identification) bool {
			if form.Has("reserved_for_second_factor") {
				i.SecondFactor = form.Get("reserved_for_second_factor") == "true"
			}
			if form.Has("default_second_factor") {
				i.DefaultPhone = form.Get("default_second_factor") == "true"
			}
			return true
		})
		tx.noteSecondFactor(u)
		return nil
	})
}

// noteSecondFactor remembers when a second factor came, which sessions may
// have waited for, and when the last one went, and backup codes with it. Neither
// time is forgotten.
func (tx *stateTx) noteSecondFactor(u *user) {
	has := u.hasSecondFactor()
	if has {
		tx.finishTasks(u, taskSetupMFA)
	}
	switch {
	case has && !u.MFAOn:
		u.MFAOn, u.MFAEnabledAt = true, tx.now()
	case !has && u.MFAOn:
		u.MFAOn, u.MFADisabledAt = false, tx.now()
		u.BackupCodes = nil // they are for those who lost the other one
	}
}

func (e *Emulator) listEmails(c *call) error   { return e.listIdentifications(c, emailKind) }
func (e *Emulator) createEmail(c *call) error  { return e.createIdentification(c, emailKind) }
func (e *Emulator) getEmail(c *call) error     { return e.getIdentification(c, emailKind) }
func (e *Emulator) deleteEmail(c *call) error  { return e.deleteIdentification(c, emailKind) }
func (e *Emulator) prepareEmail(c *call) error { return e.prepareIdentification(c, emailKind) }
func (e *Emulator) attemptEmail(c *call) error { return e.attemptIdentification(c, emailKind) }
func (e *Emulator) listPhones(c *call) error   { return e.listIdentifications(c, phoneKind) }
func (e *Emulator) createPhone(c *call) error  { return e.createIdentification(c, phoneKind) }
func (e *Emulator) getPhone(c *call) error     { return e.getIdentification(c, phoneKind) }
func (e *Emulator) deletePhone(c *call) error  { return e.deleteIdentification(c, phoneKind) }
func (e *Emulator) preparePhone(c *call) error { return e.prepareIdentification(c, phoneKind) }
func (e *Emulator) attemptPhone(c *call) error { return e.attemptIdentification(c, phoneKind) }

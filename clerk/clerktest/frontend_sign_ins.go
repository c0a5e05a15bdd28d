package clerktest

import (
	"net/url"
)

// attemptBrowser recognizes the browser of a sign-in or sign-up, gives it a
// client if it has none, and reads the form.
func (e *Emulator) attemptBrowser(c *call) (browser, url.Values, error) {
	b, err := e.browser(c)
	if err != nil {
		return b, nil, err
	}
	form, err := c.form()
	if err != nil {
		return b, nil, err
	}
	return e.store.ensureClient(b), form, nil
}

// createSignIn starts a sign-in, and goes as far as what was sent suffices: with
// a password or a ticket to its end.
func (e *Emulator) createSignIn(c *call) error {
	b, form, err := e.attemptBrowser(c)
	if err != nil {
		return err
	}
	var a *signInAttempt
	e.store.Apply(func(tx *stateTx) {
		a, err = e.startSignIn(tx, b.clientID, form)
		if err == nil {
			tx.keepSignIn(a)
			a = a.snapshot()
		}
	})
	if err != nil {
		return err
	}
	return e.answerSignIn(c, b, a)
}

func (e *Emulator) answerSignIn(c *call, b browser, a *signInAttempt) error {
	c.note("sign-in: " + a.Status)
	if a.Status == statusComplete {
		c.note("signed in as " + a.UserID)
	}
	return e.answerWrapped(c, b.clientID, e.signInResource(a))
}

func (e *Emulator) startSignIn(tx *stateTx, clientID string, form url.Values) (*signInAttempt, error) {
	if !tx.Settings.MultiSession && len(tx.clientSessions(clientID)) > 0 {
		return nil, errSessionExists()
	}
	a := tx.newSignIn(clientID)
	name := form.Get("strategy")
	switch {
	case form.Get("transfer") == "true":
		return a, tx.transferToSignIn(a)
	case name == ticketStrategy.name || name == "" && form.Get("ticket") != "":
		return a, tx.signInByTicket(a, form.Get("ticket"))
	case providerOf(name) != "":
		p := a.proof(e, tx, &user{}, false)
		p.form = form
		if _, err := p.prepare(func(*strategy) bool { return true }); err != nil {
			return nil, err
		}
		return a, nil
	}
	if name != "" && strategyOf(name) == nil {
		return nil, errParam("strategy", "form_param_value_invalid", quoted(name)+" is not a strategy that the emulator has")
	}
	if form.Get("identifier") == "" {
		if name != "" || form.Get("password") != "" {
			return nil, errParam("identifier", "form_param_nil", "Enter email address.")
		}
		return a, nil
	}
	if err := tx.identify(a, form.Get("identifier")); err != nil {
		return nil, err
	}
	switch {
	case form.Get("password") != "" || name == passwordStrategy.name:
		form.Set("strategy", passwordStrategy.name)
		return a, e.attemptFirst(tx, a, form)
	case name != "":
		if err := tx.Users[a.UserID].mayEnter(tx.now()); err != nil {
			return nil, err
		}
		p := a.proof(e, tx, tx.Users[a.UserID], false)
		p.form = form
		if _, err := p.prepare(asFactor(p.user, false)); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// attemptFirst tries a first factor and goes on.
func (e *Emulator) attemptFirst(tx *stateTx, a *signInAttempt, form url.Values) error {
	p := a.proof(e, tx, tx.Users[a.UserID], false)
	p.form = form
	used, err := e.attempt(tx, p, false)
	if err != nil {
		return err
	}
	return tx.advanceSignIn(a, used.resets)
}

// attempt tries a factor of somebody who may sign in at all, and counts the
// attempts that fail.
func (e *Emulator) attempt(tx *stateTx, p *proof, second bool) (*strategy, error) {
	if p.user == nil {
		return nil, errParam("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	if err := p.user.mayEnter(tx.now()); err != nil {
		return nil, err
	}
	used, err := p.attempt(asFactor(p.user, second))
	if err != nil {
		tx.countAttempt(p.user, err)
		return nil, err
	}
	return used, nil
}

// transferToSignIn signs in with the provider's account that a sign-up came
// back with, because its user exists.
func (tx *stateTx) transferToSignIn(a *signInAttempt) error {
	from := tx.SignUps[tx.Clients[a.ClientID].SignUpID]
	if from == nil || from.External == nil || from.External.Status != transferable {
		return errBadRequest("account_transfer_invalid", "There is nothing to transfer to a sign-in.")
	}
	u := tx.userOfProfile(from.Profile)
	if u == nil {
		return errBadRequest("account_transfer_invalid", "There is nothing to transfer to a sign-in.")
	}
	proof := verification{Strategy: from.External.Strategy, Status: verified, ExpireAt: from.External.ExpireAt}
	tx.addAccount(u, from.Profile, proof)
	from.External.Status = verified
	a.First, a.UserID, a.Identifier = &proof, u.ID, from.Profile.Email
	return tx.advanceSignIn(a, false)
}

// onSignIn works on the sign-in of the path, if it is the browser's own.
func (e *Emulator) onSignIn(c *call, work func(tx *stateTx, a *signInAttempt, u *user, form url.Values) error) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	var a *signInAttempt
	e.store.Apply(func(tx *stateTx) {
		a, err = tx.signInAttempt(b.clientID, c.param(0))
		if err == nil {
			u := tx.Users[a.UserID]
			if u == nil {
				u = &user{}
			}
			err = work(tx, a, u, form)
			a = a.snapshot()
		}
	})
	if err != nil {
		return err
	}
	return e.answerSignIn(c, b, a)
}

func (a *signInAttempt) want(status string) error {
	if a.Status != status {
		return errBadRequest("sign_in_state_invalid", "This step does not fit a sign-in that is "+a.Status+".")
	}
	return nil
}

func (e *Emulator) getSignIn(c *call) error {
	return e.onSignIn(c, func(*stateTx, *signInAttempt, *user, url.Values) error { return nil })
}

func (e *Emulator) prepareFirstFactor(c *call) error {
	return e.onSignIn(c, func(tx *stateTx, a *signInAttempt, u *user, form url.Values) error {
		if a.UserID != "" {
			if err := a.want(statusNeedsFirst); err != nil {
				return err
			}
		}
		if err := u.mayEnter(tx.now()); err != nil {
			return err
		}
		p := a.proof(e, tx, u, false)
		p.form = form
		_, err := p.prepare(asFactor(u, false))
		return orNil(err)
	})
}

func (e *Emulator) attemptFirstFactor(c *call) error {
	return e.onSignIn(c, func(tx *stateTx, a *signInAttempt, _ *user, form url.Values) error {
		if form.Get("strategy") == ticketStrategy.name {
			if a.Status == statusComplete {
				return a.want(statusNeedsFirst)
			}
			return tx.signInByTicket(a, form.Get("ticket"))
		}
		if err := a.want(statusNeedsFirst); err != nil {
			return err
		}
		return e.attemptFirst(tx, a, form)
	})
}

func (e *Emulator) prepareSecondFactor(c *call) error {
	return e.onSignIn(c, func(tx *stateTx, a *signInAttempt, u *user, form url.Values) error {
		if err := a.want(statusNeedsSecond); err != nil {
			return err
		}
		if err := u.mayEnter(tx.now()); err != nil {
			return err
		}
		p := a.proof(e, tx, u, true)
		p.form = form
		_, err := p.prepare(asFactor(u, true))
		return orNil(err)
	})
}

func (e *Emulator) attemptSecondFactor(c *call) error {
	return e.onSignIn(c, func(tx *stateTx, a *signInAttempt, u *user, form url.Values) error {
		if err := a.want(statusNeedsSecond); err != nil {
			return err
		}
		p := a.proof(e, tx, u, true)
		p.form = form
		if _, err := e.attempt(tx, p, true); err != nil {
			return err
		}
		return tx.advanceSignIn(a, false)
	})
}

// resetPassword sets the new password of a sign-in that came by a reset code.
func (e *Emulator) resetPassword(c *call) error {
	return e.onSignIn(c, func(tx *stateTx, a *signInAttempt, u *user, form url.Values) error {
		if err := a.want(statusNeedsPassword); err != nil {
			return err
		}
		if err := checkNewPassword("password", form.Get("password")); err != nil {
			return err
		}
		tx.setPassword(u, form.Get("password"))
		if form.Get("sign_out_of_other_sessions") == "true" {
			tx.endSessions(u.ID, "", statusRevoked)
		}
		return tx.advanceSignIn(a, false)
	})
}

// orNil makes a nil *apiError a nil error.
func orNil(err *apiError) error {
	if err == nil {
		return nil
	}
	return err
}

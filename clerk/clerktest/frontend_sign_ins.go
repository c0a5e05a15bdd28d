package clerktest

import (
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// attemptBrowser recognizes the browser of a sign-in or sign-up, gives it a
// client if it has none, and reads the form.
func (e *Emulator) attemptBrowser(c *call) (state.Browser, url.Values, error) {
	b, err := e.browser(c)
	if err != nil {
		return b, nil, err
	}
	form, err := c.form()
	if err != nil {
		return b, nil, err
	}
	return e.store.EnsureClient(b), form, nil
}

// createSignIn starts a sign-in, and goes as far as what was sent suffices: with
// a password or a ticket to its end.
func (e *Emulator) createSignIn(c *call) error {
	b, form, err := e.attemptBrowser(c)
	if err != nil {
		return err
	}
	var a *state.SignInAttempt
	e.store.Apply(func(tx *state.Tx) {
		a, err = e.startSignIn(tx, b.ClientID, form)
		if err == nil {
			tx.KeepSignIn(a)
			a = a.Snapshot()
		}
	})
	if err != nil {
		return err
	}
	return e.answerSignIn(c, b, a)
}

func (e *Emulator) answerSignIn(c *call, b state.Browser, a *state.SignInAttempt) error {
	c.note("sign-in: " + a.Status)
	if a.Status == state.StatusComplete {
		c.note("signed in as " + a.UserID)
	}
	return e.answerWrapped(c, b.ClientID, e.signInResource(a))
}

func (e *Emulator) startSignIn(tx *state.Tx, clientID string, form url.Values) (*state.SignInAttempt, error) {
	if !tx.Settings.MultiSession && len(tx.ClientSessions(clientID)) > 0 {
		return nil, refusal.SessionExists()
	}
	a := tx.NewSignIn(clientID)
	name := form.Get("strategy")
	switch {
	case form.Get("transfer") == "true":
		return a, transferToSignIn(tx, a)
	case name == ticketStrategy.name || name == "" && form.Get("ticket") != "":
		return a, signInByTicket(tx, a, form.Get("ticket"))
	case state.ProviderOf(name) != "":
		p := signInProof(a, e, tx, &state.User{}, false)
		p.form = form
		if _, err := p.prepare(func(*strategy) bool { return true }); err != nil {
			return nil, err
		}
		return a, nil
	}
	if name != "" && strategyOf(name) == nil {
		return nil, refusal.Param("strategy", "form_param_value_invalid", refusal.Quoted(name)+" is not a strategy that the emulator has")
	}
	if form.Get("identifier") == "" {
		if name != "" || form.Get("password") != "" {
			return nil, refusal.Param("identifier", "form_param_nil", "Enter email address.")
		}
		return a, nil
	}
	if err := tx.Identify(a, form.Get("identifier")); err != nil {
		return nil, err
	}
	switch {
	case form.Get("password") != "" || name == passwordStrategy.name:
		form.Set("strategy", passwordStrategy.name)
		return a, e.attemptFirst(tx, a, form)
	case name != "":
		if err := tx.Users[a.UserID].MayEnter(tx.Now()); err != nil {
			return nil, err
		}
		p := signInProof(a, e, tx, tx.Users[a.UserID], false)
		p.form = form
		if _, err := p.prepare(asFactor(p.user, false)); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// attemptFirst tries a first factor and goes on.
func (e *Emulator) attemptFirst(tx *state.Tx, a *state.SignInAttempt, form url.Values) error {
	p := signInProof(a, e, tx, tx.Users[a.UserID], false)
	p.form = form
	used, err := e.attempt(tx, p, false)
	if err != nil {
		return err
	}
	return tx.AdvanceSignIn(a, used.resets)
}

// attempt tries a factor of somebody who may sign in at all, and counts the
// attempts that fail.
func (e *Emulator) attempt(tx *state.Tx, p *proof, second bool) (*strategy, error) {
	if p.user == nil {
		return nil, refusal.Param("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	if err := p.user.MayEnter(tx.Now()); err != nil {
		return nil, err
	}
	used, err := p.attempt(asFactor(p.user, second))
	if err != nil {
		tx.CountAttempt(p.user, err)
		return nil, err
	}
	return used, nil
}

// transferToSignIn signs in with the provider's account that a sign-up came
// back with, because its user exists.
func transferToSignIn(tx *state.Tx, a *state.SignInAttempt) error {
	from := tx.SignUps[tx.Clients[a.ClientID].SignUpID]
	if from == nil || from.External == nil || from.External.Status != state.Transferable {
		return refusal.BadRequest("account_transfer_invalid", "There is nothing to transfer to a sign-in.")
	}
	u := tx.UserOfProfile(from.Profile)
	if u == nil {
		return refusal.BadRequest("account_transfer_invalid", "There is nothing to transfer to a sign-in.")
	}
	proof := state.Verification{Strategy: from.External.Strategy, Status: state.Verified, ExpireAt: from.External.ExpireAt}
	tx.AddAccount(u, from.Profile, proof)
	from.External.Status = state.Verified
	a.First, a.UserID, a.Identifier = &proof, u.ID, from.Profile.Email
	return tx.AdvanceSignIn(a, false)
}

// onSignIn works on the sign-in of the path, if it is the browser's own.
func (e *Emulator) onSignIn(c *call, work func(tx *state.Tx, a *state.SignInAttempt, u *state.User, form url.Values) error) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	var a *state.SignInAttempt
	e.store.Apply(func(tx *state.Tx) {
		a, err = tx.SignInAttempt(b.ClientID, c.param(0))
		if err == nil {
			u := tx.Users[a.UserID]
			if u == nil {
				u = &state.User{}
			}
			err = work(tx, a, u, form)
			a = a.Snapshot()
		}
	})
	if err != nil {
		return err
	}
	return e.answerSignIn(c, b, a)
}

func want(a *state.SignInAttempt, status string) error {
	if a.Status != status {
		return refusal.BadRequest("sign_in_state_invalid", "This step does not fit a sign-in that is "+a.Status+".")
	}
	return nil
}

func (e *Emulator) getSignIn(c *call) error {
	return e.onSignIn(c, func(*state.Tx, *state.SignInAttempt, *state.User, url.Values) error { return nil })
}

func (e *Emulator) prepareFirstFactor(c *call) error {
	return e.onSignIn(c, func(tx *state.Tx, a *state.SignInAttempt, u *state.User, form url.Values) error {
		if a.UserID != "" {
			if err := want(a, state.StatusNeedsFirst); err != nil {
				return err
			}
		}
		if err := u.MayEnter(tx.Now()); err != nil {
			return err
		}
		p := signInProof(a, e, tx, u, false)
		p.form = form
		_, err := p.prepare(asFactor(u, false))
		return refusal.OrNil(err)
	})
}

func (e *Emulator) attemptFirstFactor(c *call) error {
	return e.onSignIn(c, func(tx *state.Tx, a *state.SignInAttempt, _ *state.User, form url.Values) error {
		if form.Get("strategy") == ticketStrategy.name {
			if a.Status == state.StatusComplete {
				return want(a, state.StatusNeedsFirst)
			}
			return signInByTicket(tx, a, form.Get("ticket"))
		}
		if err := want(a, state.StatusNeedsFirst); err != nil {
			return err
		}
		return e.attemptFirst(tx, a, form)
	})
}

func (e *Emulator) prepareSecondFactor(c *call) error {
	return e.onSignIn(c, func(tx *state.Tx, a *state.SignInAttempt, u *state.User, form url.Values) error {
		if err := want(a, state.StatusNeedsSecond); err != nil {
			return err
		}
		if err := u.MayEnter(tx.Now()); err != nil {
			return err
		}
		p := signInProof(a, e, tx, u, true)
		p.form = form
		_, err := p.prepare(asFactor(u, true))
		return refusal.OrNil(err)
	})
}

func (e *Emulator) attemptSecondFactor(c *call) error {
	return e.onSignIn(c, func(tx *state.Tx, a *state.SignInAttempt, u *state.User, form url.Values) error {
		if err := want(a, state.StatusNeedsSecond); err != nil {
			return err
		}
		p := signInProof(a, e, tx, u, true)
		p.form = form
		if _, err := e.attempt(tx, p, true); err != nil {
			return err
		}
		return tx.AdvanceSignIn(a, false)
	})
}

// resetPassword sets the new password of a sign-in that came by a reset code.
func (e *Emulator) resetPassword(c *call) error {
	return e.onSignIn(c, func(tx *state.Tx, a *state.SignInAttempt, u *state.User, form url.Values) error {
		if err := want(a, state.StatusNeedsPassword); err != nil {
			return err
		}
		if err := passwords.Check("password", form.Get("password")); err != nil {
			return err
		}
		setPassword(tx, u, form.Get("password"))
		if form.Get("sign_out_of_other_sessions") == "true" {
			tx.EndSessions(u.ID, "", state.StatusRevoked)
		}
		return tx.AdvanceSignIn(a, false)
	})
}

// signInProof is what strategies need to work on the sign-in.
func signInProof(a *state.SignInAttempt, e *Emulator, tx *state.Tx, u *state.User, second bool) *proof {
	p := &proof{
		e: e, tx: tx, user: u, purpose: "sign_in", first: a.Identifier,
		emails: state.UsableOnly(u.EmailList), phones: state.UsableOnly(u.PhoneList),
		target: state.LinkTarget{Kind: state.TargetSignIn, ID: a.ID, ClientID: a.ClientID},
	}
	v := &a.First
	if second {
		v = &a.Second
		p.phones = nil
		for _, i := range state.UsableOnly(u.PhoneList) {
			if i.SecondFactor {
				p.phones = append(p.phones, i)
			}
		}
	}
	if *v == nil {
		*v = &state.Verification{}
	}
	p.v = *v
	return p
}

package signin

import (
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// attemptBrowser recognizes the browser of a sign-in or sign-up, gives it a
// client if it has none, and reads the form.
func (e *API) attemptBrowser(c *wire.Call) (state.Browser, url.Values, error) {
	b, err := e.Browser(c)
	if err != nil {
		return b, nil, err
	}
	form, err := c.Form()
	if err != nil {
		return b, nil, err
	}
	return e.Store.EnsureClient(b), form, nil
}

// createSignIn starts a sign-in, and goes as far as what was sent suffices: with
// a password or a ticket to its end.
func (e *API) createSignIn(c *wire.Call) error {
	b, form, err := e.attemptBrowser(c)
	if err != nil {
		return err
	}
	var a *state.SignInAttempt
	e.Store.Apply(func(tx *state.Tx) {
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

func (e *API) answerSignIn(c *wire.Call, b state.Browser, a *state.SignInAttempt) error {
	c.Note("sign-in: " + a.Status)
	if a.Status == state.StatusComplete {
		c.Note("signed in as " + a.UserID)
	}
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.SignInResource(a))
}

func (e *API) startSignIn(tx *state.Tx, clientID string, form url.Values) (*state.SignInAttempt, error) {
	if !tx.Settings.MultiSession && len(tx.ClientSessions(clientID)) > 0 {
		return nil, refusal.SessionExists()
	}
	a := tx.NewSignIn(clientID)
	name := form.Get("strategy")
	switch {
	case form.Get("transfer") == "true":
		return a, transferToSignIn(tx, a)
	case name == strategies.TicketStrategy.Name || name == "" && form.Get("ticket") != "":
		return a, strategies.SignInByTicket(tx, a, form.Get("ticket"))
	case state.ProviderOf(name) != "":
		p := signInProof(a, e, tx, &state.User{}, false)
		p.Form = form
		if _, err := p.Prepare(func(*strategies.Strategy) bool { return true }); err != nil {
			return nil, err
		}
		return a, nil
	}
	if name != "" && strategies.StrategyOf(name) == nil {
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
	case form.Get("password") != "" || name == strategies.PasswordStrategy.Name:
		form.Set("strategy", strategies.PasswordStrategy.Name)
		return a, e.attemptFirst(tx, a, form)
	case name != "":
		if err := tx.Users[a.UserID].MayEnter(tx.Now()); err != nil {
			return nil, err
		}
		p := signInProof(a, e, tx, tx.Users[a.UserID], false)
		p.Form = form
		if _, err := p.Prepare(strategies.AsFactor(p.User, false)); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// attemptFirst tries a first factor and goes on.
func (e *API) attemptFirst(tx *state.Tx, a *state.SignInAttempt, form url.Values) error {
	p := signInProof(a, e, tx, tx.Users[a.UserID], false)
	p.Form = form
	used, err := e.attempt(tx, p, false)
	if err != nil {
		return err
	}
	return tx.AdvanceSignIn(a, used.Resets)
}

// attempt tries a factor of somebody who may sign in at all, and counts the
// attempts that fail.
func (e *API) attempt(tx *state.Tx, p *strategies.Proof, second bool) (*strategies.Strategy, error) {
	if p.User == nil {
		return nil, refusal.Param("identifier", "form_identifier_not_found", "Couldn't find your account.")
	}
	if err := p.User.MayEnter(tx.Now()); err != nil {
		return nil, err
	}
	used, err := p.Attempt(strategies.AsFactor(p.User, second))
	if err != nil {
		tx.CountAttempt(p.User, err)
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
func (e *API) onSignIn(c *wire.Call, work func(tx *state.Tx, a *state.SignInAttempt, u *state.User, form url.Values) error) error {
	b, err := e.Browser(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	var a *state.SignInAttempt
	e.Store.Apply(func(tx *state.Tx) {
		a, err = tx.SignInAttempt(b.ClientID, c.Param(0))
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

func (e *API) getSignIn(c *wire.Call) error {
	return e.onSignIn(c, func(*state.Tx, *state.SignInAttempt, *state.User, url.Values) error { return nil })
}

func (e *API) prepareFirstFactor(c *wire.Call) error {
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
		p.Form = form
		_, err := p.Prepare(strategies.AsFactor(u, false))
		return refusal.OrNil(err)
	})
}

func (e *API) attemptFirstFactor(c *wire.Call) error {
	return e.onSignIn(c, func(tx *state.Tx, a *state.SignInAttempt, _ *state.User, form url.Values) error {
		if form.Get("strategy") == strategies.TicketStrategy.Name {
			if a.Status == state.StatusComplete {
				return want(a, state.StatusNeedsFirst)
			}
			return strategies.SignInByTicket(tx, a, form.Get("ticket"))
		}
		if err := want(a, state.StatusNeedsFirst); err != nil {
			return err
		}
		return e.attemptFirst(tx, a, form)
	})
}

func (e *API) prepareSecondFactor(c *wire.Call) error {
	return e.onSignIn(c, func(tx *state.Tx, a *state.SignInAttempt, u *state.User, form url.Values) error {
		if err := want(a, state.StatusNeedsSecond); err != nil {
			return err
		}
		if err := u.MayEnter(tx.Now()); err != nil {
			return err
		}
		p := signInProof(a, e, tx, u, true)
		p.Form = form
		_, err := p.Prepare(strategies.AsFactor(u, true))
		return refusal.OrNil(err)
	})
}

func (e *API) attemptSecondFactor(c *wire.Call) error {
	return e.onSignIn(c, func(tx *state.Tx, a *state.SignInAttempt, u *state.User, form url.Values) error {
		if err := want(a, state.StatusNeedsSecond); err != nil {
			return err
		}
		p := signInProof(a, e, tx, u, true)
		p.Form = form
		if _, err := e.attempt(tx, p, true); err != nil {
			return err
		}
		return tx.AdvanceSignIn(a, false)
	})
}

// resetPassword sets the new password of a sign-in that came by a reset code.
func (e *API) resetPassword(c *wire.Call) error {
	return e.onSignIn(c, func(tx *state.Tx, a *state.SignInAttempt, u *state.User, form url.Values) error {
		if err := want(a, state.StatusNeedsPassword); err != nil {
			return err
		}
		if err := passwords.Check("password", form.Get("password")); err != nil {
			return err
		}
		strategies.SetPassword(tx, u, form.Get("password"))
		if form.Get("sign_out_of_other_sessions") == "true" {
			tx.EndSessions(u.ID, "", state.StatusRevoked)
		}
		return tx.AdvanceSignIn(a, false)
	})
}

// signInProof is what strategies need to work on the sign-in.
func signInProof(a *state.SignInAttempt, e *API, tx *state.Tx, u *state.User, second bool) *strategies.Proof {
	p := &strategies.Proof{
		E: e.strategies, Tx: tx, User: u, Purpose: "sign_in", First: a.Identifier,
		Emails: state.UsableOnly(u.EmailList), Phones: state.UsableOnly(u.PhoneList),
		Target: state.LinkTarget{Kind: state.TargetSignIn, ID: a.ID, ClientID: a.ClientID},
	}
	v := &a.First
	if second {
		v = &a.Second
		p.Phones = nil
		for _, i := range state.UsableOnly(u.PhoneList) {
			if i.SecondFactor {
				p.Phones = append(p.Phones, i)
			}
		}
	}
	if *v == nil {
		*v = &state.Verification{}
	}
	p.V = *v
	return p
}

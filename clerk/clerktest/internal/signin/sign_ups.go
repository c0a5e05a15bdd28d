package signin

import (
	"maps"
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func (e *API) createSignUp(c *wire.Call) error {
	b, form, err := e.attemptBrowser(c)
	if err != nil {
		return err
	}
	var a *state.SignUpAttempt
	e.Store.Apply(func(tx *state.Tx) {
		a, err = e.startSignUp(tx, b.ClientID, form)
		if err == nil {
			tx.KeepSignUp(a)
			a = a.Snapshot()
		}
	})
	if err != nil {
		return err
	}
	return e.answerSignUp(c, b, a)
}

func (e *API) answerSignUp(c *wire.Call, b state.Browser, a *state.SignUpAttempt) error {
	c.Note("sign-up: " + a.Status)
	if a.Status == state.StatusComplete {
		c.Note("signed up as " + a.UserID)
	}
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.SignUpResource(a))
}

func (e *API) startSignUp(tx *state.Tx, clientID string, form url.Values) (*state.SignUpAttempt, error) {
	if !tx.Settings.MultiSession && len(tx.ClientSessions(clientID)) > 0 {
		return nil, refusal.SessionExists()
	}
	a := tx.NewSignUp(clientID)
	if form.Get("strategy") == strategies.TicketStrategy.Name || form.Get("ticket") != "" {
		if err := takeInvitation(tx, a, form.Get("ticket")); err != nil {
			return nil, err
		}
	}
	if err := tx.MayJoin(a); err != nil {
		return nil, err
	}
	if form.Get("transfer") == "true" {
		if err := transferToSignUp(tx, a); err != nil {
			return nil, err
		}
	}
	return a, e.changeSignUp(tx, a, form)
}

// changeSignUp takes the fields of a form over, and starts what its
// strategy names.
func (e *API) changeSignUp(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error {
	if err := fillSignUp(tx, a, form); err != nil {
		return err
	}
	if err := tx.MayUse(a); err != nil {
		return err
	}
	name := form.Get("strategy")
	switch {
	case state.ProviderOf(name) != "" || name == "email_code" || name == "email_link" || name == "phone_code":
		if err := e.prepareOfSignUp(tx, a, form); err != nil {
			return err
		}
	case name != "" && name != strategies.TicketStrategy.Name && name != strategies.PasswordStrategy.Name:
		return refusal.Param("strategy", "form_param_value_invalid", refusal.Quoted(name)+" is not a strategy that the emulator has")
	}
	return tx.SettleSignUp(a)
}

func fillSignUp(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error {
	if both := form.Get("email_address_or_phone_number"); both != "" {
		param := "phone_number"
		if state.ValidEmail(state.EmailKind.Normalize(both)) {
			param = "email_address"
		}
		form.Set(param, both)
	}
	fields := maps.Clone(a.Fields)
	if err := fillAddresses(tx, a, fields, form); err != nil {
		return err
	}
	if form.Has("username") {
		name, err := state.Username(tx, form.Get("username"), "")
		if err != nil {
			return err
		}
		if name != "" && tx.Settings.Username == state.AttributeOff {
			return refusal.UnknownParam("username")
		}
		fields["username"] = name
	}
	for _, name := range []string{"first_name", "last_name", "locale"} {
		if form.Has(name) {
			if len(form.Get(name)) > state.MaxName {
				return refusal.Param(name, "form_param_max_length_exceeded", name+" is too long")
			}
			fields[name] = form.Get(name)
		}
	}
	if password := form.Get("password"); password != "" {
		if err := passwords.Check("password", password); err != nil {
			return err
		}
		a.Salt = tx.IDs.Random(16)
		a.Hash = passwords.Hash(a.Salt, password)
	}
	if text := form.Get("unsafe_metadata"); text != "" {
		metadata, err := wire.MetadataParam("unsafe_metadata", text)
		if err != nil {
			return err
		}
		a.Unsafe = metadata
	}
	if form.Get("legal_accepted") == "true" {
		a.LegalAcceptedAt = tx.Now()
	}
	a.Fields = fields
	return nil
}

func fillAddresses(tx *state.Tx, a *state.SignUpAttempt, fields map[string]string, form url.Values) error {
	for _, f := range []struct {
		kind    *state.IdentificationKind
		setting string
		proof   **state.Verification
	}{
		{state.EmailKind, tx.Settings.EmailAddress, &a.Email}, {state.PhoneKind, tx.Settings.PhoneNumber, &a.Phone},
	} {
		if !form.Has(f.kind.Param) {
			continue
		}
		value := f.kind.Normalize(form.Get(f.kind.Param))
		if value == fields[f.kind.Param] {
			continue
		}
		if value != "" {
			if f.setting == state.AttributeOff {
				return refusal.UnknownParam(f.kind.Param)
			}
			if err := f.kind.Check(tx, value); err != nil {
				return err
			}
		}
		fields[f.kind.Param], *f.proof = value, nil
	}
	return nil
}

// takeInvitation begins a sign-up by an invitation, which verifies the
// address.
func takeInvitation(tx *state.Tx, a *state.SignUpAttempt, token string) error {
	if token == "" {
		return refusal.Missing("ticket")
	}
	t, err := tx.Ticket(token)
	if err != nil {
		return err
	}
	i := tx.Invitations[t.InvitationID]
	if i == nil {
		return refusal.Param("ticket", "ticket_invalid_code", "Ticket is invalid")
	}
	if tx.Emails[i.Email] != "" {
		return refusal.Taken("email_address")
	}
	proof := state.Done(strategies.TicketStrategy.Name)
	a.Fields = map[string]string{"email_address": i.Email}
	a.Email, a.InvitationID = &proof, i.ID
	return nil
}

// transferToSignUp goes on with the provider's account that a sign-in came
// back with, because it has no user.
func transferToSignUp(tx *state.Tx, a *state.SignUpAttempt) error {
	from := tx.SignIns[tx.Clients[a.ClientID].SignInID]
	if from == nil || from.First == nil || from.First.Status != state.Transferable {
		return refusal.BadRequest("account_transfer_invalid", "There is nothing to transfer to a sign-up.")
	}
	proof := state.Verification{Strategy: from.First.Strategy, Status: state.Verified, ExpireAt: from.First.ExpireAt}
	from.First.Status = state.Verified
	a.External, a.Profile = &proof, from.Profile
	strategies.TakeProfile(a, from.Profile)
	return nil
}

// signUpProof is what strategies need to work on a sign-up: the one verification
// that the strategy is for.
func (e *API) signUpProof(tx *state.Tx, a *state.SignUpAttempt, form url.Values) *strategies.Proof {
	p := &strategies.Proof{
		E: e.strategies, Tx: tx, Form: form, Purpose: "sign_up", Target: state.LinkTarget{Kind: state.TargetSignUp, ID: a.ID, ClientID: a.ClientID},
	}
	v := &a.Email
	switch name := form.Get("strategy"); {
	case name == "phone_code":
		v = &a.Phone
	case state.ProviderOf(name) != "":
		v = &a.External
	}
	if email := a.Fields["email_address"]; email != "" {
		p.Emails = []state.Identification{{Value: email}}
	}
	if phone := a.Fields["phone_number"]; phone != "" {
		p.Phones = []state.Identification{{Value: phone}}
	}
	if *v == nil {
		*v = &state.Verification{}
	}
	p.V = *v
	return p
}

func (e *API) prepareOfSignUp(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error {
	if a.Status == state.StatusComplete {
		return refusal.BadRequest("sign_up_state_invalid", "This sign-up is complete.")
	}
	p := e.signUpProof(tx, a, form)
	if p.V.Status == state.Verified {
		return refusal.BadRequest("verification_already_verified", "This verification has already been verified.")
	}
	_, err := p.Prepare(func(s *strategies.Strategy) bool { return s.SignUp })
	return refusal.OrNil(err)
}

// onSignUp works on the sign-up of the path, if it is the browser's own.
func (e *API) onSignUp(c *wire.Call, work func(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error) error {
	b, err := e.Browser(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	var a *state.SignUpAttempt
	e.Store.Apply(func(tx *state.Tx) {
		a, err = tx.SignUpAttempt(b.ClientID, c.Param(0))
		if err == nil {
			err = work(tx, a, form)
			a = a.Snapshot()
		}
	})
	if err != nil {
		return err
	}
	return e.answerSignUp(c, b, a)
}

func (e *API) getSignUp(c *wire.Call) error {
	return e.onSignUp(c, func(*state.Tx, *state.SignUpAttempt, url.Values) error { return nil })
}

func (e *API) updateSignUp(c *wire.Call) error {
	return e.onSignUp(c, func(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error {
		if a.Status == state.StatusComplete {
			return refusal.BadRequest("sign_up_state_invalid", "This sign-up is complete.")
		}
		return e.changeSignUp(tx, a, form)
	})
}

func (e *API) prepareSignUp(c *wire.Call) error { return e.onSignUp(c, e.prepareOfSignUp) }

func (e *API) attemptSignUp(c *wire.Call) error {
	return e.onSignUp(c, func(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error {
		p := e.signUpProof(tx, a, form)
		if _, err := p.Attempt(func(s *strategies.Strategy) bool { return s.SignUp }); err != nil {
			return err
		}
		return tx.SettleSignUp(a)
	})
}

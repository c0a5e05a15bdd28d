package clerktest

import (
	"encoding/json"
	"maps"
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

func (e *Emulator) createSignUp(c *call) error {
	b, form, err := e.attemptBrowser(c)
	if err != nil {
		return err
	}
	var a *state.SignUpAttempt
	e.store.Apply(func(tx *state.Tx) {
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

func (e *Emulator) answerSignUp(c *call, b state.Browser, a *state.SignUpAttempt) error {
	c.note("sign-up: " + a.Status)
	if a.Status == state.StatusComplete {
		c.note("signed up as " + a.UserID)
	}
	return e.answerWrapped(c, b.ClientID, e.signUpResource(a))
}

func (e *Emulator) startSignUp(tx *state.Tx, clientID string, form url.Values) (*state.SignUpAttempt, error) {
	if !tx.Settings.MultiSession && len(tx.ClientSessions(clientID)) > 0 {
		return nil, refusal.SessionExists()
	}
	a := tx.NewSignUp(clientID)
	if form.Get("strategy") == ticketStrategy.name || form.Get("ticket") != "" {
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
func (e *Emulator) changeSignUp(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error {
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
	case name != "" && name != ticketStrategy.name && name != passwordStrategy.name:
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
		name, err := username(tx, form.Get("username"), "")
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
		metadata, err := metadataParam("unsafe_metadata", text)
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

// username checks a username for a user, "" for a new one. Empty is fine:
// none.
func username(tx *state.Tx, name, userID string) (string, error) {
	name = state.EmailKind.Normalize(name)
	switch {
	case name == "":
		return "", nil
	case len(name) < state.MinUsername || len(name) > state.MaxUsername:
		return "", refusal.Param("username", "form_username_invalid_length", "Username must be between 4 and 64 characters long.")
	case !state.ValidSlug(name):
		return "", refusal.Param("username", "form_username_invalid_character", "Username can only contain letters, numbers and '_' or '-'.")
	case tx.Usernames[name] != "" && tx.Usernames[name] != userID:
		return "", refusal.Taken("username")
	}
	return name, nil
}

// metadataParam reads metadata: a JSON object.
func metadataParam(param, text string) (json.RawMessage, error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return nil, refusal.Param(param, "form_param_format_invalid", param+" must be a valid JSON object.")
	}
	if len(text) > state.MaxMetadata {
		return nil, refusal.Param(param, "form_param_max_length_exceeded", param+" is larger than 8 KB.")
	}
	return json.RawMessage(text), nil
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
	proof := state.Done(ticketStrategy.name)
	a.Fields = map[string]string{"email_address": i.Email}
	a.Email, a.InvitationID = &proof, i.ID
	return nil
}

// takeProfile fills in what a provider said.
func takeProfile(a *state.SignUpAttempt, p *state.Profile) {
	fields := maps.Clone(a.Fields)
	fields["email_address"] = p.Email
	for name, value := range map[string]string{"first_name": p.FirstName, "last_name": p.LastName} {
		if fields[name] == "" {
			fields[name] = value
		}
	}
	proof := state.Done("from_oauth_" + p.Provider)
	a.Fields, a.Email = fields, &proof
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
	takeProfile(a, from.Profile)
	return nil
}

// signUpProof is what strategies need to work on a sign-up: the one verification
// that the strategy is for.
func (e *Emulator) signUpProof(tx *state.Tx, a *state.SignUpAttempt, form url.Values) *proof {
	p := &proof{
		e: e, tx: tx, form: form, purpose: "sign_up", target: state.LinkTarget{Kind: state.TargetSignUp, ID: a.ID, ClientID: a.ClientID},
	}
	v := &a.Email
	switch name := form.Get("strategy"); {
	case name == "phone_code":
		v = &a.Phone
	case state.ProviderOf(name) != "":
		v = &a.External
	}
	if email := a.Fields["email_address"]; email != "" {
		p.emails = []state.Identification{{Value: email}}
	}
	if phone := a.Fields["phone_number"]; phone != "" {
		p.phones = []state.Identification{{Value: phone}}
	}
	if *v == nil {
		*v = &state.Verification{}
	}
	p.v = *v
	return p
}

func (e *Emulator) prepareOfSignUp(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error {
	if a.Status == state.StatusComplete {
		return refusal.BadRequest("sign_up_state_invalid", "This sign-up is complete.")
	}
	p := e.signUpProof(tx, a, form)
	if p.v.Status == state.Verified {
		return refusal.BadRequest("verification_already_verified", "This verification has already been verified.")
	}
	_, err := p.prepare(func(s *strategy) bool { return s.signUp })
	return refusal.OrNil(err)
}

// onSignUp works on the sign-up of the path, if it is the browser's own.
func (e *Emulator) onSignUp(c *call, work func(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	var a *state.SignUpAttempt
	e.store.Apply(func(tx *state.Tx) {
		a, err = tx.SignUpAttempt(b.ClientID, c.param(0))
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

func (e *Emulator) getSignUp(c *call) error {
	return e.onSignUp(c, func(*state.Tx, *state.SignUpAttempt, url.Values) error { return nil })
}

func (e *Emulator) updateSignUp(c *call) error {
	return e.onSignUp(c, func(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error {
		if a.Status == state.StatusComplete {
			return refusal.BadRequest("sign_up_state_invalid", "This sign-up is complete.")
		}
		return e.changeSignUp(tx, a, form)
	})
}

func (e *Emulator) prepareSignUp(c *call) error { return e.onSignUp(c, e.prepareOfSignUp) }

func (e *Emulator) attemptSignUp(c *call) error {
	return e.onSignUp(c, func(tx *state.Tx, a *state.SignUpAttempt, form url.Values) error {
		p := e.signUpProof(tx, a, form)
		if _, err := p.attempt(func(s *strategy) bool { return s.signUp }); err != nil {
			return err
		}
		return tx.SettleSignUp(a)
	})
}

package clerktest

import (
	"encoding/json"
	"maps"
	"net/url"
)

// Bounds of what people type.
const (
	minUsername = 4
	maxUsername = 64
	maxName     = 256
	maxMetadata = 8 << 10 // of a user, as at Clerk
)

func (e *Emulator) createSignUp(c *call) error {
	b, form, err := e.attemptBrowser(c)
	if err != nil {
		return err
	}
	var a *signUpAttempt
	e.store.Apply(func(tx *stateTx) {
		a, err = e.startSignUp(tx, b.clientID, form)
		if err == nil {
			tx.keepSignUp(a)
			a = a.snapshot()
		}
	})
	if err != nil {
		return err
	}
	return e.answerSignUp(c, b, a)
}

func (e *Emulator) answerSignUp(c *call, b browser, a *signUpAttempt) error {
	c.note("sign-up: " + a.Status)
	if a.Status == statusComplete {
		c.note("signed up as " + a.UserID)
	}
	return e.answerWrapped(c, b.clientID, e.signUpResource(a))
}

func (e *Emulator) startSignUp(tx *stateTx, clientID string, form url.Values) (*signUpAttempt, error) {
	if !tx.Settings.MultiSession && len(tx.clientSessions(clientID)) > 0 {
		return nil, errSessionExists()
	}
	a := tx.newSignUp(clientID)
	if form.Get("strategy") == ticketStrategy.name || form.Get("ticket") != "" {
		if err := tx.takeInvitation(a, form.Get("ticket")); err != nil {
			return nil, err
		}
	}
	if err := tx.mayJoin(a); err != nil {
		return nil, err
	}
	if form.Get("transfer") == "true" {
		if err := tx.transferToSignUp(a); err != nil {
			return nil, err
		}
	}
	return a, e.changeSignUp(tx, a, form)
}

// changeSignUp takes the fields of a form over, and starts what its
// strategy names.
func (e *Emulator) changeSignUp(tx *stateTx, a *signUpAttempt, form url.Values) error {
	if err := tx.fillSignUp(a, form); err != nil {
		return err
	}
	if err := tx.mayUse(a); err != nil {
		return err
	}
	name := form.Get("strategy")
	switch {
	case providerOf(name) != "" || name == "email_code" || name == "email_link" || name == "phone_code":
		if err := e.prepareOfSignUp(tx, a, form); err != nil {
			return err
		}
	case name != "" && name != ticketStrategy.name && name != passwordStrategy.name:
		return errParam("strategy", "form_param_value_invalid", quoted(name)+" is not a strategy that the emulator has")
	}
	return tx.settleSignUp(a)
}

func (tx *stateTx) fillSignUp(a *signUpAttempt, form url.Values) error {
	if both := form.Get("email_address_or_phone_number"); both != "" {
		param := "phone_number"
		if validEmail(emailKind.normalize(both)) {
			param = "email_address"
		}
		form.Set(param, both)
	}
	fields := maps.Clone(a.Fields)
	if err := tx.fillAddresses(a, fields, form); err != nil {
		return err
	}
	if form.Has("username") {
		name, err := tx.username(form.Get("username"), "")
		if err != nil {
			return err
		}
		if name != "" && tx.Settings.Username == attributeOff {
			return errUnknownParam("username")
		}
		fields["username"] = name
	}
	for _, name := range []string{"first_name", "last_name", "locale"} {
		if form.Has(name) {
			if len(form.Get(name)) > maxName {
				return errParam(name, "form_param_max_length_exceeded", name+" is too long")
			}
			fields[name] = form.Get(name)
		}
	}
	if password := form.Get("password"); password != "" {
		if err := checkNewPassword("password", password); err != nil {
			return err
		}
		a.Salt = tx.ids.random(16)
		a.Hash = hashPassword(a.Salt, password)
	}
	if text := form.Get("unsafe_metadata"); text != "" {
		metadata, err := metadataParam("unsafe_metadata", text)
		if err != nil {
			return err
		}
		a.Unsafe = metadata
	}
	if form.Get("legal_accepted") == "true" {
		a.LegalAcceptedAt = tx.now()
	}
	a.Fields = fields
	return nil
}

func (tx *stateTx) fillAddresses(a *signUpAttempt, fields map[string]string, form url.Values) error {
	for _, f := range []struct {
		kind    *identificationKind
		setting string
		proof   **verification
	}{
		{emailKind, tx.Settings.EmailAddress, &a.Email}, {phoneKind, tx.Settings.PhoneNumber, &a.Phone},
	} {
		if !form.Has(f.kind.param) {
			continue
		}
		value := f.kind.normalize(form.Get(f.kind.param))
		if value == fields[f.kind.param] {
			continue
		}
		if value != "" {
			if f.setting == attributeOff {
				return errUnknownParam(f.kind.param)
			}
			if err := f.kind.check(tx, value); err != nil {
				return err
			}
		}
		fields[f.kind.param], *f.proof = value, nil
	}
	return nil
}

func errUnknownParam(param string) *apiError {
	return errParam(param, "form_param_unknown", param+" is not a valid parameter for this request.")
}

// username checks a username for a user, "" for a new one. Empty is fine:
// none.
func (tx *stateTx) username(name, userID string) (string, error) {
	name = emailKind.normalize(name)
	switch {
	case name == "":
		return "", nil
	case len(name) < minUsername || len(name) > maxUsername:
		return "", errParam("username", "form_username_invalid_length", "Username must be between 4 and 64 characters long.")
	case !validSlug(name):
		return "", errParam("username", "form_username_invalid_character", "Username can only contain letters, numbers and '_' or '-'.")
	case tx.usernames[name] != "" && tx.usernames[name] != userID:
		return "", errTaken("username")
	}
	return name, nil
}

// metadataParam reads metadata: a JSON object.
func metadataParam(param, text string) (json.RawMessage, error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return nil, errParam(param, "form_param_format_invalid", param+" must be a valid JSON object.")
	}
	if len(text) > maxMetadata {
		return nil, errParam(param, "form_param_max_length_exceeded", param+" is larger than 8 KB.")
	}
	return json.RawMessage(text), nil
}

// takeInvitation begins a sign-up by an invitation, which verifies the
// address.
func (tx *stateTx) takeInvitation(a *signUpAttempt, token string) error {
	if token == "" {
		return errMissing("ticket")
	}
	t, err := tx.ticket(token)
	if err != nil {
		return err
	}
	i := tx.Invitations[t.InvitationID]
	if i == nil {
		return errParam("ticket", "ticket_invalid_code", "Ticket is invalid")
	}
	if tx.emails[i.Email] != "" {
		return errTaken("email_address")
	}
	proof := done(ticketStrategy.name)
	a.Fields = map[string]string{"email_address": i.Email}
	a.Email, a.InvitationID = &proof, i.ID
	return nil
}

// takeProfile fills in what a provider said.
func (a *signUpAttempt) takeProfile(p *profile) {
	fields := maps.Clone(a.Fields)
	fields["email_address"] = p.Email
	for name, value := range map[string]string{"first_name": p.FirstName, "last_name": p.LastName} {
		if fields[name] == "" {
			fields[name] = value
		}
	}
	proof := done("from_oauth_" + p.Provider)
	a.Fields, a.Email = fields, &proof
}

// transferToSignUp goes on with the provider's account that a sign-in came
// back with, because it has no user.
func (tx *stateTx) transferToSignUp(a *signUpAttempt) error {
	from := tx.SignIns[tx.Clients[a.ClientID].SignInID]
	if from == nil || from.First == nil || from.First.Status != transferable {
		return errBadRequest("account_transfer_invalid", "There is nothing to transfer to a sign-up.")
	}
	proof := verification{Strategy: from.First.Strategy, Status: verified, ExpireAt: from.First.ExpireAt}
	from.First.Status = verified
	a.External, a.Profile = &proof, from.Profile
	a.takeProfile(from.Profile)
	return nil
}

// signUpProof is what strategies need to work on a sign-up: the one verification
// that the strategy is for.
func (e *Emulator) signUpProof(tx *stateTx, a *signUpAttempt, form url.Values) *proof {
	p := &proof{
		e: e, tx: tx, form: form, purpose: "sign_up", target: linkTarget{Kind: targetSignUp, ID: a.ID, ClientID: a.ClientID},
	}
	v := &a.Email
	switch name := form.Get("strategy"); {
	case name == "phone_code":
		v = &a.Phone
	case providerOf(name) != "":
		v = &a.External
	}
	if email := a.Fields["email_address"]; email != "" {
		p.emails = []identification{{Value: email}}
	}
	if phone := a.Fields["phone_number"]; phone != "" {
		p.phones = []identification{{Value: phone}}
	}
	if *v == nil {
		*v = &verification{}
	}
	p.v = *v
	return p
}

func (e *Emulator) prepareOfSignUp(tx *stateTx, a *signUpAttempt, form url.Values) error {
	if a.Status == statusComplete {
		return errBadRequest("sign_up_state_invalid", "This sign-up is complete.")
	}
	p := e.signUpProof(tx, a, form)
	if p.v.Status == verified {
		return errBadRequest("verification_already_verified", "This verification has already been verified.")
	}
	_, err := p.prepare(func(s *strategy) bool { return s.signUp })
	return orNil(err)
}

// onSignUp works on the sign-up of the path, if it is the browser's own.
func (e *Emulator) onSignUp(c *call, work func(tx *stateTx, a *signUpAttempt, form url.Values) error) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	var a *signUpAttempt
	e.store.Apply(func(tx *stateTx) {
		a, err = tx.signUpAttempt(b.clientID, c.param(0))
		if err == nil {
			err = work(tx, a, form)
			a = a.snapshot()
		}
	})
	if err != nil {
		return err
	}
	return e.answerSignUp(c, b, a)
}

func (e *Emulator) getSignUp(c *call) error {
	return e.onSignUp(c, func(*stateTx, *signUpAttempt, url.Values) error { return nil })
}

func (e *Emulator) updateSignUp(c *call) error {
	return e.onSignUp(c, func(tx *stateTx, a *signUpAttempt, form url.Values) error {
		if a.Status == statusComplete {
			return errBadRequest("sign_up_state_invalid", "This sign-up is complete.")
		}
		return e.changeSignUp(tx, a, form)
	})
}

func (e *Emulator) prepareSignUp(c *call) error { return e.onSignUp(c, e.prepareOfSignUp) }

func (e *Emulator) attemptSignUp(c *call) error {
	return e.onSignUp(c, func(tx *stateTx, a *signUpAttempt, form url.Values) error {
		p := e.signUpProof(tx, a, form)
		if _, err := p.attempt(func(s *strategy) bool { return s.signUp }); err != nil {
			return err
		}
		return tx.settleSignUp(a)
	})
}

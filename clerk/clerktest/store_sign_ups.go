package clerktest

import (
	"encoding/json"
	"net/http"
	"time"
)

// States of a sign-up (schema Client.SignUp).
const statusMissing = "missing_requirements"

// signUpAttempt is a sign-up under way in one browser.
type signUpAttempt struct {
	id, clientID      string
	status            string
	fields            map[string]string // email_address, phone_number, username, first_name, last_name, locale: never changed, only replaced
	salt, hash        string            // of the password
	unsafe            json.RawMessage
	email, phone      *verification
	external          *verification
	profile           *profile
	invitationID      string
	legalAcceptedAt   time.Time
	userID, sessionID string
	afar              bool
	created           made
	abandonAt         time.Time
}

func (a *signUpAttempt) snapshot() *signUpAttempt {
	c := *a
	c.email, c.phone, c.external = cloneOf(a.email), cloneOf(a.phone), cloneOf(a.external)
	return &c
}

func (s *store) newSignUpLocked(clientID string) *signUpAttempt {
	a := &signUpAttempt{
		id: s.ids.next("sua"), clientID: clientID, status: statusMissing, fields: map[string]string{},
		unsafe: json.RawMessage("{}"), created: s.madeLocked(),
	}
	a.abandonAt = a.created.at.Add(attemptLifetime)
	return a
}

// keepSignUpLocked makes a sign-up the client's own, instead of the one before.
func (s *store) keepSignUpLocked(a *signUpAttempt) {
	if c := s.clients[a.clientID]; c != nil {
		delete(s.signUps, c.signUpID)
		c.signUpID = a.id
		s.signUps[a.id] = a
	}
}

func (s *store) signUpAttemptLocked(clientID, id string) (*signUpAttempt, error) {
	a := s.signUps[id]
	if a == nil || clientID == "" || a.clientID != clientID || !s.now().Before(a.abandonAt) {
		return nil, errNotFound("sign up with id " + quoted(id))
	}
	return a, nil
}

// shownSignUpLocked is the sign-up that a client's answers show.
func (s *store) shownSignUpLocked(c *client) *signUpAttempt {
	a, err := s.signUpAttemptLocked(c.id, c.signUpID)
	if err != nil || a.status == statusComplete && !a.afar {
		return nil
	}
	return a.snapshot()
}

// requirements are the fields of a sign-up, by what the settings say of them. Who
// comes from a provider or an invitation needs no password.
func (a *signUpAttempt) requirements(set *Settings) (required, optional, missing, toVerify []string) {
	required, optional, missing, toVerify = []string{}, []string{}, []string{}, []string{}
	for _, f := range []struct{ name, setting string }{
		{"email_address", set.EmailAddress}, {"phone_number", set.PhoneNumber}, {"username", set.Username},
		{"first_name", attributeOn}, {"last_name", attributeOn}, {"password", set.Password},
	} {
		has := a.fields[f.name] != "" || f.name == "password" && a.hash != ""
		need := f.setting == attributeRequired
		if f.name == "password" && (a.external != nil && a.external.status == verified || a.invitationID != "") {
			need = false
		}
		switch {
		case need:
			required = append(required, f.name)
			if !has {
				missing = append(missing, f.name)
			}
		case f.setting != attributeOff:
			optional = append(optional, f.name)
		}
	}
	if a.fields["email_address"] != "" && (a.email == nil || a.email.status != verified) {
		toVerify = append(toVerify, "email_address")
	}
	if a.fields["phone_number"] != "" && (a.phone == nil || a.phone.status != verified) {
		toVerify = append(toVerify, "phone_number")
	}
	return required, optional, missing, toVerify
}

// settleSignUpLocked makes the user and signs it in, if nothing is missing any
// more.
func (s *store) settleSignUpLocked(a *signUpAttempt) error {
	_, _, missing, toVerify := a.requirements(&s.settings)
	waiting := a.external != nil && a.external.status != verified && a.hash == ""
	if len(missing)+len(toVerify) > 0 || waiting || a.status == statusComplete {
		return nil
	}
	if a.fields["email_address"] == "" && a.fields["phone_number"] == "" && a.fields["username"] == "" {
		return nil // nobody could ever sign in
	}
	if s.emails[a.fields["email_address"]] != "" {
		return errTaken("email_address")
	}
	if s.phones[a.fields["phone_number"]] != "" {
		return errTaken("phone_number")
	}
	u, err := s.addUserLocked(User{
		Username: a.fields["username"], FirstName: a.fields["first_name"], LastName: a.fields["last_name"],
	})
	if err != nil {
		return err
	}
	u.unsafe = a.unsafe
	if a.fields["email_address"] != "" {
		s.addIdentificationLocked(u, emailKind, a.fields["email_address"], *cloneOf(a.email))
	}
	if a.fields["phone_number"] != "" {
		s.addIdentificationLocked(u, phoneKind, a.fields["phone_number"], *cloneOf(a.phone))
	}
	if a.hash != "" {
		u.passwordSalt, u.passwordHash, u.passwordAt = a.salt, a.hash, s.now()
	}
	u.legalAcceptedAt = a.legalAcceptedAt
	strategy := "password"
	if a.profile != nil && a.external != nil && a.external.status == verified {
		s.addAccountLocked(u, a.profile, *a.external)
		strategy = a.external.strategy
	}
	in := signIn{userID: u.ID, clientID: a.clientID, secondFactor: -1, strategy: strategy}
	if i := s.invitations[a.invitationID]; i != nil {
		if err := s.acceptLocked(i, u.ID); err != nil {
			return err
		}
		in.organization, in.strategy = i.organizationID, "ticket"
	}
	rec, err := s.signInLocked(in)
	if err != nil {
		return err
	}
	a.status, a.userID, a.sessionID = statusComplete, u.ID, rec.id
	s.offerDomainsLocked(u)
	return nil
}

// mayJoinLocked refuses sign-ups that the instance's mode does not let in.
func (s *store) mayJoinLocked(a *signUpAttempt) error {
	if a.invitationID != "" {
		return nil
	}
	switch s.settings.SignUpMode {
	case modeRestricted:
		return &apiError{
			http.StatusForbidden, "sign_up_mode_restricted", "Sign ups are restricted",
			"Access to this app is limited, and an invitation is needed to sign up.", "", nil,
		}
	case modeWaitlist:
		return &apiError{
			http.StatusForbidden, "sign_up_restricted_waitlist", "Sign ups are restricted",
			"Sign ups are currently unavailable. Join the waitlist to be notified when access becomes available.", "", nil,
		}
	}
	return nil
}

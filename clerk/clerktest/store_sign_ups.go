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
	ID, ClientID      string
	Status            string
	Fields            map[string]string // email_address, phone_number, username, first_name, last_name, locale: never changed, only replaced
	Salt, Hash        string            // of the password
	Unsafe            json.RawMessage
	Email, Phone      *verification
	External          *verification
	Profile           *profile
	InvitationID      string
	LegalAcceptedAt   time.Time
	UserID, SessionID string
	Afar              bool
	Created           made
	AbandonAt         time.Time
	// ExternalID and CustomAction are what a server says of it.
	ExternalID   string
	CustomAction bool
}

func (a *signUpAttempt) snapshot() *signUpAttempt {
	c := *a
	c.Email, c.Phone, c.External = cloneOf(a.Email), cloneOf(a.Phone), cloneOf(a.External)
	return &c
}

func (tx *stateTx) newSignUp(clientID string) *signUpAttempt {
	a := &signUpAttempt{
		ID: tx.ids.next("sua"), ClientID: clientID, Status: statusMissing, Fields: map[string]string{},
		Unsafe: json.RawMessage("{}"), Created: tx.made(),
	}
	a.AbandonAt = a.Created.At.Add(attemptLifetime)
	return a
}

// keepSignUp makes a sign-up the client's own, instead of the one before.
func (tx *stateTx) keepSignUp(a *signUpAttempt) {
	if c := tx.Clients[a.ClientID]; c != nil {
		delete(tx.SignUps, c.SignUpID)
		c.SignUpID = a.ID
		tx.SignUps[a.ID] = a
	}
}

func (tx *stateTx) signUpAttempt(clientID, id string) (*signUpAttempt, error) {
	a := tx.SignUps[id]
	if a == nil || clientID == "" || a.ClientID != clientID || !tx.now().Before(a.AbandonAt) {
		return nil, errNotFound("sign up with id " + quoted(id))
	}
	return a, nil
}

// shownSignUp is the sign-up that a client's answers show.
func (tx *stateTx) shownSignUp(c *client) *signUpAttempt {
	a, err := tx.signUpAttempt(c.ID, c.SignUpID)
	if err != nil || a.Status == statusComplete && !a.Afar {
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
		has := a.Fields[f.name] != "" || f.name == "password" && a.Hash != ""
		need := f.setting == attributeRequired
		if f.name == "password" && (a.External != nil && a.External.Status == verified || a.InvitationID != "") {
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
	if a.Fields["email_address"] != "" && (a.Email == nil || a.Email.Status != verified) {
		toVerify = append(toVerify, "email_address")
	}
	if a.Fields["phone_number"] != "" && (a.Phone == nil || a.Phone.Status != verified) {
		toVerify = append(toVerify, "phone_number")
	}
	return required, optional, missing, toVerify
}

// settleSignUp makes the user and signs it in, if nothing is missing any
// more.
func (tx *stateTx) settleSignUp(a *signUpAttempt) error {
	_, _, missing, toVerify := a.requirements(&tx.Settings)
	waiting := a.External != nil && a.External.Status != verified && a.Hash == ""
	if len(missing)+len(toVerify) > 0 || waiting || a.Status == statusComplete {
		return nil
	}
	if a.Fields["email_address"] == "" && a.Fields["phone_number"] == "" && a.Fields["username"] == "" {
		return nil // nobody could ever sign in
	}
	if err := tx.mayUse(a); err != nil {
		return err
	}
	if tx.emails[a.Fields["email_address"]] != "" {
		return errTaken("email_address")
	}
	if tx.phones[a.Fields["phone_number"]] != "" {
		return errTaken("phone_number")
	}
	if a.InvitationID != "" && tx.Invitations[a.InvitationID] == nil { // deleted since the sign-up began
		return errParam("ticket", "ticket_invalid_code", "Ticket is invalid")
	}
	u, err := tx.addUser(User{
		Username: a.Fields["username"], FirstName: a.Fields["first_name"], LastName: a.Fields["last_name"], ExternalID: a.ExternalID,
	})
	if err != nil {
		return err
	}
	u.Unsafe = a.Unsafe
	if a.Fields["email_address"] != "" {
		tx.addIdentification(u, emailKind, a.Fields["email_address"], *cloneOf(a.Email))
	}
	if a.Fields["phone_number"] != "" {
		tx.addIdentification(u, phoneKind, a.Fields["phone_number"], *cloneOf(a.Phone))
	}
	if a.Hash != "" {
		u.PasswordSalt, u.PasswordHash, u.PasswordAt = a.Salt, a.Hash, tx.now()
	}
	u.LegalAcceptedAt = a.LegalAcceptedAt
	strategy := "password"
	if a.Profile != nil && a.External != nil && a.External.Status == verified {
		tx.addAccount(u, a.Profile, *a.External)
		strategy = a.External.Strategy
	}
	in := signIn{userID: u.ID, clientID: a.ClientID, secondFactor: -1, strategy: strategy}
	if i := tx.Invitations[a.InvitationID]; i != nil {
		if err := tx.accept(i, u.ID); err != nil {
			return err
		}
		if i.OrganizationID == "" {
			u.Public = i.Public
		}
		in.organization, in.strategy = i.OrganizationID, "ticket"
	}
	emit(tx, "user.created", u)
	tx.letIn(u)
	rec, err := tx.signIn(in)
	if err != nil {
		return err
	}
	a.Status, a.UserID, a.SessionID = statusComplete, u.ID, rec.ID
	tx.offerDomains(u)
	return nil
}

// mayJoin refuses sign-ups that the instance's mode does not let in.
func (tx *stateTx) mayJoin(a *signUpAttempt) error {
	if a.InvitationID != "" {
		return nil
	}
	switch tx.Settings.SignUpMode {
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

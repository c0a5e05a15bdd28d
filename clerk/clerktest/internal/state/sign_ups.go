package state

import (
	"encoding/json"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// States of a sign-up (schema Client.SignUp).
const statusMissing = "missing_requirements"

// SignUpAttempt is a sign-up under way in one browser.
type SignUpAttempt struct {
	ID, ClientID      string
	Status            string
	Fields            map[string]string // email_address, phone_number, username, first_name, last_name, locale: never changed, only replaced
	Salt, Hash        string            // of the password
	Unsafe            json.RawMessage
	Email, Phone      *Verification
	External          *Verification
	Profile           *Profile
	InvitationID      string
	LegalAcceptedAt   time.Time
	UserID, SessionID string
	Afar              bool
	Created           Made
	AbandonAt         time.Time
	// ExternalID and CustomAction are what a server says of it.
	ExternalID   string
	CustomAction bool
}

func (a *SignUpAttempt) Snapshot() *SignUpAttempt {
	c := *a
	c.Email, c.Phone, c.External = CloneOf(a.Email), CloneOf(a.Phone), CloneOf(a.External)
	return &c
}

func (tx *Tx) NewSignUp(clientID string) *SignUpAttempt {
	a := &SignUpAttempt{
		ID: tx.IDs.Next("sua"), ClientID: clientID, Status: statusMissing, Fields: map[string]string{},
		Unsafe: json.RawMessage("{}"), Created: tx.Made(),
	}
	a.AbandonAt = a.Created.At.Add(attemptLifetime)
	return a
}

// KeepSignUp makes a sign-up the client's own, instead of the one before.
func (tx *Tx) KeepSignUp(a *SignUpAttempt) {
	if c := tx.Clients[a.ClientID]; c != nil {
		delete(tx.SignUps, c.SignUpID)
		c.SignUpID = a.ID
		tx.SignUps[a.ID] = a
	}
}

func (tx *Tx) SignUpAttempt(clientID, id string) (*SignUpAttempt, error) {
	a := tx.SignUps[id]
	if a == nil || clientID == "" || a.ClientID != clientID || !tx.Now().Before(a.AbandonAt) {
		return nil, refusal.NotFound("sign up with id " + refusal.Quoted(id))
	}
	return a, nil
}

// shownSignUp is the sign-up that a client's answers show.
func (tx *Tx) shownSignUp(c *Client) *SignUpAttempt {
	a, err := tx.SignUpAttempt(c.ID, c.SignUpID)
	if err != nil || a.Status == StatusComplete && !a.Afar {
		return nil
	}
	return a.Snapshot()
}

// Requirements are the fields of a sign-up, by what the settings say of them. Who
// comes from a provider or an invitation needs no password.
func (a *SignUpAttempt) Requirements(set *Settings) (required, optional, missing, toVerify []string) {
	required, optional, missing, toVerify = []string{}, []string{}, []string{}, []string{}
	for _, f := range []struct{ name, setting string }{
		{"email_address", set.EmailAddress}, {"phone_number", set.PhoneNumber}, {"username", set.Username},
		{"first_name", AttributeOn}, {"last_name", AttributeOn}, {"password", set.Password},
	} {
		has := a.Fields[f.name] != "" || f.name == "password" && a.Hash != ""
		need := f.setting == AttributeRequired
		if f.name == "password" && (a.External != nil && a.External.Status == Verified || a.InvitationID != "") {
			need = false
		}
		switch {
		case need:
			required = append(required, f.name)
			if !has {
				missing = append(missing, f.name)
			}
		case f.setting != AttributeOff:
			optional = append(optional, f.name)
		}
	}
	if a.Fields["email_address"] != "" && (a.Email == nil || a.Email.Status != Verified) {
		toVerify = append(toVerify, "email_address")
	}
	if a.Fields["phone_number"] != "" && (a.Phone == nil || a.Phone.Status != Verified) {
		toVerify = append(toVerify, "phone_number")
	}
	return required, optional, missing, toVerify
}

// SettleSignUp makes the user and signs it in, if nothing is missing any
// more.
func (tx *Tx) SettleSignUp(a *SignUpAttempt) error {
	_, _, missing, toVerify := a.Requirements(&tx.Settings)
	waiting := a.External != nil && a.External.Status != Verified && a.Hash == ""
	if len(missing)+len(toVerify) > 0 || waiting || a.Status == StatusComplete {
		return nil
	}
	if a.Fields["email_address"] == "" && a.Fields["phone_number"] == "" && a.Fields["username"] == "" {
		return nil // nobody could ever sign in
	}
	if err := tx.MayUse(a); err != nil {
		return err
	}
	if tx.Emails[a.Fields["email_address"]] != "" {
		return refusal.Taken("email_address")
	}
	if tx.Phones[a.Fields["phone_number"]] != "" {
		return refusal.Taken("phone_number")
	}
	if a.InvitationID != "" && tx.Invitations[a.InvitationID] == nil { // deleted since the sign-up began
		return refusal.Param("ticket", "ticket_invalid_code", "Ticket is invalid")
	}
	u, err := tx.AddUser(UserSeed{
		Username: a.Fields["username"], FirstName: a.Fields["first_name"], LastName: a.Fields["last_name"], ExternalID: a.ExternalID,
	})
	if err != nil {
		return err
	}
	u.Unsafe = a.Unsafe
	if a.Fields["email_address"] != "" {
		tx.AddIdentification(u, EmailKind, a.Fields["email_address"], *CloneOf(a.Email))
	}
	if a.Fields["phone_number"] != "" {
		tx.AddIdentification(u, PhoneKind, a.Fields["phone_number"], *CloneOf(a.Phone))
	}
	if a.Hash != "" {
		u.PasswordSalt, u.PasswordHash, u.PasswordAt = a.Salt, a.Hash, tx.Now()
	}
	u.LegalAcceptedAt = a.LegalAcceptedAt
	strategy := "password"
	if a.Profile != nil && a.External != nil && a.External.Status == Verified {
		tx.AddAccount(u, a.Profile, *a.External)
		strategy = a.External.Strategy
	}
	in := SignIn{UserID: u.ID, ClientID: a.ClientID, SecondFactor: -1, Strategy: strategy}
	if i := tx.Invitations[a.InvitationID]; i != nil {
		if err := tx.Accept(i, u.ID); err != nil {
			return err
		}
		if i.OrganizationID == "" {
			u.Public = i.Public
		}
		in.Organization, in.Strategy = i.OrganizationID, "ticket"
	}
	Emit(tx, "user.created", u)
	tx.LetIn(u)
	rec, err := tx.SignIn(in)
	if err != nil {
		return err
	}
	a.Status, a.UserID, a.SessionID = StatusComplete, u.ID, rec.ID
	tx.OfferDomains(u)
	return nil
}

// MayJoin refuses sign-ups that the instance's mode does not let in.
func (tx *Tx) MayJoin(a *SignUpAttempt) error {
	if a.InvitationID != "" {
		return nil
	}
	switch tx.Settings.SignUpMode {
	case modeRestricted:
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "sign_up_mode_restricted", Message: "Sign ups are restricted",
			Long: "Access to this app is limited, and an invitation is needed to sign up.", Param: "", Meta: nil,
		}
	case ModeWaitlist:
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "sign_up_restricted_waitlist", Message: "Sign ups are restricted",
			Long: "Sign ups are currently unavailable. Join the waitlist to be notified when access becomes available.", Param: "", Meta: nil,
		}
	}
	return nil
}

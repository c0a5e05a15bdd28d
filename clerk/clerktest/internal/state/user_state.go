package state

import (
	"encoding/json"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Lockout, as a new instance has it
// (https://clerk.com/docs/guides/secure/user-lockout).
const (
	MaxFailedAttempts = 10
	LockoutDuration   = time.Hour
)

func (u *User) Locked(now time.Time) bool { return now.Before(u.LockedUntil) }

// LockoutSeconds is how long the user stays locked, nil if it is not.
func (u *User) LockoutSeconds(now time.Time) *int64 {
	if !u.Locked(now) {
		return nil
	}
	left := int64(u.LockedUntil.Sub(now).Round(time.Second) / time.Second)
	return &left
}

// MayEnter refuses those who may not sign in, whatever they prove.
func (u *User) MayEnter(now time.Time) *refusal.Error {
	left := u.LockoutSeconds(now)
	switch {
	case u.Banned:
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "user_banned", Message: "User banned",
			Long: "You have been banned. If you think this was by mistake, please contact support.", Param: "", Meta: nil,
		}
	case left != nil:
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "user_locked", Message: "Account locked",
			Long: "Your account is locked. You will be able to try again in " + (time.Duration(*left) * time.Second).String() + ".", Param: "",
			Meta: map[string]any{"lockout_expires_in_seconds": *left},
		}
	}
	return nil
}

// CountAttempt counts what failed to prove who somebody is, and locks the
// account where that happens too often.
func (tx *Tx) CountAttempt(u *User, failed *refusal.Error) {
	if u.ID == "" || failed.Code != "form_password_incorrect" && failed.Code != "form_code_incorrect" {
		return
	}
	if u.FailedAttempts++; u.FailedAttempts >= MaxFailedAttempts {
		u.FailedAttempts = 0
		tx.Lock(u)
	}
}

// Changed notes that a user is another than before.
func (tx *Tx) Changed(u *User) {
	u.UpdatedAt = tx.Now()
	Emit(tx, "user.updated", u)
}

func (tx *Tx) Ban(u *User) {
	u.Banned = true
	tx.EndSessions(u.ID, "", StatusRevoked)
	tx.Changed(u)
}

func (tx *Tx) Unban(u *User) {
	u.Banned = false
	tx.Changed(u)
}

func (tx *Tx) Lock(u *User) {
	u.LockedUntil = tx.Now().Add(LockoutDuration)
	tx.Changed(u)
}

func (tx *Tx) Unlock(u *User) {
	u.LockedUntil, u.FailedAttempts = time.Time{}, 0
	tx.Changed(u)
}

// MayFoundOrganization refuses those who may not make an organization, or not one
// more. Servers are not bound by it.
func (s *Store) MayFoundOrganization(userID string) error {
	return s.Update(func(tx *Tx) error {
		u := tx.Users[userID]
		if u == nil || u.NoCreateOrg {
			return refusal.Forbidden()
		}
		if u.CreateOrgsLimit == nil || *u.CreateOrgsLimit == 0 {
			return nil
		}
		made := 0
		for _, o := range tx.Organizations {
			if o.CreatedBy == userID {
				made++
			}
		}
		if made >= *u.CreateOrgsLimit {
			return &refusal.Error{
				Kind: refusal.KindNotAllowed, Code: "organization_quota_exceeded", Message: "Organization quota exceeded",
				Long: "You have reached your limit of organizations.", Param: "", Meta: nil,
			}
		}
		return nil
	})
}

// SetExternalID changes the id in the application's tables.
func (tx *Tx) SetExternalID(u *User, id string) {
	delete(tx.ExternalIDs, MineOnly(tx.ExternalIDs, u.ExternalID, u.ID))
	if u.ExternalID = id; id != "" {
		tx.ExternalIDs[id] = u.ID
	}
}

// SetUsername changes the username to one that username let pass.
func (tx *Tx) SetUsername(u *User, name string) {
	delete(tx.Usernames, MineOnly(tx.Usernames, u.Username, u.ID))
	if u.Username = name; name != "" {
		tx.Usernames[name] = u.ID
	}
}

// SetCreated moves a user to when it was created elsewhere.
func (tx *Tx) SetCreated(u *User, at time.Time) {
	tx.disorderUser(u)
	u.Created.At = at
	tx.orderUser(u)
}

// userMetadata is one of the three kinds of metadata.
type userMetadata struct {
	Param string
	Of    func(*User) *json.RawMessage
}

var UserMetadataKinds = []userMetadata{
	{"public_metadata", func(u *User) *json.RawMessage { return &u.Public }},
	{"private_metadata", func(u *User) *json.RawMessage { return &u.Private }},
	{"unsafe_metadata", func(u *User) *json.RawMessage { return &u.Unsafe }},
}

// EncodeLimited writes metadata, and refuses more than a user may have.
func EncodeLimited(param string, object map[string]any) (json.RawMessage, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	if len(text) > MaxMetadata {
		return nil, refusal.Param(param, "form_param_exceeds_allowed_size", param+" is larger than 8 KB.")
	}
	return text, nil
}

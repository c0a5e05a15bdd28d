package clerktest

import (
	"encoding/json"
	"net/http"
	"time"
)

// Lockout, as a new instance has it
// (https://clerk.com/docs/guides/secure/user-lockout).
const (
	maxFailedAttempts = 10
	lockoutDuration   = time.Hour
)

func (u *user) locked(now time.Time) bool { return now.Before(u.LockedUntil) }

// lockoutSeconds is how long the user stays locked, nil if it is not.
func (u *user) lockoutSeconds(now time.Time) *int64 {
	if !u.locked(now) {
		return nil
	}
	left := int64(u.LockedUntil.Sub(now).Round(time.Second) / time.Second)
	return &left
}

// mayEnter refuses those who may not sign in, whatever they prove.
func (u *user) mayEnter(now time.Time) *apiError {
	left := u.lockoutSeconds(now)
	switch {
	case u.Banned:
		return &apiError{
			http.StatusForbidden, "user_banned", "User banned",
			"You have been banned. If you think this was by mistake, please contact support.", "", nil,
		}
	case left != nil:
		return &apiError{
			http.StatusForbidden, "user_locked", "Account locked",
			"Your account is locked. You will be able to try again in " + (time.Duration(*left) * time.Second).String() + ".", "",
			map[string]any{"lockout_expires_in_seconds": *left},
		}
	}
	return nil
}

// countAttempt counts what failed to prove who somebody is, and locks the
// account where that happens too often.
func (tx *stateTx) countAttempt(u *user, failed *apiError) {
	if u.ID == "" || failed.Code != "form_password_incorrect" && failed.Code != "form_code_incorrect" {
		return
	}
	if u.FailedAttempts++; u.FailedAttempts >= maxFailedAttempts {
		u.FailedAttempts = 0
		tx.lock(u)
	}
}

// changed notes that a user is another than before.
func (tx *stateTx) changed(u *user) {
	u.UpdatedAt = tx.now()
	emit(tx, "user.updated", u)
}

func (tx *stateTx) ban(u *user) {
	u.Banned = true
	tx.endSessions(u.ID, "", statusRevoked)
	tx.changed(u)
}

func (tx *stateTx) unban(u *user) {
	u.Banned = false
	tx.changed(u)
}

func (tx *stateTx) lock(u *user) {
	u.LockedUntil = tx.now().Add(lockoutDuration)
	tx.changed(u)
}

func (tx *stateTx) unlock(u *user) {
	u.LockedUntil, u.FailedAttempts = time.Time{}, 0
	tx.changed(u)
}

// mayFoundOrganization refuses those who may not make an organization, or not one
// more. Servers are not bound by it.
func (s *store) mayFoundOrganization(userID string) error {
	return s.Update(func(tx *stateTx) error {
		u := tx.Users[userID]
		if u == nil || u.NoCreateOrg {
			return errForbidden()
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
			return &apiError{
				http.StatusForbidden, "organization_quota_exceeded", "Organization quota exceeded",
				"You have reached your limit of organizations.", "", nil,
			}
		}
		return nil
	})
}

// setExternalID changes the id in the application's tables.
func (tx *stateTx) setExternalID(u *user, id string) {
	delete(tx.externalIDs, mineOnly(tx.externalIDs, u.ExternalID, u.ID))
	if u.ExternalID = id; id != "" {
		tx.externalIDs[id] = u.ID
	}
}

// setUsername changes the username to one that username let pass.
func (tx *stateTx) setUsername(u *user, name string) {
	delete(tx.usernames, mineOnly(tx.usernames, u.Username, u.ID))
	if u.Username = name; name != "" {
		tx.usernames[name] = u.ID
	}
}

// setCreated moves a user to when it was created elsewhere.
func (tx *stateTx) setCreated(u *user, at time.Time) {
	tx.disorderUser(u)
	u.Created.At = at
	tx.orderUser(u)
}

// userMetadata is one of the three kinds of metadata.
type userMetadata struct {
	param string
	of    func(*user) *json.RawMessage
}

var userMetadataKinds = []userMetadata{
	{"public_metadata", func(u *user) *json.RawMessage { return &u.Public }},
	{"private_metadata", func(u *user) *json.RawMessage { return &u.Private }},
	{"unsafe_metadata", func(u *user) *json.RawMessage { return &u.Unsafe }},
}

// metadataField reads metadata of a JSON body: an object of at most 8 KB. Null is
// an empty one.
func metadataField(param string, f field[json.RawMessage]) (json.RawMessage, error) {
	if f.Null || len(f.Value) == 0 {
		return json.RawMessage("{}"), nil
	}
	object, err := decodeObject(f.Value)
	if err != nil || object == nil {
		return nil, errParam(param, "form_param_value_invalid", param+" must be a valid key-value object.")
	}
	return encodeLimited(param, object)
}

// encodeLimited writes metadata, and refuses more than a user may have.
func encodeLimited(param string, object map[string]any) (json.RawMessage, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	if len(text) > maxMetadata {
		return nil, errParam(param, "form_param_exceeds_allowed_size", param+" is larger than 8 KB.")
	}
	return text, nil
}

// mergeField merges metadata of a JSON body into what is there; null deletes a key.
func mergeField(param string, into json.RawMessage, f field[json.RawMessage]) (json.RawMessage, error) {
	if f.Null {
		return into, nil
	}
	patch, err := decodeObject(f.Value)
	if err != nil || patch == nil {
		return nil, errParam(param, "form_param_value_invalid", param+" must be a valid key-value object.")
	}
	old, err := decodeObject(into)
	if err != nil {
		return nil, err
	}
	return encodeLimited(param, mergeObjects(old, patch))
}

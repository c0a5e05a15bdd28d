package clerktest

import (
	"encoding/json"
	"strings"
	"time"
)

// Limits of API keys (schema of createApiKey).
const (
	minAPIKeyName     = 3
	maxAPIKeyText     = 255
	defaultAPIKeyType = "api_key"
)

// apiKey lets a program act for a user, organization or machine.
type apiKey struct {
	ID, Secret       string
	Type             string
	Subject          string
	Name             string
	Description      *string
	Claims           json.RawMessage
	Scopes           []string
	CreatedBy        string
	Revoked          bool
	RevocationReason string
	ExpireAt         time.Time // zero for never
	LastUsedAt       time.Time
	Created          made
	UpdatedAt        time.Time
}

func (k *apiKey) expired(now time.Time) bool { return !k.ExpireAt.IsZero() && !now.Before(k.ExpireAt) }

// subjectExists tells whom a key can be of.
func (tx *stateTx) subjectExists(id string) bool {
	switch prefix, _, _ := strings.Cut(id, "_"); prefix {
	case "user":
		return tx.Users[id] != nil
	case "org":
		return tx.Organizations[id] != nil
	case "mch":
		return tx.Machines[id] != nil
	}
	return false
}

func checkAPIKey(k *apiKey) error {
	switch {
	case len(k.Name) < minAPIKeyName || len(k.Name) > maxAPIKeyText || strings.TrimSpace(k.Name) != k.Name:
		return errBadParam("name", "is not 3 to 255 characters without white space at the ends")
	case k.Description != nil && len(*k.Description) > maxAPIKeyText:
		return errBadParam("description", "is longer than 255 characters")
	case len(k.Type) < minAPIKeyName || len(k.Type) > 25:
		return errBadParam("type", "is not 3 to 25 characters")
	}
	return nil
}

// addAPIKey keeps a new key. Id and times are made here, and the secret if it is
// empty.
func (s *store) addAPIKey(k apiKey, lifetime time.Duration) (apiKey, error) {
	return with2(s, func(tx *stateTx) (apiKey, error) {
		if err := checkAPIKey(&k); err != nil {
			return apiKey{}, err
		}
		if !tx.subjectExists(k.Subject) {
			return apiKey{}, errBadParam("subject", "is not the id of a user, organization or machine")
		}
		if k.CreatedBy != "" && tx.Users[k.CreatedBy] == nil {
			return apiKey{}, errBadParam("created_by", "is not the id of a user")
		}
		if k.Secret == "" {
			k.Secret = "ak_" + tx.ids.random(43)
		} else if err := tx.checkPinned("secret", k.Secret); err != nil {
			return apiKey{}, err
		}
		k.ID, k.Created = tx.ids.hex("ak"), tx.made()
		k.UpdatedAt = k.Created.At
		if lifetime > 0 {
			k.ExpireAt = k.Created.At.Add(lifetime)
		}
		tx.APIKeys[k.Secret] = &k
		return k, nil
	})
}

func (tx *stateTx) apiKey(id string) (*apiKey, error) {
	for _, k := range tx.APIKeys {
		if k.ID == id {
			return k, nil
		}
	}
	return nil, errNotFound("API key with id " + quoted(id))
}

// onAPIKey changes the key with an id, and returns it as it is then. Change may
// be nil.
func (s *store) onAPIKey(id string, change func(*stateTx, *apiKey) error) (apiKey, error) {
	return with2(s, func(tx *stateTx) (apiKey, error) {
		k, err := tx.apiKey(id)
		if err != nil {
			return apiKey{}, err
		}
		if change == nil {
			return *k, nil
		}
		after := *k
		if err := change(tx, &after); err != nil {
			return apiKey{}, err
		}
		if err := checkAPIKey(&after); err != nil {
			return apiKey{}, err
		}
		after.UpdatedAt = tx.now()
		*k = after
		return after, nil
	})
}

func (s *store) deleteAPIKey(id string) error {
	return s.Update(func(tx *stateTx) error {
		k, err := tx.apiKey(id)
		if err == nil {
			delete(tx.APIKeys, k.Secret)
		}
		return err
	})
}

// apiKeyOf finds a key that can be used, and notes that it was. A key whose
// subject is gone cannot.
func (s *store) apiKeyOf(secret string) (apiKey, error) {
	return with2(s, func(tx *stateTx) (apiKey, error) {
		k := tx.APIKeys[secret]
		if k == nil || k.Revoked || k.expired(tx.now()) || !tx.subjectExists(k.Subject) {
			return apiKey{}, errNotFound("valid API key")
		}
		k.LastUsedAt = tx.now()
		return *k, nil
	})
}

// listAPIKeys returns keys, oldest first.
func (s *store) listAPIKeys(keep func(*apiKey) bool) []apiKey {
	return with(s, func(tx *stateTx) []apiKey {
		return list(tx.APIKeys, func(k *apiKey) made { return k.Created }, keep)
	})
}

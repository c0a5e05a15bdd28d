package state

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Limits of API keys (schema of createApiKey).
const (
	minAPIKeyName     = 3
	maxAPIKeyText     = 255
	DefaultAPIKeyType = "api_key"
)

// APIKey lets a program act for a user, organization or machine.
type APIKey struct {
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
	Created          Made
	UpdatedAt        time.Time
}

func (k *APIKey) Expired(now time.Time) bool { return !k.ExpireAt.IsZero() && !now.Before(k.ExpireAt) }

// SubjectExists tells whom a key can be of.
func (tx *Tx) SubjectExists(id string) bool {
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

func checkAPIKey(k *APIKey) error {
	switch {
	case len(k.Name) < minAPIKeyName || len(k.Name) > maxAPIKeyText || strings.TrimSpace(k.Name) != k.Name:
		return refusal.BadParam("name", "is not 3 to 255 characters without white space at the ends")
	case k.Description != nil && len(*k.Description) > maxAPIKeyText:
		return refusal.BadParam("description", "is longer than 255 characters")
	case len(k.Type) < minAPIKeyName || len(k.Type) > 25:
		return refusal.BadParam("type", "is not 3 to 25 characters")
	}
	return nil
}

// AddAPIKey keeps a new key. Id and times are made here, and the secret if it is
// empty.
func (s *Store) AddAPIKey(k APIKey, lifetime time.Duration) (APIKey, error) {
	return With2(s, func(tx *Tx) (APIKey, error) {
		if err := checkAPIKey(&k); err != nil {
			return APIKey{}, err
		}
		if !tx.SubjectExists(k.Subject) {
			return APIKey{}, refusal.BadParam("subject", "is not the id of a user, organization or machine")
		}
		if k.CreatedBy != "" && tx.Users[k.CreatedBy] == nil {
			return APIKey{}, refusal.BadParam("created_by", "is not the id of a user")
		}
		if k.Secret == "" {
			k.Secret = "ak_" + tx.IDs.Random(43)
		} else if err := tx.checkPinned("secret", k.Secret); err != nil {
			return APIKey{}, err
		}
		k.ID, k.Created = tx.IDs.Hex("ak"), tx.Made()
		k.UpdatedAt = k.Created.At
		if lifetime > 0 {
			k.ExpireAt = k.Created.At.Add(lifetime)
		}
		tx.APIKeys[k.Secret] = &k
		return k, nil
	})
}

func (tx *Tx) apiKey(id string) (*APIKey, error) {
	for _, k := range tx.APIKeys {
		if k.ID == id {
			return k, nil
		}
	}
	return nil, refusal.NotFound("API key with id " + refusal.Quoted(id))
}

// OnAPIKey changes the key with an id, and returns it as it is then. Change may
// be nil.
func (s *Store) OnAPIKey(id string, change func(*Tx, *APIKey) error) (APIKey, error) {
	return With2(s, func(tx *Tx) (APIKey, error) {
		k, err := tx.apiKey(id)
		if err != nil {
			return APIKey{}, err
		}
		if change == nil {
			return *k, nil
		}
		after := *k
		if err := change(tx, &after); err != nil {
			return APIKey{}, err
		}
		if err := checkAPIKey(&after); err != nil {
			return APIKey{}, err
		}
		after.UpdatedAt = tx.Now()
		*k = after
		return after, nil
	})
}

func (s *Store) DeleteAPIKey(id string) error {
	return s.Update(func(tx *Tx) error {
		k, err := tx.apiKey(id)
		if err == nil {
			delete(tx.APIKeys, k.Secret)
		}
		return err
	})
}

// APIKeyOf finds a key that can be used, and notes that it was. A key whose
// subject is gone cannot.
func (s *Store) APIKeyOf(secret string) (APIKey, error) {
	return With2(s, func(tx *Tx) (APIKey, error) {
		k := tx.APIKeys[secret]
		if k == nil || k.Revoked || k.Expired(tx.Now()) || !tx.SubjectExists(k.Subject) {
			return APIKey{}, refusal.NotFound("valid API key")
		}
		k.LastUsedAt = tx.Now()
		return *k, nil
	})
}

// ListAPIKeys returns keys, oldest first.
func (s *Store) ListAPIKeys(keep func(*APIKey) bool) []APIKey {
	return With(s, func(tx *Tx) []APIKey {
		return List(tx.APIKeys, func(k *APIKey) Made { return k.Created }, keep)
	})
}

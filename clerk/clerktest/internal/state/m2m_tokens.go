package state

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// M2MToken is an opaque M2M token. JWTs are not kept: nobody can revoke them.
type M2MToken struct {
	ID, Token        string
	Subject          string   // the machine that it speaks for
	Scopes           []string // the machines that may accept it
	Claims           json.RawMessage
	Revoked          bool
	RevocationReason string
	ExpireAt         time.Time
	LastUsedAt       time.Time
	Created          Made
	UpdatedAt        time.Time
}

// good reports whether a token can be used.
func (t *M2MToken) good(now time.Time) bool { return !t.Revoked && now.Before(t.ExpireAt) }

// NewM2MToken keeps a new token of a machine. With reuse, one of the machine that
// is as good and lives as long is returned instead.
func (s *Store) NewM2MToken(subject string, claims json.RawMessage, lifetime time.Duration, reuse *time.Duration) (M2MToken, error) {
	return With2(s, func(tx *Tx) (M2MToken, error) {
		m, err := tx.machine(subject)
		if err != nil {
			return M2MToken{}, err
		}
		now := tx.Now()
		scopes := m.ScopeIDs()
		if reuse != nil {
			for _, t := range tx.M2MTokens {
				if t.Subject == subject && t.good(now) && !t.ExpireAt.Before(now.Add(*reuse)) &&
					string(t.Claims) == string(claims) && slices.Equal(t.Scopes, scopes) {
					return *t, nil
				}
			}
		}
		created := tx.Made()
		t := &M2MToken{
			ID: tx.IDs.Hex("mt"), Token: "mt_" + tx.IDs.Random(43), Subject: subject, Scopes: scopes, Claims: claims,
			ExpireAt: created.At.Add(lifetime), Created: created, UpdatedAt: created.At,
		}
		tx.M2MTokens[t.Token] = t
		return *t, nil
	})
}

// M2MTokenOf finds a token that can be used, and notes that it was. Of a machine
// that is not to accept it, it is as good as none; no machine is the instance.
func (s *Store) M2MTokenOf(token string, by *Machine) (M2MToken, error) {
	return With2(s, func(tx *Tx) (M2MToken, error) {
		t := tx.M2MTokens[token]
		if t == nil || !t.good(tx.Now()) || by != nil && !slices.Contains(t.Scopes, by.ID) {
			return M2MToken{}, refusal.NotFound("valid M2M token")
		}
		t.LastUsedAt = tx.Now()
		return *t, nil
	})
}

// ListM2MTokens returns the tokens of a machine, oldest first.
func (s *Store) ListM2MTokens(subject string, revoked, expired bool) ([]M2MToken, error) {
	return With2(s, func(tx *Tx) ([]M2MToken, error) {
		if _, err := tx.machine(subject); err != nil {
			return nil, err
		}
		now := tx.Now()
		return List(tx.M2MTokens, func(t *M2MToken) Made { return t.Created }, func(t *M2MToken) bool {
			return t.Subject == subject && (revoked || !t.Revoked) && (expired || now.Before(t.ExpireAt))
		}), nil
	})
}

// RevokeM2MToken ends a token, for the machine that it is of or for the instance.
func (s *Store) RevokeM2MToken(id, reason string, by *Machine) (M2MToken, error) {
	return With2(s, func(tx *Tx) (M2MToken, error) {
		for _, t := range tx.M2MTokens {
			if t.ID == id && (by == nil || t.Subject == by.ID) {
				if !t.Revoked {
					t.Revoked, t.RevocationReason, t.UpdatedAt = true, reason, tx.Now()
				}
				return *t, nil
			}
		}
		return M2MToken{}, refusal.NotFound("M2M token with id " + refusal.Quoted(id))
	})
}

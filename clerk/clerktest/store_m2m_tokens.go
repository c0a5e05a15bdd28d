package clerktest

import (
	"encoding/json"
	"slices"
	"time"
)

// m2mToken is an opaque M2M token. JWTs are not kept: nobody can revoke them.
type m2mToken struct {
	ID, Token        string
	Subject          string   // the machine that it speaks for
	Scopes           []string // the machines that may accept it
	Claims           json.RawMessage
	Revoked          bool
	RevocationReason string
	ExpireAt         time.Time
	LastUsedAt       time.Time
	Created          made
	UpdatedAt        time.Time
}

// good reports whether a token can be used.
func (t *m2mToken) good(now time.Time) bool { return !t.Revoked && now.Before(t.ExpireAt) }

// newM2MToken keeps a new token of a machine. With reuse, one of the machine that
// is as good and lives as long is returned instead.
func (s *store) newM2MToken(subject string, claims json.RawMessage, lifetime time.Duration, reuse *time.Duration) (m2mToken, error) {
	return with2(s, func(tx *stateTx) (m2mToken, error) {
		m, err := tx.machine(subject)
		if err != nil {
			return m2mToken{}, err
		}
		now := tx.now()
		scopes := m.scopeIDs()
		if reuse != nil {
			for _, t := range tx.M2MTokens {
				if t.Subject == subject && t.good(now) && !t.ExpireAt.Before(now.Add(*reuse)) &&
					string(t.Claims) == string(claims) && slices.Equal(t.Scopes, scopes) {
					return *t, nil
				}
			}
		}
		created := tx.made()
		t := &m2mToken{
			ID: tx.ids.hex("mt"), Token: "mt_" + tx.ids.random(43), Subject: subject, Scopes: scopes, Claims: claims,
			ExpireAt: created.At.Add(lifetime), Created: created, UpdatedAt: created.At,
		}
		tx.M2MTokens[t.Token] = t
		return *t, nil
	})
}

// m2mTokenOf finds a token that can be used, and notes that it was. Of a machine
// that is not to accept it, it is as good as none; no machine is the instance.
func (s *store) m2mTokenOf(token string, by *machine) (m2mToken, error) {
	return with2(s, func(tx *stateTx) (m2mToken, error) {
		t := tx.M2MTokens[token]
		if t == nil || !t.good(tx.now()) || by != nil && !slices.Contains(t.Scopes, by.ID) {
			return m2mToken{}, errNotFound("valid M2M token")
		}
		t.LastUsedAt = tx.now()
		return *t, nil
	})
}

// listM2MTokens returns the tokens of a machine, oldest first.
func (s *store) listM2MTokens(subject string, revoked, expired bool) ([]m2mToken, error) {
	return with2(s, func(tx *stateTx) ([]m2mToken, error) {
		if _, err := tx.machine(subject); err != nil {
			return nil, err
		}
		now := tx.now()
		return list(tx.M2MTokens, func(t *m2mToken) made { return t.Created }, func(t *m2mToken) bool {
			return t.Subject == subject && (revoked || !t.Revoked) && (expired || now.Before(t.ExpireAt))
		}), nil
	})
}

// revokeM2MToken ends a token, for the machine that it is of or for the instance.
func (s *store) revokeM2MToken(id, reason string, by *machine) (m2mToken, error) {
	return with2(s, func(tx *stateTx) (m2mToken, error) {
		for _, t := range tx.M2MTokens {
			if t.ID == id && (by == nil || t.Subject == by.ID) {
				if !t.Revoked {
					t.Revoked, t.RevocationReason, t.UpdatedAt = true, reason, tx.now()
				}
				return *t, nil
			}
		}
		return m2mToken{}, errNotFound("M2M token with id " + quoted(id))
	})
}

package state

import (
	"maps"
	"time"
)

// nonceLifetime is how long a handshake's result waits for the application.
const nonceLifetime = time.Minute

// nonce is the result of a handshake in its nonce form.
type nonce struct {
	Directives []string
	ExpireAt   time.Time
}

// PutNonce keeps a handshake's directives and returns the nonce for them.
func (s *Store) PutNonce(directives []string) string {
	return With(s, func(tx *Tx) string {
		if len(tx.Nonces) >= tx.purgeNonces { // what unfinished handshakes left behind
			now := tx.Now()
			maps.DeleteFunc(tx.Nonces, func(_ string, n nonce) bool { return !now.Before(n.ExpireAt) })
			tx.purgeNonces = max(1000, 2*len(tx.Nonces))
		}
		id := tx.IDs.Random(32)
		tx.Nonces[id] = nonce{directives, tx.Now().Add(nonceLifetime)}
		return id
	})
}

// TakeNonce returns the directives for a nonce, once.
func (s *Store) TakeNonce(id string) ([]string, bool) {
	return With2(s, func(tx *Tx) ([]string, bool) {
		n, ok := tx.Nonces[id]
		delete(tx.Nonces, id)
		return n.Directives, ok && tx.Now().Before(n.ExpireAt)
	})
}

package clerktest

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

// putNonce keeps a handshake's directives and returns the nonce for them.
func (s *store) putNonce(directives []string) string {
	return with(s, func(tx *stateTx) string {
		if len(tx.Nonces) >= tx.purgeNonces { // what unfinished handshakes left behind
			now := tx.now()
			maps.DeleteFunc(tx.Nonces, func(_ string, n nonce) bool { return !now.Before(n.ExpireAt) })
			tx.purgeNonces = max(1000, 2*len(tx.Nonces))
		}
		id := tx.ids.random(32)
		tx.Nonces[id] = nonce{directives, tx.now().Add(nonceLifetime)}
		return id
	})
}

// takeNonce returns the directives for a nonce, once.
func (s *store) takeNonce(id string) ([]string, bool) {
	return with2(s, func(tx *stateTx) ([]string, bool) {
		n, ok := tx.Nonces[id]
		delete(tx.Nonces, id)
		return n.Directives, ok && tx.now().Before(n.ExpireAt)
	})
}

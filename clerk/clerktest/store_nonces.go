package clerktest

import (
	"maps"
	"time"
)

// nonceLifetime is how long a handshake's result waits for the application.
const nonceLifetime = time.Minute

// nonce is the result of a handshake in its nonce form.
type nonce struct {
	directives []string
	expireAt   time.Time
}

// putNonce keeps a handshake's directives and returns the nonce for them.
func (s *store) putNonce(directives []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.nonces) >= s.purgeNonces { // what unfinished handshakes left behind
		now := s.now()
		maps.DeleteFunc(s.nonces, func(_ string, n nonce) bool { return !now.Before(n.expireAt) })
		s.purgeNonces = max(1000, 2*len(s.nonces))
	}
	id := s.ids.random(32)
	s.nonces[id] = nonce{directives, s.now().Add(nonceLifetime)}
	return id
}

// takeNonce returns the directives for a nonce, once.
func (s *store) takeNonce(id string) ([]string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.nonces[id]
	delete(s.nonces, id)
	return n.directives, ok && s.now().Before(n.expireAt)
}

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
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.Nonces) >= s.purgeNonces { // what unfinished handshakes left behind
		now := s.now()
		maps.DeleteFunc(s.Nonces, func(_ string, n nonce) bool { return !now.Before(n.ExpireAt) })
		s.purgeNonces = max(1000, 2*len(s.Nonces))
	}
	id := s.ids.random(32)
	s.Nonces[id] = nonce{directives, s.now().Add(nonceLifetime)}
	return id
}

// takeNonce returns the directives for a nonce, once.
func (s *store) takeNonce(id string) ([]string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.Nonces[id]
	delete(s.Nonces, id)
	return n.Directives, ok && s.now().Before(n.ExpireAt)
}

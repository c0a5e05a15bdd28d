package clerktest

import (
	crand "crypto/rand"
	"math/rand/v2"
	"sync"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// idSource makes ids in Clerk's form, a prefix and 27 characters of base62, and
// all other randomness, so that one switch makes a run repeatable.
type idSource struct {
	mu   sync.Mutex
	rand *rand.ChaCha8
}

func newIDSource(deterministic bool) *idSource {
	var seed [32]byte
	if !deterministic {
		_, _ = crand.Read(seed[:]) // never fails, by its documentation
	}
	return &idSource{rand: rand.NewChaCha8(seed)}
}

// next returns a new id: next("user") is user_….
func (s *idSource) next(prefix string) string { return prefix + "_" + s.random(27) }

// random returns n characters of base62.
func (s *idSource) random(n int) string { return s.from(base62, n) }

// lower returns n characters that a host name may have.
func (s *idSource) lower(n int) string { return s.from("0123456789abcdefghijklmnopqrstuvwxyz", n) }

// hex returns a new id of machine tokens and keys: hex("mt") is mt_ and 32 digits.
func (s *idSource) hex(prefix string) string { return prefix + "_" + s.from("0123456789abcdef", 32) }

func (s *idSource) from(alphabet string, n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := rand.New(s.rand) //nolint:gosec // ChaCha8, seeded from crypto/rand unless asked otherwise
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// state and restore are for snapshots.
func (s *idSource) state() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rand.MarshalBinary()
}

func (s *idSource) restore(random *rand.ChaCha8) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rand = random
}

// Package ids makes the emulator's ids, and all else that is random.
package ids

import (
	crand "crypto/rand"
	"math/rand/v2"
	"sync"
)

const Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Source makes ids in Clerk's form, a prefix and 27 characters of base62, and
// all other randomness, so that one switch makes a run repeatable.
type Source struct {
	mu   sync.Mutex
	rand *rand.ChaCha8
}

// New returns a source. A deterministic one says the same in each run.
func New(deterministic bool) *Source {
	var seed [32]byte
	if !deterministic {
		_, _ = crand.Read(seed[:]) // never fails, by its documentation
	}
	return &Source{rand: rand.NewChaCha8(seed)}
}

// Next returns a new id: next("user") is user_….
func (s *Source) Next(prefix string) string { return prefix + "_" + s.Random(27) }

// Random returns n characters of base62.
func (s *Source) Random(n int) string { return s.From(Base62, n) }

// Lower returns n characters that a host name may have.
func (s *Source) Lower(n int) string { return s.From("0123456789abcdefghijklmnopqrstuvwxyz", n) }

// Hex returns a new id of machine tokens and keys: hex("mt") is mt_ and 32 digits.
func (s *Source) Hex(prefix string) string { return prefix + "_" + s.From("0123456789abcdef", 32) }

// From returns n characters of an alphabet.
func (s *Source) From(alphabet string, n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := rand.New(s.rand) //nolint:gosec // ChaCha8, seeded from crypto/rand unless asked otherwise
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// State and restore are for snapshots.
func (s *Source) State() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rand.MarshalBinary()
}

// Restore brings the source back to a state.
func (s *Source) Restore(random *rand.ChaCha8) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rand = random
}

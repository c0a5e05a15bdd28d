package budget

import (
	"hash/maphash"
	"time"
)

// senders estimates how many recent calls of each sender were not successful. It is a
// count-min sketch: its memory does not grow with the number of senders, so a flood of
// addresses cannot evict an entry. Senders share counters. The estimate is the smallest
// counter of a sender and is never too low. With 10,000 active senders, a new one is
// mistaken for a busy one in about one of 15,000 cases; with 100,000, in about one of
// three.
type senders struct {
	seed    maphash.Seed
	now     *sketch // nil until the first call
	before  *sketch
	started time.Time // when now began
}

const (
	sketchRows  = 4
	sketchWidth = 1 << 16
	// remembered is the minimum time that a call counts. The maximum is twice that.
	remembered = 30 * time.Second
)

type sketch [sketchRows][sketchWidth]uint8

func newSenders() senders { return senders{seed: maphash.MakeSeed()} }

// turn drops counts that are too old.
func (s *senders) turn(now time.Time) {
	age := now.Sub(s.started)
	if age >= 0 && age < remembered {
		return
	}
	switch {
	case s.now == nil:
	case age >= 2*remembered || age < 0:
		s.now, s.before = nil, nil
	default:
		s.before, s.now = s.now, nil
	}
	s.started = now
}

// places returns the counters of a sender, one in each row.
func (s *senders) places(sender string) (at [sketchRows]uint16) {
	h := maphash.String(s.seed, sender)
	for row := range at {
		at[row] = uint16(h >> (16 * row)) //nolint:gosec // a part of the hash
	}
	return at
}

// count returns the estimate for a sender, which is the sum over its networks, and adds
// one call to each network.
func (s *senders) count(now time.Time, sender []string) (before int) {
	s.turn(now)
	if s.now == nil {
		s.now = new(sketch)
	}
	if len(sender) == 0 {
		return s.countOne("")
	}
	for _, network := range sender {
		before += s.countOne(network)
	}
	return before
}

func (s *senders) countOne(network string) int {
	at := s.places(network)
	n := s.now.least(&at)
	if n < 255 {
		for row, i := range at { // conservative update, for closer estimates
			s.now[row][i] = max(s.now[row][i], n+1)
		}
	}
	return int(n) + int(s.before.least(&at))
}

// forgive subtracts a call that was successful.
func (s *senders) forgive(sender []string) {
	if s.now == nil {
		return
	}
	if len(sender) == 0 {
		s.forgiveOne("")
	}
	for _, network := range sender {
		s.forgiveOne(network)
	}
}

func (s *senders) forgiveOne(network string) {
	at := s.places(network)
	if n := s.now.least(&at); n > 0 && n < 255 {
		for row, i := range at {
			if s.now[row][i] == n {
				s.now[row][i]--
			}
		}
	}
}

func (k *sketch) least(at *[sketchRows]uint16) (n uint8) {
	if k == nil {
		return 0
	}
	n = 255
	for row, i := range at {
		n = min(n, k[row][i])
	}
	return n
}

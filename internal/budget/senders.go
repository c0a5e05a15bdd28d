package budget

import (
	"hash/maphash"
	"time"
)

// senders estimates how many calls each sender asked for lately and has nothing
// good to show for. It is a count-min sketch, whose memory does not grow with the
// number of senders, so that no flood of addresses can push a record out: senders
// share counters, and the smallest of a sender's counters is the estimate, which is
// never too low. With 10,000 senders at work an unknown one is mistaken for a busy
// one in about one of 15,000 cases, with 100,000 in every third.
type senders struct {
	seed    maphash.Seed
	now     *sketch // nil until somebody is counted
	before  *sketch
	started time.Time // when now began
}

const (
	sketchRows  = 4
	sketchWidth = 1 << 16
	// remembered is for how long a sender's calls count at least; twice as long at
	// most.
	remembered = 30 * time.Second
)

type sketch [sketchRows][sketchWidth]uint8

func newSenders() senders { return senders{seed: maphash.MakeSeed()} }

// turn forgets what is too old.
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

// places are the counters of a sender, one in each row.
func (s *senders) places(sender string) (at [sketchRows]uint16) {
	h := maphash.String(s.seed, sender)
	for row := range at {
		at[row] = uint16(h >> (16 * row)) //nolint:gosec // a part of the hash
	}
	return at
}

// count returns the estimate for a sender, the sum of those of its networks, and
// counts one more for each.
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
		for row, i := range at { // no more than needed, so that the estimates stay close
			s.now[row][i] = max(s.now[row][i], n+1)
		}
	}
	return int(n) + int(s.before.least(&at))
}

// forgive takes one back, after a good answer.
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

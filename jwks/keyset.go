package jwks

import (
	"crypto/rsa"
	"math"
	"time"
)

// keySet is the result of one fetch. It is immutable once published.
type keySet struct {
	keys map[string]*rsa.PublicKey
	asOf moment
}

// newKeySet makes a set of doc. Keys that prev has too keep their pointers. added and
// removed count the changes.
func newKeySet(doc *document, asOf moment, prev *keySet) (set *keySet, added, removed int) {
	set = &keySet{keys: doc.keys, asOf: asOf}
	if prev == nil {
		return set, len(set.keys), 0
	}
	kept := 0
	for kid, key := range set.keys {
		if old, ok := prev.keys[kid]; ok && old.Equal(key) {
			set.keys[kid] = old
			kept++
		}
	}
	return set, len(set.keys) - kept, len(prev.keys) - kept
}

// moment is a reading of Config.Now, once as it is and once without its monotonic
// clock.
type moment struct {
	at   time.Time
	wall time.Time
}

func newMoment(now time.Time) moment { return moment{at: now, wall: now.Round(0)} }

// until returns the time from m to now. If the clock has a monotonic reading, the
// larger of both differences counts: the monotonic clock stops while a machine sleeps,
// and the wall clock can be set back. If the wall clock went backwards, the absolute
// difference counts, so a wrong clock does not keep keys fresh for long.
func (m moment) until(now time.Time) time.Duration {
	wall := now.Round(0).Sub(m.wall)
	if wall < 0 {
		if wall = -wall; wall < 0 { // -MinInt64 is itself
			wall = math.MaxInt64
		}
	}
	return max(wall, now.Sub(m.at))
}

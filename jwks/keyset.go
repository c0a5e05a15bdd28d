package jwks

import (
	"crypto/rsa"
	"math"
	"time"
)

// keySet is what one fetch brought. It does not change once published.
type keySet struct {
	keys map[string]*rsa.PublicKey
	asOf moment
}

// newKeySet takes over the pointers of keys that prev has unchanged, and says
// whether anything changed.
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

// moment is a time by Config.Now and its wall clock alone.
type moment struct {
	at   time.Time
	wall time.Time
}

func newMoment(now time.Time) moment { return moment{at: now, wall: now.Round(0)} }

// until is how much time has passed from m to now. Where the clock has a monotonic
// reading too, the larger of both counts: the monotonic clock stands still while a
// machine sleeps, the wall clock may be set back. A wall clock that went backwards
// counts as far as it went, so that no clock error makes keys young for long.
func (m moment) until(now time.Time) time.Duration {
	wall := now.Round(0).Sub(m.wall)
	if wall < 0 {
		if wall = -wall; wall < 0 { // -MinInt64 is itself
			wall = math.MaxInt64
		}
	}
	return max(wall, now.Sub(m.at))
}

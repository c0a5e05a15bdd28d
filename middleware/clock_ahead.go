package middleware

import (
	"sync"
	"time"
)

// ahead tells a clock that is ahead from tokens that are old: with such a clock each
// newer token arrives about as long after its end as the ones before.
type ahead struct {
	mu              sync.Mutex
	newest          time.Time // the latest exp
	lowest, highest time.Duration
	tokens          int
}

const (
	// enoughExpired is how many tokens it takes. Old ones of idle clients differ.
	enoughExpired = 3
	// sameLateness is how far the times since the tokens expired may differ: a session
	// token lives 60 seconds, and is sent at any time in these.
	sameLateness = time.Minute
)

// expired counts a token with a good signature that expired late ago. likely is set
// where the clock is probably ahead, and by is by how much at least.
func (a *ahead) expired(now time.Time, late time.Duration) (by time.Duration, likely bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	expiry := now.Add(-late)
	if !expiry.After(a.newest) {
		return 0, false // one that was counted, or an older one
	}
	a.newest = expiry
	lowest, highest := min(a.lowest, late), max(a.highest, late)
	if a.tokens == 0 || highest-lowest > sameLateness {
		a.tokens, a.lowest, a.highest = 1, late, late
		return 0, false
	}
	a.tokens, a.lowest, a.highest = a.tokens+1, lowest, highest
	return lowest, a.tokens >= enoughExpired
}

package handshake

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

// A revoked key may be accepted for as long as an answer is kept, so that is
// short; it is long enough to make one call out of a busy client's many requests.
const (
	tokenLife    = 15 * time.Second
	tokensCached = 4096 // of each kind of answer, so that made-up tokens push out no good one
)

// tokenCache keeps the Backend API's answers about opaque tokens for a moment,
// and makes one call out of several at the same time. It knows tokens by their
// SHA-256 only. An outage is not kept.
type tokenCache struct {
	now func() time.Time

	mu       sync.Mutex
	accepted map[tokenKey]cachedToken
	refused  map[tokenKey]cachedToken
	asking   map[tokenKey]chan struct{} // closed when the answer is there
}

type tokenKey [sha256.Size]byte

type cachedToken struct {
	decision Decision
	until    time.Time
}

func newTokenCache(now func() time.Time) *tokenCache {
	return &tokenCache{
		now:      now,
		accepted: make(map[tokenKey]cachedToken),
		refused:  make(map[tokenKey]cachedToken),
		asking:   make(map[tokenKey]chan struct{}),
	}
}

// get returns the answer about a token, from ask where there is none yet. Whoever
// comes second waits for the first; when that one finds nothing out, the next asks.
// Whoever cannot wait gets gaveUp.
func (c *tokenCache) get(ctx context.Context, token string, gaveUp Decision, ask func() Decision) Decision {
	key := tokenKey(sha256.Sum256([]byte(token)))
	for {
		c.mu.Lock()
		if d, ok := c.find(key); ok {
			c.mu.Unlock()
			return d
		}
		other, waiting := c.asking[key]
		if !waiting {
			break
		}
		c.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return gaveUp
		}
	}
	done := make(chan struct{})
	c.asking[key] = done
	c.mu.Unlock()

	d := Decision{Status: Outage}
	defer func() {
		c.mu.Lock()
		delete(c.asking, key)
		c.keep(key, d)
		c.mu.Unlock()
		close(done)
	}()
	d = ask()
	return d
}

func (c *tokenCache) find(key tokenKey) (Decision, bool) {
	for _, m := range []map[tokenKey]cachedToken{c.accepted, c.refused} {
		if e, ok := m[key]; ok {
			if now := c.now(); now.Before(e.until) && e.until.Sub(now) <= tokenLife {
				return e.decision, true
			}
			delete(m, key)
		}
	}
	return Decision{}, false
}

func (c *tokenCache) keep(key tokenKey, d Decision) {
	m := c.refused
	switch d.Status {
	case SignedIn:
		m = c.accepted
	case SignedOut:
	default:
		return
	}
	until := c.now().Add(tokenLife)
	if exp := d.Auth.ExpiresAt; !exp.IsZero() && exp.Before(until) {
		until = exp
	}
	if len(m) >= tokensCached {
		c.evict(m)
	}
	m[key] = cachedToken{d, until}
}

// evict makes room: what is over, or else anything.
func (c *tokenCache) evict(m map[tokenKey]cachedToken) {
	now, looked := c.now(), 0
	for key, e := range m {
		if looked++; !now.Before(e.until) || looked > 16 {
			delete(m, key)
			return
		}
	}
	for key := range m {
		delete(m, key)
		return
	}
}

package verify

import (
	"crypto/sha256"
	"math"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/clerkkit/clerkkit/clerk"
)

// The verified-token cache saves only the signature check. Each hit checks the times,
// azp, issuer and audience again, and asks the key source again, so an entry becomes
// invalid together with its key. The cache stores only verified tokens, under the
// SHA-256 of the token and without the token itself.
//
// Session tokens expire after a minute, in the order they were added, so eviction takes
// the oldest entry. A hit does not reorder entries, so readers can share a lock.

// cacheShards is the number of locks that writers are spread over. It must be a power
// of two.
const cacheShards = 32

// entryOverhead is the size of an entry in bytes without its payload: claims, map slot
// and list element. TestCacheBytes measures it.
const entryOverhead = 700

type tokenSum [sha256.Size]byte

type cacheEntry struct {
	claims     *clerk.Claims
	payload    int // length in bytes
	from       *origin
	start, end int64 // Unix seconds; between them every time claim is valid
}

func (e *cacheEntry) bytes() int64 { return int64(e.payload) + entryOverhead }

type cacheShard struct {
	mu    sync.RWMutex
	lru   *simplelru.LRU[tokenSum, cacheEntry]
	bytes int64

	hits, misses atomic.Uint64
	_            [64]byte // puts the counters of each shard on their own cache line
}

type tokenCache struct {
	shards   [cacheShards]cacheShard
	maxBytes int64 // of one shard
}

// newTokenCache returns a cache of maxBytes over all shards.
func newTokenCache(maxBytes int64) (*tokenCache, error) {
	c := &tokenCache{maxBytes: maxBytes / cacheShards}
	for i := range c.shards {
		// The cache is bounded in bytes, but the library requires a bound in entries too.
		lru, err := simplelru.NewLRU[tokenSum, cacheEntry](math.MaxInt32, nil)
		if err != nil {
			return nil, err
		}
		c.shards[i].lru = lru
	}
	return c, nil
}

func (c *tokenCache) shard(sum *tokenSum) *cacheShard { return &c.shards[sum[0]%cacheShards] }

func (c *tokenCache) get(sum *tokenSum) (cacheEntry, bool) {
	s := c.shard(sum)
	s.mu.RLock()
	e, ok := s.lru.Peek(*sum)
	s.mu.RUnlock()
	if ok {
		s.hits.Add(1)
	} else {
		s.misses.Add(1)
	}
	return e, ok
}

// missed counts a miss for a token that was not looked up.
func (c *tokenCache) missed(sum *tokenSum) { c.shard(sum).misses.Add(1) }

func (c *tokenCache) add(sum *tokenSum, e cacheEntry) {
	size := e.bytes()
	if size > c.maxBytes {
		return
	}
	s := c.shard(sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lru.Contains(*sum) {
		return // another request added it first
	}
	for s.bytes+size > c.maxBytes {
		_, old, ok := s.lru.RemoveOldest()
		if !ok {
			break
		}
		s.bytes -= old.bytes()
	}
	s.lru.Add(*sum, e)
	s.bytes += size
}

func (c *tokenCache) remove(sum *tokenSum) {
	s := c.shard(sum)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.lru.Peek(*sum); ok {
		s.lru.Remove(*sum)
		s.bytes -= e.bytes()
	}
}

// CacheStats are the statistics of the verified-token cache.
type CacheStats struct {
	// Hits and Misses count lookups since New.
	Hits, Misses uint64
	// Entries is the number of cached tokens. Bytes is an estimate of the memory they use.
	Entries int
	Bytes   int64
}

// CacheStats returns the statistics of the verified-token cache. They are zero if the
// cache is off.
func (v *Verifier) CacheStats() (stats CacheStats) {
	if v == nil || v.cache == nil {
		return stats
	}
	for i := range v.cache.shards {
		s := &v.cache.shards[i]
		stats.Hits += s.hits.Load()
		stats.Misses += s.misses.Load()
		s.mu.RLock()
		stats.Entries += s.lru.Len()
		stats.Bytes += s.bytes
		s.mu.RUnlock()
	}
	return stats
}

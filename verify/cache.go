package verify

import (
	"crypto/sha256"
	"math"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/clerkkit/clerkkit/clerk"
)

// The verified-token cache spares the signature check, and nothing else: time,
// azp, issuer and audience are checked on each hit, and the key source is asked
// again, so that an entry dies with its key. Only verified tokens enter. Tokens
// themselves are not kept: the key of an entry is the SHA-256 of its token.
//
// Session tokens live for a minute and leave in the order they came, so the
// oldest entry goes first; a hit moves nothing, which lets readers share a lock.

// cacheShards spreads writers over locks. A power of two.
const cacheShards = 32

// entryOverhead is what an entry costs besides its payload: claims, map slot and
// list element. Measured by TestCacheBytes.
const entryOverhead = 700

type tokenSum [sha256.Size]byte

type cacheEntry struct {
	claims     *clerk.Claims
	payload    int // its length in bytes
	from       *origin
	start, end int64 // Unix seconds between which no time claim can be against it
}

func (e *cacheEntry) bytes() int64 { return int64(e.payload) + entryOverhead }

type cacheShard struct {
	mu    sync.RWMutex
	lru   *simplelru.LRU[tokenSum, cacheEntry]
	bytes int64

	hits, misses atomic.Uint64
	_            [64]byte // keeps the counters of shards on lines of their own
}

type tokenCache struct {
	shards   [cacheShards]cacheShard
	maxBytes int64 // of one shard
}

// newTokenCache makes a cache of that many bytes in all.
func newTokenCache(maxBytes int64) (*tokenCache, error) {
	c := &tokenCache{maxBytes: maxBytes / cacheShards}
	for i := range c.shards {
		// The bound is in bytes; the library wants one in entries too.
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

// missed counts a token that nobody looked for.
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
		return // another request was faster
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

// CacheStats tells how the verified-token cache does.
type CacheStats struct {
	// Hits and Misses count the look-ups since the Verifier was made.
	Hits, Misses uint64
	// Entries is how many tokens are cached now, Bytes about how much memory
	// they take.
	Entries int
	Bytes   int64
}

// CacheStats returns the state of the verified-token cache, zero if it is off.
func (v *Verifier) CacheStats() (stats CacheStats) {
	if v.cache == nil {
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

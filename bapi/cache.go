package bapi

import (
	linked "container/list"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/observe"
	"github.com/clerkkit/clerkkit/internal/transport"
)

// CacheConfig configures a [UserCache] or an [OrganizationCache]. The zero value suits
// a server with a few thousand active users.
type CacheConfig struct {
	// Size is the maximum number of entries. The least recently used entry is evicted
	// first. 0 means 10,000. An entry takes about 5 KB, more with much metadata.
	Size int

	// TTL is how long an entry is used before it is fetched again. 0 means 5 minutes. A
	// change at Clerk is visible after at most the TTL, or at once if Handle gets the
	// webhook. With several servers, only the one that gets the webhook sees the change at
	// once; the others see it after the TTL.
	TTL time.Duration

	// MaxStale is how much longer than the TTL an entry is used during an outage of the
	// Backend API. 0 means an hour. With a negative value, an outage is an error as soon
	// as the TTL has passed.
	MaxStale time.Duration

	// FetchTimeout bounds one call to the Backend API with all its attempts. The call has
	// its own context, so it continues for other callers if the context of one caller
	// ends. 0 means 5 seconds.
	FetchTimeout time.Duration

	// Observer is told of each answer that came from memory or from a call that another
	// caller had begun. Only its BackendCall is used. The calls themselves are told by the
	// Observer of the client's Config. The zero value observes nothing.
	Observer clerk.Observer

	// Now is the clock that measures the age of entries. nil means time.Now.
	Now func() time.Time
}

// CacheStats are the statistics of a cache since it was made.
type CacheStats struct {
	// Hits counts calls that were answered from memory.
	Hits uint64
	// Fetches counts calls to the Backend API.
	Fetches uint64
	// Shared counts calls that waited for a fetch of another caller.
	Shared uint64
	// Stale counts calls that returned an entry older than the TTL during an outage.
	Stale uint64
	// Entries is the current number of entries, including cached failures.
	Entries int
}

const (
	// failureTTL is how long a failure is cached, so that an outage does not cause a flood
	// of requests. Retry-After can extend it up to maxFailureTTL.
	failureTTL    = time.Second
	maxFailureTTL = 30 * time.Second
	// staleWait is how long a call waits for a fetch before it returns a stale entry.
	staleWait = time.Second
)

// cache caches the results of get by id.
type cache[T any] struct {
	cfg     CacheConfig
	observe cacheObserver
	fetch   func(ctx context.Context, id string) (*T, error)
	idOf    func(*T) string
	flights flights[*T]

	mu      sync.Mutex
	entries map[string]*linked.Element // of *entry[T]
	order   *linked.List               // most recently used first
	stats   CacheStats
}

// entry is a value, a failure, or a stale value together with the failure to fetch it
// again.
type entry[T any] struct {
	id      string
	value   *T
	at      time.Time // when the request for value was sent
	err     error
	retryAt time.Time // no fetch before this time
}

func newCache[T any](cfg CacheConfig, operation string, idOf func(*T) string, fetch func(context.Context, string) (*T, error)) (*cache[T], error) {
	for _, f := range []struct {
		name  string
		value int64
	}{{"Size", int64(cfg.Size)}, {"TTL", int64(cfg.TTL)}, {"FetchTimeout", int64(cfg.FetchTimeout)}} {
		if f.value < 0 {
			return nil, &clerk.ConfigError{Field: f.name, Problem: "is negative"}
		}
	}
	if cfg.Size == 0 {
		cfg.Size = 10_000
	}
	if cfg.TTL == 0 {
		cfg.TTL = 5 * time.Minute
	}
	if cfg.MaxStale == 0 {
		cfg.MaxStale = time.Hour
	}
	if cfg.FetchTimeout == 0 {
		cfg.FetchTimeout = 5 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &cache[T]{cfg: cfg, observe: cacheObserver{observe.New(cfg.Observer, nil), operation}, fetch: fetch, idOf: idOf, entries: map[string]*linked.Element{}, order: linked.New()}, nil
}

// get returns a copy of the value, from memory or from the Backend API.
func (c *cache[T]) get(ctx context.Context, id string) (*T, error) {
	if c == nil {
		return nil, refused("GET", "", &argumentError{"the cache", "was not made by its New function"})
	}
	if ctx == nil {
		return nil, refused("GET", "", errNoContext)
	}
	if problem := transport.CheckSegment(id); problem != "" {
		return nil, refused("GET", "", &argumentError{"id", problem})
	}
	if !c.observe.to.BackendCalls() {
		value, _, err := c.answer(ctx, id)
		return value, err
	}
	start := time.Now()
	value, from, err := c.answer(ctx, id)
	c.observe.told(ctx, start, from, err)
	return value, err
}

// answer is get without the Observer.
func (c *cache[T]) answer(ctx context.Context, id string) (value *T, from origin, err error) {
	old, from, err := c.lookup(id)
	if from != fromClerk {
		return old, from, err
	}
	f, began := c.flights.join(ctx, id, c.cfg.FetchTimeout, c.renew(id))
	c.count(func(s *CacheStats) {
		if began {
			s.Fetches++
		} else {
			s.Shared++
			from = fromOther
		}
	})
	wait := ctx
	if old != nil { // the Backend API may hang
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, staleWait-time.Since(f.began))
		defer cancel()
	}
	value, err = f.wait(wait)
	if err == nil {
		return copyOf(value), from, nil
	}
	if ctx.Err() == nil && errors.Is(err, ErrUnavailable) {
		if value := c.stale(id); value != nil {
			return value, fromStale, nil
		}
		if wait.Err() != nil { // the stale value was dropped during the wait
			value, err = f.wait(ctx)
			return copyOf(value), from, err
		}
	}
	return nil, from, err
}

// lookup returns the cached result. If from is fromClerk there is none, and value is a stale
// value for use in an outage, or nil.
func (c *cache[T]) lookup(id string) (value *T, from origin, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el := c.entries[id]
	if el == nil {
		return nil, fromClerk, nil
	}
	c.order.MoveToFront(el)
	e, now := entryOf[T](el), c.cfg.Now()
	if e.err == nil && now.Before(e.at.Add(c.cfg.TTL)) {
		c.stats.Hits++
		return copyOf(e.value), fromMemory, nil
	}
	old := c.usable(e, now)
	if e.err != nil && now.Before(e.retryAt) {
		if old == nil {
			c.stats.Hits++
			return nil, fromMemory, e.err
		}
		c.stats.Stale++
		return copyOf(old), fromStale, nil
	}
	return old, fromClerk, nil
}

// usable returns the value of e if it may be used in an outage, else nil.
func (c *cache[T]) usable(e *entry[T], now time.Time) *T {
	if e.value == nil || c.cfg.MaxStale < 0 || !now.Before(e.at.Add(c.cfg.TTL+c.cfg.MaxStale)) {
		return nil
	}
	return e.value
}

// stale returns the value to use in an outage, or nil.
func (c *cache[T]) stale(id string) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.entries[id]; el != nil {
		if v := c.usable(entryOf[T](el), c.cfg.Now()); v != nil {
			c.stats.Stale++
			return copyOf(v)
		}
	}
	return nil
}

// renew fetches a value and caches it.
func (c *cache[T]) renew(id string) func(context.Context, *flight[*T]) (*T, error) {
	return func(ctx context.Context, f *flight[*T]) (*T, error) {
		at := c.cfg.Now()
		value, err := c.fetch(ctx, id)
		if err == nil && value == nil {
			err = &Error{Method: "GET", Attempts: 1, Err: ErrUnexpectedAnswer}
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case c.flights.isDropped(f): // changed meanwhile: return it to the waiting callers but do not cache it
		case err == nil && c.idOf(value) != id: // fetched by slug: no event would invalidate it
		case err == nil:
			c.keep(&entry[T]{id: id, value: value, at: at})
		default:
			e := &entry[T]{id: id, err: err, retryAt: c.cfg.Now().Add(pause(err))}
			if el := c.entries[id]; el != nil && errors.Is(err, ErrUnavailable) {
				was := entryOf[T](el)
				e.value, e.at = was.value, was.at
			}
			c.keep(e)
		}
		return value, err
	}
}

// pause returns how long a failure is cached.
func pause(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return min(max(e.RetryAfter, failureTTL), maxFailureTTL)
	}
	return failureTTL
}

func (c *cache[T]) keep(e *entry[T]) {
	if el := c.entries[e.id]; el != nil {
		el.Value = e
		c.order.MoveToFront(el)
		return
	}
	c.entries[e.id] = c.order.PushFront(e)
	if c.order.Len() > c.cfg.Size {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.entries, entryOf[T](last).id)
	}
}

// forget drops an entry and the result of a running fetch.
func (c *cache[T]) forget(id string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flights.drop(id)
	if el := c.entries[id]; el != nil {
		c.order.Remove(el)
		delete(c.entries, id)
	}
}

func (c *cache[T]) count(f func(*CacheStats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.stats)
}

func (c *cache[T]) statistics() CacheStats {
	if c == nil {
		return CacheStats{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Entries = c.order.Len()
	return s
}

func copyOf[T any](v *T) *T {
	if v == nil {
		return nil
	}
	c := *v
	return &c
}

// entryOf returns the entry in an element of the list, which holds only entries.
func entryOf[T any](el *linked.Element) *entry[T] {
	e, _ := el.Value.(*entry[T])
	return e
}

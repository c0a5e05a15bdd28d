package handshake

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// refusedLife is how long a refusal of the Backend API is reused. A refused
	// credential does not become valid later: Clerk creates nonces, tokens and keys
	// before it hands them out.
	refusedLife = 15 * time.Second
	// answersKept bounds accepted and refused answers separately, so that made-up
	// tokens evict no good one.
	answersKept = 4096
	// callBound is how long a call may take, including its wait for a slot. A client
	// that disconnects does not end the call, because other requests may wait for it.
	callBound = 10 * time.Second
)

// answers shares one call to the Backend API among concurrent requests that need the
// same answer, and caches answers for a while. Its keys are SHA-256 sums, so it holds
// no credential. The outcome of an outage reaches the requests that waited for it and
// is not cached.
type answers[T any] struct {
	now func() time.Time
	// judge classifies an answer and returns until when it may be reused; zero means
	// without end.
	judge func(T) (verdict, time.Time)
	// goodFor is how long a good answer is reused. Zero turns the cache off.
	goodFor time.Duration
	// failed makes the answer of a call that failed.
	failed func(error) T
	// errOf is the error in an answer, nil for a success.
	errOf  func(T) error
	panics func(any)

	mu     sync.Mutex
	good   map[answerKey]keptAnswer[T]
	bad    map[answerKey]keptAnswer[T]
	asking map[answerKey]*flight[T]
	known  *simplelru.LRU[answerKey, struct{}] // what was good before; nil remembers nothing

	hits, calls, shared uint64 // see Stats
}

type answerKey [sha256.Size]byte

// keyOf hashes a list of texts, each with its length, so that different lists have
// different keys.
func keyOf(parts ...string) (key answerKey) {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	h.Sum(key[:0])
	return key
}

type verdict int

const (
	saysNothing verdict = iota
	saysGood
	saysBad
)

type keptAnswer[T any] struct {
	answer T
	until  time.Time
}

// flight is a call in progress that any number of requests wait for.
type flight[T any] struct {
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when answer is there
	answer T
	over   func(T) // told of the answer before those who wait for it; nil tells nobody
}

// origin says where an answer came from.
type origin int

const (
	fromCall  origin = iota // made for this request
	fromOther               // made for another request
	fromCache
)

func (a *answers[T]) init(known int) {
	a.good, a.bad = make(map[answerKey]keptAnswer[T]), make(map[answerKey]keptAnswer[T])
	a.asking = make(map[answerKey]*flight[T])
	if known > 0 {
		a.known, _ = simplelru.NewLRU[answerKey, struct{}](known, nil) // the error is for sizes below 1
	}
}

// get returns the answer for key: from the cache, from the call in progress, or from a
// new call. enter reserves a slot for a new call; its argument says whether the last
// answer for key was good. The call runs on its own goroutine, which ends within
// callBound, with the values of ctx. If ctx ends first, get returns failed. over is told
// how a new call ended, also where this request did not wait for it; nil is nobody.
func (a *answers[T]) get(ctx context.Context, key answerKey, over func(T), enter func(known bool) (call func(context.Context) T, err error)) (T, origin) {
	a.mu.Lock()
	if answer, ok := a.find(key); ok {
		a.hits++
		a.mu.Unlock()
		return answer, fromCache
	}
	f, others := a.asking[key]
	from := fromOther
	if others {
		a.shared++
	} else {
		from = fromCall
		f = &flight[T]{done: make(chan struct{}), over: over}
		f.ctx, f.cancel = context.WithTimeout(context.WithoutCancel(ctx), callBound) //nolint:gosec // called when the flight ends
		a.asking[key] = f
	}
	known := a.known != nil && a.known.Contains(key)
	a.mu.Unlock()

	if !others {
		if call, err := enter(known); err != nil {
			a.finish(key, f, a.failed(err))
		} else {
			go a.fly(key, f, call)
		}
	}
	select {
	case <-f.done:
		return f.answer, from
	case <-ctx.Done():
	case <-f.ctx.Done():
	}
	select {
	case <-f.done: // both at once: the answer is worth more
		return f.answer, from
	default:
	}
	if err := ctx.Err(); err != nil {
		return a.failed(err), from
	}
	return a.failed(context.DeadlineExceeded), from
}

func (a *answers[T]) fly(key answerKey, f *flight[T], call func(context.Context) T) {
	answer := a.failed(errNoAnswer)
	defer func() {
		if p := recover(); p != nil { // nobody above this goroutine would
			a.panics(p)
		}
		a.finish(key, f, answer)
	}()
	answer = call(f.ctx)
}

// finish delivers an answer to the waiting requests and caches it.
func (a *answers[T]) finish(key answerKey, f *flight[T], answer T) {
	a.mu.Lock()
	delete(a.asking, key)
	a.keep(key, answer)
	a.mu.Unlock()
	f.answer = answer
	defer func() {
		close(f.done)
		f.cancel()
	}()
	if f.over != nil {
		f.over(answer)
	}
}

func (a *answers[T]) find(key answerKey) (answer T, ok bool) {
	for life, kept := range a.lives() {
		if e, found := kept[key]; found {
			if now := a.now(); now.Before(e.until) && e.until.Sub(now) <= life { // or the clock was set back
				return e.answer, true
			}
			delete(kept, key)
		}
	}
	return answer, false
}

// lives yields the cached answers of both kinds, each with its lifetime.
func (a *answers[T]) lives() func(yield func(time.Duration, map[answerKey]keptAnswer[T]) bool) {
	return func(yield func(time.Duration, map[answerKey]keptAnswer[T]) bool) {
		_ = yield(a.goodFor, a.good) && yield(refusedLife, a.bad)
	}
}

func (a *answers[T]) keep(key answerKey, answer T) {
	says, end := a.judge(answer)
	kept, life := a.bad, refusedLife
	switch says {
	case saysNothing:
		return
	case saysGood:
		kept, life = a.good, a.goodFor
		if a.known != nil {
			a.known.Add(key, struct{}{})
		}
	case saysBad:
		if a.known != nil {
			a.known.Remove(key)
		}
	}
	until := a.now().Add(life)
	if !end.IsZero() && end.Before(until) {
		until = end
	}
	if life == 0 {
		return
	}
	if len(kept) >= answersKept {
		evict(kept, a.now())
	}
	kept[key] = keptAnswer[T]{answer, until}
}

// evict makes room for one answer: it drops expired ones, or any one if none has
// expired.
func evict[T any](m map[answerKey]keptAnswer[T], now time.Time) {
	looked := 0
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

package jwks

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/lestrrat-go/httprc"
)

// ticker refreshes the keys in the background with httprc, shortly before they reach
// RefreshInterval, also without traffic. No request waits for it, and it does not
// decide whether keys are valid. It implements httprc.HTTPClient and
// httprc.Transformer, which httprc calls in this order.
//
// The reasons are in httprc 1.0.6: only a first Get schedules an entry; each further
// Refresh would add a permanent schedule; a hanging fetch blocks every Get; a window
// under a second becomes 15 minutes; an entry fires up to one window late, by the wall
// clock. See also stop.
type ticker struct {
	s      *Source
	cancel context.CancelFunc
	ready  chan struct{} // closed when startTicker has finished
	flight *flight       // between Get and Transform
	primed bool

	mu   sync.Mutex
	last time.Time // when httprc's goroutines last worked
}

// settleTime is how long stop lets httprc's goroutines return from work to waiting.
// They need microseconds.
const settleTime = 10 * time.Millisecond

var (
	errPrime = errors.New("jwks: scheduled without a fetch")
	errBusy  = errors.New("jwks: a fetch is already running")
)

// startTicker starts the background refresh after the first successful fetch. It runs
// on the goroutine of that fetch, after its waiters were released.
func (s *Source) startTicker() {
	ctx, cancel := context.WithCancel(context.Background())
	t := &ticker{s: s, cancel: cancel, ready: make(chan struct{})}
	s.mu.Lock()
	if s.closed || s.ticker != nil || s.set.Load() == nil {
		s.mu.Unlock()
		cancel()
		return
	}
	s.ticker = t
	s.mu.Unlock()
	defer close(t.ready)
	defer t.seen()

	interval, window := schedule(s.cfg.RefreshInterval)
	cache := httprc.NewCache(ctx, httprc.WithRefreshWindow(window), httprc.WithFetcherWorkerCount(1))
	err := cache.Register(s.cfg.URL, httprc.WithRefreshInterval(interval), httprc.WithHTTPClient(t), httprc.WithTransformer(t))
	if err == nil {
		// This Get sends no request: the first call of ticker.Get returns errPrime, and
		// httprc schedules the entry.
		_, err = cache.Get(ctx, s.cfg.URL)
	}
	if !errors.Is(err, errPrime) {
		s.cfg.Logger.Error("clerk: background refresh of signing keys did not start", "error", err)
	}
}

// stop ends httprc's goroutines. One of them checks the context and then waits for a
// signal that is sent once, when the context ends. If the context ends between the two,
// the goroutine waits forever. stop therefore ends the context only settleTime after
// they last worked (at the start or a tick).
func (t *ticker) stop() {
	<-t.ready
	for {
		t.mu.Lock()
		wait := settleTime - time.Since(t.last)
		if wait <= 0 {
			t.cancel() // under the lock, so work that begins now sees an ended context
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
		time.Sleep(wait)
	}
}

func (t *ticker) seen() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = time.Now()
}

// schedule returns httprc's interval and window. They are chosen so that the fetch
// begins before refresh has passed, in spite of httprc's delays (one window, and
// rounding to seconds). Below about three seconds that is not possible, and only reads
// start a refresh in time.
func schedule(refresh time.Duration) (interval, window time.Duration) {
	window = min(max(refresh/60, time.Second), 5*time.Second)
	return max(refresh-window-time.Second, window), window
}

// Get is the first half of a fetch; [ticker.Transform] must finish the flight.
func (t *ticker) Get(string) (*http.Response, error) {
	if !t.primed {
		t.primed = true
		return nil, errPrime
	}
	defer t.seen()
	f, isNew, err := t.s.claim(context.Background(), t.s.cfg.Now(), needSchedule, t.s.set.Load())
	if err != nil {
		return nil, err // closed, or inside a pause
	}
	if !isNew {
		return nil, errBusy
	}
	res, err := t.s.request(f)
	if err != nil {
		t.s.finish(f, nil, err, 0)
		return nil, err
	}
	t.flight = f
	return res, nil
}

// Transform reads the response and publishes the keys. It returns nil, because httprc
// would keep the value after it was replaced.
func (t *ticker) Transform(_ string, res *http.Response) (any, error) {
	defer t.seen()
	f := t.flight
	t.flight = nil
	t.s.publish(f, res)
	if f.err != nil {
		return nil, f.err
	}
	return nil, nil //nolint:nilnil // httprc must not keep a value
}

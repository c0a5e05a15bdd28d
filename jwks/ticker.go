package jwks

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/lestrrat-go/httprc"
)

// ticker is httprc's part: it fetches again shortly before the keys reach
// RefreshInterval, whether somebody asks for them or not. No request waits in it,
// and it decides nothing about validity. It implements httprc.HTTPClient and
// httprc.Transformer, which httprc calls one after the other.
//
// What shapes this, in httprc 1.0.6: an entry is scheduled only by a first Get;
// each further Refresh would leave another schedule behind for good; a hanging
// fetch blocks every Get; a window under a second becomes 15 minutes; an entry
// fires up to one window late, and by the wall clock; and see stop.
type ticker struct {
	s      *Source
	cancel context.CancelFunc
	ready  chan struct{} // closed when startTicker is through
	flight *flight       // between Get and Transform
	primed bool

	mu   sync.Mutex
	last time.Time // when httprc's goroutines were last seen at work
}

// settleTime is what httprc's goroutines get to go from work to waiting, which
// takes them microseconds.
const settleTime = 10 * time.Millisecond

var (
	errPrime = errors.New("jwks: scheduled, nothing fetched")
	errBusy  = errors.New("jwks: a fetch is under way already")
)

// startTicker starts the background refresh after the first fetch that worked.
// It runs on that fetch's goroutine, when its waiters are gone.
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
		// This Get reaches no network: ticker.Get answers its first call with
		// errPrime, and httprc puts the entry on its schedule.
		_, err = cache.Get(ctx, s.cfg.URL)
	}
	if !errors.Is(err, errPrime) {
		s.cfg.Logger.Error("clerk: background refresh of signing keys did not start", "error", err)
	}
}

// stop ends httprc's goroutines. One of them looks at the context, finds it alive,
// and goes on to wait for a signal that is sent once, when the context ends: if
// that falls in between, it waits for good. So the context does not end right after
// they were at work (the start, a tick), but a moment later.
func (t *ticker) stop() {
	<-t.ready
	for {
		t.mu.Lock()
		wait := settleTime - time.Since(t.last)
		if wait <= 0 {
			t.cancel() // locked: work that begins now finds the context ended
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

// schedule gives httprc's interval and window so that with httprc's delays (one
// window, and rounding to the second) the fetch still begins before refresh is
// over. Below about three seconds that cannot be had; then reads see to it alone.
func schedule(refresh time.Duration) (interval, window time.Duration) {
	window = min(max(refresh/60, time.Second), 5*time.Second)
	return max(refresh-window-time.Second, window), window
}

// Get is the first half of a fetch; [ticker.Transform] has to finish the flight.
func (t *ticker) Get(string) (*http.Response, error) {
	if !t.primed {
		t.primed = true
		return nil, errPrime
	}
	defer t.seen()
	f, lead, err := t.s.begin(context.Background(), t.s.cfg.Now(), needSchedule, t.s.set.Load())
	if err != nil {
		return nil, err // closed, or told to wait
	}
	if !lead {
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

// Transform looks at the answer and publishes it. It leaves nothing with httprc,
// which would keep it beyond its replacement.
func (t *ticker) Transform(_ string, res *http.Response) (any, error) {
	defer t.seen()
	f := t.flight
	t.flight = nil
	t.s.land(f, res)
	if f.err != nil {
		return nil, f.err
	}
	return nil, nil //nolint:nilnil // httprc gets nothing to keep
}

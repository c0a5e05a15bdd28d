package jwks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// A flight is one fetch that any number of callers wait for. It belongs to none of
// them: its context ends at FetchTimeout or with the Source.
type flight struct {
	ctx    context.Context
	cancel context.CancelFunc
	asOf   time.Time // Config.Now when the attempt that was answered began
	done   chan struct{}
	err    *Error // nil when it worked; read after done

	event clerk.KeyFetchEvent // what is known of it at its beginning
	cause context.Context     // with the values of the context of the caller that began it
}

// need is why a fetch is asked for.
type need int

const (
	needFresh    need = iota // the set is absent or no longer fresh
	needUnknown              // the set is fresh and lacks a key id
	needSchedule             // the ticker
)

// join returns the fetch under way, or starts one, or says why there is none to
// wait for. Neither flight nor error means that a fetch has just come in: seen, the
// set that the caller judged by, is not the current one any more.
func (s *Source) join(ctx context.Context, now time.Time, why need, seen *keySet) (*flight, error) {
	f, lead, err := s.begin(ctx, now, why, seen)
	if lead {
		go s.fly(f)
	}
	return f, err
}

// begin is join without the running: whoever leads has to see to finish.
func (s *Source) begin(caller context.Context, now time.Time, why need, seen *keySet) (f *flight, lead bool, err error) {
	if f := s.overdue(); f != nil {
		s.finish(f, nil, errTimeout(f.ctx.Err()), 0)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, errClosed()
	}
	if s.flight != nil {
		return s.flight, false, nil
	}
	if s.set.Load() != seen {
		return nil, false, nil
	}
	if s.lastErr != nil && !s.failed.over(now, s.backoff) {
		return nil, false, s.lastErr.clone()
	}
	if why == needUnknown {
		// Within the cool-down the answer of its one fetch stands for every
		// unknown key id.
		if !s.unknown.over(now, s.cfg.UnknownKeyCooldown) {
			if s.lastErr != nil {
				return nil, false, s.lastErr.clone()
			}
			return nil, false, errKeyUnknown()
		}
		s.unknown = newPacer(now)
	}
	if caller == nil {
		caller = context.Background()
	}
	cause := context.WithoutCancel(caller)
	ctx, cancel := context.WithTimeout(cause, s.cfg.FetchTimeout)
	s.flight = &flight{ctx: ctx, cancel: cancel, asOf: now, done: make(chan struct{}), cause: cause, event: s.beginEvent(now, why, seen)}
	s.counts.fetches++
	return s.flight, true, nil
}

// overdue is a flight whose time is up and whose transport has not noticed, so
// that a transport that ignores contexts cannot block all later fetches.
func (s *Source) overdue() *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight != nil && s.flight.ctx.Err() != nil {
		return s.flight
	}
	return nil
}

// fly runs a fetch of our own.
func (s *Source) fly(f *flight) {
	defer s.startTicker()
	res, err := s.request(f)
	if err != nil {
		s.finish(f, nil, err, 0)
		return
	}
	defer func() { _ = res.Body.Close() }()
	s.land(f, res)
}

// land is the second half of a fetch, the same for ours and for the ticker's:
// look at the answer, and publish it if it is a key set.
func (s *Source) land(f *flight, res *http.Response) {
	doc, err := s.read(res)
	if err != nil {
		s.finish(f, nil, err, retryAfter(res, time.Now()))
		return
	}
	s.finish(f, doc, nil, 0)
}

// wait waits for f, for its time limit or for ctx, whichever is first. There is
// nothing to wait for where f is nil.
func (s *Source) wait(ctx context.Context, f *flight) error {
	if f == nil {
		return nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	select {
	case <-f.done:
	case <-f.ctx.Done():
		// Over, or a transport that ignores its context: does nothing if over.
		s.finish(f, nil, errTimeout(f.ctx.Err()), 0)
		<-f.done
	case <-ctx.Done():
		select {
		case <-f.done: // both at once: the answer is worth more
		default:
			return errCanceled(ctx.Err())
		}
	}
	if f.err != nil {
		return f.err.clone()
	}
	return nil
}

// finish ends a flight once: it publishes doc, or keeps the set there is and notes
// the failure and when to try again. Only the flight under way has a say, so an
// answer that comes after its time is up changes nothing.
func (s *Source) finish(f *flight, doc *document, failure error, retry time.Duration) {
	var failed *Error
	if failure != nil && !errors.As(failure, &failed) {
		failed = &Error{Reason: ReasonNetwork, detail: "the fetch failed", cause: failure}
	}

	s.mu.Lock()
	if s.flight != f {
		s.mu.Unlock()
		return
	}
	s.flight = nil
	var added, removed, suspect int
	var first bool
	switch {
	case s.closed:
		failed = errClosed()
	case failed != nil:
		s.failures++
		s.counts.failures++
		s.lastErr = failed
		s.failed = newPacer(s.cfg.Now())
		s.backoff = s.pauseAfter(failed, retry)
	default:
		s.failures, s.lastErr, s.backoff = 0, nil, 0
		prev := s.set.Load()
		first = prev == nil
		var set *keySet
		set, added, removed = newKeySet(doc, newMoment(f.asOf), prev)
		s.set.Store(set)
		if doc.suspect != s.lastSuspect {
			suspect, s.lastSuspect = doc.suspect, doc.suspect
		}
	}
	closed, backoff := s.closed, s.backoff
	f.err = failed
	s.mu.Unlock()
	f.cancel()
	defer close(f.done) // after the log says why, even if the logger panics

	s.observe(f)
	log := s.cfg.Logger.With(slog.String("url", s.shown))
	switch {
	case closed:
	case failed != nil:
		log.Warn("clerk: fetching signing keys failed"+s.origin(), "reason", failed.Reason, "error", failed.Error(), "next_try_in", backoff)
	default:
		if suspect > 0 {
			log.Warn("clerk: signing keys refused: published twice, with private parts, or out of range", "refused", suspect)
		}
		if added+removed > 0 && !first {
			log.Info("clerk: signing keys changed", "added", added, "removed", removed)
		}
	}
}

// pauseAfter is how long no fetch is started after a failure: up to 1 s, 2 s, 4 s
// and so on to the cool-down, the whole cool-down after a 429, or what Retry-After
// asks for, no longer than RefreshInterval: one wrong header must not keep a set
// from being replaced until it is past MaxAge.
func (s *Source) pauseAfter(failed *Error, retry time.Duration) time.Duration {
	d := s.cfg.UnknownKeyCooldown
	if failed.Reason != ReasonRateLimited {
		d = jitter(min(d, time.Second<<min(s.failures-1, 16)))
	}
	return max(d, min(retry, s.cfg.RefreshInterval))
}

// pacer measures the time since something happened, by Config.Now and by the
// machine's clock, whichever says more: advancing the first lets a test go on, and
// the second goes on where the first is frozen.
type pacer struct{ by, real moment }

func newPacer(now time.Time) pacer {
	return pacer{by: newMoment(now), real: newMoment(time.Now())}
}

// over says whether d has passed, which it has when nothing happened yet.
func (p pacer) over(now time.Time, d time.Duration) bool {
	return p.real.at.IsZero() || p.by.until(now) >= d || p.real.until(time.Now()) >= d
}

package jwks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// A flight is one fetch that any number of callers wait for. Its context is independent
// of theirs: it ends after FetchTimeout or with Close.
type flight struct {
	ctx    context.Context
	cancel context.CancelFunc
	asOf   time.Time // Config.Now at the start of the attempt that got a response
	done   chan struct{}
	err    *Error // nil when it worked; read after done

	event clerk.KeyFetchEvent // what is known of it at its beginning
	cause context.Context     // with the values of the context of the caller that began it
}

// need is why a caller asks for a fetch.
type need int

const (
	needFresh    need = iota // the set is absent or no longer fresh
	needUnknown              // the set is fresh and lacks a key id
	needSchedule             // the ticker
)

// startOrJoin returns the running fetch, starts one, or returns an error if a fetch may not
// start now. If it returns neither flight nor error, a fetch has just finished: seen,
// the set that the caller looked at, is no longer current.
func (s *Source) startOrJoin(ctx context.Context, now time.Time, why need, seen *keySet) (*flight, error) {
	f, isNew, err := s.claim(ctx, now, why, seen)
	if isNew {
		go s.run(f)
	}
	return f, err
}

// claim is startOrJoin without running a new fetch: isNew is true if the fetch is new.
// The caller must then run it and call finish.
func (s *Source) claim(caller context.Context, now time.Time, why need, seen *keySet) (f *flight, isNew bool, err error) {
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
		// During the cool-down the result of one fetch is used for every unknown key id.
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

// overdue returns the flight if its deadline has passed but its transport has not
// returned. Without this, a transport that ignores contexts would block all later
// fetches.
func (s *Source) overdue() *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight != nil && s.flight.ctx.Err() != nil {
		return s.flight
	}
	return nil
}

// run runs a fetch that the ticker did not start.
func (s *Source) run(f *flight) {
	defer s.startTicker()
	res, err := s.request(f)
	if err != nil {
		s.finish(f, nil, err, 0)
		return
	}
	defer func() { _ = res.Body.Close() }()
	s.publish(f, res)
}

// publish is the second half of every fetch, the ticker's too: it reads the response and
// publishes the key set in it.
func (s *Source) publish(f *flight, res *http.Response) {
	doc, err := s.read(res)
	if err != nil {
		s.finish(f, nil, err, retryAfter(res, time.Now()))
		return
	}
	s.finish(f, doc, nil, 0)
}

// wait waits until f is done, its deadline passes or ctx ends. It returns at once if f
// is nil.
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
		// Either f is done and finish does nothing, or the transport ignores its context.
		s.finish(f, nil, errTimeout(f.ctx.Err()), 0)
		<-f.done
	case <-ctx.Done():
		select {
		case <-f.done: // both at once: prefer the result
		default:
			return errCanceled(ctx.Err())
		}
	}
	if f.err != nil {
		return f.err.clone()
	}
	return nil
}

// finish ends a flight. It publishes doc, or keeps the current set and records the
// failure and when to retry. It does nothing for a flight that is no longer the running
// one, so a late response has no effect.
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
	defer close(f.done) // after logging, even if the logger panics

	s.observe(f)
	log := s.cfg.Logger.With(slog.String("url", s.shown))
	switch {
	case closed:
	case failed != nil:
		log.Warn("clerk: fetching signing keys failed"+s.origin(), "reason", failed.Reason, "error", failed.Error(), "next_try_in", backoff)
	default:
		if suspect > 0 {
			log.Warn("clerk: signing keys refused: duplicate kid, private key material, or out of range", "refused", suspect)
		}
		if added+removed > 0 && !first {
			log.Info("clerk: signing keys changed", "added", added, "removed", removed)
		}
	}
}

// pauseAfter returns how long no fetch starts after a failure: up to 1 s, 2 s, 4 s and
// so on up to the cool-down, the whole cool-down after a 429, or the value of
// Retry-After. The limit is RefreshInterval: one wrong header must not block refreshes
// until the set reaches MaxAge.
func (s *Source) pauseAfter(failed *Error, retry time.Duration) time.Duration {
	d := s.cfg.UnknownKeyCooldown
	if failed.Reason != ReasonRateLimited {
		d = jitter(min(d, time.Second<<min(s.failures-1, 16)))
	}
	return max(d, min(retry, s.cfg.RefreshInterval))
}

// pacer measures the time since an event by Config.Now and by the system clock, and
// takes the larger value. A test can advance the first; the second continues if the
// first is frozen.
type pacer struct{ by, real moment }

func newPacer(now time.Time) pacer {
	return pacer{by: newMoment(now), real: newMoment(time.Now())}
}

// over reports whether d has passed since the event, or there was none.
func (p pacer) over(now time.Time, d time.Duration) bool {
	return p.real.at.IsZero() || p.by.until(now) >= d || p.real.until(time.Now()) >= d
}

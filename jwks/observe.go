package jwks

import (
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// beginEvent is what the Observer is told of a fetch, as far as its beginning says.
func (s *Source) beginEvent(now time.Time, why need, seen *keySet) clerk.KeyFetchEvent {
	if !s.observer.KeyFetches() {
		return clerk.KeyFetchEvent{}
	}
	e := clerk.KeyFetchEvent{Start: time.Now()}
	if seen != nil {
		e.Age = seen.asOf.until(now)
	}
	switch {
	case why == needSchedule:
		e.Cause = "schedule"
	case seen == nil || e.Age >= s.cfg.MaxAge:
		e.Cause = "no-keys"
	case why == needUnknown:
		e.Cause = "unknown-key"
	default:
		e.Cause = "old-keys"
	}
	return e
}

// observe tells the Observer of a fetch that is over.
func (s *Source) observe(f *flight) {
	if !s.observer.KeyFetches() {
		return
	}
	e := f.event
	e.Outcome, e.Status = clerk.OutcomeOK, http.StatusOK
	if f.err != nil {
		e.Outcome, e.Status = string(f.err.Reason), f.err.StatusCode
	}
	s.observer.KeyFetch(f.cause, e)
}

// Stats is the state of a [Source].
type Stats struct {
	// Keys is the number of keys in use: 0 before the first fetch, past MaxAge and after
	// Close.
	Keys int
	// Age is the age of the keys, by Config.Now; 0 if there are none. If it is above
	// RefreshInterval, the refresh fails or is in progress.
	Age time.Duration
	// Fetches counts the fetches that began, Failures those that failed, both since New.
	Fetches, Failures uint64
	// LastFailure is the reason of the last fetch, "" if it succeeded.
	LastFailure Reason
}

// Stats returns the state of s. It fetches nothing.
func (s *Source) Stats() Stats {
	if s.unmade() {
		return Stats{}
	}
	s.mu.Lock()
	stats := Stats{Fetches: s.counts.fetches, Failures: s.counts.failures}
	if s.lastErr != nil {
		stats.LastFailure = s.lastErr.Reason
	}
	s.mu.Unlock()
	set, age := s.servable(s.set.Load(), s.cfg.Now())
	if set != nil {
		stats.Keys, stats.Age = len(set.keys), age
	}
	return stats
}

package jwks

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/internal/observe"
)

// Source has the signing keys of one instance. It is safe for concurrent use;
// make one per instance and keep it. Nothing is shared between Sources. A nil Source and
// one that [New] did not make have no keys: they answer as closed ones.
type Source struct {
	cfg    Config // with defaults, without the secret key
	secret secretKey
	client *http.Client
	shown  string // cfg.URL for logs

	observer *observe.Observer // nil for none

	set atomic.Pointer[keySet] // nil before the first fetch and after Close

	mu          sync.Mutex // guards what follows; never held across I/O
	flight      *flight    // the fetch under way, nil if none
	failures    int        // fetches failed in a row
	lastErr     *Error     // of the last fetch; nil when it worked
	failed      pacer      // since the last failure
	backoff     time.Duration
	unknown     pacer   // since the last fetch for an unknown key id
	ticker      *ticker // the background refresh, nil before the first set
	lastSuspect int
	closed      bool
	counts      struct{ fetches, failures uint64 }
}

// New checks c and returns a Source, or a *clerk.ConfigError. It starts nothing
// and asks nobody: the first need of a key does, or [Source.Warm].
func New(c Config) (*Source, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Source{cfg: c, client: newHTTPClient(c), shown: displayURL(c.URL), observer: observe.New(c.Observer, c.Logger)}
	if key := c.SecretKey; key != "" {
		s.secret, s.cfg.SecretKey = func() string { return key }, ""
	}
	return s, nil
}

// Key returns the key with the id kid, which the caller must not change. Errors
// are of type *[Error]:
//
//   - clerk.ErrKeyUnknown: the instance has no such key as far as a fresh set
//     tells. Refuse the token. No key has an empty id or one over 256 bytes.
//   - clerk.ErrUnavailable: nobody could say; a later call may.
//
// While the set is younger than RefreshInterval a key in it costs no lock, no
// allocation and no network, whatever ctx is. A call that must wait for a fetch
// waits no longer than ctx, and ctx ends nothing but this wait. A nil ctx never ends.
func (s *Source) Key(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	if s.unmade() {
		return nil, errUnmade()
	}
	now := s.cfg.Now()
	if set := s.set.Load(); set != nil && set.asOf.until(now) < s.cfg.RefreshInterval {
		if key, ok := set.keys[kid]; ok {
			return key, nil
		}
	}
	if kid == "" || len(kid) > maxKid {
		return nil, errKeyUnknown()
	}
	return s.slow(ctx, kid, now)
}

// slow is Key when the set is absent, no longer fresh, or lacks kid.
func (s *Source) slow(ctx context.Context, kid string, now time.Time) (*rsa.PublicKey, error) {
	seen := s.set.Load()
	set, age := s.servable(seen, now)
	var key *rsa.PublicKey
	if set != nil {
		key = set.keys[kid]
	}

	why := needFresh
	if set != nil && key == nil && age < s.cfg.RefreshInterval {
		why = needUnknown
	}
	f, err := s.join(ctx, now, why, seen)
	switch {
	case key != nil && !s.mustWait(now, age):
		return key, nil // served as it is, with the refresh under way
	case err == nil:
		err = s.wait(ctx, f)
	}

	var failure *Error
	if errors.As(err, &failure) && (key == nil || failure.Reason == ReasonCanceled || failure.Reason == ReasonClosed) {
		return nil, err
	}
	// The fetch worked, or it failed and the key is known: what do we have now?
	if set, _ = s.servable(s.set.Load(), s.cfg.Now()); set == nil {
		if err == nil {
			err = &Error{Reason: ReasonExpired, detail: "the keys are past their greatest age"}
		}
		return nil, err
	}
	if key = set.keys[kid]; key == nil {
		return nil, errKeyUnknown()
	}
	return key, nil
}

// servable returns set and its age, or nil when it is past MaxAge.
func (s *Source) servable(set *keySet, now time.Time) (*keySet, time.Duration) {
	if set == nil {
		return nil, 0
	}
	age := set.asOf.until(now)
	if age >= s.cfg.MaxAge {
		return nil, age
	}
	return set, age
}

// mustWait says whether a key of this age is served only after a refresh was
// tried: the set missed two refreshes, and not because they failed lately. Only an
// idle or frozen process gets here; during an outage nobody waits.
func (s *Source) mustWait(now time.Time, age time.Duration) bool {
	if age < 2*s.cfg.RefreshInterval {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastErr == nil || s.failed.over(now, s.cfg.RefreshInterval)
}

// Warm makes sure that there are keys to serve: it fetches them if there are none
// or they are no longer fresh, and waits for that, no longer than ctx and
// FetchTimeout. It returns nil when keys below MaxAge are at hand in the end, also
// after a failed refresh, and an *[Error] with clerk.ErrUnavailable otherwise.
// Call it at start, or from a readiness check; a program that does not call it
// fetches with its first token.
func (s *Source) Warm(ctx context.Context) error {
	if s.unmade() {
		return errUnmade()
	}
	now := s.cfg.Now()
	seen := s.set.Load()
	set, age := s.servable(seen, now)
	if set != nil && age < s.cfg.RefreshInterval {
		return nil
	}
	f, err := s.join(ctx, now, needFresh, seen)
	if err == nil {
		err = s.wait(ctx, f)
	}
	var failure *Error
	if errors.As(err, &failure) && failure.Reason == ReasonCanceled {
		return err
	}
	if set, _ = s.servable(s.set.Load(), s.cfg.Now()); set != nil {
		return nil
	}
	if err == nil {
		err = &Error{Reason: ReasonExpired, detail: "the keys are past their greatest age"}
	}
	return err
}

// Close ends the background refresh and a fetch under way, forgets the keys, and
// makes every later call answer keys unavailable. What it ends is gone a moment
// after it returns, which takes milliseconds at most. It always returns nil, and
// may be called again.
func (s *Source) Close() error {
	if s.unmade() {
		return nil
	}
	s.mu.Lock()
	s.closed = true
	s.set.Store(nil)
	f, t := s.flight, s.ticker
	s.ticker = nil
	s.mu.Unlock()

	if f != nil {
		s.finish(f, nil, errClosed(), 0)
	}
	if t != nil {
		t.stop()
	}
	return nil
}

// unmade tells a Source that no New made: nil, or the zero value.
func (s *Source) unmade() bool { return s == nil || s.cfg.Now == nil }

// String describes s without its secret.
func (s *Source) String() string {
	if s.unmade() {
		return "jwks.Source{}"
	}
	return "jwks.Source{" + s.shown + "}"
}

// Format is String for every verb.
func (s *Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// secretKey holds a key behind a function, nil for none: fmt and reflection show an
// address, wherever the Source is a part of.
type secretKey func() string

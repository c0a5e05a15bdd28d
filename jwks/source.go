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

// Source holds the signing keys of one instance. Make one per instance and keep it. It
// is safe for concurrent use. Sources share nothing. A nil Source and one that [New]
// did not make have no keys: they answer as closed ones.
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

// New returns a Source. The error is a *clerk.ConfigError. New starts no goroutine and
// sends no request; the first call of Key or Warm does.
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
//   - clerk.ErrKeyUnknown: a fresh set does not have the key. Refuse the token. No key
//     has an empty id or an id over 256 bytes.
//   - clerk.ErrUnavailable: the keys could not be fetched. A later call can succeed.
//
// While the set is younger than RefreshInterval, Key returns a key of it without a
// lock, an allocation or a request, even if ctx has ended. A call that waits for a
// fetch stops waiting when ctx ends; the fetch goes on. A nil ctx never ends.
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

// slow handles Key when the set is absent, no longer fresh, or lacks kid.
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
	f, err := s.startOrJoin(ctx, now, why, seen)
	switch {
	case key != nil && !s.mustWait(now, age):
		return key, nil // return the old key while the refresh runs
	case err == nil:
		err = s.wait(ctx, f)
	}

	var failure *Error
	if errors.As(err, &failure) && (key == nil || failure.Reason == ReasonCanceled || failure.Reason == ReasonClosed) {
		return nil, err
	}
	// The fetch succeeded, or it failed and the key is known. Look at the current set.
	if set, _ = s.servable(s.set.Load(), s.cfg.Now()); set == nil {
		if err == nil {
			err = &Error{Reason: ReasonExpired, detail: "the keys are older than MaxAge"}
		}
		return nil, err
	}
	if key = set.keys[kid]; key == nil {
		return nil, errKeyUnknown()
	}
	return key, nil
}

// servable returns set and its age, or nil if it is older than MaxAge.
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

// mustWait reports whether a key of this age may be returned only after a refresh was
// tried: the set missed two refreshes, and not because they failed recently. This
// happens only in an idle or frozen process. During an outage no call waits.
func (s *Source) mustWait(now time.Time, age time.Duration) bool {
	if age < 2*s.cfg.RefreshInterval {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastErr == nil || s.failed.over(now, s.cfg.RefreshInterval)
}

// Warm fetches the keys if there are none or they are no longer fresh. It waits for the
// fetch until ctx ends or FetchTimeout has passed. It returns nil if keys younger than
// MaxAge are available, also after a failed refresh, and otherwise an *[Error] with
// clerk.ErrUnavailable. Call it at startup or in a readiness check. Without it the
// first token triggers the fetch.
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
	f, err := s.startOrJoin(ctx, now, needFresh, seen)
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
		err = &Error{Reason: ReasonExpired, detail: "the keys are older than MaxAge"}
	}
	return err
}

// Close stops the background refresh and the running fetch, and drops the keys. Later
// calls return clerk.ErrUnavailable. Its goroutines end within milliseconds after it
// returns. Close always returns nil and can be called again.
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

// String describes s without the secret key.
func (s *Source) String() string {
	if s.unmade() {
		return "jwks.Source{}"
	}
	return "jwks.Source{" + s.shown + "}"
}

// Format writes String for every verb.
func (s *Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// secretKey hides a key in a function, because fmt and reflection print only its
// address, also where a Source is part of another value. nil means no key.
type secretKey func() string

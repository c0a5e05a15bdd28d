package jwks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

type ctxKey struct{}

// observed collects the events of a Source, with the value in their context.
type observed struct {
	mu     sync.Mutex
	events []clerk.KeyFetchEvent
	from   []any
}

func (o *observed) into(c *Config) {
	c.Observer.KeyFetch = func(ctx context.Context, e clerk.KeyFetchEvent) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.events, o.from = append(o.events, e), append(o.from, ctx.Value(ctxKey{}))
	}
}

// since returns what was observed since the last call, as "cause outcome status age duration from".
func (o *observed) since() (lines []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, e := range o.events {
		lines = append(lines, fmt.Sprintln(e.Cause, e.Outcome, e.Status, e.Age, e.Duration, o.from[i]))
	}
	o.events, o.from = nil, nil
	return lines
}

// Each fetch is one event, also with several waiting callers. It names its cause.
func TestEachFetchIsObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		srv := &server{handler: slowly(100*time.Millisecond, serving("a"))}
		s := newTestSource(t, srv, seen.into)
		want := func(lines ...string) {
			t.Helper()
			for i := range lines {
				lines[i] += "\n"
			}
			if got := seen.since(); !slices.Equal(got, lines) {
				t.Errorf("got %q\nwant %q", got, lines)
			}
		}
		key := func(who, kid string) { _, _ = s.Key(context.WithValue(t.Context(), ctxKey{}, who), kid) }

		start := time.Now()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { key("request", "a") })
		}
		all.Wait()
		if !seen.events[0].Start.Equal(start) {
			t.Error(seen.events[0].Start.Sub(start))
		}
		want("no-keys ok 200 0s 100ms request")

		time.Sleep(time.Minute - 100*time.Millisecond) // the age counts from when the request was sent
		key("guesser", "b")
		want("unknown-key ok 200 1m0s 100ms guesser")
		key("guesser", "c") // within the cool-down
		want()

		time.Sleep(6 * time.Minute)
		if got := seen.since(); len(got) != 1 || !strings.HasPrefix(got[0], "schedule ok 200 ") || !strings.HasSuffix(got[0], " 100ms <nil>\n") {
			t.Errorf("%q", got)
		}
	})
}

func TestAClosedFetchIsObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		s := newTestSource(t, &server{handler: hanging}, seen.into)
		go func() { _ = s.Warm(t.Context()) }()
		synctest.Wait()
		time.Sleep(time.Second)
		_ = s.Close()
		synctest.Wait()
		if got := seen.since(); !slices.Equal(got, []string{"no-keys closed 0 0s 1s <nil>\n"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestFailedFetchesAreObserved(t *testing.T) {
	for _, c := range []struct {
		h    handler
		want string
	}{
		{answer(429, "{}"), "no-keys rate-limited 429 0s"},
		{answer(403, "{}"), "no-keys status 403 0s"},
		{answer(200, "{}"), "no-keys malformed 0 0s"},
		{broken, "no-keys network 0 0s"},
		{hanging, "no-keys timeout 0 0s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var seen observed
			s := newTestSource(t, &server{handler: c.h}, seen.into)
			if err := s.Warm(t.Context()); err == nil {
				t.Fatal("it worked")
			}
			if len(seen.events) != 1 {
				t.Fatal(seen.since())
			}
			e := seen.events[0]
			if got := fmt.Sprint(e.Cause, " ", e.Outcome, " ", e.Status, " ", e.Age); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Keys that are old, and keys that are too old, by a clock that a test moves on: the
// ticker does not come before.
func TestWhyOldKeysAreFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		var ahead time.Duration
		s := newTestSource(t, &server{handler: serving("a")}, seen.into, func(c *Config) {
			c.Now = func() time.Time { return time.Now().Add(ahead) }
		})
		mustKey(t, s, "a")
		ahead = DefaultRefreshInterval
		mustKey(t, s, "a")
		synctest.Wait()
		ahead += 2 * DefaultMaxAge
		mustKey(t, s, "a")
		synctest.Wait()
		want := []string{"no-keys ok 200 0s 0s <nil>\n", "old-keys ok 200 5m0s 0s <nil>\n", "no-keys ok 200 2h0m0s 0s <nil>\n"}
		if got := seen.since(); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
}

// A function that panics, or that uses the Source, changes nothing for those who wait.
func TestAnObserverCannotBreakAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		var s *Source
		s = newTestSource(t, &server{handler: slowly(time.Second, serving("a"))}, func(c *Config) {
			c.Logger = log.logger()
			c.Observer.KeyFetch = func(ctx context.Context, _ clerk.KeyFetchEvent) {
				if _, err := s.Key(ctx, "a"); err != nil { // would hang below a lock
					t.Error(err)
				}
				if s.Stats().Keys != 1 {
					t.Error("no keys yet")
				}
				panic("SuperSecret")
			}
		})
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { mustKey(t, s, "a") })
		}
		all.Wait()
		wantUnknown(t, s, "b")
	})
}

func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a", "b")}
		s := newTestSource(t, srv)
		want := func(w Stats) {
			t.Helper()
			synctest.Wait()
			if got := s.Stats(); got != w {
				t.Errorf("%+v, want %+v", got, w)
			}
		}
		want(Stats{})
		mustKey(t, s, "a")
		want(Stats{Keys: 2, Fetches: 1})
		time.Sleep(time.Minute)
		want(Stats{Keys: 2, Age: time.Minute, Fetches: 1})
		srv.set(answer(429, "{}"))
		_, _ = s.Key(t.Context(), "c")
		want(Stats{Keys: 2, Age: time.Minute, Fetches: 2, Failures: 1, LastFailure: ReasonRateLimited})
		time.Sleep(2 * DefaultMaxAge)
		if got := s.Stats(); got.Keys != 0 || got.Age != 0 || got.Failures != got.Fetches-1 {
			t.Errorf("%+v", got)
		}
		srv.set(serving("a"))
		time.Sleep(DefaultRefreshInterval)
		if got := s.Stats(); got.Keys != 1 || got.LastFailure != "" {
			t.Errorf("%+v", got)
		}
		_ = s.Close()
		if got := s.Stats(); got.Keys != 0 || got.Fetches == 0 {
			t.Errorf("%+v", got)
		}
	})
}

// What New did not make answers, and does not panic; and a nil context never ends.
func TestNotMadeByNew(t *testing.T) {
	for _, s := range []*Source{nil, new(Source)} {
		_, err := s.Key(t.Context(), "a")
		isUnavailable(t, err, ReasonClosed)
		isUnavailable(t, s.Warm(t.Context()), ReasonClosed)
		if err := s.Close(); err != nil || s.Stats() != (Stats{}) || fmt.Sprint(s) != "jwks.Source{}" {
			t.Error(err, s.Stats(), s)
		}
	}
	s := newTestSource(t, &server{handler: serving("a")})
	//lint:ignore SA1012 a nil context is the case
	if _, err := s.Key(nil, "a"); err != nil { //nolint:staticcheck // a nil context is the case
		t.Error(err)
	}
}

package jwks

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestStaleServesWhileRefreshing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		clock := &offset{}
		s := newTestSource(t, srv, func(c *Config) { c.Now = clock.now })
		key := mustKey(t, s, "a")

		clock.advance(DefaultRefreshInterval - time.Second)
		mustKey(t, s, "a")
		synctest.Wait()
		if n := srv.count(); n != 1 {
			t.Fatalf("%d fetches while the set was fresh", n)
		}

		srv.set(slowly(time.Second, serving("a", "b")))
		clock.advance(time.Second)
		start := time.Now()
		for range 20 {
			mustKey(t, s, "a")
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("stale keys took %s", d)
		}
		time.Sleep(2 * time.Second)
		if n := srv.count(); n != 2 {
			t.Errorf("%d fetches, want one refresh", n-1)
		}
		if mustKey(t, s, "a") != key {
			t.Error("an unchanged key lost its pointer")
		}
		mustKey(t, s, "b")
		if n := srv.count(); n != 2 {
			t.Errorf("the new key cost %d fetches", n-2)
		}
	})
}

// Age counts from when the request was sent, not from when the response was read, so a
// key that was withdrawn in between is refused as early as possible.
func TestAgeBeginsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		n := 0
		s := newTestSource(t, &server{handler: func(r *http.Request) (*http.Response, error) {
			if n++; n == 1 {
				return slowly(time.Second, answer(500, ""))(r)
			}
			return slowly(3*time.Second, serving("a"))(r)
		}})
		mustKey(t, s, "a")
		began := s.set.Load().asOf.at
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("the set is %s old", d)
		}
		if d := began.Sub(start); d < time.Second {
			t.Errorf("age counts from an attempt that failed, %s after the start", d)
		}
	})
}

// A frozen process: nothing has run since the set was fresh, not even the ticker.
func TestLapsedWaitsOnceForRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a", "b")}
		clock := &offset{}
		s := newTestSource(t, srv, func(c *Config) { c.Now = clock.now })
		mustKey(t, s, "a")

		srv.set(slowly(time.Second, serving("a")))
		clock.advance(2 * DefaultRefreshInterval)
		start := time.Now()
		wantUnknown(t, s, "b") // withdrawn meanwhile
		if d := time.Since(start); d != time.Second {
			t.Errorf("waited %s", d)
		}

		// With a server that hangs, only the first call waits.
		srv.set(hanging)
		clock.advance(2 * DefaultRefreshInterval)
		start = time.Now()
		mustKey(t, s, "a")
		if d := time.Since(start); d != DefaultFetchTimeout {
			t.Errorf("waited %s, want the fetch timeout", d)
		}
		start = time.Now()
		for range 20 {
			mustKey(t, s, "a")
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("waited %s again", d)
		}

		// After another freeze, one call waits again.
		clock.advance(2 * DefaultRefreshInterval)
		start = time.Now()
		mustKey(t, s, "a")
		if d := time.Since(start); d != DefaultFetchTimeout {
			t.Errorf("waited %s, want the fetch timeout", d)
		}
	})
}

func TestDownServesUntilMaxAge(t *testing.T) {
	for name, down := range map[string]handler{
		"refused": broken,
		"503":     answer(503, "busy"),
		"hanging": hanging,
		"empty":   answer(200, `{"keys":[]}`),
		"html":    answer(200, "<html>"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := &server{handler: serving("a")}
				s := newTestSource(t, srv)
				mustKey(t, s, "a")
				srv.set(down)
				began := time.Now()
				served := 0
				for time.Since(began) < DefaultMaxAge-time.Millisecond {
					time.Sleep(min(3*time.Minute, DefaultMaxAge-time.Millisecond-time.Since(began)))
					asked := time.Now()
					mustKey(t, s, "a")
					if d := time.Since(asked); d != 0 {
						t.Fatalf("a known key took %s at age %s", d, asked.Sub(began))
					}
					served++
				}
				if served != 20 {
					t.Errorf("served %d times, want 20", served)
				}
				time.Sleep(time.Millisecond)
				if _, err := s.Key(context.Background(), "a"); !errors.Is(err, clerk.ErrUnavailable) {
					t.Fatalf("past MaxAge: %v", err)
				}

				srv.set(serving("a"))
				time.Sleep(DefaultUnknownKeyCooldown + DefaultFetchTimeout)
				mustKey(t, s, "a")
			})
		})
	}
}

// A withdrawn key is refused after RefreshInterval plus one fetch, for constant
// traffic, sparse traffic, and traffic that uses only this key.
func TestRemovedKeyIsRefused(t *testing.T) {
	const fetch = 200 * time.Millisecond
	for _, every := range []time.Duration{
		50 * time.Millisecond, time.Second, 61 * time.Second, 299 * time.Second, 7 * time.Minute, 10 * time.Minute, 26 * time.Hour,
	} {
		t.Run(every.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := &server{handler: slowly(fetch, serving("old", "new"))}
				s := newTestSource(t, srv)
				mustKey(t, s, "old")
				time.Sleep(17 * time.Minute)
				srv.set(slowly(fetch, serving("new")))
				removed := time.Now()
				for {
					time.Sleep(every)
					asked := time.Now()
					if _, err := s.Key(context.Background(), "old"); err == nil {
						if asked.Sub(removed) > DefaultRefreshInterval+fetch {
							t.Fatalf("accepted %s after its removal", asked.Sub(removed))
						}
						continue
					} else if !errors.Is(err, clerk.ErrKeyUnknown) {
						t.Fatal(err)
					}
					break
				}
				mustKey(t, s, "new")
			})
		})
	}
}

func TestClockTricks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		clock := &offset{}
		s := newTestSource(t, srv, func(c *Config) { c.Now = clock.now })
		mustKey(t, s, "a")
		srv.set(broken)

		// The clock goes backwards by more than MaxAge: the set must not stay fresh forever,
		// so it is not trusted.
		clock.advance(-2 * DefaultMaxAge)
		wantUnavailable(t, s, "a", ReasonNetwork)
		srv.set(serving("a"))
		time.Sleep(time.Second)
		mustKey(t, s, "a")

		// A clock that always returns the zero time.
		zero := newTestSource(t, srv, func(c *Config) { c.Now = func() time.Time { return time.Time{} } })
		mustKey(t, zero, "a")
		m := newMoment(time.Now())
		if d := m.until(time.Time{}); d < DefaultMaxAge {
			t.Errorf("age %s by a zero clock", d)
		}
		if d := newMoment(time.Time{}).until(time.Now()); d < DefaultMaxAge {
			t.Errorf("age %s from a zero clock", d)
		}
	})
}

// A machine that slept: the monotonic clock stopped, the wall clock did not.
func TestAgeCountsSleep(t *testing.T) {
	at := time.Now()
	m := newMoment(at)
	m.wall = m.wall.Add(-time.Hour) // the wall clock went on for an hour
	if d := m.until(at.Add(time.Second)); d != time.Hour+time.Second {
		t.Errorf("age %s", d)
	}
	m.wall = m.wall.Add(2 * time.Hour) // the wall clock was set back by an hour
	if d := m.until(at.Add(time.Second)); d != time.Hour-time.Second {
		t.Errorf("age %s", d)
	}
}

func TestExpiredByTheClockAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Each reading of the clock is a day later than the one before.
		clock := &offset{}
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv, func(c *Config) {
			c.Now = func() time.Time { clock.advance(24 * time.Hour); return clock.now() }
		})
		wantUnavailable(t, s, "a", ReasonExpired)
		isUnavailable(t, s.Warm(context.Background()), ReasonExpired)
	})
}

// offset is a clock that a test can shift against the clock of the synctest bubble.
type offset struct {
	mu sync.Mutex
	d  time.Duration
}

func (o *offset) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Add(o.d)
}

func (o *offset) advance(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.d += d
}

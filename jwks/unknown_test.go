package jwks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestUnknownKidsCostAtMostTwoFetches(t *testing.T) {
	for _, cold := range []bool{true, false} {
		t.Run(fmt.Sprintf("cold=%t", cold), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := &server{handler: slowly(50*time.Millisecond, serving("a"))}
				s := newTestSource(t, srv)
				if !cold {
					mustKey(t, s, "a")
				}
				var wg sync.WaitGroup
				for worker := range 20 {
					wg.Go(func() {
						for i := range 50 {
							_, err := s.Key(context.Background(), fmt.Sprintf("ins_%d_%d", worker, i))
							if !errors.Is(err, clerk.ErrKeyUnknown) {
								t.Errorf("%v", err)
							}
						}
					})
				}
				wg.Wait()
				if n := srv.count(); n > 2 {
					t.Errorf("%d fetches for 1,000 unknown kids", n)
				}
			})
		})
	}
}

// Twenty minutes of random key ids cause one fetch per cool-down and do not delay known
// keys.
func TestFloodIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: slowly(50*time.Millisecond, serving("a"))}
		s := newTestSource(t, srv)
		mustKey(t, s, "a")
		start := time.Now()
		for i := 0; time.Since(start) < 20*time.Minute; i++ {
			go func() { _, _ = s.Key(context.Background(), fmt.Sprint("ins_", i)) }()
			asked := time.Now()
			mustKey(t, s, "a")
			if d := time.Since(asked); d != 0 {
				t.Fatalf("a known key took %s", d)
			}
			time.Sleep(100 * time.Millisecond)
		}
		most := int(20*time.Minute/DefaultUnknownKeyCooldown) + int(20*time.Minute/DefaultRefreshInterval) + 2
		if n := srv.count(); n > most || n < 100 {
			t.Errorf("%d fetches, want at most %d", n, most)
		}
	})
}

func TestFloodCannotHideNewKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv)
		mustKey(t, s, "a")
		for round := range 20 {
			kid := fmt.Sprint("new", round)
			flood := func(d time.Duration) {
				for start := time.Now(); time.Since(start) < d; time.Sleep(100 * time.Millisecond) {
					_, _ = s.Key(context.Background(), "ins_flood")
				}
			}
			flood(time.Duration(round) * 777 * time.Millisecond)
			srv.set(serving("a", kid))
			added := time.Now()
			for {
				if _, err := s.Key(context.Background(), kid); err == nil {
					break
				}
				flood(100 * time.Millisecond)
			}
			if d := time.Since(added); d > DefaultUnknownKeyCooldown {
				t.Errorf("round %d: hidden for %s", round, d)
			}
			time.Sleep(13 * time.Second)
		}
	})
}

func TestNewKeyIsFoundAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv)
		mustKey(t, s, "a")
		srv.set(serving("a", "b"))
		mustKey(t, s, "b")
		srv.set(serving("a", "b", "c"))
		wantUnknown(t, s, "c") // inside the cool-down
		time.Sleep(DefaultUnknownKeyCooldown)
		mustKey(t, s, "c")
	})
}

func TestUnknownWhileHanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv)
		mustKey(t, s, "a")
		srv.set(hanging)

		var wg sync.WaitGroup
		start := time.Now()
		refusals := make([]error, 20) // judged below: Fatal is for the test's own goroutine
		for i := range refusals {
			wg.Go(func() {
				_, refusals[i] = s.Key(context.Background(), "b")
				if d := time.Since(start); d != DefaultFetchTimeout {
					t.Errorf("refused after %s, want the fetch timeout", d)
				}
			})
		}
		synctest.Wait()
		for range 20 {
			mustKey(t, s, "a")
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("known keys took %s beside a hanging fetch", d)
		}
		wg.Wait()
		for _, err := range refusals {
			isUnavailable(t, err, ReasonTimeout)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("cause missing: %v", err)
			}
		}

		// During the cool-down the failed fetch is the result for every call, without a wait.
		start = time.Now()
		wantUnavailable(t, s, "c", ReasonTimeout)
		if d := time.Since(start); d != 0 {
			t.Errorf("waited %s again", d)
		}
		if n := srv.count(); n != 2 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestColdAndHangingFailsFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: hanging}
		s := newTestSource(t, srv)
		start := time.Now()
		wantUnavailable(t, s, "a", ReasonTimeout)
		if d := time.Since(start); d != DefaultFetchTimeout {
			t.Errorf("failed after %s", d)
		}
		start = time.Now()
		wantUnavailable(t, s, "a", ReasonTimeout)
		if d := time.Since(start); d != 0 {
			t.Errorf("waited %s inside the pause", d)
		}
		srv.set(serving("a"))
		time.Sleep(time.Second) // the first pause is the shortest
		mustKey(t, s, "a")
	})
}

// A transport that ignores its context does not delay a call past the timeout, and its
// late response has no effect.
func TestTransportThatIgnoresContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		srv := &server{}
		srv.set(func(r *http.Request) (*http.Response, error) {
			<-release
			return serving("stale")(r)
		})
		s := newTestSource(t, srv)
		start := time.Now()
		wantUnavailable(t, s, "a", ReasonTimeout)
		if d := time.Since(start); d != DefaultFetchTimeout {
			t.Errorf("failed after %s", d)
		}
		// No call waits for the next fetch, which hangs as well.
		time.Sleep(2 * time.Second)
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := s.Key(gone, "a")
		isUnavailable(t, err, ReasonCanceled)
		time.Sleep(2 * DefaultFetchTimeout)

		srv.set(serving("a"))
		wantUnavailable(t, s, "a", ReasonTimeout) // this call finds it overdue
		time.Sleep(5 * time.Second)
		mustKey(t, s, "a")
		close(release)
		synctest.Wait()
		mustKey(t, s, "a")
		if _, err := s.Key(context.Background(), "stale"); err == nil {
			t.Error("a late response replaced the set")
		}
	})
}

func TestImpossibleKidsCostNothing(t *testing.T) {
	srv := &server{handler: serving("a")}
	s := newTestSource(t, srv)
	wantUnknown(t, s, "")
	wantUnknown(t, s, strings.Repeat("k", maxKid+1))
	if n := srv.count(); n != 0 {
		t.Errorf("%d fetches", n)
	}
}

// If the set is stale and the last refresh failed, a kid that it lacks is unavailable.
// If the set is fresh, the kid is unknown.
func TestUnknownOrUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv)
		wantUnknown(t, s, "b")
		wantUnknown(t, s, "b")
		srv.set(broken)
		wantUnknown(t, s, "b") // the fetch of this cool-down succeeded without the key
		time.Sleep(DefaultUnknownKeyCooldown)
		wantUnavailable(t, s, "b", ReasonNetwork)
		wantUnavailable(t, s, "b", ReasonNetwork)
		time.Sleep(2 * DefaultRefreshInterval)
		wantUnavailable(t, s, "b", ReasonNetwork)
		mustKey(t, s, "a")
	})
}

// After the fetch of the cool-down failed, a successful refresh makes unknown keys
// unknown again.
func TestUnknownAfterRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv, func(c *Config) { c.UnknownKeyCooldown = 2 * time.Minute })
		mustKey(t, s, "a")
		time.Sleep(4 * time.Minute)
		srv.set(answer(404, ""))
		wantUnavailable(t, s, "b", ReasonStatus)
		srv.set(serving("a"))
		time.Sleep(time.Minute) // the refresh
		n := srv.count()
		wantUnknown(t, s, "b")
		if srv.count() != n {
			t.Error("fetched inside the cool-down")
		}
	})
}

// A frozen Config.Now must not freeze the cool-down or the pause after a failure.
func TestFrozenClockRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frozen := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		srv := &server{handler: broken}
		s := newTestSource(t, srv, func(c *Config) { c.Now = func() time.Time { return frozen } })
		wantUnavailable(t, s, "a", ReasonNetwork)
		srv.set(serving("a"))
		time.Sleep(time.Second)
		mustKey(t, s, "a")
		wantUnknown(t, s, "b")
		srv.set(serving("a", "b"))
		time.Sleep(DefaultUnknownKeyCooldown)
		mustKey(t, s, "b")
	})
}

// Advancing Config.Now is enough as well, for tests with an emulator's clock.
func TestAdvancedClockRecovers(t *testing.T) {
	clock := &offset{}
	srv := &server{handler: serving("a")}
	s := newTestSource(t, srv, func(c *Config) { c.Now = clock.now })
	wantUnknown(t, s, "b")
	wantUnknown(t, s, "b")
	srv.set(serving("a", "b"))
	wantUnknown(t, s, "b")
	clock.advance(DefaultUnknownKeyCooldown)
	mustKey(t, s, "b")
}

package jwks

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestNewStartsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if n := goroutines(); n != 0 {
			t.Errorf("%d goroutines", n)
		}
		if n := srv.count(); n != 0 {
			t.Errorf("%d fetches before the first need of a key", n)
		}
		mustKey(t, s, "a")
	})
}

func TestFirstRequestsShareOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: slowly(50*time.Millisecond, serving("a"))}
		s := newTestSource(t, srv)
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() {
				if _, err := s.Key(context.Background(), "a"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := srv.count(); n != 1 {
			t.Errorf("%d fetches for 500 first requests", n)
		}
	})
}

// A caller that looked at the set just before a fetch finished does not start another
// fetch.
func TestLateComersStartNoSecondFetch(t *testing.T) {
	srv := &server{handler: serving("a")}
	s := newTestSource(t, srv)
	mustKey(t, s, "a")
	for _, why := range []need{needFresh, needUnknown} {
		if f, err := s.startOrJoin(t.Context(), time.Now(), why, nil); f != nil || err != nil {
			t.Errorf("flight %v, error %v", f, err)
		}
	}
	if n := srv.count(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

// Five attempts within one timeout are one fetch, which all waiting callers share.
func TestFirstRequestsShareOneFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: slowly(50*time.Millisecond, answer(500, ""))}
		s := newTestSource(t, srv)
		var wg sync.WaitGroup
		refusals := make([]error, 500) // judged below: Fatal is for the test's own goroutine
		for i := range refusals {
			wg.Go(func() { _, refusals[i] = s.Key(context.Background(), "a") })
		}
		wg.Wait()
		for _, err := range refusals {
			if e := failure(t, err); e.Reason != ReasonStatus || e.StatusCode != 500 {
				t.Errorf("%v", err)
			}
		}
		if n := srv.count(); n != maxAttempts {
			t.Errorf("%d attempts, want %d", n, maxAttempts)
		}
	})
}

func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a", "b")}
		s := newTestSource(t, srv)
		a, b := mustKey(t, s, "a"), mustKey(t, s, "b")

		// b gets another key under its old name, c is new.
		b2 := entry("b", map[string]any{"n": b64(modulus("b2", 2048).Bytes())})
		srv.set(answer(200, keySetJSON(entry("a", nil), b2, entry("c", nil))))
		mustKey(t, s, "c")
		if mustKey(t, s, "a") != a {
			t.Error("an unchanged key lost its pointer")
		}
		got, err := s.Key(context.Background(), "b")
		if err != nil || got == b || got.Equal(b) {
			t.Errorf("the replaced key was kept (%v)", err)
		}

		srv.set(serving("c"))
		time.Sleep(DefaultRefreshInterval + time.Second)
		for _, kid := range []string{"a", "b"} {
			wantUnknown(t, s, kid)
		}

		// A key that was withdrawn and published again gets a new pointer, so caches that
		// compare pointers verify again.
		srv.set(serving("a", "c"))
		time.Sleep(DefaultRefreshInterval + time.Second)
		if mustKey(t, s, "a") == a {
			t.Error("a withdrawn key came back with its old pointer")
		}
	})
}

func TestSourcesShareNothing(t *testing.T) {
	one, two := newTestSource(t, &server{handler: serving("a")}), newTestSource(t, &server{handler: serving("b")})
	mustKey(t, one, "a")
	mustKey(t, two, "b")
	wantUnknown(t, one, "b")
	wantUnknown(t, two, "a")
}

func TestWarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		srv := &server{handler: answer(502, "")}
		s := newTestSource(t, srv)
		isUnavailable(t, s.Warm(ctx), ReasonStatus)
		attempts := srv.count()
		isUnavailable(t, s.Warm(ctx), ReasonStatus) // Warm in a loop does not flood the server
		if srv.count() != attempts {
			t.Error("Warm fetched again right after a failure")
		}

		srv.set(slowly(time.Second, serving("a")))
		time.Sleep(time.Second)
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		err := s.Warm(short)
		isUnavailable(t, err, ReasonCanceled)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the cause is missing: %v", err)
		}
		if err := s.Warm(ctx); err != nil {
			t.Fatal(err)
		}
		n := srv.count()
		if err := s.Warm(ctx); err != nil {
			t.Fatal(err)
		}
		mustKey(t, s, "a")
		if srv.count() != n {
			t.Error("Warm fetched a fresh set again")
		}

		srv.set(broken)
		time.Sleep(DefaultMaxAge / 2)
		if err := s.Warm(ctx); err != nil {
			t.Errorf("keys below MaxAge are at hand, and Warm says %v", err)
		}
	})
}

func TestCallersContextEndsOnlyTheirWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: slowly(time.Second, serving("a"))}
		s := newTestSource(t, srv)
		type tenant struct{}
		ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), tenant{}, 1))
		done := make(chan error)
		go func() {
			_, err := s.Key(ctx, "a")
			done <- err
		}()
		synctest.Wait() // this caller's request causes the fetch
		other := make(chan error)
		go func() {
			_, err := s.Key(context.Background(), "a")
			other <- err
		}()
		synctest.Wait()
		start := time.Now()
		cancel(errors.New("the browser disconnected"))
		err := <-done
		isUnavailable(t, err, ReasonCanceled)
		if !errors.Is(err, context.Canceled) || time.Since(start) != 0 {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
		if err := <-other; err != nil {
			t.Errorf("the other caller: %v", err)
		}
		if srv.count() != 1 {
			t.Errorf("%d fetches", srv.count())
		}
		if srv.request().Context().Value(tenant{}) == nil {
			t.Error("the fetch lacks the values of the request that caused it, to which spans attach")
		}
		// For a known fresh key the context does not matter.
		if _, err := s.Key(ctx, "a"); err != nil {
			t.Errorf("known key: %v", err)
		}
	})
}

// For the race detector: all methods at once, in virtual time.
func TestConcurrentUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []handler{
			slowly(30*time.Millisecond, serving("a")), serving("a", "b"), broken, answer(http.StatusTeapot, ""), hanging,
		}
		srv := &server{handler: answers[0]}
		s := newTestSource(t, srv, func(c *Config) {
			c.RefreshInterval, c.MaxAge = 3*time.Second, 5*time.Second
			c.UnknownKeyCooldown, c.FetchTimeout = 100*time.Millisecond, 500*time.Millisecond
		})
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				for n := range 500 {
					time.Sleep(time.Duration(i*7+n%13) * time.Millisecond)
					switch i % 4 {
					case 0:
						_, _ = s.Key(context.Background(), "a")
					case 1:
						_, _ = s.Key(context.Background(), "no such key")
					case 2:
						_ = s.Warm(context.Background())
					case 3:
						srv.set(answers[(n+i)%len(answers)])
					}
				}
			})
		}
		wg.Wait()
		srv.set(serving("a"))
		time.Sleep(10 * time.Second)
		mustKey(t, s, "a")
	})
}

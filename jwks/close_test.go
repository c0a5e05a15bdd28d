package jwks

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv)
		mustKey(t, s, "a")
		time.Sleep(time.Hour)
		if goroutines() == 0 {
			t.Error("no background refresh")
		}
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := goroutines(); n != 0 {
			t.Errorf("%d goroutines after Close", n)
		}
		n := srv.count()
		for _, kid := range []string{"a", "b"} {
			wantUnavailable(t, s, kid, ReasonClosed)
		}
		isUnavailable(t, s.Warm(context.Background()), ReasonClosed)
		time.Sleep(time.Hour)
		if srv.count() != n {
			t.Errorf("%d fetches after Close", srv.count()-n)
		}
	})
}

func TestCloseEndsFetchUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: hanging}
		s := newTestSource(t, srv)
		done := make(chan error)
		for range 3 {
			go func() {
				_, err := s.Key(context.Background(), "a")
				done <- err
			}()
		}
		synctest.Wait()
		start := time.Now()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			isUnavailable(t, <-done, ReasonClosed)
		}
		if time.Since(start) != 0 {
			t.Errorf("Close left them waiting for %s", time.Since(start))
		}
		synctest.Wait()
		if n := goroutines(); n != 0 {
			t.Errorf("%d goroutines after Close", n)
		}
	})
}

// Close waits a moment if httprc's goroutines have just worked, and does not wait
// otherwise.
func TestCloseLetsTheTickerSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, pause := range []time.Duration{0, settleTime / 2, settleTime, time.Minute} {
			s := newTestSource(t, &server{handler: serving("a")})
			mustKey(t, s, "a")
			synctest.Wait()
			time.Sleep(pause)
			start := time.Now()
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if d, want := time.Since(start), max(settleTime-pause, 0); d != want {
				t.Errorf("Close %s after the start took %s, want %s", pause, d, want)
			}
		}
	})
}

// With real goroutines and the real clock: Close leaves no goroutine running.
func TestCloseLeaksNothing(t *testing.T) {
	for i := range 60 {
		s := newTestSource(t, &server{handler: serving("a")})
		if i%2 == 0 {
			mustKey(t, s, "a")
		} else {
			go func() { _, _ = s.Key(context.Background(), "a") }()
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); goroutines() > 0 && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if n := goroutines(); n > 0 {
		t.Errorf("%d goroutines after Close", n)
	}
}

package jwks

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// Without traffic the keys are still refreshed, with one fetch per interval.
func TestTickerRefreshesWithoutTraffic(t *testing.T) {
	for _, interval := range []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, time.Hour} {
		t.Run(interval.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := &server{handler: slowly(100*time.Millisecond, serving("a"))}
				s := newTestSource(t, srv, func(c *Config) { c.RefreshInterval, c.MaxAge = interval, 12*interval })
				mustKey(t, s, "a")
				for range 20 {
					time.Sleep(interval)
					if set := s.set.Load(); set == nil || set.asOf.until(time.Now()) >= interval {
						t.Fatalf("the set is %s old", set.asOf.until(time.Now()))
					}
				}
				for i, gap := range srv.gaps() {
					if gap > interval || gap < interval-10*time.Second {
						t.Errorf("fetch %d after %s", i+1, gap)
					}
				}
			})
		})
	}
}

// A read that refreshes the set between two ticks does not add a second schedule.
func TestOneScheduleWhateverElseFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv)
		for range 20 {
			wantUnknown(t, s, "b")
			time.Sleep(DefaultUnknownKeyCooldown)
		}
		n := srv.count()
		time.Sleep(time.Hour)
		if more := srv.count() - n; more < 11 || more > 13 {
			t.Errorf("%d fetches in an hour", more)
		}
	})
}

func TestTickerPublishesAndWithdraws(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a", "b")}
		s := newTestSource(t, srv)
		a := mustKey(t, s, "a")
		srv.set(serving("a", "c"))
		time.Sleep(DefaultRefreshInterval)
		n := srv.count()
		if mustKey(t, s, "a") != a {
			t.Error("an unchanged key lost its pointer")
		}
		mustKey(t, s, "c")
		if srv.count() != n {
			t.Error("the ticker's set was not used")
		}
		if _, ok := s.set.Load().keys["b"]; ok {
			t.Error("b is still there")
		}
	})
}

// The ticker survives bad responses and hanging servers, and shares the single flight
// with all other callers.
func TestTickerSurvivesFailures(t *testing.T) {
	for name, bad := range map[string]handler{
		"refused": broken, "hanging": hanging, "html": answer(200, "<html>"), "500": answer(500, ""), "429": answer(429, "", "Retry-After", "30"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := &server{handler: serving("a")}
				s := newTestSource(t, srv)
				key := mustKey(t, s, "a")
				srv.set(bad)
				time.Sleep(4 * DefaultRefreshInterval)
				n := srv.count()
				if n < 4 {
					t.Fatalf("%d fetches, the ticker gave up", n)
				}
				srv.set(serving("a", "b"))
				time.Sleep(DefaultRefreshInterval)
				if mustKey(t, s, "a") != key {
					t.Error("an unchanged key lost its pointer")
				}
				mustKey(t, s, "b")
				if more := srv.count() - n; more != 1 {
					t.Errorf("%d fetches after the outage", more)
				}
			})
		})
	}
}

func TestReadersJoinTheTickersFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv)
		mustKey(t, s, "a")
		srv.set(slowly(3*time.Second, serving("a", "b")))
		for srv.count() < 2 {
			time.Sleep(100 * time.Millisecond)
		}
		mustKey(t, s, "b") // joins
		mustKey(t, s, "a")
		if n := srv.count(); n != 2 {
			t.Errorf("%d fetches", n)
		}
	})
}

// The ticker starts no fetch while another one is running, and does nothing after
// Close.
func TestTickerStepsAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: hanging}
		s := newTestSource(t, srv)
		tick := &ticker{s: s, primed: true}
		go func() { _, _ = s.Key(t.Context(), "a") }()
		synctest.Wait()
		tickFails(t, tick, errBusy)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		tickFails(t, tick, clerk.ErrUnavailable)
		s.startTicker()
		synctest.Wait()
		if n := srv.count(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

func tickFails(t *testing.T, tick *ticker, want error) {
	t.Helper()
	res, err := tick.Get(testURL)
	if res != nil {
		_ = res.Body.Close()
	}
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

// Close between the two halves of the ticker's fetch.
func TestCloseBetweenGetAndTransform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := &server{handler: serving("a")}
		s := newTestSource(t, srv)
		tick := &ticker{s: s, primed: true}
		res, err := tick.Get(testURL)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := tick.Transform(testURL, res); err == nil {
			t.Error("published after Close")
		}
		wantUnavailable(t, s, "a", ReasonClosed)
	})
}

func TestTransformChecksStatus(t *testing.T) {
	srv := &server{handler: func(r *http.Request) (*http.Response, error) {
		return response(r, http.StatusNotFound, keysJSON("b")), nil
	}}
	s := newTestSource(t, srv)
	tick := &ticker{s: s, primed: true}
	res, err := tick.Get(testURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if kept, err := tick.Transform(testURL, res); err == nil || kept != nil {
		t.Errorf("kept %v, error %v", kept, err)
	}
	if s.set.Load() != nil {
		t.Error("published the body of a 404")
	}
}

func TestSchedule(t *testing.T) {
	for refresh := time.Nanosecond; refresh < 1000*time.Hour; refresh = refresh*5/4 + 1 {
		interval, window := schedule(refresh)
		if window < time.Second || interval < window {
			t.Fatalf("%s: interval %s, window %s: httprc refuses or changes them", refresh, interval, window)
		}
		if refresh >= 4*time.Second && interval+window+time.Second > refresh {
			t.Errorf("%s: fires after %s at the latest", refresh, interval+window+time.Second)
		}
	}
}

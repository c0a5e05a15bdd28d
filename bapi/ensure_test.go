package bapi

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestEnsureMakesOneRow: concurrent requests of a new user insert one row with one
// call, also if the context of the first caller ends.
func TestEnsureMakesOneRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := &slowUsers{delay: time.Second}
		c := newUserCache(t, users, CacheConfig{})
		table := map[string]string{}
		var mu sync.Mutex
		inserts, runs := 0, 0
		row := Ensure(c, func(_ context.Context, id string, get func() (*User, error)) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			runs++
			if name, ok := table[id]; ok {
				return name, nil
			}
			u, err := get()
			if err != nil {
				return "", err
			}
			inserts++
			table[id] = u.FirstName
			return u.FirstName, nil
		})
		leader, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := row(leader, "user_1"); !errors.Is(err, context.Canceled) {
				t.Errorf("leader: %v", err)
			}
		})
		synctest.Wait()
		for range 50 {
			wg.Go(func() {
				if name, err := row(t.Context(), "user_1"); err != nil || name != "version 1" {
					t.Errorf("%q, %v", name, err)
				}
			})
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		if name, err := row(t.Context(), "user_1"); err != nil || name != "version 1" {
			t.Errorf("%q, %v", name, err)
		}
		if inserts != 1 || runs != 2 || users.calls.Load() != 1 {
			t.Errorf("%d inserts, %d runs, %d calls", inserts, runs, users.calls.Load())
		}
	})
}

func TestEnsureFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := &slowUsers{answer: func(string, int64) (*User, error) { return nil, errOutage }}
		c := newUserCache(t, users, CacheConfig{})
		asked := 0
		row := Ensure(c, func(ctx context.Context, id string, get func() (*User, error)) (int, error) {
			asked++
			switch id {
			case "user_panics":
				panic("the application's own")
			case "user_exits":
				runtime.Goexit()
			case "user_hangs":
				<-ctx.Done()
				return 0, ctx.Err()
			}
			_, err := get()
			return 7, err
		})
		if n, err := row(t.Context(), "user_1"); !errors.Is(err, ErrUnavailable) || n != 7 {
			t.Errorf("%d, %v", n, err)
		}
		if _, err := row(t.Context(), "user_exits"); !errors.Is(err, errNoResult) {
			t.Errorf("%v", err)
		}
		start := time.Now()
		if _, err := row(t.Context(), "user_hangs"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != ensureTimeout {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		func() {
			defer func() {
				if recover() != "the application's own" {
					t.Error("the panic did not reach the caller")
				}
			}()
			_, _ = row(t.Context(), "user_panics")
		}()
		asked = 0
		for _, id := range []string{"", "..", "user_1/ban"} {
			if _, err := row(t.Context(), id); !errors.Is(err, ErrInvalidArgument) || asked != 0 {
				t.Errorf("%q: %v", id, err)
			}
		}
		if _, err := Ensure[User, int](c, nil)(t.Context(), "user_1"); err == nil {
			t.Error("nothing to run")
		}
		if _, err := Ensure[User](nil, func(context.Context, string, func() (*User, error)) (int, error) { return 1, nil })(t.Context(), "user_1"); err == nil {
			t.Error("nothing to ask")
		}
	})
}

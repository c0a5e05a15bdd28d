package bapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

type ctxKey struct{}

// observed collects what an Observer is told, each event with the value in its context.
type observed struct {
	mu    sync.Mutex
	lines []string
}

func (o *observed) observer() clerk.Observer {
	return clerk.Observer{BackendCall: func(ctx context.Context, e clerk.BackendCallEvent) {
		how := ""
		if e.Cached {
			how += " cached"
		}
		if e.Shared {
			how += " shared"
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.lines = append(o.lines, fmt.Sprintf("%s %s %d attempts=%d %s%s %v", e.Operation, e.Outcome, e.Status, e.Attempts, e.Duration, how, ctx.Value(ctxKey{})))
	}}
}

// want compares in order of the text.
func (o *observed) want(t *testing.T, lines ...string) {
	t.Helper()
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	slices.Sort(lines)
	slices.Sort(o.lines)
	if !slices.Equal(o.lines, lines) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(o.lines, "\n"), strings.Join(lines, "\n"))
	}
	o.lines = nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func by(t *testing.T, who string) context.Context {
	return context.WithValue(t.Context(), ctxKey{}, who)
}

// Each call that is sent is one event with all its attempts; its operation holds no id.
func TestEachCallIsObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		rec, delay := &response{status: 200, body: []byte(`{"id":"user_1"}`)}, time.Second
		c, err := FromConfig(clerk.Config{SecretKey: testKey, Observer: seen.observer(), HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if err := sleepFor(r.Context(), delay); err != nil {
				return nil, err
			}
			return rec.result(r), nil
		})}}, func(c *Config) { c.MaxRetries = 1 })
		if err != nil {
			t.Fatal(err)
		}
		ctx := by(t, "me")
		_, _ = c.Users.Get(ctx, "user_1")
		_ = c.Do(ctx, "POST", "/users/user_1/badges", nil, nil, nil)
		seen.want(t, "GET /v1/users/{user_id} ok 200 attempts=1 1s me", "POST /v1/{path} ok 200 attempts=1 1s me")

		rec.body = []byte(`{}`)
		_, _ = c.Users.Get(ctx, "user_1")
		_ = c.Do(ctx, "GET", "/users/user_1", nil, nil, new(User))
		seen.want(t, "GET /v1/users/{user_id} unavailable 200 attempts=1 1s me", "GET /v1/{path} unavailable 200 attempts=1 1s me")

		rec.status, rec.body = 404, []byte(`{"errors":[]}`)
		_, _ = c.Users.Get(ctx, "user_1")
		seen.want(t, "GET /v1/users/{user_id} refused 404 attempts=1 1s me")

		rec.status, delay = 503, 0
		_, err = c.Users.Get(ctx, "user_1")
		if len(seen.lines) != 1 || !strings.HasPrefix(seen.lines[0], "GET /v1/users/{user_id} unavailable 503 attempts=2 ") || err == nil {
			t.Error(seen.lines, err)
		}
		seen.lines = nil

		_, _ = c.Users.Get(ctx, "../x") // is not sent
		_ = c.Do(ctx, "POST", "/users//x", nil, nil, nil)
		//lint:ignore SA1012 a nil context is the case
		_, _ = c.Users.Get(nil, "user_1") //nolint:staticcheck // a nil context is the case
		seen.want(t)

		delay = time.Hour
		short, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		_, _ = c.Users.Get(short, "user_1")
		seen.want(t, "GET /v1/users/{user_id} canceled 0 attempts=1 2s me")
	})
}

// What a cache answers itself is observed by its own Observer.
func TestAnswersOfACacheAreObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		users := &slowUsers{delay: time.Second}
		c := newUserCache(t, users, CacheConfig{Observer: seen.observer()})
		get := func(who string) { _, _ = c.Get(by(t, who), "user_1") }
		var all sync.WaitGroup
		all.Go(func() { get("first") })
		synctest.Wait()
		time.Sleep(400 * time.Millisecond)
		all.Go(func() { get("second") })
		all.Wait()
		seen.want(t, "GET /v1/users/{user_id} ok 200 attempts=0 600ms shared second")
		get("third")
		seen.want(t, "GET /v1/users/{user_id} ok 200 attempts=0 0s cached third")

		time.Sleep(5 * time.Minute)
		users.delay, users.answer = 0, func(string, int64) (*User, error) { return nil, errOutage }
		get("fourth") // asks, and falls back
		get("fifth")
		seen.want(t, "GET /v1/users/{user_id} stale 0 attempts=0 0s cached fourth", "GET /v1/users/{user_id} stale 0 attempts=0 0s cached fifth")

		users.answer = func(string, int64) (*User, error) { return nil, &Error{Method: "GET", Status: 404, Attempts: 1} }
		_, _ = c.Get(by(t, "sixth"), "user_2")
		_, _ = c.Get(by(t, "seventh"), "user_2")
		seen.want(t, "GET /v1/users/{user_id} refused 404 attempts=0 0s cached seventh")

		short, cancel := context.WithTimeout(by(t, "eighth"), time.Second)
		defer cancel()
		users.delay = 3 * time.Second
		go func() { _, _ = c.Get(t.Context(), "user_3") }()
		synctest.Wait()
		_, _ = c.Get(short, "user_3")
		seen.want(t, "GET /v1/users/{user_id} canceled 0 attempts=0 1s shared eighth")
		time.Sleep(time.Minute)
	})
}

// A function that panics, or asks the cache, changes no answer.
func TestAnObserverCannotBreakACall(t *testing.T) {
	var users *UserCache
	o := clerk.Observer{BackendCall: func(ctx context.Context, e clerk.BackendCallEvent) {
		if users != nil && !e.Cached {
			_, _ = users.Get(ctx, "user_0")
		}
		panic("SuperSecret")
	}}
	rec := &recorder{status: 200, answer: `{"id":"user_0"}`}
	c := serve(t, rec.ServeHTTP, func(c *Config) { c.Observer = o })
	if u, err := c.Users.Get(t.Context(), "user_0"); err != nil || u.ID != "user_0" {
		t.Fatal(u, err)
	}
	users = newUserCache(t, &slowUsers{}, CacheConfig{Observer: o})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if u, err := users.Get(t.Context(), "user_1"); err != nil || u.ID != "user_1" {
				t.Error(u, err)
			}
		})
	}
	all.Wait()
}

// nil and what no New made are refused, and do not panic.
func TestNilIsRefused(t *testing.T) {
	var c Client
	var cache UserCache
	users := newUserCache(t, &slowUsers{}, CacheConfig{})
	row := Ensure(users, func(context.Context, string, func() (*User, error)) (int, error) { return 1, nil })
	var none context.Context
	for name, call := range map[string]func() error{
		"zero Client":      func() error { return c.Do(t.Context(), "GET", "/users", nil, nil, nil) },
		"zero service":     func() error { _, err := new(UsersService).Get(t.Context(), "user_1"); return err },
		"zero cache":       func() error { _, err := cache.Get(t.Context(), "user_1"); return err },
		"nil cache":        func() error { _, err := (*UserCache)(nil).Get(t.Context(), "user_1"); return err },
		"nil context":      func() error { _, err := users.Get(none, "user_1"); return err },
		"Ensure's context": func() error { _, err := row(none, "user_1"); return err },
	} {
		if err := call(); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	cache.Forget("user_1")
	if cache.Stats() != (CacheStats{}) {
		t.Error(cache.Stats())
	}
}

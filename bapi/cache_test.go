package bapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// slowUsers responds after a delay and counts calls.
type slowUsers struct {
	calls  atomic.Int64
	delay  time.Duration
	answer func(id string, call int64) (*User, error)
}

func (s *slowUsers) Get(ctx context.Context, id string, _ ...CallOption) (*User, error) {
	n := s.calls.Add(1)
	if err := sleepFor(ctx, s.delay); err != nil {
		return nil, &Error{Method: "GET", Attempts: 1, Err: err}
	}
	if s.answer != nil {
		return s.answer(id, n)
	}
	return &User{ID: id, FirstName: fmt.Sprint("version ", n)}, nil
}

func sleepFor(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func newUserCache(t *testing.T, users UserGetter, cfg CacheConfig) *UserCache {
	t.Helper()
	c, err := NewUserCache(users, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var errOutage = &Error{Method: "GET", Status: 503, Attempts: 1}

func TestUserCacheAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := &slowUsers{delay: 500 * time.Millisecond}
		c := newUserCache(t, users, CacheConfig{})
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if u, err := c.Get(t.Context(), "user_1"); err != nil || u.FirstName != "version 1" {
					t.Errorf("%v, %v", u, err)
				}
			})
		}
		wg.Wait()
		u, _ := c.Get(t.Context(), "user_1")
		u.FirstName = "changed" // does not affect other callers
		time.Sleep(5*time.Minute - 500*time.Millisecond - time.Nanosecond)
		if u, err := c.Get(t.Context(), "user_1"); err != nil || u.FirstName != "version 1" {
			t.Errorf("before the TTL: %v, %v", u, err)
		}
		time.Sleep(time.Nanosecond)
		if u, err := c.Get(t.Context(), "user_1"); err != nil || u.FirstName != "version 2" {
			t.Errorf("after the TTL: %v, %v", u, err)
		}
		if s := c.Stats(); users.calls.Load() != 2 || s != (CacheStats{Hits: 2, Fetches: 2, Shared: 99, Entries: 1}) {
			t.Errorf("%d calls, %+v", users.calls.Load(), s)
		}
	})
}

// TestUserCacheLeaderLeaves: if the context of the caller that started the fetch ends,
// the other callers still get the result.
func TestUserCacheLeaderLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := &slowUsers{delay: 3 * time.Second}
		c := newUserCache(t, users, CacheConfig{})
		leader, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := c.Get(leader, "user_1"); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrUnavailable) {
				t.Errorf("leader: %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if u, err := c.Get(t.Context(), "user_1"); err != nil || u.ID != "user_1" {
				t.Errorf("the other: %v, %v", u, err)
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
		if users.calls.Load() != 1 {
			t.Errorf("%d calls", users.calls.Load())
		}
	})
}

// TestUserCacheInAnOutage: during an outage the cache returns stale users, limits the
// number of calls, and fails after MaxStale.
func TestUserCacheInAnOutage(t *testing.T) {
	for name, fail := range map[string]func(u *slowUsers){
		"503":  func(u *slowUsers) { u.answer = func(string, int64) (*User, error) { return nil, errOutage } },
		"hang": func(u *slowUsers) { u.delay = time.Hour },
		"no answer": func(u *slowUsers) {
			u.answer = func(string, int64) (*User, error) { return nil, nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				users := &slowUsers{}
				c := newUserCache(t, users, CacheConfig{TTL: time.Minute, MaxStale: 10 * time.Minute})
				if _, err := c.Get(t.Context(), "user_1"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				fail(users)
				for range 600 { // ten a second
					start := time.Now()
					if u, err := c.Get(t.Context(), "user_1"); err != nil || u.FirstName != "version 1" {
						t.Fatalf("%v, %v", u, err)
					}
					if took := time.Since(start); took > staleWait {
						t.Fatalf("an old answer took %v", took)
					}
					time.Sleep(100 * time.Millisecond)
				}
				if n := users.calls.Load(); n > 80 {
					t.Errorf("%d calls in a minute", n)
				}
				time.Sleep(10 * time.Minute)
				if _, err := c.Get(t.Context(), "user_1"); !errors.Is(err, ErrUnavailable) {
					t.Errorf("after MaxStale: %v", err)
				}
				if _, err := c.Get(t.Context(), "user_2"); !errors.Is(err, ErrUnavailable) || !errors.Is(err, clerk.ErrUnavailable) {
					t.Errorf("one that was never seen: %v", err)
				}
				users.delay, users.answer = 0, nil
				time.Sleep(5 * time.Second)
				if u, err := c.Get(t.Context(), "user_1"); err != nil || u.FirstName == "version 1" {
					t.Errorf("after the outage: %v, %v", u, err)
				}
			})
		})
	}
}

func TestUserCacheRemembersFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var answer error
		users := &slowUsers{answer: func(string, int64) (*User, error) { return nil, answer }}
		c := newUserCache(t, users, CacheConfig{MaxStale: -1})
		for _, tt := range []struct {
			err  *Error
			wait time.Duration
		}{
			{errOutage, failureTTL},
			{&Error{Status: 404, Attempts: 1}, failureTTL},
			{&Error{Status: 429, Attempts: 1, RetryAfter: 7 * time.Second}, 7 * time.Second},
			{&Error{Status: 429, Attempts: 1, RetryAfter: time.Hour}, maxFailureTTL},
		} {
			answer = tt.err
			before := users.calls.Load()
			for range 10 {
				if _, err := c.Get(t.Context(), "user_1"); !errors.Is(err, tt.err) {
					t.Errorf("%v, want %v", err, tt.err)
				}
			}
			time.Sleep(tt.wait - time.Nanosecond)
			_, _ = c.Get(t.Context(), "user_1")
			if n := users.calls.Load() - before; n != 1 {
				t.Errorf("%v: %d calls", tt.err, n)
			}
			time.Sleep(time.Nanosecond)
		}
	})
}

// TestUserCacheHandle: after an event the user is fetched again, also if a fetch was
// running, and a deleted user is not returned in an outage.
func TestUserCacheHandle(t *testing.T) {
	event := func(kind, data string) *webhook.Event {
		return &webhook.Event{Type: kind, Data: json.RawMessage(data)}
	}
	synctest.Test(t, func(t *testing.T) {
		users := &slowUsers{delay: time.Second}
		c := newUserCache(t, users, CacheConfig{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if u, err := c.Get(t.Context(), "user_1"); err != nil || u.FirstName != "version 1" {
				t.Errorf("%v, %v", u, err)
			}
		})
		synctest.Wait() // the first call is running
		if err := c.Handle(t.Context(), event(webhook.UserUpdated, `{"id":"user_1","organization":7}`)); err != nil {
			t.Fatal(err)
		}
		if u, err := c.Get(t.Context(), "user_1"); err != nil || u.FirstName != "version 2" {
			t.Errorf("after the event: %v, %v", u, err)
		}
		wg.Wait()
		if u, err := c.Get(t.Context(), "user_1"); err != nil || u.FirstName != "version 2" || users.calls.Load() != 2 {
			t.Errorf("the older answer was kept: %v, %v, %d calls", u, err, users.calls.Load())
		}
		for _, ev := range []*webhook.Event{event(webhook.SessionCreated, `{"id":"user_1"}`), event("user.createdAtLast", `7`), event(webhook.UserUpdated, `{"id":"user_2"}`)} {
			if err := c.Handle(t.Context(), ev); err != nil || c.Stats().Entries != 1 {
				t.Errorf("%s: %v", ev.Type, err)
			}
		}
		for _, ev := range []*webhook.Event{nil, event(webhook.UserUpdated, `{}`), event(webhook.UserUpdated, `7`), event(webhook.UserUpdated, ``)} {
			if err := c.Handle(t.Context(), ev); err == nil {
				t.Errorf("%v was handled", ev)
			}
		}
		if err := c.Handle(t.Context(), event(webhook.UserDeleted, `{"id":"user_1","deleted":true}`)); err != nil {
			t.Fatal(err)
		}
		users.answer = func(string, int64) (*User, error) { return nil, errOutage }
		if u, err := c.Get(t.Context(), "user_1"); err == nil {
			t.Errorf("a deleted user was served: %v", u)
		}
	})
}

func TestUserCacheIsBounded(t *testing.T) {
	users := &slowUsers{}
	c := newUserCache(t, users, CacheConfig{Size: 10})
	for i := range 1000 {
		for _, id := range []string{fmt.Sprint("user_", i), "user_often"} {
			if _, err := c.Get(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n, s := users.calls.Load(), c.Stats(); n != 1001 || s.Entries != 10 {
		t.Errorf("%d calls, %+v", n, s)
	}
	for _, id := range []string{"", "..", "user_1/ban", strings.Repeat("u", 300)} {
		var e *Error
		if _, err := c.Get(t.Context(), id); !errors.Is(err, ErrInvalidArgument) || !errors.As(err, &e) || e.Param != "id" {
			t.Errorf("%q: %v", id, err)
		}
	}
	if users.calls.Load() != 1001 {
		t.Error("an invalid id was fetched")
	}
}

func TestCachesWithoutSettings(t *testing.T) {
	for name, cfg := range map[string]CacheConfig{"Size": {Size: -1}, "TTL": {TTL: -1}, "FetchTimeout": {FetchTimeout: -1}} {
		var e *clerk.ConfigError
		if c, err := NewUserCache(&slowUsers{}, cfg); !errors.As(err, &e) || e.Field != name || c != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c, err := NewOrganizationCache(OrganizationsService{}, cfg); !errors.As(err, &e) || c != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewUserCache(nil, CacheConfig{}); err == nil {
		t.Error("no users")
	}
	if _, err := NewOrganizationCache(nil, CacheConfig{}); err == nil {
		t.Error("no organizations")
	}
	var users *UserCache
	var orgs OrganizationCache
	_, err1 := users.Get(t.Context(), "user_1")
	_, err2 := orgs.Get(t.Context(), "org_1")
	if !errors.Is(err1, ErrInvalidArgument) || !errors.Is(err2, ErrInvalidArgument) {
		t.Errorf("%v, %v", err1, err2)
	}
	users.Forget("user_1")
	if err := users.Handle(t.Context(), &webhook.Event{Type: webhook.UserCreated, Data: json.RawMessage(`{"id":"user_1"}`)}); err != nil || users.Stats() != orgs.Stats() {
		t.Error(err)
	}
}

func TestOrganizationCache(t *testing.T) {
	rec := &recorder{status: 200, answer: `{"id":"org_1","slug":"acme","name":"Acme"}`}
	api := serve(t, rec.ServeHTTP)
	c, err := NewOrganizationCache(api.Organizations, CacheConfig{})
	if err != nil {
		t.Fatal(err)
	}
	get := func(id, name string, fetches uint64) {
		t.Helper()
		if o, err := c.Get(t.Context(), id); err != nil || o.Name != name || c.Stats().Fetches != fetches {
			t.Errorf("%v, %v, %+v", o, err, c.Stats())
		}
	}
	get("org_1", "Acme", 1)
	get("org_1", "Acme", 1)
	get("acme", "Acme", 2) // a slug is not cached
	get("acme", "Acme", 3)
	rec.answer = `{"id":"org_1","slug":"acme","name":"Acme Ltd"}`
	for i, ev := range []webhook.Event{
		{Type: webhook.OrganizationUpdated, Data: json.RawMessage(`{"id":"org_1"}`)},
		{Type: webhook.OrganizationMembershipCreated, Data: json.RawMessage(`{"id":"orgmem_1","organization":{"id":"org_1"}}`)},
	} {
		if err := c.Handle(t.Context(), &ev); err != nil {
			t.Fatal(err)
		}
		get("org_1", "Acme Ltd", uint64(4+i))
		get("org_1", "Acme Ltd", uint64(4+i))
	}
	if err := c.Handle(t.Context(), &webhook.Event{Type: webhook.OrganizationMembershipCreated, Data: json.RawMessage(`{"id":"orgmem_1"}`)}); err == nil {
		t.Error("an event without an organization was handled")
	}
	c.Forget("org_1")
	get("org_1", "Acme Ltd", 6)
}

// BenchmarkUserPerRequest is a server that needs the user in every request, with 1,000
// users at random. calls/op is the number of calls to the Backend API per request.
func BenchmarkUserPerRequest(b *testing.B) {
	for name, wrap := range map[string]func(*slowUsers) func(context.Context, string) (*User, error){
		"Get": func(u *slowUsers) func(context.Context, string) (*User, error) {
			return func(ctx context.Context, id string) (*User, error) { return u.Get(ctx, id) }
		},
		"UserCache": func(u *slowUsers) func(context.Context, string) (*User, error) {
			c, err := NewUserCache(u, CacheConfig{})
			if err != nil {
				b.Fatal(err)
			}
			return c.Get
		},
	} {
		b.Run(name, func(b *testing.B) {
			ids := make([]string, 1000)
			for i := range ids {
				ids[i] = fmt.Sprint("user_", i)
			}
			users := &slowUsers{answer: func(id string, _ int64) (*User, error) { return &User{ID: id}, nil }}
			get := wrap(users)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := get(b.Context(), ids[i*7919%1000]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(users.calls.Load())/float64(b.N), "calls/op")
		})
	}
}

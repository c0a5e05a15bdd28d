package handshake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/budget"
)

func TestAnswersAreKept(t *testing.T) {
	w := production()
	clock := now
	w.clock = func() time.Time { return clock }
	w.backend.token = MachineToken{ID: "x", Subject: "user_1", ExpiresAt: now.Add(8 * time.Second)}
	m := w.machine(t)
	ask := func(token string, status Status, calls int) {
		t.Helper()
		if d := m.Authenticate(context.Background(), bearer(token), clerk.APIKey); d.Status != status || d.Auth.TokenType != clerk.APIKey || w.backend.calls != calls {
			t.Fatalf("%v of %q after %d calls, want %v after %d", d.Status, d.Auth.TokenType, w.backend.calls, status, calls)
		}
	}
	ask("ak_1", SignedIn, 1)
	ask("ak_1", SignedIn, 1)
	clock = now.Add(7 * time.Second)
	ask("ak_1", SignedIn, 1)
	clock = now.Add(8 * time.Second) // the token's life ends before the cache's
	ask("ak_1", SignedOut, 2)
	ask("ak_1", SignedOut, 2)
	clock = now.Add(8*time.Second + refusedLife)
	w.backend.token.ExpiresAt = time.Time{}
	ask("ak_1", SignedIn, 3)
	clock = now // a clock that was set back keeps nothing for longer
	ask("ak_1", SignedIn, 4)
	w.backend.err = errors.New("down")
	ask("ak_2", Outage, 5)
	ask("ak_2", Outage, 6) // an outage is not kept
	w.backend.err = &BackendError{Status: 404}
	ask("ak_3", SignedOut, 7)
	ask("ak_3", SignedOut, 7)
	for key := range m.calls.tokens.good {
		if strings.Contains(string(key[:]), "ak_") {
			t.Error("a token in clear")
		}
	}
}

func TestOpaqueTokenCacheTTL(t *testing.T) {
	for _, c := range []struct {
		ttl  time.Duration
		at   time.Duration // of a second request
		call bool
	}{
		{0, 15*time.Second - 1, false},
		{0, 15 * time.Second, true},
		{-1, 0, true},
		{time.Minute, time.Minute - 1, false},
		{time.Minute, time.Minute, true},
	} {
		clock := now
		w := production()
		w.config.OpaqueTokenCacheTTL = c.ttl
		w.clock = func() time.Time { return clock }
		w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
		m := w.machine(t)
		m.Authenticate(context.Background(), bearer("ak_1"), clerk.APIKey)
		w.backend.token.Revoked = true
		clock = now.Add(c.at)
		d := m.Authenticate(context.Background(), bearer("ak_1"), clerk.APIKey)
		if called := w.backend.calls == 2; called != c.call || (d.Status == SignedOut) != c.call {
			t.Errorf("%v after %v: %v, %d calls", c.ttl, c.at, d.Status, w.backend.calls)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	m := production().machine(t)
	a := &m.calls.tokens
	answer := func(key string, s Status) {
		a.get(context.Background(), keyOf(key), nil, func(bool) (func(context.Context) Decision, error) {
			return func(context.Context) Decision { return Decision{Status: s} }, nil
		})
	}
	for i := range answersKept + 100 {
		answer(fmt.Sprint(i), SignedOut)
	}
	if len(a.bad) > answersKept || len(a.bad) < answersKept/2 || len(a.asking) != 0 {
		t.Error(len(a.bad), len(a.asking))
	}
	answer("good", SignedIn)
	if len(a.good) != 1 {
		t.Error("made-up tokens pushed out a good one")
	}
	for i := range knownTokens + 100 {
		a.mu.Lock()
		a.keep(keyOf("known", fmt.Sprint(i)), Decision{Status: SignedIn})
		a.mu.Unlock()
	}
	if a.known.Len() != knownTokens || len(a.good) > answersKept {
		t.Error(a.known.Len(), len(a.good))
	}
}

// A token that Clerk refuses is no longer known.
func TestRevokedTokenIsNoLongerKnown(t *testing.T) {
	clock := now
	w := production()
	w.clock = func() time.Time { return clock }
	w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
	m := w.machine(t)
	for _, known := range []bool{true, false} {
		m.Authenticate(context.Background(), bearer("ak_1"), clerk.APIKey)
		if m.calls.tokens.known.Contains(keyOf("ak_1")) != known {
			t.Error("known should be", known)
		}
		w.backend.token.Revoked, clock = true, clock.Add(time.Minute)
	}
}

func TestKeysOfListsDiffer(t *testing.T) {
	if keyOf("ab", "c") == keyOf("a", "bc") || keyOf("a") == keyOf("a", "") {
		t.Error("two lists have one key")
	}
}

// concurrently makes n requests at the same time, and tells how long the last took.
func concurrently(n int, do func(i int)) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
	return time.Since(start)
}

// Requests with one token, nonce or expired session share one call, and its
// outcome: a refusal and an outage too. They do not ask one after the other.
func TestSharedCall(t *testing.T) {
	nonce := func(*testing.T) (Request, []clerk.TokenType) { return page("__clerk_handshake_nonce=n"), nil }
	opaque := func(*testing.T) (Request, []clerk.TokenType) {
		return bearer("ak_1"), []clerk.TokenType{clerk.APIKey}
	}
	refresh := func(t *testing.T) (Request, []clerk.TokenType) {
		return page("__client_uat=1; __session=" + expired(t) + "; __refresh" + suffix(t, prodKey) + "=r"), nil
	}
	for _, c := range []struct {
		name   string
		r      func(*testing.T) (Request, []clerk.TokenType)
		err    error
		status Status
	}{
		{"token", opaque, nil, SignedIn},
		{"token refused", opaque, &BackendError{Status: 404}, SignedOut},
		{"token in an outage", opaque, &BackendError{Status: 502}, Outage},
		{"nonce", nonce, nil, SignedIn},
		{"nonce refused", nonce, &BackendError{Status: 404}, SignedOut},
		{"nonce in an outage", nonce, errors.New("no route"), Outage},
		{"refresh", refresh, nil, SignedIn},
		{"refresh refused", refresh, &BackendError{Status: 401, Code: "x"}, Redirect},
		{"refresh in an outage", refresh, &BackendError{Status: 500}, Redirect},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys(t)
			fresh := []string{"__session=" + token(t, nil), "__client_uat=1"}
			r, accepted := c.r(t)
			synctest.Test(t, func(t *testing.T) {
				w := production()
				w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
				w.backend.nonce = map[string][]string{"n": fresh}
				w.backend.refreshed = fresh
				w.backend.err = c.err
				w.backend.wait = func() { time.Sleep(time.Second) }
				m := w.machine(t)
				took := concurrently(15, func(int) {
					if d := m.Authenticate(context.Background(), r, accepted...); d.Status != c.status {
						t.Error(d.Status, d.Reason)
					}
				})
				if w.backend.calls != 1 || took != time.Second {
					t.Errorf("%d calls, %v", w.backend.calls, took)
				}
			})
		})
	}
}

// The one who began the call goes away; the others are not failed by that. One of
// them whose own time is up gets an outage.
func TestSharedCallOutlivesWhoBeganIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := production()
		w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
		w.backend.wait = func() { time.Sleep(time.Second) }
		m := w.machine(t)
		wait := []time.Duration{100 * time.Millisecond, time.Minute, 300 * time.Millisecond, time.Minute}
		concurrently(len(wait), func(i int) {
			time.Sleep(time.Duration(i) * time.Millisecond) // the first one leads
			ctx, cancel := context.WithTimeout(context.Background(), wait[i])
			defer cancel()
			d := m.Authenticate(ctx, bearer("ak_1"), clerk.APIKey)
			if want := map[bool]Status{true: SignedIn, false: Outage}[wait[i] == time.Minute]; d.Status != want {
				t.Errorf("%d: %v, want %v", i, d.Status, want)
			}
		})
		if w.backend.calls != 1 {
			t.Error(w.backend.calls, "calls")
		}
	})
}

// A Backend that never answers holds nobody longer than the bound of a call.
func TestSharedCallIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := production()
		var end func()
		stuck := make(chan struct{})
		end = sync.OnceFunc(func() { close(stuck) })
		w.backend.wait = func() { <-stuck }
		m := w.machine(t)
		took := concurrently(3, func(int) {
			d := m.Authenticate(context.Background(), bearer("ak_1"), clerk.APIKey)
			if d.Status != Outage || !errors.Is(d.Cause, context.DeadlineExceeded) {
				t.Error(d.Status, d.Cause)
			}
		})
		if took != callBound {
			t.Error(took)
		}
		end()
	})
}

// A Backend of the application's own that panics is an outage, not the end of the
// process.
func TestBackendThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := production()
		w.backend.wait = func() { panic("ak_secret") }
		m := w.machine(t)
		for range 2 {
			d := m.Authenticate(context.Background(), bearer("ak_1"), clerk.APIKey)
			if d.Status != Outage || !errors.Is(d.Cause, errNoAnswer) {
				t.Error(d.Status, d.Cause)
			}
		}
		if _, err := m.calls.budget.Enter(budget.Known, ""); err != nil {
			t.Error("the slots did not come back:", err)
		}
	})
}

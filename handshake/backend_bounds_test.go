package handshake

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/budget"
)

func TestLimitsThatCannotBeUsed(t *testing.T) {
	for _, c := range []struct {
		limits clerk.Limits
		ok     bool
	}{
		{clerk.Limits{}, true},
		{clerk.Limits{BackendCalls: 1, BackendParallel: 1}, true},
		{clerk.Limits{NonceCalls: 200, KnownTokenCalls: 300}, true},
		{clerk.Limits{NonceCalls: 201, KnownTokenCalls: 300}, false}, // of 500
		{clerk.Limits{NonceCalls: -1}, false},
	} {
		w := production()
		w.config.Limits = c.limits
		_, err := w.new(t)
		var ce *clerk.ConfigError
		if (err == nil) != c.ok || err != nil && (!errors.As(err, &ce) || !strings.Contains(ce.Field, "Limits")) {
			t.Errorf("%+v: %v", c.limits, err)
		}
	}
}

// Each purpose has a budget of its own. A flood of one kind of made-up thing
// leaves the others what is theirs, and is an outage, not a sign-out.
func TestBudgetsAreKeptApart(t *testing.T) {
	keys(t)
	fresh := []string{"__session=" + token(t, nil), "__client_uat=1"}
	session := expired(t)
	synctest.Test(t, func(t *testing.T) {
		w := development()
		w.backend.nonce = map[string][]string{"n": fresh}
		w.backend.refreshed = fresh
		w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
		m := w.machine(t)
		good := func() {
			t.Helper()
			if d := m.Authenticate(context.Background(), page("__client_uat=1"+devDB, "X", "1")); d.Status == Outage {
				t.Error("no call was needed")
			}
			d := m.Authenticate(context.Background(), request("/?__clerk_handshake_nonce=n", "Sec-Fetch-Dest", "document"))
			want(t, d, SignedIn, "")
			d = m.Authenticate(context.Background(), page("__client_uat=1"+devDB+"; __session="+session+"; __refresh"+suffix(t, devKey)+"=r"))
			want(t, d, SignedIn, "")
		}
		good()
		w.backend.mu.Lock()
		w.backend.err = &BackendError{Status: 404}
		w.backend.mu.Unlock()
		outages := 0
		took := concurrently(100, func(i int) {
			d := m.Authenticate(context.Background(), bearer("ak_"+strings.Repeat("x", i)), clerk.APIKey)
			if d.Status == Outage {
				if d.Cause == nil || !errors.Is(d.Cause, budget.ErrSpent) || d.Auth.TokenType != clerk.APIKey {
					t.Error(d.Cause, d.Auth.TokenType)
				}
				w.backend.mu.Lock()
				outages++
				w.backend.mu.Unlock()
			}
		})
		if outages < 90 || took > callWait {
			t.Error(outages, "outages,", took)
		}
		w.backend.mu.Lock()
		w.backend.err = nil
		w.backend.mu.Unlock()
		good()
	})
}

func TestDefaultShares(t *testing.T) {
	// The parts never add up to more than the whole.
	for _, l := range []clerk.Limits{{}, {BackendCalls: 1}, {BackendCalls: 7, NonceCalls: 7}, {BackendCalls: 100, KnownTokenCalls: 33}} {
		if _, err := newBudget(l, clerk.Production, false); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
	sum := weightLeft
	for _, n := range weights {
		sum += n
	}
	if sum != 100 || callsProduction*weights[budget.Known]/sum != 300 {
		t.Error(sum)
	}
}

// A slow Backend API is not asked by more than may ask at a time.
func TestParallelCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := production()
		w.config.Limits.BackendParallel = 8
		w.backend.nonce = map[string][]string{"n": {"__session="}}
		var mu sync.Mutex
		under, most := 0, 0
		w.backend.wait = func() {
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			under--
			mu.Unlock()
		}
		m := w.machine(t)
		concurrently(40, func(i int) {
			m.Authenticate(context.Background(), bearer("ak_"+strings.Repeat("x", i)), clerk.APIKey)
		})
		if most != 2 {
			t.Error(most, "calls for unknown tokens at a time")
		}
	})
}

// Strangers are told apart by address, IPv6 by the network of one customer.
func TestSender(t *testing.T) {
	for _, c := range []struct {
		hops               int
		peer, xff, network string
	}{
		{0, "", "", ""},
		{0, "@", "", ""},
		{0, "203.0.113.7:51008", "198.51.100.1", "203.0.113.7"},
		{1, "10.0.0.1:99", "198.51.100.1, 203.0.113.7", "203.0.113.7"},
		{1, "10.0.0.1:99", "[2001:db8:1:2:3::1]:443", "2001:db8:1:2::/64 2001:db8:1::/56 2001:db8:1::/48"},
		{1, "10.0.0.1:99", "2001:db8:1:2:4::1", "2001:db8:1:2::/64 2001:db8:1::/56 2001:db8:1::/48"},
		{0, "[::ffff:203.0.113.7]:80", "", "203.0.113.7"},
		{0, "[fe80::1%eth0]:80", "", "fe80::/64 fe80::/56 fe80::/48"},
		{1, "10.0.0.1:99", strings.Repeat("1", 1<<20), "10.0.0.1"},
	} {
		w := production()
		w.config.TrustedProxyHops = c.hops
		q := exchange{m: w.machine(t), r: request("/", "X-Forwarded-For", c.xff)}
		q.r.RemoteAddr = c.peer
		if got := strings.Join(q.sender(), " "); got != c.network {
			t.Errorf("%d hops, %q, %.40q: %q, want %q", c.hops, c.peer, c.xff, got, c.network)
		}
	}
	q := exchange{m: production().machine(t)}
	if q.sender() != nil {
		t.Error("a request that is none")
	}
}

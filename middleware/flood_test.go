package middleware_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// floodBackend is Clerk: it takes 50 ms, knows what begins with ak_good and the
// nonces that begin with good, and counts calls by half seconds.
type floodBackend struct {
	handshake.Backend
	session string

	mu    sync.Mutex
	calls map[int64]int
	all   int
	most  int // under way
	under int
}

func (b *floodBackend) call() func() {
	b.mu.Lock()
	b.calls[time.Now().UnixNano()/int64(500*time.Millisecond)]++
	b.all++
	b.under++
	b.most = max(b.most, b.under)
	b.mu.Unlock()
	time.Sleep(50 * time.Millisecond)
	return func() {
		b.mu.Lock()
		b.under--
		b.mu.Unlock()
	}
}

func (b *floodBackend) VerifyAPIKey(_ context.Context, key string) (handshake.MachineToken, error) {
	defer b.call()()
	if !strings.HasPrefix(key, "ak_good") {
		return handshake.MachineToken{}, &handshake.BackendError{Status: http.StatusNotFound}
	}
	return handshake.MachineToken{ID: key, Subject: "user_1"}, nil
}

func (b *floodBackend) HandshakePayload(_ context.Context, nonce string) ([]string, error) {
	defer b.call()()
	if !strings.HasPrefix(nonce, "good") {
		return nil, &handshake.BackendError{Status: http.StatusNotFound}
	}
	return []string{"__session=" + b.session, "__client_uat=1"}, nil
}

// window is the most calls in ten seconds, whichever.
func (b *floodBackend) window() (most int) {
	for at := range b.calls {
		sum := 0
		for i := range int64(20) {
			sum += b.calls[at+i]
		}
		most = max(most, sum)
	}
	return most
}

type lineCounter struct {
	slog.Handler
	n *atomic.Int64
}

func (c lineCounter) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }
func (c lineCounter) Handle(context.Context, slog.Record) error    { c.n.Add(1); return nil }
func (c lineCounter) WithAttrs([]slog.Attr) slog.Handler           { return c }

// TestFlood: strangers send made-up tokens or nonces, with CLERKKIT_FLOOD set 10,000
// a second for a minute, else 1,000 a second for 20 seconds. Meanwhile
// 300 keys that were verified before are used every second, and 50 browsers come
// with good nonces: none of them is refused. Keys that were never seen come from
// addresses of their own: each is served within two seconds.
func TestFlood(t *testing.T) {
	const known, browsers, newcomers = 300, 50, 20
	seconds, rate := 20, 1000
	if os.Getenv("CLERKKIT_FLOOD") != "" { // takes minutes
		seconds, rate = 60, 10_000
	}
	scenarios := []struct {
		name      string
		addresses int
		what      string // of the flood: tokens or nonces
	}{
		{"one address", 1, "tokens"},
		{"1,000 addresses", 1000, "tokens"},
		{"10,000 addresses", 10_000, "tokens"},
		{"100,000 addresses", 100_000, "tokens"},
		{"nonces from one address", 1, "nonces"},
		{"nonces from 10,000 addresses", 10_000, "nonces"},
	}
	for _, c := range scenarios {
		if c.addresses > rate && rate < 10_000 {
			continue // an address that comes less than once a second looks like a newcomer
		}
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lines, refusedKnown, refusedBrowsers, refusedNew, served atomic.Int64
				var slowest atomic.Int64
				em, err := clerktest.New(clerktest.Config{})
				if err != nil {
					t.Fatal(err)
				}
				session := em.SignIn(em.AddUser(clerktest.User{})).Token(clerktest.WithLifetime(time.Hour))
				b := &floodBackend{session: session, calls: make(map[int64]int)}
				auth := authFor(t, em, func(cfg *clerk.Config) {
					cfg.Logger = slog.New(lineCounter{n: &lines})
					cfg.Limits = clerk.Limits{BackendCalls: 500} // the default of production
				}, middleware.WithBackend(b))
				defer func() { _ = auth.Close() }()
				keys := auth.Require(clerk.Tokens(clerk.APIKey))(http.HandlerFunc(whoami))
				pages := auth.Handler(http.HandlerFunc(whoami))
				key := func(token, from string) int {
					r := httptest.NewRequest("GET", "/", nil)
					r.RemoteAddr = from
					r.Header.Set("Authorization", "Bearer "+token)
					w := httptest.NewRecorder()
					keys.ServeHTTP(w, r)
					return w.Code
				}
				page := func(nonce, from string) int {
					r := httptest.NewRequest("GET", "/?__clerk_handshake_nonce="+nonce, nil)
					r.RemoteAddr = from
					r.Header.Set("Sec-Fetch-Dest", "document")
					w := httptest.NewRecorder()
					pages.ServeHTTP(w, r)
					if strings.Contains(strings.Join(w.Header().Values("Set-Cookie"), " "), "__session=") {
						return 200
					}
					return 503
				}
				var wg sync.WaitGroup
				address := func(i int) string { return fmt.Sprintf("10.%d.%d.%d:1", i>>16&255, i>>8&255, i&255) }
				useKnown := func(refused *atomic.Int64) {
					for i := range known {
						wg.Go(func() {
							time.Sleep(time.Duration(i) * time.Millisecond)
							if key(fmt.Sprint("ak_good", i), address(1<<20+i)) != 200 {
								refused.Add(1)
							}
						})
					}
				}
				// Before the flood: the keys become known as fast as they come.
				var early atomic.Int64
				for range 3 {
					useKnown(&early)
					time.Sleep(time.Second)
				}
				wg.Wait()
				if early.Load() != 0 {
					t.Error(early.Load(), "requests with good keys refused before the flood")
				}
				before := lines.Load()
				start := time.Now()
				for tick := range seconds * 100 {
					for i := range rate / 100 {
						n := tick*rate/100 + i
						wg.Go(func() {
							if from := address(n % c.addresses); c.what == "tokens" {
								key(fmt.Sprint("ak_x", n), from)
							} else {
								page(fmt.Sprint("x", n), from)
							}
						})
					}
					if tick%100 == 0 {
						useKnown(&refusedKnown)
					}
					if tick == 1000 { // all at once
						for i := range browsers {
							wg.Go(func() {
								if page(fmt.Sprint("good", i), address(1<<21+i)) != 200 {
									refusedBrowsers.Add(1)
								}
							})
						}
					}
					if every := (seconds - 2) * 100 / newcomers; tick > 200 && tick%every == 0 {
						wg.Go(func() {
							begin := time.Now()
							if key(fmt.Sprint("ak_good_new", tick), address(1<<22+tick)) != 200 {
								refusedNew.Add(1)
								return
							}
							served.Add(1)
							for took := int64(time.Since(begin)); ; {
								if old := slowest.Load(); took <= old || slowest.CompareAndSwap(old, took) {
									break
								}
							}
						})
					}
					time.Sleep(10 * time.Millisecond)
				}
				wg.Wait()
				took := time.Since(start)
				perSecond := float64(lines.Load()-before) / took.Seconds()
				t.Logf("%ds, %d made-up %s: known keys %d used, %d refused; browsers %d, %d refused; first-seen keys %d served (slowest %v), %d refused; Backend calls %d, most in 10 s %d of 500, most at a time %d; %.2f log lines a second",
					seconds, seconds*rate, c.what, known*seconds, refusedKnown.Load(), browsers, refusedBrowsers.Load(), served.Load(), time.Duration(slowest.Load()), refusedNew.Load(),
					b.all, b.window(), b.most, perSecond)
				if refusedKnown.Load() != 0 {
					t.Error("known keys were refused")
				}
				if c.addresses <= rate && (refusedBrowsers.Load() != 0 || refusedNew.Load() != 0 || slowest.Load() > int64(2*time.Second)) {
					t.Error("browsers or first-seen keys were refused, or waited too long")
				}
				if b.window() > 500 || b.most > 64 || perSecond >= 1 {
					t.Error("out of bounds")
				}
			})
		})
	}
}

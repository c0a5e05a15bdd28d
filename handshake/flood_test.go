package handshake

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// slowBackend knows the keys that begin with ak_good, and takes a while.
type slowBackend struct{ fakeBackend }

func (b *slowBackend) VerifyAPIKey(_ context.Context, key string) (MachineToken, error) {
	time.Sleep(50 * time.Millisecond)
	if key[:7] == "ak_good" {
		return MachineToken{ID: "x", Subject: "user_1"}, nil
	}
	return MachineToken{}, &BackendError{Status: 404}
}

func (b *slowBackend) VerifyM2M(ctx context.Context, _ string) (MachineToken, error) {
	return b.VerifyAPIKey(ctx, "ak_made_up")
}

func (b *slowBackend) VerifyOAuth(ctx context.Context, _ string) (MachineToken, error) {
	return b.VerifyAPIKey(ctx, "ak_made_up")
}

func (b *slowBackend) HandshakePayload(ctx context.Context, _ string) ([]string, error) {
	_, err := b.VerifyAPIKey(ctx, "ak_made_up")
	return nil, err
}

// TestManyNetworksOfOneOwner: who has a /48 of IPv6 has 65,536 networks, and is no
// newcomer with each of them.
func TestManyNetworksOfOneOwner(t *testing.T) {
	for _, c := range []struct {
		name, from string
		addresses  int
	}{{"one /64", "[2001:db8:1:1::%x]:1", 60_000}, {"one /56", "[2001:db8:1:1%02x::1]:1", 256}, {"one /48", "[2001:db8:1:%x::1]:1", 60_000}} {
		synctest.Test(t, func(t *testing.T) {
			w := production()
			w.clock = time.Now
			w.config.Limits.BackendCalls = 500
			m, err := w.new(t)
			if err != nil {
				t.Fatal(err)
			}
			m.backend = &slowBackend{}
			ask := func(key, peer string) Decision {
				r := bearer(key)
				r.RemoteAddr = peer
				return m.Authenticate(t.Context(), r, clerk.APIKey)
			}
			stop := make(chan struct{})
			go func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					case <-time.After(time.Second / 300):
						go ask(fmt.Sprintf("ak_made_up_%d", i), fmt.Sprintf(c.from, i%c.addresses))
					}
				}
			}()
			time.Sleep(15 * time.Second)
			for i := range 20 {
				began := time.Now()
				if d := ask(fmt.Sprintf("ak_good%d", i), fmt.Sprintf("198.51.100.%d:1", i)); d.Status != SignedIn {
					t.Errorf("%s: a good key from elsewhere: %v after %v", c.name, d.Status, time.Since(began))
				}
				time.Sleep(500 * time.Millisecond)
			}
			close(stop)
			time.Sleep(15 * time.Second)
		})
	}
}

// TestMixedFlood: one owner of an IPv6 /48 sends made-up tokens of every kind and
// nonces, from a fresh /64 each time, and another from one IPv4 address, also in its
// IPv6 form. Newcomers with a good key or nonce, from IPv4 and IPv6, are served within
// two seconds.
func TestMixedFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := production()
		w.clock = time.Now
		w.config.Limits.BackendCalls = 500
		m, err := w.new(t)
		if err != nil {
			t.Fatal(err)
		}
		m.backend = &slowBackend{}
		every := []clerk.TokenType{clerk.SessionToken, clerk.APIKey, clerk.M2M, clerk.OAuth}
		ask := func(r Request, peer string) Decision {
			r.RemoteAddr = peer
			return m.Authenticate(t.Context(), r, every...)
		}
		stop := make(chan struct{})
		go func() {
			peers := []func(i int) string{
				func(i int) string { return fmt.Sprintf("[2001:db8:1:%x::%x]:1", i%65536, i) },
				func(int) string { return "192.0.2.1:1" },
				func(int) string { return "[::ffff:192.0.2.1]:1" },
			}
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(time.Second / 400):
				}
				peer := peers[i%len(peers)](i)
				if kind := []string{"ak", "mt", "oat", "nonce"}[i%4]; kind == "nonce" {
					r := page("__clerk_handshake_nonce=" + fmt.Sprint("x", i) + "; __client_uat=1")
					go ask(r, peer)
				} else {
					go ask(bearer(fmt.Sprintf("%s_made_up_%d", kind, i)), peer)
				}
			}
		}()
		time.Sleep(15 * time.Second)
		for i := range 20 {
			peer := fmt.Sprintf("198.51.100.%d:1", i)
			if i%2 == 1 {
				peer = fmt.Sprintf("[2001:db8:%x::1]:1", 0x100+i)
			}
			began := time.Now()
			if d := ask(bearer(fmt.Sprintf("ak_good%d", i)), peer); d.Status != SignedIn {
				t.Errorf("a good key from %s: %v %s after %v", peer, d.Status, d.Reason, time.Since(began))
			}
			time.Sleep(500 * time.Millisecond)
		}
		close(stop)
		time.Sleep(15 * time.Second)
	})
}

// TestCookieOfDots: a cookie that is all dots is not taken apart.
func TestCookieOfDots(t *testing.T) {
	m := production().machine(t)
	dots := make([]byte, 900<<10)
	for i := range dots {
		dots[i] = '.'
	}
	r := page("__session=" + string(dots) + "; __client_uat=1")
	bytes := testing.AllocsPerRun(1, func() { m.Authenticate(context.Background(), r) })
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			m.Authenticate(context.Background(), r)
		}
	})
	if per := result.AllocedBytesPerOp(); per > 64<<10 {
		t.Errorf("%d bytes and %v allocations for a cookie of dots", per, bytes)
	}
}

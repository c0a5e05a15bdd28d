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

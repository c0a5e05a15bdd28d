package handshake

import (
	"context"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

func BenchmarkAuthenticate(b *testing.B) {
	good := token(b, nil)
	s := suffix(b, prodKey)
	for _, c := range []struct {
		name string
		r    Request
	}{
		{"Bearer", fetch("", "Authorization", "Bearer "+good)},
		{"Cookie", fetch("theme=dark; " + uatNow + "; __session=" + good)},
		{"BothCookies", fetch(uatNow + "; __client_uat" + s + "=1749999000; __session=" + good + "; __session" + s + "=" + good)},
		{"Anonymous", page("theme=dark")},
		{"Redirect", page(uatNow)},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := production().machine(b)
			b.ReportAllocs()
			for b.Loop() {
				m.Authenticate(context.Background(), c.r)
			}
		})
	}
}

// A signed-in request must not allocate for what it does not need.
func TestSignedInAllocatesLittle(t *testing.T) {
	s := suffix(t, prodKey)
	good := token(t, nil)
	m := production().machine(t)
	for _, r := range []Request{
		fetch("", "Authorization", "Bearer "+good),
		fetch(uatNow + "; __client_uat" + s + "=1749999000; __session=" + good + "; __session" + s + "=" + good),
	} {
		verify := leastAllocations(func() { _, _ = m.verifier.Verify(context.Background(), good) })
		all := leastAllocations(func() { m.Authenticate(context.Background(), r) })
		if all > verify {
			t.Errorf("%v allocations, %v of them for the verification", all, verify)
		}
	}
}

// leastAllocations is what f allocates when sync.Pool has something for it, which
// the race detector makes a matter of chance.
func leastAllocations(f func()) float64 {
	least := testing.AllocsPerRun(1, f)
	for range 20 {
		least = min(least, testing.AllocsPerRun(1, f))
	}
	return least
}

// BenchmarkObserved is BenchmarkAuthenticate/Bearer with an Observer, whose price is two
// readings of the clock.
func BenchmarkObserved(b *testing.B) {
	w := production()
	n := 0
	w.config.Observer.Decision = func(context.Context, clerk.DecisionEvent) { n++ }
	m, r := w.machine(b), fetch("", "Authorization", "Bearer "+token(b, nil))
	b.ReportAllocs()
	for b.Loop() {
		m.Authenticate(context.Background(), r)
	}
	if n == 0 {
		b.Error("nothing was observed")
	}
}

package budget

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func small() Config {
	return Config{
		Calls: 100, Parallel: 16, Reserved: Shares{Nonce: 15, Refresh: 6, Known: 60, Unknown: 12},
		Slots: Shares{Nonce: 4, Refresh: 2, Known: 6, Unknown: 4}, Wait: 2 * time.Second, Waiting: 8,
	}
}

// call makes a call that ends at once, and reports whether it was admitted.
func call(b *Budget, p Purpose, sender string, good bool) bool {
	c, err := b.Enter(p, sender)
	if err != nil {
		return false
	}
	if c.Wait(context.Background()) != nil {
		return false
	}
	c.Done(good)
	return true
}

// For every purpose, sender and result: no window has more calls than allowed, and
// failed calls of a purpose use at most two thirds of its reserve.
func TestBounds(t *testing.T) {
	for _, good := range []bool{false, true} {
		for _, p := range []Purpose{Nonce, Refresh, Known, Unknown} {
			synctest.Test(t, func(t *testing.T) {
				b := New(small())
				var at []time.Time
				for end := time.Now().Add(35 * time.Second); time.Now().Before(end); {
					if call(b, p, "a", good) {
						at = append(at, time.Now())
					} else {
						time.Sleep(100 * time.Millisecond)
					}
				}
				most := small().Calls
				if p != Known && !good {
					most = small().Reserved[p]
				}
				worst := 0
				for i := range at {
					n := 0
					for _, later := range at[i:] {
						if later.Sub(at[i]) < Window {
							n++
						}
					}
					worst = max(worst, n)
				}
				if worst > most || worst == 0 {
					t.Errorf("purpose %d, good %v: %d calls in a window, %d allowed", p, good, worst, most)
				}
			})
		}
	}
}

// The reserve of one purpose is available however many calls the others make.
func TestReserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(small())
		for i := range 60 {
			call(b, Known, fmt.Sprint(i), true)
		}
		time.Sleep(Window + time.Second) // their recent use is known now
		for _, p := range []Purpose{Nonce, Refresh, Unknown} {
			for i := range 200 {
				c, err := b.Enter(p, fmt.Sprint(i))
				if err != nil || c.state != admitted {
					continue
				}
				c.Done(true)
			}
		}
		for i := range 60 {
			if !call(b, Known, "", true) {
				t.Fatalf("the %d. known token is refused", i)
			}
		}
	})
}

// The sender with the fewest calls is served first, and replaces the last one in a full
// line.
func TestFewestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(small())
		for call(b, Unknown, "flood", false) {
			if len(b.lines[Unknown].calls) == 0 && !b.allowed[Unknown].has(time.Now()) {
				break
			}
		}
		var flood []*Call
		for range 20 {
			if c, err := b.Enter(Unknown, "flood"); err == nil {
				flood = append(flood, c)
			}
		}
		if len(flood) != small().Waiting {
			t.Fatal(len(flood), "wait")
		}
		start := time.Now()
		if !call(b, Unknown, "new", true) {
			t.Error("a new sender is refused")
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Error("a new sender waits", took)
		}
		if err := flood[len(flood)-1].Wait(context.Background()); !errors.Is(err, ErrSpent) {
			t.Error("the last one kept its place:", err)
		}
		for _, c := range flood[:len(flood)-1] {
			if c.Wait(context.Background()) == nil {
				c.Done(false)
			}
		}
	})
}

// A call that gives up leaves the line, and no timer or slot is left.
func TestGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(small())
		var under []*Call
		for range 6 + 3 { // the slots available to Known
			c, err := b.Enter(Known, "")
			if err != nil {
				t.Fatal(err)
			}
			if c.state == admitted {
				under = append(under, c)
				continue
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if !errors.Is(c.Wait(ctx), ErrSpent) {
				t.Error("no slot was free")
			}
		}
		if len(under) != 6 || len(b.lines[Known].calls) != 0 {
			t.Error(len(under), len(b.lines[Known].calls))
		}
		for _, c := range under {
			c.Done(true)
		}
		if b.busy != (Shares{}) {
			t.Error(b.busy)
		}
		time.Sleep(time.Minute)
		b.mu.Lock() // the alarm runs on its own goroutine
		defer b.mu.Unlock()
		if b.alarm != nil {
			t.Error("an alarm is set but no call waits")
		}
	})
}

func TestSenders(t *testing.T) {
	s := newSenders()
	now := time.Unix(1_750_000_000, 0)
	for i := range 1000 {
		if n := s.count(now, []string{"a"}); n != min(i, 255) {
			t.Fatal(i, n)
		}
	}
	mistaken := 0
	for i := range 10_000 {
		if s.count(now, []string{fmt.Sprint(i)}) != 0 {
			mistaken++
		}
	}
	if mistaken > 50 {
		t.Error(mistaken, "of 10,000 new senders are mistaken for busy ones")
	}
	s.count(now, []string{"good"})
	s.forgive([]string{"good"})
	if n := s.count(now, []string{"good"}); n != 0 {
		t.Error("not forgiven:", n)
	}
	for _, c := range []struct {
		after time.Duration
		count bool
	}{{remembered, true}, {remembered - 1, true}, {2*remembered + 1, false}} {
		s.count(now, []string{"b"})
		now = now.Add(c.after)
		if n := s.count(now, []string{"b"}); (n > 0) != c.count {
			t.Errorf("after %v: %d", c.after, n)
		}
		now = now.Add(time.Hour)
	}
	// A network without calls does not count as new if the networks around it have made
	// calls.
	for i := range 40 {
		s.count(now, []string{fmt.Sprint("64-", i), "48"})
	}
	if n := s.count(now, []string{"64-new", "48"}); n < 40 {
		t.Error("a new network inside a busy one counts as", n)
	}
}

func TestWindowForgets(t *testing.T) {
	var w window
	now := time.Unix(1_750_000_000, 0)
	w.advance(now)
	for range 5 {
		w.add(Known)
	}
	for _, c := range []struct {
		after time.Duration
		n     int
	}{{Window, 5}, {Window + slotLength, 0}, {time.Hour, 0}} {
		v := w
		v.advance(now.Add(c.after))
		if n := v.sums(Window)[Known]; n != c.n {
			t.Errorf("after %v: %d", c.after, n)
		}
	}
	w.advance(now.Add(-time.Hour)) // set back
	if w.sums(Window)[Known] != 0 {
		t.Error("a clock that was set back")
	}
	w.add(Known)
	if w.sums(Window)[Known] != 1 {
		t.Error("and goes on")
	}
}

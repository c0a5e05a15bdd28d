package budget

import (
	"slices"
	"time"
)

// line holds the waiting calls of one purpose. It is short, so a linear search is
// enough.
type line struct{ calls []*Call }

// before reports whether c is served before b: the sender with fewer calls first, then
// the earlier call.
func (c *Call) before(b *Call) bool {
	if c.rank != b.rank {
		return c.rank < b.rank
	}
	return c.seq < b.seq
}

// push adds a call. If the line is full, the call replaces the last one if it is served
// before that, and is refused otherwise.
func (l *line) push(c *Call, most int) bool {
	if len(l.calls) < most {
		l.calls = append(l.calls, c)
		return true
	}
	last := 0
	for i := range l.calls {
		if l.calls[last].before(l.calls[i]) {
			last = i
		}
	}
	if most == 0 || l.calls[last].before(c) {
		return false
	}
	out := l.calls[last]
	l.calls[last] = c
	out.state = refused
	close(out.ready)
	return true
}

// pop removes and returns the first call.
func (l *line) pop() *Call {
	first := 0
	for i := range l.calls {
		if l.calls[i].before(l.calls[first]) {
			first = i
		}
	}
	c := l.calls[first]
	l.calls = slices.Delete(l.calls, first, first+1)
	return c
}

func (l *line) remove(c *Call) {
	if i := slices.Index(l.calls, c); i >= 0 {
		l.calls = slices.Delete(l.calls, i, i+1)
	}
}

// bucket is a token bucket.
type bucket struct {
	burst, left float64
	rate        float64 // per second
	filled      time.Time
}

func (k *bucket) fill(now time.Time) {
	if since := now.Sub(k.filled); since > 0 {
		k.left = min(k.burst, k.left+k.rate*min(since, time.Hour).Seconds())
	}
	k.filled = now
}

func (k *bucket) has(now time.Time) bool {
	k.fill(now)
	return k.left >= 1-1e-9
}

func (k *bucket) take() { k.left-- }

func (k *bucket) give(now time.Time) {
	k.fill(now)
	k.left = min(k.burst, k.left+1)
}

// until returns the time until a token is available.
func (k *bucket) until(now time.Time) time.Duration {
	k.fill(now)
	return time.Duration(max(0, 1-k.left) / k.rate * float64(time.Second))
}

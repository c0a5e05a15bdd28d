package transport

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Limiter limits the rate of requests on the client side, so that a bulk job stays
// below Clerk's limit and gets no 429. It is a token bucket: n requests at once, then n
// per period. It is safe for concurrent use, and clients can share it. Waiting requests
// are served in order.
type Limiter struct {
	mu       sync.Mutex
	interval time.Duration // between two requests
	burst    time.Duration // how far next may be ahead of now: n intervals
	next     time.Time     // when the bucket is full again
}

// NewLimiter allows n requests per period. Both must be positive.
func NewLimiter(n int, per time.Duration) (*Limiter, error) {
	if n <= 0 || per <= 0 || per/time.Duration(n) <= 0 {
		return nil, fmt.Errorf("%w: a limit of %d requests per %v", ErrInvalidArgument, n, per)
	}
	interval := per / time.Duration(n)
	return &Limiter{interval: interval, burst: interval * time.Duration(n)}, nil
}

// Wait returns nil when the next request may be sent, or ctx.Err() if ctx ends first. A
// caller that gives up returns its slot only if no other caller came after it.
func (l *Limiter) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	now := time.Now()
	if l.next.Before(now) {
		l.next = now
	}
	l.next = l.next.Add(l.interval)
	mine := l.next
	wait := mine.Sub(now) - l.burst
	l.mu.Unlock()
	if wait <= 0 {
		return nil
	}
	err := sleep(ctx, wait)
	if err != nil {
		l.mu.Lock()
		if l.next.Equal(mine) {
			l.next = mine.Add(-l.interval)
		}
		l.mu.Unlock()
	}
	return err
}

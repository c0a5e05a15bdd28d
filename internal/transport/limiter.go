package transport

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Limiter spaces requests out on the client's side, so that a bulk job stays below a
// documented limit instead of running into 429. It is a token bucket: n requests at once,
// then n per period. It is safe for concurrent use and may be shared by clients; those who
// wait are served in the order they came.
type Limiter struct {
	mu       sync.Mutex
	interval time.Duration // between two requests
	burst    time.Duration // how far the bucket may run ahead: n intervals
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

// Wait returns when the next request may be sent, or with ctx.Err() when ctx ends before.
// A caller that gives up gives its place back only if nobody came after it.
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

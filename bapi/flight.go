package bapi

import (
	"context"
	"errors"
	"sync"
	"time"
)

// flights runs one piece of work for all concurrent callers with the same key. The work
// has its own context, so it and the other callers continue if the context of one
// caller ends.
type flights[V any] struct {
	mu    sync.Mutex
	calls map[string]*flight[V]
}

// flight is one piece of work that callers wait for.
type flight[V any] struct {
	began    time.Time
	done     chan struct{}
	value    V
	err      error
	panicked any
	dropped  bool // the result is outdated; guarded by flights.mu
}

// errNoResult is the error if work calls runtime.Goexit.
var errNoResult = errors.New("bapi: the function ended its goroutine without a result")

// join returns the flight for key. If there is none, it starts one with work. The
// context of work has the values of ctx and ends after timeout.
func (g *flights[V]) join(ctx context.Context, key string, timeout time.Duration, work func(context.Context, *flight[V]) (V, error)) (f *flight[V], began bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.calls[key]; f != nil {
		return f, false
	}
	f = &flight[V]{began: time.Now(), done: make(chan struct{}), err: errNoResult}
	if g.calls == nil {
		g.calls = map[string]*flight[V]{}
	}
	g.calls[key] = f
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	go func() {
		defer func() {
			f.panicked = recover() // raised again in the callers, where net/http or a test handles it
			cancel()
			g.mu.Lock()
			if g.calls[key] == f {
				delete(g.calls, key)
			}
			g.mu.Unlock()
			close(f.done)
		}()
		f.value, f.err = work(ctx, f)
	}()
	return f, true
}

// drop marks the running flight as dropped, so that later callers start a new one.
func (g *flights[V]) drop(key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.calls[key]; f != nil {
		f.dropped = true
		delete(g.calls, key)
	}
}

func (g *flights[V]) isDropped(f *flight[V]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return f.dropped
}

// wait returns the result of the flight, or the cause of ctx if ctx ends first.
func (f *flight[V]) wait(ctx context.Context) (V, error) {
	select {
	case <-f.done:
		if f.panicked != nil {
			panic(f.panicked)
		}
		return f.value, f.err
	case <-ctx.Done():
		var none V
		return none, &Error{Method: "GET", Attempts: 1, Err: ctx.Err()}
	}
}

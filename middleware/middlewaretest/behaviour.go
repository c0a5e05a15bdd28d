package middlewaretest

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
)

// behaviour is one thing that every application must do.
type behaviour struct {
	name string
	run  func(*checker)
}

func behaviours() []behaviour {
	return slices.Concat(
		identities(), optionalRoutes(), gates(), refusals(), browsers(), outages(), redirects(), signIns(), handshakes(), cookies(),
		machines(), methods(), preflights(), oddRequests(), requests(), routing(), streams(), faults(), concurrency(), cancellation(),
	)
}

// checker collects what is wrong in one run of a behaviour.
type checker struct {
	router Router

	mu       sync.Mutex
	problems []string
	cleanups []func()
}

// check runs the behaviour on applications of the router.
func (b behaviour) check(r Router) []string {
	c := &checker{router: r}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer c.cleanUp()
		defer func() {
			if p := recover(); p != nil {
				c.errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		b.run(c)
	}()
	<-done
	return c.problems
}

func (c *checker) errorf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// fatalf ends the behaviour. It must be called from its own goroutine.
func (c *checker) fatalf(format string, args ...any) {
	c.errorf(format, args...)
	runtime.Goexit()
}

func (c *checker) cleanup(f func()) { c.cleanups = append(c.cleanups, f) }

func (c *checker) cleanUp() {
	for _, f := range slices.Backward(c.cleanups) {
		f()
	}
}

package middlewaretest

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

// bound is how long an adapter may wait for Clerk where nothing tells it that the
// client has gone.
const bound = 30 * time.Second

// slowKeys is a source that answers when its caller gives up.
type slowKeys struct {
	asked   chan context.Context
	done    chan error
	release chan struct{} // ends the wait when the behaviour does
}

// Key implements verify.KeySource.
func (k *slowKeys) Key(ctx context.Context, _ string) (*rsa.PublicKey, error) {
	k.asked <- ctx
	select {
	case <-ctx.Done():
		k.done <- ctx.Err()
	case <-k.release:
	case <-time.After(waitLimit):
		k.done <- errors.New("nobody gave up")
	}
	return nil, fmt.Errorf("too late: %w", clerk.ErrUnavailable)
}

// cancellation is about clients that do not wait.
func cancellation() []behaviour {
	return []behaviour{
		{"cancellation/waiting for Clerk", waiting},
		{"cancellation/handler", func(c *checker) {
			if c.router.NoDisconnect {
				return
			}
			entered, ended := make(chan bool, 1), make(chan error, 1)
			page := Route{Method: http.MethodGet, Path: "/wait", Gates: []Gate{nil}, Handle: func(x Exchange) error {
				entered <- true
				select {
				case <-x.Context().Done():
					ended <- nil
				case <-time.After(waitLimit):
					ended <- errors.New("the context did not end with the client")
				}
				return nil
			}}
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{page}})
			s.abandon("/wait", s.signIn("a@example.com").Token(), func() { <-entered })
			if err := <-ended; err != nil {
				s.errorf("%v", err)
			}
		}},
		{"cancellation/handler's context has no end of its own", func(c *checker) {
			page := Route{Method: http.MethodGet, Path: "/page", Gates: []Gate{nil}, Handle: func(x Exchange) error {
				deadline, ok := x.Context().Deadline()
				if ok || x.Context().Err() != nil {
					return fmt.Errorf("the handler's context ends at %v, %w", deadline, x.Context().Err())
				}
				return x.Text(http.StatusOK, "hello")
			}}
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{page}})
			if a := s.get("/page", bearer(s.signIn("a@example.com").Token())); a.status != http.StatusOK {
				s.errorf("status %d, %s", a.status, a.body)
			}
		}},
	}
}

// waiting has a client go away while the middleware waits for keys. The wait must
// end, at once or by a bound.
func waiting(c *checker) {
	keys := &slowKeys{asked: make(chan context.Context, 1), done: make(chan error, 1), release: make(chan struct{})}
	defer close(keys.release)
	s := c.serve(setup{options: []middleware.Option{middleware.WithKeySource(keys)}}, Group{Handler: true, Routes: []Route{me()}})
	token := s.signIn("a@example.com").Token()
	var ctx context.Context
	if c.router.NoDisconnect {
		go s.abandon("/me", token, func() {})
		select {
		case ctx = <-keys.asked:
		case <-time.After(waitLimit):
			s.fatalf("no key was asked for")
		}
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > bound {
			s.errorf("the wait for keys ends at %v, want a bound of at most %v", deadline, bound)
		}
		return
	}
	s.abandon("/me", token, func() { ctx = <-keys.asked })
	if err := <-keys.done; !errors.Is(err, context.Canceled) {
		s.errorf("the wait for keys ended with %v, want it to end with the client", err)
	}
}

// abandon sends a request and closes the connection once inside returns.
func (s *site) abandon(target, token string, inside func()) {
	dialing, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	conn, err := s.ln.dial(dialing, "", "")
	if err != nil {
		s.errorf("dial: %v", err)
		return
	}
	defer func() { _ = conn.Close() }()
	request := "GET " + target + " HTTP/1.1\r\nHost: localhost:3000\r\nAuthorization: Bearer " + token + "\r\n\r\n"
	if _, err := conn.Write([]byte(request)); err != nil {
		s.errorf("write: %v", err)
		return
	}
	inside()
}

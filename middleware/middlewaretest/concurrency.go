package middlewaretest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// parallel is how many requests are in the handler at the same time.
const parallel = 1000

// concurrency is about identities that must not meet.
func concurrency() []behaviour {
	return []behaviour{
		{"concurrency/a thousand users at once", thousand},
		{"concurrency/users in turn on one connection", func(c *checker) {
			s := c.serve(setup{}, Group{Handler: true, Routes: []Route{me(), gated("/gated")}})
			var tokens []string
			var sessions []*clerktest.Session
			for i := range 5 {
				sess := s.signIn(fmt.Sprintf("u%d@example.com", i))
				sessions, tokens = append(sessions, sess), append(tokens, sess.Token())
			}
			for i := range 60 {
				s.isUser(s.get("/gated", bearer(tokens[i%5])), sessions[i%5])
				s.isUser(s.get("/me", browserCookies(sessions[(i+2)%5])), sessions[(i+2)%5])
				if i%7 == 0 {
					s.isNobody(s.get("/me"), clerk.ReasonDevBrowserMissing)
				}
			}
		}},
	}
}

// thousand holds a thousand requests of a thousand users in the handler until all
// have come, and has each say twice who it is.
func thousand(c *checker) {
	var inside atomic.Int32
	all := make(chan struct{})
	meet := func(x Exchange) error {
		first := x.Auth()
		if inside.Add(1) == parallel {
			close(all)
		}
		select {
		case <-all:
		case <-time.After(waitLimit):
			return x.Text(http.StatusGatewayTimeout, "")
		}
		second, ctx := x.Auth(), clerk.FromContext(x.Context())
		if first.UserID != second.UserID || first.UserID != ctx.UserID || first.Claims().Subject() != first.UserID {
			return x.Text(http.StatusConflict, first.UserID+" became "+second.UserID+" and "+ctx.UserID)
		}
		return x.Text(http.StatusOK, first.UserID)
	}
	s := c.serve(setup{}, Group{Handler: true, Routes: []Route{{Method: http.MethodGet, Path: "/meet", Gates: []Gate{nil}, Handle: meet}}})
	// Tokens are signed by a few workers, as signing is what takes time here.
	users, tokens := make([]string, parallel), make([]string, parallel)
	var signing, asking sync.WaitGroup
	var next atomic.Int32
	for range 4 {
		signing.Go(func() {
			for i := next.Add(1) - 1; i < parallel; i = next.Add(1) - 1 {
				sess := s.signIn(fmt.Sprintf("u%d@example.com", i))
				users[i], tokens[i] = sess.UserID, sess.Token()
			}
		})
	}
	signing.Wait()
	if err := s.auth.Warm(context.Background()); err != nil {
		s.fatalf("Warm: %v", err)
	}
	for i := range parallel {
		asking.Go(func() {
			a, err := s.try(http.MethodGet, "/meet", "", bearer(tokens[i]))
			switch {
			case err != nil:
				s.errorf("request %d: %v", i, err)
			case a.status != http.StatusOK || a.body != users[i]:
				s.errorf("request %d: status %d, user %s; want %s", i, a.status, a.body, users[i])
			}
		})
	}
	asking.Wait()
}

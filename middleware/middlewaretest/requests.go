package middlewaretest

import (
	"net/http"
	"sync"

	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// requests are about what an adapter tells the kit of a request: a function of
// Choose sees it.
func requests() []behaviour {
	return []behaviour{
		{"requests/peer and method", func(c *checker) {
			s, seen := c.watch(Group{Routes: []Route{gated("/gated")}})
			s.get("/gated")
			s.want(seen(), "RemoteAddr", func(r handshake.Request) string { return r.RemoteAddr }, peer)
			s.want(seen(), "Method", func(r handshake.Request) string { return r.Method }, http.MethodGet)
			s.want(seen(), "Scheme", func(r handshake.Request) string { return r.Scheme }, "http")
		}},
	}
}

// watch serves the routes with a middleware of Choose. seen returns what it was
// asked about so far.
func (c *checker) watch(g Group) (s *site, seen func() []handshake.Request) {
	var mu sync.Mutex
	var all []handshake.Request
	_, auth := c.clerk(setup{})
	g.Auth = middleware.Choose(func(r handshake.Request) *middleware.Middleware {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, r)
		return auth
	})
	return c.serve(setup{}, g), func() []handshake.Request {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

// want wants a value in every request that the kit was shown.
func (s *site) want(seen []handshake.Request, name string, value func(handshake.Request) string, want string) {
	if len(seen) == 0 {
		s.errorf("Choose was not asked")
	}
	for _, r := range seen {
		if got := value(r); got != want {
			s.errorf("%s is %q, want %q", name, got, want)
		}
	}
}

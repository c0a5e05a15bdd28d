package middleware

import (
	"context"
	"hash/maphash"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
)

// newContext returns a context with the identity that m found in a request. It
// remembers for which credentials that is: contexts get into other requests.
func newContext(ctx context.Context, d *handshake.Decision, m *Middleware, h handshake.Header) context.Context {
	return clerk.NewContextFrom(ctx, d.Auth, clerk.Source{Owner: m, Cause: d.Cause, Credentials: m.credentials(h)})
}

// credentials is a hash of what a request says about whom it is from: its
// Authorization and Cookie fields. The hash is keyed with the middleware's own random
// seed, so that nobody can look for two requests with the same one; and it is a hash
// because contexts get printed. Nobody's middleware (see [Choose]) finds nobody in
// any request, so it needs none.
func (m *Middleware) credentials(h handshake.Header) uint64 {
	if m == nil {
		return 0
	}
	var sum maphash.Hash
	sum.SetSeed(m.seed)
	for _, name := range [...]string{"Authorization", "Cookie"} {
		for _, value := range h.Values(name) {
			_, _ = sum.WriteString(value) // never fails
			_ = sum.WriteByte('\n')       // which no value has
		}
		_ = sum.WriteByte('\n')
	}
	return sum.Sum64()
}

package middleware

import (
	"context"
	"hash/maphash"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
)

// newContext returns a context with the identity that m found in a request. It
// remembers for which credentials that is: contexts get into other requests.
func (g *Gate) newContext(ctx context.Context, d *handshake.Decision, m *Middleware, r *handshake.Request) context.Context {
	return clerk.NewContextFrom(ctx, d.Auth, clerk.Source{Owner: m, Cause: d.Cause, Credentials: g.credentials(m, r)})
}

// credentials is a hash of what a request says about whom it is from: its
// Authorization and Cookie fields; and of its method, as a cookie may count for some
// methods only (see [WithCrossOriginProtection]). An identity that was found without
// the protection of a [Choose] is another's where the gate asks for that protection.
//
// It is a hash because contexts get printed. Its key is the middleware's own random
// seed, so that nobody can look for two requests with the same hash. A nil middleware
// (see [Choose]) finds nobody in any request, so it needs none.
func (g *Gate) credentials(m *Middleware, r *handshake.Request) uint64 {
	if m == nil {
		return 0
	}
	var sum maphash.Hash
	sum.SetSeed(m.seed)
	if g.m != m && g.m.crossOrigin != nil {
		_ = sum.WriteByte('\n')
	}
	_, _ = sum.WriteString(r.Method)
	for _, name := range [...]string{"Authorization", "Cookie"} {
		for _, value := range r.Header.Values(name) {
			_, _ = sum.WriteString(value) // never fails
			_ = sum.WriteByte('\n')       // which no value has
		}
		_ = sum.WriteByte('\n')
	}
	return sum.Sum64()
}

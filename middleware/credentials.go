package middleware

import (
	"context"
	"hash/maphash"

	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/authcontext"
)

// newContext returns a context with the identity that chosen found in a request. It
// remembers for which credentials that is: contexts get into other requests.
func (m *Middleware) newContext(ctx context.Context, d *handshake.Decision, chosen *Middleware, r *handshake.Request) context.Context {
	return authcontext.New(ctx, d.Auth, chosen, m.credentials(chosen, r), d.Cause)
}

// credentials is a hash of what a request says about whom it is from: its
// Authorization and Cookie fields; and of its method, as a cookie may count for some
// methods only (see [WithCrossOriginProtection]). An identity that was found without
// the protection of a [Choose] is another's where the gate asks for that protection.
//
// It is a hash because contexts get printed. Its key is the middleware's own random
// seed, so that nobody can look for two requests with the same hash. A nil middleware
// (see [Choose]) finds nobody in any request, so it needs none.
func (m *Middleware) credentials(chosen *Middleware, r *handshake.Request) uint64 {
	if chosen == nil {
		return 0
	}
	var sum maphash.Hash
	sum.SetSeed(chosen.seed)
	if m != chosen && m.crossOrigin != nil {
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

package middleware

import (
	"context"
	"hash/maphash"

	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/authcontext"
)

// newContext returns a context with the identity that chosen found in a request, and a
// hash of the request's credentials, because handlers use contexts for other requests.
func (m *Middleware) newContext(ctx context.Context, d *handshake.Decision, chosen *Middleware, r *handshake.Request) context.Context {
	return authcontext.New(ctx, d.Auth, chosen, m.credentials(chosen, r), d.Cause)
}

// credentials returns a hash of the Authorization and Cookie fields of a request, and
// of its method, because a cookie may count for some methods only (see
// [WithCrossOriginProtection]). An identity that was found without the protection of a
// [Choose] does not count for a gate with that protection.
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

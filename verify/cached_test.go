package verify_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/verify"
)

// VerifyCached says what the cache did: nothing the first time, nothing for a refusal, and
// nothing where it is off.
func TestVerifyCached(t *testing.T) {
	v, off := newVerifier(t), newVerifier(t, func(c *verify.Config) { c.CacheBytes = -1 })
	h, p, s := parts(good())
	for i, c := range []struct {
		v          *verify.Verifier
		token      string
		cached, ok bool
	}{
		{v, good(), false, true},
		{v, good(), true, true},
		{v, h + "." + p + "." + s[:len(s)-8] + "AAAAAAAA", false, false},
		{v, "garbage", false, false},
		{off, good(), false, true},
		{off, good(), false, true},
	} {
		claims, cached, err := c.v.VerifyCached(t.Context(), c.token)
		if cached != c.cached || (err == nil) != c.ok || (claims != nil) != c.ok {
			t.Errorf("%d: %v, %v, %v", i, claims, cached, err)
		}
	}
}

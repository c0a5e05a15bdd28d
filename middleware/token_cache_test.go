package middleware_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/jwks"
)

// TestRemovedKeyEndsCachedTokens: a token in the cache is refused once its key has
// left the instance's key set, although it has long to live.
func TestRemovedKeyEndsCachedTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		em, auth := newAuth(t, nil)
		defer func() { _ = auth.Close() }() // within the bubble
		sess := em.SignIn(em.AddUser(clerktest.User{}))
		token := sess.Token(clerktest.WithLifetime(24 * time.Hour))
		for range 3 {
			if _, err := auth.VerifyToken(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		if s := auth.Stats().Tokens; s.Hits != 2 || s.Entries != 1 {
			t.Fatalf("%+v: the token is not cached", s)
		}

		em.RotateKeys(clerktest.KeepOld)
		em.Advance(jwks.DefaultRefreshInterval)
		_, _ = auth.VerifyToken(t.Context(), token) // finds the keys old, and has them fetched
		synctest.Wait()
		if _, err := auth.VerifyToken(t.Context(), token); err != nil {
			t.Fatalf("the old key is still there: %v", err)
		}

		em.RotateKeys() // the old ones go
		em.Advance(jwks.DefaultRefreshInterval)
		_, _ = auth.VerifyToken(t.Context(), token)
		synctest.Wait()
		for range 2 {
			if a, err := auth.VerifyToken(t.Context(), token); !errors.Is(err, clerk.ErrKeyUnknown) || a.Reason != clerk.ReasonJWKKidMismatch {
				t.Fatalf("%v, %v: accepted after its key was removed", a.Reason, err)
			}
		}
		if s := auth.Stats().Tokens; s.Entries != 0 {
			t.Errorf("%+v: the entry stays", s)
		}
		if _, err := auth.VerifyToken(t.Context(), sess.Token()); err != nil {
			t.Errorf("a token by the new key: %v", err)
		}
	})
}

func TestTokenCacheSetting(t *testing.T) {
	for bytes, hits := range map[int64]uint64{0: 1, 1 << 20: 1, -1: 0, 1: 0} {
		em, auth := newAuth(t, func(c *clerk.Config) { c.TokenCacheBytes = bytes })
		token := em.SignIn(em.AddUser(clerktest.User{})).Token()
		for range 2 {
			if _, err := auth.VerifyToken(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		if s := auth.Stats().Tokens; s.Hits != hits || s.Entries != int(hits) || bytes > 0 && s.Bytes > bytes {
			t.Errorf("TokenCacheBytes %d: %+v", bytes, s)
		}
	}
}

package verify_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// TestCacheChecksEachTime: a hit skips the signature check but checks every claim.
func TestCacheChecksEachTime(t *testing.T) {
	now := int64(nowSec * 1000)
	v := newVerifier(t, func(c *verify.Config) { c.Now = func() time.Time { return time.UnixMilli(now) } })
	verifyGood := func(want error) {
		t.Helper()
		if _, err := v.Verify(t.Context(), good()); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	verifyGood(nil)
	verifyGood(nil)
	if s := v.CacheStats(); s.Hits != 1 || s.Misses != 1 || s.Entries != 1 || s.Bytes <= 0 {
		t.Errorf("%+v", s)
	}
	if _, err := v.WithClockSkew(-1).Verify(t.Context(), good()); err != nil {
		t.Error(err)
	}
	now += 62_000 // past exp, within the skew
	verifyGood(nil)
	if _, err := v.WithClockSkew(-1).Verify(t.Context(), good()); !errors.Is(err, verify.ErrExpired) {
		t.Errorf("a cached token with another skew: %v", err)
	}
	now += 3000
	verifyGood(verify.ErrExpired)
	if s := v.CacheStats(); s.Entries != 0 || s.Bytes != 0 {
		t.Errorf("an expired token stays: %+v", s)
	}
	now -= 90_000 // the clock was set back
	verifyGood(verify.ErrNotActiveYet)
}

// TestCacheEntriesDieWithTheirKey: each hit asks the key source again.
func TestCacheEntriesDieWithTheirKey(t *testing.T) {
	public := instanceKey().PublicKey
	key, keyErr := &public, error(nil)
	asked := 0
	v := newVerifier(t, func(c *verify.Config) {
		c.Keys = keyFunc(func(_ context.Context, got string) (*rsa.PublicKey, error) {
			if got != kid {
				t.Errorf("asked for %q", got)
			}
			asked++
			return key, keyErr
		})
	})
	step := func(name string, want error) {
		t.Helper()
		before := asked
		_, err := v.Verify(t.Context(), good())
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if asked == before {
			t.Errorf("%s: the source was not asked", name)
		}
	}
	step("cold", nil)
	step("cached", nil)
	keyErr = clerk.ErrUnavailable
	step("outage", clerk.ErrUnavailable)
	keyErr = nil
	step("after the outage", nil)
	again := public
	key = &again
	step("the same key anew", nil)
	key = &foreignKey().PublicKey
	step("another key of that id", verify.ErrInvalidSignature)
	key = &smallKey().PublicKey
	step("a short key of that id", &verify.Error{Reason: clerk.ReasonKeyNotTrusted})
	key, keyErr = nil, clerk.ErrKeyUnknown
	step("removed", clerk.ErrKeyUnknown)
	step("removed, again", clerk.ErrKeyUnknown)
	key, keyErr = &public, nil
	step("back", nil)
}

// TestCacheHoldsVerifiedTokensOnly: only valid tokens can fill the cache.
func TestCacheHoldsVerifiedTokensOnly(t *testing.T) {
	v := newVerifier(t)
	for _, list := range [][]hostile{malformed(), forged(), unfit()} {
		for _, tt := range list {
			_, _ = v.Verify(t.Context(), tt.token)
		}
	}
	for slot, tok := range map[string]string{
		"m2m": token(header(obj{"cat": m2mCat}), m2m(nil)), "oauth": token(header(obj{"typ": "at+jwt", "cat": remove}), oauth(nil)), "handshake": token(header(nil), handshake(nil)),
	} {
		if err := inEverySlot(t.Context(), v, tok)[slot]; err != nil {
			t.Error(err)
		}
	}
	if s := v.CacheStats(); s.Entries != 0 || s.Bytes != 0 || s.Hits != 0 {
		t.Errorf("%+v", s)
	}
}

func TestCacheIsBounded(t *testing.T) {
	const bound = 32 * 1500 // one entry in each of the 32 shards
	v := newVerifier(t, func(c *verify.Config) { c.CacheBytes = bound })
	for i := range 70 {
		tok := token(header(nil), session(obj{"sub": fmt.Sprintf("user_%d", i)}))
		for range 2 {
			claims, err := v.Verify(t.Context(), tok)
			if err != nil || claims.Subject() != fmt.Sprintf("user_%d", i) {
				t.Fatalf("%v, %v", claims, err)
			}
		}
		if s := v.CacheStats(); s.Bytes > bound || s.Hits != uint64(i+1) { // the newest is always cached
			t.Fatalf("after %d: %+v", i+1, s)
		}
	}
	s := v.CacheStats()
	if s.Entries == 0 || s.Entries >= 70 {
		t.Errorf("%+v", s)
	}
	large := token(header(nil), session(obj{"x": strings.Repeat("x", 3000)}))
	for range 2 {
		if _, err := v.Verify(t.Context(), large); err != nil {
			t.Fatal(err)
		}
	}
	if after := v.CacheStats(); after.Hits != s.Hits || after.Entries != s.Entries {
		t.Errorf("a token larger than a shard: %+v after %+v", after, s)
	}
}

func TestCacheOff(t *testing.T) {
	for _, bytes := range []int64{-1, 1} {
		v := newVerifier(t, func(c *verify.Config) { c.CacheBytes = bytes })
		for range 2 {
			if _, err := v.Verify(t.Context(), good()); err != nil {
				t.Fatal(err)
			}
		}
		if s := v.CacheStats(); s.Entries != 0 || s.Hits != 0 {
			t.Errorf("CacheBytes %d: %+v", bytes, s)
		}
	}
}

// TestHeaderMemo: a header in the memo serves session tokens with the same header text,
// and skips no other check.
func TestHeaderMemo(t *testing.T) {
	v := newVerifier(t, func(c *verify.Config) { c.CacheBytes = -1 })
	for round := range 2 {
		for i := range 12 { // more than the memo holds
			h := header(obj{"x": i})
			if _, err := v.Verify(t.Context(), token(h, session(nil))); err != nil {
				t.Fatalf("round %d, header %d: %v", round, i, err)
			}
			for name, tt := range map[string]hostile{
				"forged":  {token: sign(foreignKey(), h.String(), session(nil).String()), want: clerk.ReasonTokenInvalidSignature},
				"machine": {token: token(h, session(obj{"sub": "mch_1"})), want: clerk.ReasonTokenTypeMismatch},
			} {
				var e *verify.Error
				if _, err := v.Verify(t.Context(), tt.token); !errors.As(err, &e) || e.Reason != tt.want {
					t.Errorf("round %d, header %d, %s: %v", round, i, name, err)
				}
			}
		}
	}
}

// TestConcurrentVerify uses one Verifier in many goroutines with tokens of different
// lengths. A buffer that two of them share would fail it.
func TestConcurrentVerify(t *testing.T) {
	type sample struct{ tok, sub, want string }
	var samples []sample
	for i := range 12 {
		sub := "user_" + strings.Repeat(string(rune('a'+i)), 1+i*40)
		tok := token(header(obj{"x": i % 6}), session(obj{"sub": sub}))
		samples = append(samples, sample{tok, sub, ""})
		samples = append(samples, sample{tok[:len(tok)-8] + "AAAAAAAA", "", string(clerk.ReasonTokenInvalidSignature)})
		samples = append(samples, sample{tok[:len(tok)/2], "", string(clerk.ReasonTokenInvalid)})
	}
	for name, bytes := range map[string]int64{"cache": 0, "no cache": -1, "small cache": 32 * 1800} {
		t.Run(name, func(t *testing.T) {
			v := newVerifier(t, func(c *verify.Config) { c.CacheBytes = bytes })
			var wg sync.WaitGroup
			for g := range 4 {
				wg.Go(func() {
					for i := range 60 {
						s := samples[(i*7+g*5)%len(samples)]
						claims, err := v.Verify(t.Context(), s.tok)
						var e *verify.Error
						switch {
						case s.want == "" && (err != nil || claims.Subject() != s.sub || claims.Auth().UserID != s.sub):
							t.Errorf("%v, %v, want %s", claims, err, s.sub)
						case s.want != "" && (!errors.As(err, &e) || string(e.Reason) != s.want):
							t.Errorf("%v, want %s", err, s.want)
						}
						if u, err := verify.Decode(s.tok); s.want == "" && (err != nil || u.Claims.Subject() != s.sub) {
							t.Errorf("%+v, %v", u, err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

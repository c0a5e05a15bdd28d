package verify_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// world is the state that a verification sees: the keys of an instance and a clock.
// Each change makes a new world.
type world struct {
	keys map[string]*rsa.PublicKey
	now  int64
}

// worlds are all worlds so far; the last one is current.
type worlds struct {
	mu   sync.RWMutex
	list []world
}

func (w *worlds) current() (world, int) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.list[len(w.list)-1], len(w.list) - 1
}

func (w *worlds) change(f func(*world)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := w.list[len(w.list)-1]
	f(&next)
	w.list = append(w.list, next)
}

// between reports whether some world from i to k satisfies f.
func (w *worlds) between(i, k int, f func(world) bool) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for ; i <= k; i++ {
		if f(w.list[i]) {
			return true
		}
	}
	return false
}

// TestCacheUnderChange verifies in several goroutines while keys are added and removed
// and the clock is set forward and back. A token must be accepted only if at some
// moment of the call its key existed and its times were valid, and refused only if at
// some moment one of these was not so. A stale entry would fail this.
func TestCacheUnderChange(t *testing.T) {
	keys := map[string]*rsa.PrivateKey{"ins_a": instanceKey(), "ins_b": foreignKey()}
	public := make(map[string]*rsa.PublicKey)
	for id, key := range keys {
		public[id] = &key.PublicKey
	}
	type sample struct {
		kid, token string
		exp        int64
	}
	var samples []sample
	for id, key := range keys {
		for _, life := range []int64{20, 60, 600} {
			samples = append(samples, sample{id, sign(key, header(obj{"kid": id}).String(), session(obj{"exp": nowSec + life, "nbf": nowSec, "sub": fmt.Sprint("user_", life)}).String()), nowSec + life})
		}
	}
	w := &worlds{list: []world{{public, nowSec + 10}}}
	v := newVerifier(t, func(c *verify.Config) {
		c.ClockSkew = -1
		c.Now = func() time.Time { now, _ := w.current(); return time.Unix(now.now, 0) }
		c.Keys = keyFunc(func(_ context.Context, kid string) (*rsa.PublicKey, error) {
			now, _ := w.current()
			if key := now.keys[kid]; key != nil {
				return key, nil
			}
			return nil, clerk.ErrKeyUnknown
		})
	})
	ctx, stop := context.WithCancel(t.Context())
	var changes sync.WaitGroup
	changes.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			w.change(func(n *world) {
				switch i % 5 {
				case 0:
					n.now = nowSec + int64(i%7)*15 // past the shorter lifetimes, and back
				case 1:
					n.keys = map[string]*rsa.PublicKey{"ins_b": public["ins_b"]}
				case 2: // another key under the id of the removed one
					n.keys = map[string]*rsa.PublicKey{"ins_a": public["ins_b"], "ins_b": public["ins_b"]}
				case 3:
					n.keys = public
				case 4:
					n.now = nowSec + 30
				}
			})
			time.Sleep(100 * time.Microsecond)
		}
	})
	var accepted, refused atomic.Int64
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			// 700 rounds, and more until both results have occurred.
			for i := 0; i < 700 || i < 1_000_000 && (accepted.Load() == 0 || refused.Load() == 0); i++ {
				s := samples[(i*5+g)%len(samples)]
				_, first := w.current()
				claims, err := v.Verify(ctx, s.token)
				_, last := w.current()
				keyThere := func(n world) bool { return n.keys[s.kid] == public[s.kid] }
				inTime := func(n world) bool { return n.now < s.exp }
				gone := func(n world) bool { return !keyThere(n) || !inTime(n) }
				switch {
				case err == nil && !(w.between(first, last, keyThere) && w.between(first, last, inTime)):
					t.Errorf("accepted although the key was removed or the token was expired (worlds %d to %d)", first, last)
				case err == nil && claims.ExpiresAt().Unix() != s.exp:
					t.Error("accepted as another token")
				case err != nil && !w.between(first, last, gone):
					t.Errorf("a valid token was refused: %v (worlds %d to %d)", err, first, last)
				}
				if err == nil {
					accepted.Add(1)
				} else {
					refused.Add(1)
				}
			}
		})
	}
	wg.Wait()
	stop()
	changes.Wait()
	if s := v.CacheStats(); accepted.Load() == 0 || refused.Load() == 0 || s.Hits == 0 {
		t.Errorf("%d accepted, %d refused, %+v: nothing was tested", accepted.Load(), refused.Load(), s)
	}
}

// TestFloodEvictsNothing: invalid tokens that look valid are not cached and evict no
// cached token, however many there are.
func TestFloodEvictsNothing(t *testing.T) {
	v := newVerifier(t, func(c *verify.Config) { c.CacheBytes = 32 * 4000 })
	var regulars []string
	for i := range 8 {
		regulars = append(regulars, token(header(nil), session(obj{"sub": fmt.Sprint("user_", i)})))
		if _, err := v.Verify(t.Context(), regulars[i]); err != nil {
			t.Fatal(err)
		}
	}
	before := v.CacheStats()
	if before.Entries != len(regulars) {
		t.Fatalf("%+v", before)
	}
	signature := regulars[0][strings.LastIndexByte(regulars[0], '.'):]
	for i := range 1500 { // with the header and the claims of valid ones
		tok := b64(header(nil).String()) + "." + b64(session(obj{"jti": i}).String()) + signature
		if i%3 == 0 {
			tok = b64(header(obj{"x": i}).String()) + "." + b64(session(nil).String()) + signature
		}
		if _, err := v.Verify(t.Context(), tok); err == nil {
			t.Fatal("accepted")
		}
	}
	for _, tok := range regulars {
		if _, err := v.Verify(t.Context(), tok); err != nil {
			t.Fatal(err)
		}
	}
	after := v.CacheStats()
	if after.Entries != before.Entries || after.Bytes != before.Bytes || after.Hits != before.Hits+uint64(len(regulars)) {
		t.Errorf("%+v after the flood, %+v before", after, before)
	}
}

// TestPolicyOnEachHit: tokens share an origin in the cache, but no token is accepted
// because of the claims of another.
func TestPolicyOnEachHit(t *testing.T) {
	v := newVerifier(t)
	for i := range 12 { // more origins than the memo holds, each twice
		iss, azp := issuer, origin
		var want error
		switch i % 3 {
		case 1:
			azp, want = fmt.Sprint("https://evil", i, ".example.com"), verify.ErrUnauthorizedParty
		case 2:
			iss, want = fmt.Sprint("https://evil", i, ".example.com"), verify.ErrInvalidIssuer
		}
		tok := token(header(nil), session(obj{"iss": iss, "azp": azp, "sub": fmt.Sprint("user_", i)}))
		for range 2 {
			if _, err := v.Verify(t.Context(), tok); !errors.Is(err, want) {
				t.Errorf("%s, %s: %v, want %v", iss, azp, err, want)
			}
		}
	}
}

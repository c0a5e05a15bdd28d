package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// How costs grow.

// many creates n tokens on all processors and shuffles them, so that consecutive tokens
// are not adjacent in memory.
func (f *fixture) many(n int) []string {
	tokens := make([]string, n)
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				tokens[i] = f.token(i)
			}
		})
	}
	wg.Wait()
	rand.Shuffle(n, func(i, k int) { tokens[i], tokens[k] = tokens[k], tokens[i] })
	return tokens
}

// warmWith returns a subject whose tokens are all in the cache.
func (f *fixture) warmWith(name string, tokens []string) (*subject, error) {
	v, err := f.verifier(int64(len(tokens))*4096 + 1<<24)
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	errs := make([]error, workers)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(tokens); i += workers {
				if _, err := v.Verify(context.Background(), tokens[i]); err != nil {
					errs[w] = err
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	if s := v.CacheStats(); s.Entries != len(tokens) {
		return nil, fmt.Errorf("%d tokens, %d of them cached", len(tokens), s.Entries)
	}
	return verifying(name, v, tokens), nil
}

// cores returns the throughput of two goroutines relative to one, with all tokens in
// the cache, in alternating pairs.
func (f *fixture) cores(tokens []string, p plan) (series, error) {
	s, err := f.warmWith("", tokens)
	if err != nil {
		return nil, err
	}
	n, err := s.calls(4 * p.batch)
	if err != nil {
		return nil, err
	}
	run := func(goroutines int) (time.Duration, error) {
		var wg sync.WaitGroup
		errs := make([]error, goroutines)
		start := time.Now()
		for g := range goroutines {
			wg.Go(func() {
				for i := range n {
					if err := s.op(i + g*len(tokens)/2); err != nil {
						errs[g] = err
					}
				}
			})
		}
		wg.Wait()
		took := time.Since(start)
		for _, err := range errs {
			if err != nil {
				return 0, err
			}
		}
		return took, nil
	}
	var rounds series
	for range p.rounds {
		var speed series
		for range p.pairs {
			one, err := run(1)
			if err != nil {
				return nil, err
			}
			two, err := run(2)
			if err != nil {
				return nil, err
			}
			speed = append(speed, 2*float64(one)/float64(two))
		}
		rounds = append(rounds, speed.median())
	}
	return rounds, nil
}

// sizes measures tokens with claims of different sizes, with and without the cache.
func (f *fixture) sizes() (list []*subject, err error) {
	cold, err := f.verifier(cacheOff)
	if err != nil {
		return nil, err
	}
	for _, extra := range []int{0, 1000, 3000, 7000} {
		c := f.claims(0)
		if extra > 0 {
			c["metadata"] = map[string]any{"note": strings.Repeat("x", extra/2), "tags": strings.Split(strings.Repeat("tag,", extra/14), ",")}
		}
		token := f.sign(c)
		warm, err := f.warmWith(fmt.Sprintf("%d bytes, warm", len(token)), []string{token})
		if err != nil {
			return nil, err
		}
		list = append(list, verifying(fmt.Sprintf("%d bytes, cold", len(token)), cold, []string{token}), warm)
	}
	return list, nil
}

// permissions measures tokens with increasing numbers of permissions: verifying them
// and checking a permission.
func (f *fixture) permissions() (list []*subject, err error) {
	cold, err := f.verifier(cacheOff)
	if err != nil {
		return nil, err
	}
	for _, features := range []int{2, 20, 60} {
		c := f.claims(0)
		var names, masks []string
		for i := range features {
			names, masks = append(names, fmt.Sprintf("o:feature%d", i)), append(masks, "15")
		}
		c["fea"] = strings.Join(names, ",")
		c["o"] = map[string]any{"id": "org_1", "rol": "admin", "slg": "acme", "per": "create,read,update,delete", "fpm": strings.Join(masks, ",")}
		token := f.sign(c)
		claims, err := cold.Verify(context.Background(), token)
		if err != nil {
			return nil, err
		}
		auth, last := claims.Auth(), clerk.Permission(fmt.Sprintf("org:feature%d:delete", features-1))
		name := fmt.Sprintf("%d permissions", 4*features)
		list = append(list, verifying(name+", cold", cold, []string{token}),
			&subject{name: name + ", Has of the last one", op: func(int) error {
				if !auth.Has(last) {
					return errRefused
				}
				return nil
			}})
	}
	return list, nil
}

// footprint is the memory of cached identities.
type footprint struct {
	entries int
	heap    uint64 // measured
	counted int64  // by the cache itself
}

// memory fills a cache of the given size with n tokens that are otherwise unreferenced.
func (f *fixture) memory(n int, cacheBytes int64) (footprint, error) {
	v, err := f.verifier(cacheBytes)
	if err != nil {
		return footprint{}, err
	}
	before := heap()
	for i := range n {
		if _, err := v.Verify(context.Background(), f.token(i)); err != nil {
			return footprint{}, err
		}
	}
	after := heap()
	s := v.CacheStats()
	return footprint{s.Entries, after - before, s.Bytes}, nil
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Bench measures the cost of verification: the kit, its peers and the minimum work, in
// one run and as ratios. Run it at the root of the repository; it writes BENCHMARKS.md.
//
//	go run ./internal/bench            # some ten minutes
//	go run ./internal/bench -quick -out -   # a minute, to the terminal
//	go run ./internal/bench -part end-to-end -out -
//
// With BENCH_PROFILE=PREFIX each server of the last part writes a CPU profile.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	out := flag.String("out", "BENCHMARKS.md", "the file to write, - for standard output")
	quick := flag.Bool("quick", false, "few rounds and no million tokens: not reliable enough to quote")
	kind := flag.String("serve", "", "internal: be a server of this kind")
	keys := flag.String("keys", "", "internal: where the server gets its keys")
	addr := flag.String("load", "", "internal: be the client of the server at this address")
	tokens := flag.String("tokens", "", "internal: the client's tokens")
	count := flag.Int("count", 0, "internal: the client's requests")
	cookie := flag.Bool("cookie", false, "internal: the client has cookies")
	only := flag.String("part", "", "measure only this part: verify, cache, middleware, growth, cores, memory or end-to-end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case *kind != "":
		err = serve(*kind, *keys)
	case *addr != "":
		err = load(*addr, *tokens, *cookie, *count)
	default:
		err = run(ctx, *out, *only, *quick)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures everything and writes the report.
func run(ctx context.Context, out, only string, quick bool) error {
	progress := func(s string) { fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format("15:04:05"), s) }
	p, rounds, most := plan{rounds: 8, pairs: 20, batch: 3 * time.Millisecond}, 20, 1_000_000
	if quick {
		p, rounds, most = plan{rounds: 3, pairs: 10, batch: time.Millisecond}, 3, 10_000
	}
	r := &report{plan: p, started: time.Now(), load: loadAverage()}
	f, err := newFixture()
	if err != nil {
		return err
	}
	r.tokenBytes = len(f.token(0))
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"verify", func() (err error) { r.verify, r.versions, err = f.measureVerify(p, progress); return err }},
		{"cache", func() (err error) { r.warm, err = f.measureWarm(p, progress); return err }},
		{"middleware", func() (err error) { r.web, err = f.measureWeb(ctx, p, progress); return err }},
		{"growth", func() (err error) { r.grow, err = f.measureGrowth(p, most, progress); return err }},
		{"cores", func() (err error) { r.cores, err = f.cores(f.many(10_000), p); return err }},
		{"memory", func() (err error) { r.memory, err = f.measureMemory(most); return err }},
		{"end-to-end", func() (err error) { r.endToEnd, r.pinned, err = f.endToEnd(ctx, rounds, progress); return err }},
	} {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if only != "" && only != part.name {
			continue
		}
		progress(part.name)
		if err := part.do(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	r.loadAfter, r.took = loadAverage(), time.Since(r.started)
	text := r.markdown()
	if out == "-" {
		_, err := fmt.Print(text)
		return err
	}
	return os.WriteFile(out, []byte(text), 0o644)
}

// measureVerify compares all peers.
func (f *fixture) measureVerify(p plan, progress func(string)) (results []*result, versions map[string]string, err error) {
	list, err := f.peers()
	if err != nil {
		return nil, nil, err
	}
	kit, err := f.kit()
	if err != nil {
		return nil, nil, err
	}
	subjects := []*subject{f.limit()}
	versions = make(map[string]string)
	for _, peer := range append([]peer{kit}, list...) {
		if err := f.check(peer); err != nil {
			return nil, nil, err
		}
		token, verify := f.own(peer), peer.verify
		subjects = append(subjects, &subject{name: peer.name, op: func(int) error { return verify(token) }})
		versions[peer.name] = version(peer.module)
		if peer.name != kit.name {
			continue
		}
		// With the cache on, and so many tokens that each is evicted before it is used again.
		v, err := f.verifier(1 << 20)
		if err != nil {
			return nil, nil, err
		}
		subjects = append(subjects, verifying(coldOn, v, f.many(8192)))
		defer func() {
			if s := v.CacheStats(); err == nil && s.Hits > 0 {
				err = fmt.Errorf("%s: %d hits, which should have been none", coldOn, s.Hits)
			}
		}()
	}
	results, err = p.compare(f.limit(), subjects, progress)
	return results, versions, err
}

// Names used by the table of goals.
const (
	coldOff = "clerkkit verify, cold, cache off"
	coldOn  = "clerkkit verify, cold, cache on"
	warmOne = "one hot token"
	warm10k = "10,000 live tokens"
	bare    = "bare handler"
	atLeast = "least middleware: SHA-256 of the token, a context value"
)

func (f *fixture) measureWarm(p plan, progress func(string)) ([]*result, error) {
	one, err := f.warmWith(warmOne, []string{f.token(0)})
	if err != nil {
		return nil, err
	}
	ten, err := f.warmWith(warm10k, f.many(10_000))
	if err != nil {
		return nil, err
	}
	v, err := f.verifier(0)
	if err != nil {
		return nil, err
	}
	if _, err := v.Verify(context.Background(), f.token(0)); err != nil {
		return nil, err
	}
	subjects := []*subject{one, ten, hashing("SHA-256 alone, one token", []string{f.token(0)}), hashing("SHA-256 alone, 10,000 tokens", f.many(10_000))}
	for _, bad := range f.garbage() {
		subjects = append(subjects, refusing(bad.name, v, bad.token))
	}
	return p.compare(f.limit(), subjects, progress)
}

func (f *fixture) measureWeb(ctx context.Context, p plan, progress func(string)) ([]*result, error) {
	keys := f.keyServer()
	defer keys.Close()
	warm, err := f.middleware(keys.URL, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = warm.Close() }()
	cold, err := f.middleware(keys.URL, cacheOff)
	if err != nil {
		return nil, err
	}
	defer func() { _ = cold.Close() }()
	if err := errors.Join(warm.Warm(ctx), cold.Warm(ctx)); err != nil {
		return nil, err
	}
	one := []string{f.token(0)}
	byHeader, byCookie := requests(one, false), requests(one, true)
	anonymous := request("X-Nothing", "")
	return p.compare(f.limit(), []*subject{
		serving(bare, bareHandler, byHeader),
		serving(atLeast+", by header", floor(bareHandler), byHeader),
		serving(atLeast+", by cookie", floor(bareHandler), byCookie),
		serving("clerkkit Handler, cold, by header", cold.Handler(kitHandler), byHeader),
		serving("clerkkit Handler, cold, by cookie", cold.Handler(kitHandler), byCookie),
		serving("clerkkit Handler, warm, by header", warm.Handler(kitHandler), byHeader),
		serving("clerkkit Handler, warm, by cookie", warm.Handler(kitHandler), byCookie),
		serving("clerkkit Handler and Require, warm, by header", warm.Handler(warm.Require()(kitHandler)), byHeader),
		serving("clerkkit Handler, nobody signed in", warm.Handler(bareHandler), []*http.Request{anonymous}),
		serving("clerk-sdk-go RequireHeaderAuthorization, JWKS and its cache", sdkMiddleware(keys.URL)(sdkHandler), byHeader),
		serving("clerk-sdk-go RequireHeaderAuthorization, PEM", f.sdkMiddlewarePEM()(sdkHandler), byHeader),
	}, progress)
}

func (f *fixture) measureGrowth(p plan, most int, progress func(string)) ([]*result, error) {
	sizes, err := f.sizes()
	if err != nil {
		return nil, err
	}
	permissions, err := f.permissions()
	if err != nil {
		return nil, err
	}
	var results []*result
	for n := 1; n <= most; n *= 100 { // each alone: a million tokens are a gigabyte to the collector
		live, err := f.warmWith(fmt.Sprintf("%d live tokens, warm", n), f.many(n))
		if err != nil {
			return nil, err
		}
		part, err := p.compare(f.limit(), []*subject{live}, progress)
		if err != nil {
			return nil, err
		}
		results = append(results, part...)
	}
	rest, err := p.compare(f.limit(), append(sizes, permissions...), progress)
	return append(results, rest...), err
}

func (f *fixture) measureMemory(most int) (list []footprint, err error) {
	for _, bytes := range []int64{1 << 40, 0} {
		m, err := f.memory(min(most, 100_000), bytes)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

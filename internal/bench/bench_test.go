package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"
)

func newTestFixture(tb testing.TB) *fixture {
	tb.Helper()
	f, err := newFixture()
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// TestSigner compares the fast signer with the standard library.
func TestSigner(t *testing.T) {
	f := newTestFixture(t)
	if bits := f.key.N.BitLen(); bits != 2048 {
		t.Fatalf("a modulus of %d bits", bits)
	}
	for i, token := range f.many(20) {
		dot := strings.LastIndexByte(token, '.')
		signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(token[:dot]))
		if err := rsa.VerifyPKCS1v15(f.key, crypto.SHA256, sum[:], signature); err != nil {
			t.Errorf("token %d: %v", i, err)
		}
	}
	if n := len(f.token(0)); n < 1000 || n > 1060 {
		t.Errorf("a token of %d bytes", n)
	}
}

// TestPeers: each peer really verifies tokens.
func TestPeers(t *testing.T) {
	f := newTestFixture(t)
	list, err := f.peers()
	if err != nil {
		t.Fatal(err)
	}
	kit, err := f.kit()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(list, kit) {
		if err := f.check(p); err != nil {
			t.Error(err)
		}
		if p.module != "" && version(p.module) == "" && testing.Verbose() {
			t.Logf("%s: the version of %s is not known to a test", p.name, p.module)
		}
	}
	blind := peer{name: "blind", verify: func(string) error { return nil }}
	if f.check(blind) == nil {
		t.Error("a peer that accepts everything passes")
	}
}

// TestMiddlewares: each accepts a good request and refuses bad ones.
func TestMiddlewares(t *testing.T) {
	f := newTestFixture(t)
	keys := f.keyServer()
	defer keys.Close()
	m, err := f.middleware(keys.URL, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	bad, err := f.bad()
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]http.Handler{
		"clerkkit": m.Require()(kitHandler), "clerk-sdk-go": sdkMiddleware(keys.URL)(sdkHandler), "clerk-sdk-go with a PEM": f.sdkMiddlewarePEM()(sdkHandler),
	} {
		if _, err := serving(name, h, requests(f.tokens(2), false)).run(4); err != nil {
			t.Error(err)
		}
		for what, token := range bad {
			if _, err := serving(name, h, requests([]string{token}, false)).run(1); err == nil {
				t.Errorf("%s accepts a token that is bad: %s", name, what)
			}
		}
	}
	if _, err := serving("cookies", m.Require()(kitHandler), requests(f.tokens(2), true)).run(4); err != nil {
		t.Error(err)
	}
}

// TestCompare: a subject that takes twice as long has a ratio of two.
func TestCompare(t *testing.T) {
	spin := func(n int) func(int) error {
		return func(int) error {
			sum := [32]byte{}
			for range n {
				sum = sha256.Sum256(sum[:])
			}
			return nil
		}
	}
	p := plan{rounds: 3, pairs: 5, batch: time.Millisecond / 2}
	results, err := p.compare(&subject{name: "one", op: spin(100)}, []*subject{{name: "two", op: spin(200)}}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; r.ratio.median() < 1.2 || r.ratio.median() > 3.3 || r.allocs != 0 { // wide: tests run on busy machines
		t.Errorf("%+v", r)
	}
	for _, tt := range []struct {
		s    series
		want float64
	}{{series{3, 1, 2}, 2}, {series{4, 1, 2, 3}, 2.5}, {series{7}, 7}} {
		if got := tt.s.median(); got != tt.want {
			t.Errorf("the median of %v is %v, want %v", tt.s, got, tt.want)
		}
	}
}

func benchmark(b *testing.B, s *subject) {
	b.Run(strings.ReplaceAll(s.name, " ", "_"), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.run(1); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerify runs the subjects of the program. The ratios of the program are more
// reliable.
func BenchmarkVerify(b *testing.B) {
	f := newTestFixture(b)
	list, err := f.peers()
	if err != nil {
		b.Fatal(err)
	}
	kit, err := f.kit()
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, f.limit())
	for _, p := range append([]peer{kit}, list...) {
		token := f.own(p)
		benchmark(b, &subject{name: p.name, op: func(int) error { return p.verify(token) }})
	}
	warm, err := f.warmWith("clerkkit verify, warm", f.many(100))
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, warm)
}

func BenchmarkMiddleware(b *testing.B) {
	f := newTestFixture(b)
	keys := f.keyServer()
	defer keys.Close()
	m, err := f.middleware(keys.URL, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	one := f.tokens(1)
	benchmark(b, serving("clerkkit, warm, by header", m.Handler(kitHandler), requests(one, false)))
	benchmark(b, serving("clerkkit, warm, by cookie", m.Handler(kitHandler), requests(one, true)))
	benchmark(b, serving("clerk-sdk-go", sdkMiddleware(keys.URL)(sdkHandler), requests(one, false)))
}

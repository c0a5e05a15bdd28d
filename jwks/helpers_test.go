package jwks

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

const testURL = "https://clerk.example.com/.well-known/jwks.json"

// modulus returns an odd number of exactly bits bits that depends on seed. Test keys
// never sign, so they need no primes.
func modulus(seed string, bits int) *big.Int {
	n := new(big.Int)
	for n.BitLen() < bits+256 {
		sum := sha256.Sum256([]byte(seed + n.String()))
		n.Lsh(n, 256).Or(n, new(big.Int).SetBytes(sum[:]))
	}
	n.Rsh(n, uint(n.BitLen()-bits))
	return n.SetBit(n.SetBit(n, 0, 1), bits-1, 1)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// entry returns a JWK as Clerk publishes it, with members replaced by overrides; nil
// drops a member.
func entry(kid string, overrides map[string]any) map[string]any {
	m := map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
		"n": b64(modulus(kid, 2048).Bytes()), "e": "AQAB",
	}
	for name, v := range overrides {
		if v == nil {
			delete(m, name)
		} else {
			m[name] = v
		}
	}
	return m
}

func keySetJSON(entries ...map[string]any) string {
	if entries == nil {
		entries = []map[string]any{}
	}
	b, err := json.Marshal(map[string]any{"keys": entries})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func keysJSON(kids ...string) string {
	entries := make([]map[string]any, len(kids))
	for i, kid := range kids {
		entries[i] = entry(kid, nil)
	}
	return keySetJSON(entries...)
}

// server is a key server without a network. It counts requests and responds with
// handler.
type server struct {
	mu      sync.Mutex
	calls   []time.Time
	last    *http.Request
	handler func(*http.Request) (*http.Response, error)
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.calls = append(s.calls, time.Now())
	s.last = r
	h := s.handler
	s.mu.Unlock()
	return h(r)
}

func (s *server) set(h func(*http.Request) (*http.Response, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// gaps returns the times between the requests.
func (s *server) gaps() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gaps []time.Duration
	for i := 1; i < len(s.calls); i++ {
		gaps = append(gaps, s.calls[i].Sub(s.calls[i-1]))
	}
	return gaps
}

func (s *server) request() *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

type handler = func(*http.Request) (*http.Response, error)

func response(r *http.Request, status int, body string, headers ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{
		StatusCode: status, Header: h, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

func answer(status int, body string, headers ...string) handler {
	return func(r *http.Request) (*http.Response, error) {
		return response(r, status, body, headers...), nil
	}
}

func serving(kids ...string) handler { return answer(http.StatusOK, keysJSON(kids...)) }

// slowly responds after d, or when the request's context ends.
func slowly(d time.Duration, h handler) handler {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(d):
			return h(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// hanging never responds.
func hanging(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

var errBroken = errors.New("connection broken: <html>body of an answer</html>")

func broken(*http.Request) (*http.Response, error) { return nil, errBroken }

// newTestSource returns a Source that fetches from srv and is closed at the end of the
// test.
func newTestSource(t testing.TB, srv *server, change ...func(*Config)) *Source {
	t.Helper()
	cfg := Config{
		URL:        testURL,
		HTTPClient: &http.Client{Transport: srv},
		Logger:     slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func mustKey(t testing.TB, s *Source, kid string) *rsa.PublicKey {
	t.Helper()
	key, err := s.Key(context.Background(), kid)
	if err != nil {
		t.Fatalf("Key(%q): %v", kid, err)
	}
	if key.N.Cmp(modulus(kid, 2048)) != 0 || key.E != 65537 {
		t.Fatalf("Key(%q): another key", kid)
	}
	return key
}

func wantUnknown(t testing.TB, s *Source, kid string) {
	t.Helper()
	_, err := s.Key(context.Background(), kid)
	if !errors.Is(err, clerk.ErrKeyUnknown) || errors.Is(err, clerk.ErrUnavailable) {
		t.Fatalf("Key(%q): want key unknown, got %v", kid, err)
	}
	if e := failure(t, err); e.Reason != ReasonKeyUnknown {
		t.Fatalf("reason %q", e.Reason)
	}
}

func wantUnavailable(t testing.TB, s *Source, kid string, reason Reason) {
	t.Helper()
	_, err := s.Key(context.Background(), kid)
	isUnavailable(t, err, reason)
}

func isUnavailable(t testing.TB, err error, reason Reason) {
	t.Helper()
	if !errors.Is(err, clerk.ErrUnavailable) || errors.Is(err, clerk.ErrKeyUnknown) {
		t.Fatalf("want keys unavailable, got %v", err)
	}
	if e := failure(t, err); e.Reason != reason {
		t.Fatalf("reason %q, want %q (%v)", e.Reason, reason, err)
	}
}

func failure(t testing.TB, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("not an *Error: %v", err)
	}
	return e
}

// logBuffer collects the log of a Source.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logBuffer) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// goroutines returns the number of goroutines of Sources, httprc's included.
func goroutines() int {
	buf := make([]byte, 4<<20)
	n := 0
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "lestrrat-go/httprc") || strings.Contains(stack, "jwks.(*Source).fly") {
			n++
		}
	}
	return n
}

package handshake

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// The clock of the tests stands still here.
var now = time.Unix(1_750_000_000, 0)

var (
	keyOnce           sync.Once
	ourKey, otherKey_ *rsa.PrivateKey
)

func keys(tb testing.TB) (ours, other *rsa.PrivateKey) {
	tb.Helper()
	keyOnce.Do(func() {
		ourKey, _ = rsa.GenerateKey(rand.Reader, 2048)
		otherKey_, _ = rsa.GenerateKey(rand.Reader, 2048)
	})
	if ourKey == nil || otherKey_ == nil {
		tb.Fatal("no keys")
	}
	return ourKey, otherKey_
}

// keySource knows the key "ours"; err replaces it.
type keySource struct{ err error }

func (k *keySource) Key(_ context.Context, kid string) (*rsa.PublicKey, error) {
	if k.err != nil {
		return nil, k.err
	}
	if kid != "ours" {
		return nil, clerk.ErrKeyUnknown
	}
	return &ourKey.PublicKey, nil
}

type claims map[string]any

// token signs claims over the standard ones; nil values remove them. Names that
// begin with "header." go into the header.
func token(tb testing.TB, over claims) string {
	tb.Helper()
	key, other := keys(tb)
	header := claims{"alg": "RS256", "typ": "JWT", "kid": "ours"}
	payload := claims{
		"sub": "user_1", "sid": "sess_1", "iss": "https://" + testFAPI, "azp": "https://app.example.com",
		"iat": now.Unix() - 10, "nbf": now.Unix() - 20, "exp": now.Unix() + 50,
	}
	if over["key"] == "other" {
		key = other
	}
	for name, v := range over {
		dst := payload
		if h, ok := strings.CutPrefix(name, "header."); ok {
			dst, name = header, h
		}
		if name == "key" {
			continue
		}
		if dst[name] = v; v == nil {
			delete(dst, name)
		}
	}
	return signed(tb, key, header, payload)
}

func signed(tb testing.TB, key *rsa.PrivateKey, header, payload any) string {
	tb.Helper()
	h, err1 := json.Marshal(header)
	p, err2 := json.Marshal(payload)
	if err1 != nil || err2 != nil {
		tb.Fatal(err1, err2)
	}
	text := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(p)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		tb.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func expired(tb testing.TB) string {
	return token(tb, claims{"exp": now.Unix() - 60, "iat": now.Unix() - 120, "nbf": now.Unix() - 120})
}

// handshakeToken signs directives, with claims over them.
func handshakeToken(tb testing.TB, over claims, directives ...string) string {
	c := claims{"handshake": directives, "sub": nil, "sid": nil, "iss": nil, "azp": nil, "exp": nil, "iat": nil, "nbf": nil}
	maps.Copy(c, over)
	return token(tb, c)
}

const testFAPI = "clerk.example.com"

var (
	devKey  = "pk_test_" + base64.StdEncoding.EncodeToString([]byte(testFAPI+"$"))
	prodKey = "pk_live_" + base64.StdEncoding.EncodeToString([]byte(testFAPI+"$"))
)

func suffix(tb testing.TB, key string) string {
	pk, err := clerk.ParsePublishableKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return "_" + pk.CookieSuffix()
}

// fakeBackend answers with its fields, and counts.
type fakeBackend struct {
	mu        sync.Mutex
	calls     int
	nonce     map[string][]string
	refreshed []string
	token     MachineToken
	err       error
	last      RefreshRequest
	wait      func()
}

func (b *fakeBackend) called() error {
	b.mu.Lock()
	b.calls++
	err, wait := b.err, b.wait
	b.mu.Unlock()
	if wait != nil {
		wait()
	}
	return err
}

func (b *fakeBackend) HandshakePayload(_ context.Context, nonce string) ([]string, error) {
	if err := b.called(); err != nil {
		return nil, err
	}
	d, ok := b.nonce[nonce]
	if !ok {
		return nil, &BackendError{Status: 404, Code: "resource_not_found"}
	}
	return d, nil
}

func (b *fakeBackend) RefreshSession(_ context.Context, r RefreshRequest) ([]string, error) {
	b.last = r
	return b.refreshed, b.called()
}

func (b *fakeBackend) machine() (MachineToken, error) {
	err := b.called()
	return b.token, err
}
func (b *fakeBackend) VerifyM2M(context.Context, string) (MachineToken, error)    { return b.machine() }
func (b *fakeBackend) VerifyAPIKey(context.Context, string) (MachineToken, error) { return b.machine() }
func (b *fakeBackend) VerifyOAuth(context.Context, string) (MachineToken, error)  { return b.machine() }

// world makes an Authenticator; its parts can be changed before and after.
type world struct {
	keys    keySource
	backend fakeBackend
	config  clerk.Config
	extra   Config
	clock   func() time.Time
	skip    bool // no Backend
}

func production() *world {
	return &world{config: clerk.Config{PublishableKey: prodKey, SecretKey: "sk_live_x"}}
}

func development() *world {
	return &world{config: clerk.Config{PublishableKey: devKey, SecretKey: "sk_test_x"}}
}

func (w *world) new(tb testing.TB) (*Authenticator, error) {
	keys(tb)
	if w.clock == nil {
		w.clock = func() time.Time { return now }
	}
	w.config.Now, w.config.Logger = w.clock, slog.New(slog.DiscardHandler)
	v, err := verify.New(verify.Config{Keys: &w.keys, Now: w.clock, Logger: w.config.Logger, Audience: w.config.Audience})
	if err != nil {
		tb.Fatal(err)
	}
	cfg := w.extra
	cfg.Clerk, cfg.Verifier = w.config, v
	if !w.skip {
		cfg.Backend = &w.backend
	}
	return New(cfg)
}

func (w *world) machine(tb testing.TB) *Authenticator {
	tb.Helper()
	m, err := w.new(tb)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func (w *world) decide(tb testing.TB, r Request, accepted ...clerk.TokenType) Decision {
	tb.Helper()
	return w.machine(tb).Authenticate(context.Background(), r, accepted...)
}

// page is a browser's request for a page, fetch a script's for data.
func page(cookies string, fields ...string) Request {
	return request("/dashboard?a=1", append([]string{"Sec-Fetch-Dest", "document", "Cookie", cookies}, fields...)...)
}

func fetch(cookies string, fields ...string) Request {
	return request("/api?a=1", append([]string{"Sec-Fetch-Dest", "empty", "Cookie", cookies}, fields...)...)
}

func request(target string, fields ...string) Request {
	h := http.Header{}
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] != "" {
			h.Add(fields[i], fields[i+1])
		}
	}
	return Request{Method: "GET", Target: target, Host: "app.example.com", Scheme: "https", Header: h}
}

// want compares status and reason.
func want(tb testing.TB, d Decision, status Status, reason clerk.Reason) {
	tb.Helper()
	if d.Status != status || d.Reason != reason {
		tb.Fatalf("got %v %q (%v), want %v %q", d.Status, d.Reason, d.Err, status, reason)
	}
	if d.Status != SignedIn && d.Auth.Authenticated() {
		tb.Fatal("an identity without a SignedIn")
	}
	if d.Status == SignedOut && d.Auth.Reason != reason {
		tb.Fatalf("the identity says %q", d.Auth.Reason)
	}
	if (d.Status == Outage) != d.Auth.Outage {
		tb.Fatal("Auth.Outage and Status disagree")
	}
}

func fields(d Decision) map[string]string {
	m := map[string]string{}
	for name, value := range d.Fields() {
		m[name] = value
	}
	return m
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

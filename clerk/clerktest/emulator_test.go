package clerktest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// newEmulator returns an emulator without a listener. What a test left in it must
// come through a snapshot.
func newEmulator(t testing.TB, cfg clerktest.Config) *clerktest.Emulator {
	t.Helper()
	em, err := clerktest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if t, ok := t.(*testing.T); ok {
		t.Cleanup(func() { wantRestorable(t, em, cfg) })
	}
	return em
}

// get fetches through the emulator's own client, without following redirects.
func get(t testing.TB, em *clerktest.Emulator, path string, header http.Header) (*http.Response, string) {
	t.Helper()
	return do(t, em, http.MethodGet, path, header, "")
}

func do(t testing.TB, em *clerktest.Emulator, method, path string, header http.Header, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, em.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	if host := header.Get("Host"); host != "" {
		req.Host = host
	}
	client := &http.Client{
		Transport:     em.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func bearer(secret string) http.Header {
	return http.Header{"Authorization": {"Bearer " + secret}}
}

// wantError checks an answer in Clerk's error envelope.
func wantError(t testing.TB, resp *http.Response, body string, status int, code string) {
	t.Helper()
	var envelope struct {
		Errors []struct {
			Message, Code string
			LongMessage   string         `json:"long_message"`
			Meta          map[string]any `json:"meta"`
		}
		TraceID string `json:"clerk_trace_id"`
	}
	if err := json.Unmarshal([]byte(body), &envelope); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	if resp.StatusCode != status || len(envelope.Errors) != 1 || envelope.Errors[0].Code != code ||
		envelope.Errors[0].Message == "" || envelope.Errors[0].LongMessage == "" || envelope.Errors[0].Meta == nil {
		t.Errorf("got %d %s, want %d with code %s", resp.StatusCode, body, status, code)
	}
}

func TestServerOnLoopback(t *testing.T) {
	em := clerktest.NewServer(t)
	if !strings.HasPrefix(em.URL, "http://localhost:") {
		t.Errorf("URL is %s", em.URL)
	}
	for _, host := range []string{"localhost", "127.0.0.1"} {
		url := strings.Replace(em.URL, "localhost", host, 1) + "/.well-known/jwks.json"
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), em.KeyID()) {
			t.Errorf("%s: %d %s %v", url, resp.StatusCode, body, err)
		}
	}
	if err := em.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(em.URL + "/.well-known/jwks.json"); err == nil {
		t.Error("a closed emulator answers")
	}
}

func TestConfigIsValid(t *testing.T) {
	for _, instance := range []clerk.InstanceType{clerk.Development, clerk.Production} {
		for name, em := range map[string]*clerktest.Emulator{
			"listening": clerktest.NewServer(t, clerktest.Config{Instance: instance}),
			"in memory": newEmulator(t, clerktest.Config{Instance: instance}),
		} {
			cfg := em.Config()
			if err := cfg.Validate(); err != nil {
				t.Errorf("%s %s: %v", instance, name, err)
			}
			if !cfg.InsecureEmulator || cfg.APIURL != em.URL || cfg.ProxyURL != em.URL ||
				cfg.AuthorizedParties[0] != "http://localhost:3000" {
				t.Errorf("%s %s: %+v", instance, name, cfg)
			}
			resp, err := cfg.HTTPClient.Get(cfg.APIURL + "/.well-known/jwks.json")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if key, err := clerk.ParsePublishableKey(cfg.PublishableKey); err != nil || key.Instance() != instance ||
				em.Issuer() != "https://"+key.FrontendAPI() {
				t.Errorf("%s %s: publishable key %v, %v", instance, name, key, err)
			}
		}
	}
}

func TestGuard(t *testing.T) {
	for _, c := range []struct {
		cfg   clerktest.Config
		field string // "" for accepted
	}{
		{clerktest.Config{FrontendAPI: "foo-bar-13.clerk.accounts.dev"}, ""},
		{clerktest.Config{FrontendAPI: "127.0.0.1:4010/accounts.dev"}, ""},
		{clerktest.Config{FrontendAPI: "clerk.localhost"}, ""},
		{clerktest.Config{FrontendAPI: "clerk.shop.test"}, ""},
		{clerktest.Config{FrontendAPI: "clerk.shop.test", Instance: clerk.Production}, ""},
		{clerktest.Config{FrontendAPI: "clerk.shop.example", Instance: clerk.Production}, ""},
		{clerktest.Config{FrontendAPI: "127.0.0.1:4010", Instance: clerk.Production}, ""},

		{clerktest.Config{FrontendAPI: "clerk.example.com"}, "FrontendAPI"},
		{clerktest.Config{FrontendAPI: "clerk.example.com", Instance: clerk.Production}, "FrontendAPI"},
		{clerktest.Config{FrontendAPI: "foo-bar-13.clerk.accounts.dev", Instance: clerk.Production}, "FrontendAPI"},
		{clerktest.Config{FrontendAPI: "evilaccounts.dev"}, "FrontendAPI"},
		{clerktest.Config{FrontendAPI: "evil.com/.accounts.dev"}, "FrontendAPI"},
		{clerktest.Config{FrontendAPI: "evil.com:80/accounts.dev"}, "FrontendAPI"},
		{clerktest.Config{FrontendAPI: "clerk.test.evil.com"}, "FrontendAPI"},
		{clerktest.Config{FrontendAPI: "localhost"}, "FrontendAPI"}, // no dot: no SDK takes it
		{clerktest.Config{FrontendAPI: "https://clerk.shop.test"}, "FrontendAPI"},
		{clerktest.Config{FrontendAPI: "clerk.shop.test\r\nx"}, "FrontendAPI"},
		{clerktest.Config{SecretKey: "sk_live_abcdefghijklmnop"}, "SecretKey"},
		{clerktest.Config{SecretKey: "sk_test_abcdefghijklmnop"}, "SecretKey"},
		{clerktest.Config{SecretKey: "sk_live_emulator1"}, "SecretKey"},
		{clerktest.Config{SecretKey: "sk_test_emulator 1"}, "SecretKey"},
		{clerktest.Config{Origins: []string{"http://localhost:3000/"}}, "Origins[0]"},
		{clerktest.Config{Origins: []string{"http://localhost:3000", "javascript:alert(1)"}}, "Origins[1]"},
		{clerktest.Config{Origins: []string{"localhost:3000"}}, "Origins[0]"},
		{clerktest.Config{Origins: []string{"http://u:p@localhost"}}, "Origins[0]"},
		{clerktest.Config{Instance: "staging"}, "Instance"},
		{clerktest.Config{TokenVersion: 3}, "TokenVersion"},
		{clerktest.Config{TokenLifetime: -1}, "TokenLifetime"},
		{clerktest.Config{TokenLifetime: time.Hour, SessionLifetime: time.Minute}, "SessionLifetime"},
		{clerktest.Config{GenerateKey: true, SigningKey: weakKey(t)}, "GenerateKey"},
		{clerktest.Config{SigningKey: weakKey(t)}, "SigningKey"},
	} {
		_, err := clerktest.New(c.cfg)
		var ce *clerk.ConfigError
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%+v: %v", c.cfg, err)
		case c.field != "" && (!errors.As(err, &ce) || ce.Field != "clerktest.Config."+c.field):
			t.Errorf("%+v: got %v, want an error about %s", c.cfg, err, c.field)
		case err != nil && c.cfg.SecretKey != "" && strings.Contains(err.Error(), c.cfg.SecretKey):
			t.Errorf("the error holds the secret key: %v", err)
		}
	}
	if _, err := clerktest.Start(clerktest.Config{Addr: "256.1.1.1:0"}); err == nil {
		t.Error("an impossible address is accepted")
	}
	if _, err := clerktest.Start(clerktest.Config{Instance: "staging"}); err == nil {
		t.Error("Start accepts what New refuses")
	}
}

// The emulator answers to no host name that could be on the internet.
func TestHostGuard(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Instance: clerk.Production})
	for host, want := range map[string]int{
		"localhost:1234": 200, "127.0.0.1": 200, "[::1]:80": 200, "clerk": 200, "clerk:4010": 200, "172.17.0.2:4010": 200,
		"clerk.example.test": 200, "app.localhost": 200,
		"clerk.example.com": 421, "evil.com:80": 421, "localhost.evil.com": 421,
	} {
		resp, body := get(t, em, "/.well-known/jwks.json", http.Header{"Host": {host}})
		if resp.StatusCode != want {
			t.Errorf("Host %s: %d %s", host, resp.StatusCode, body)
		}
	}
}

func TestAdvanceMovesEverything(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	em := newEmulator(t, clerktest.Config{Now: func() time.Time { return at }})
	sess := em.SignIn(em.AddUser(clerktest.User{}))
	before := claimsOf(t, sess.Token())
	em.Advance(10 * time.Minute)
	after := claimsOf(t, sess.Token())
	if d := after.IssuedAt().Sub(before.IssuedAt()); d != 10*time.Minute {
		t.Errorf("iat moved by %v", d)
	}
	if first, second, _ := after.FactorAges(); first != 10 || second != -1 {
		t.Errorf("factor ages are %d, %d", first, second)
	}
	if now := em.Config().Now(); !now.Equal(at.Add(10 * time.Minute)) {
		t.Errorf("the application sees %v", now)
	}
	em.Advance(7 * 24 * time.Hour)
	if s := sess.Status(); s != "expired" {
		t.Errorf("after a week the session is %s", s)
	}
	mustPanic(t, "token of an expired session", func() { sess.Token() })
	mustPanic(t, "time going back", func() { em.Advance(-time.Second) })
}

func TestDeterministic(t *testing.T) {
	run := func() string {
		em := newEmulator(t, clerktest.Config{Deterministic: true, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }})
		sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}), clerktest.WithOrg("org_1", "org:admin"))
		return em.PublishableKey() + em.SecretKey() + sess.Token()
	}
	if a, b := run(), run(); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
	a, b := newEmulator(t, clerktest.Config{}), newEmulator(t, clerktest.Config{})
	if a.SecretKey() == b.SecretKey() || a.Issuer() == b.Issuer() {
		t.Error("two emulators have the same keys")
	}
}

func TestManyAtOnce(t *testing.T) {
	em, err := clerktest.New(clerktest.Config{}) // without a test: Fatal is for the test's own goroutine
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			t.Run(fmt.Sprint("u", i), func(t *testing.T) {
				u := em.AddUser(clerktest.User{Email: fmt.Sprintf("u%d@example.com", i), Password: "secret"})
				sess := em.SignIn(u, clerktest.WithOrg("org_shared", "org:admin"))
				for range 3 {
					req, err := http.NewRequest("GET", "http://localhost:3000/", nil)
					if err != nil {
						t.Fatal(err)
					}
					sess.Authorize(req)
					want(t, "user", claimsOf(t, strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")).Subject(), u.ID)
					sess.Cookies(req)
					ok(t, em, "/v1/jwks")
					em.Advance(time.Second)
					if len(em.Requests()) == 0 {
						t.Error("the log is empty after a request")
					}
					undo := em.Fault(clerktest.Fault{Path: "/nowhere", Status: 500})
					undo()
				}
				sess.Revoke()
				want(t, "session", sess.Status(), "revoked")
			})
		})
	}
	wg.Go(func() { em.RotateKeys() })
	wg.Wait()
}

func TestRequestLogIsBounded(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	for range 5000 {
		get(t, em, "/.well-known/jwks.json", nil)
	}
	if n := len(em.Requests()); n > 4096 || n < 2048 {
		t.Errorf("%d requests are kept", n)
	}
	get(t, em, "/"+strings.Repeat("a", 10_000), nil)
	requests := em.Requests()
	if n := len(requests[len(requests)-1].Path); n > 300 {
		t.Errorf("a path of %d bytes is kept", n)
	}
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if p, ok := recover().(string); !ok || !strings.HasPrefix(p, "clerktest: ") {
			t.Errorf("%s: recovered %v", what, p)
		}
	}()
	f()
}

// recorder is a TB that remembers.
type recorder struct {
	cleanups []func()
	fatal    string
}

func (r *recorder) Helper() {}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Fatalf(f string, args ...any) { r.fatal = fmt.Sprintf(f, args...) }

func TestNewServerFailsTheTest(t *testing.T) {
	var tb recorder
	em := clerktest.NewServer(&tb)
	em.AddUser(clerktest.User{Email: "not an address"})
	if !strings.Contains(tb.fatal, "AddUser") || !strings.Contains(tb.fatal, "e-mail") {
		t.Errorf("the test failed with %q", tb.fatal)
	}
	if em.SignIn(clerktest.User{ID: "user_nobody"}) != nil {
		t.Error("an unknown user signed in")
	}
	if len(tb.cleanups) != 1 {
		t.Fatalf("%d cleanups", len(tb.cleanups))
	}
	tb.cleanups[0]()
	if _, err := http.Get(em.URL); err == nil {
		t.Error("the cleanup does not close the server")
	}
	tb.fatal = ""
	if clerktest.NewServer(&tb, clerktest.Config{Instance: "staging"}) != nil || tb.fatal == "" {
		t.Error("a bad config does not fail the test")
	}
}

func TestListenAddresses(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:0": "http://localhost:", "127.0.0.2:0": "http://127.0.0.2:", "0.0.0.0:0": "http://localhost:", "localhost:0": "http://localhost:",
	} {
		var log strings.Builder
		em, err := clerktest.Start(clerktest.Config{Addr: addr, Logger: textLogger(&log)})
		if err != nil && addr == "127.0.0.2:0" {
			continue // only Linux has all of 127.0.0.0/8
		}
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Get(em.URL + "/v1/health")
		if err != nil {
			t.Error(err)
		} else {
			resp.Body.Close()
		}
		if !strings.HasPrefix(em.URL, want) {
			t.Errorf("%s: URL is %s", addr, em.URL)
		}
		if get(t, em, "/v1/health", nil); em.Close() != nil {
			t.Error("close failed")
		}
		if warned := strings.Contains(log.String(), "everyone on the network"); warned != (addr == "0.0.0.0:0") {
			t.Errorf("%s: warned %v", addr, warned)
		}
	}
}

// Many servers in one process leave nothing behind.
func TestNoLeak(t *testing.T) {
	before := runtime.NumGoroutine()
	var open []*clerktest.Emulator
	for range 100 {
		em, err := clerktest.Start(clerktest.Config{})
		if err != nil {
			t.Fatal(err)
		}
		get(t, em, "/v1/health", nil)
		open = append(open, em)
	}
	for _, em := range open {
		if err := em.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 1000 { // goroutines of other tests' connections may still be ending
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

package middleware_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

const (
	livePK = "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k" // clerk.example.com
	liveSK = "sk_live_proxysecret"
)

// fapi is a Frontend API that remembers the last request.
type fapi struct {
	*httptest.Server
	mu   sync.Mutex
	last *http.Request
	read []byte
}

// got returns the last request and its body, and forgets them.
func (f *fapi) got() (*http.Request, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, body := f.last, string(f.read)
	f.last, f.read = nil, nil
	return r, body
}

func newProxy(t *testing.T, answer http.HandlerFunc, change func(*clerk.Config)) (*fapi, *middleware.Proxy) {
	t.Helper()
	up := &fapi{}
	up.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			up.mu.Lock()
			up.last, up.read = r, body
			up.mu.Unlock()
		}
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(up.Close)
	cfg := clerk.Config{
		SecretKey: liveSK, PublishableKey: livePK, ProxyURL: "/__clerk", FrontendAPI: up.URL,
		AuthorizedParties: []string{"https://app.example.com"},
		HTTPClient:        up.Client(), Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	p, err := middleware.NewProxy(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return up, p
}

func proxied(method, target string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, "https://app.example.com"+target, body)
	r.RemoteAddr = "203.0.113.9:4711"
	return r
}

func TestProxyForwards(t *testing.T) {
	up, p := newProxy(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Set-Cookie", "__client=a; HttpOnly")
		w.Header().Add("Set-Cookie", "__client_uat=1")
		w.Header().Set("Connection", "X-Hop")
		w.Header().Set("X-Hop", "1")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"ok":true}`)
	}, nil)
	r := proxied("POST", "/__clerk/v1/client/sign_ins?_method=PATCH&a=%20b", strings.NewReader("identifier=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Cookie", "theme=dark; __client=c; app_session=secret; __session_naoXFJnI=s; __cf_bm=1")
	r.Header.Set("Clerk-Secret-Key", "sk_live_forged")
	r.Header.Set("Clerk-Proxy-Url", "https://evil.example")
	r.Header.Set("X-Forwarded-For", "10.0.0.1")
	r.Header.Set("X-Forwarded-Host", "evil.example")
	r.Header.Set("Connection", "X-Drop")
	r.Header.Set("X-Drop", "1")
	w := serve(p, r)

	if w.Code != http.StatusCreated || w.Body.String() != `{"ok":true}` || w.Header().Get("X-Hop") != "" {
		t.Errorf("answer %d %q %v", w.Code, w.Body, w.Header())
	}
	if got := w.Header().Values("Set-Cookie"); !slices.Equal(got, []string{"__client=a; HttpOnly", "__client_uat=1"}) {
		t.Errorf("Set-Cookie %q", got)
	}
	got, body := up.got()
	if got := got.Method + " " + got.RequestURI; got != "POST /v1/client/sign_ins?_method=PATCH&a=%20b" {
		t.Errorf("request %q", got)
	}
	if body != "identifier=x" {
		t.Errorf("body %q", body)
	}
	for name, want := range map[string]string{
		"Clerk-Proxy-Url":   "https://app.example.com/__clerk",
		"Clerk-Secret-Key":  liveSK,
		"X-Forwarded-For":   "203.0.113.9",
		"X-Forwarded-Host":  "app.example.com",
		"X-Forwarded-Proto": "https",
		"Origin":            "https://app.example.com",
		"Cookie":            "__client=c; __session_naoXFJnI=s; __cf_bm=1",
		"X-Drop":            "",
	} {
		if got := strings.Join(got.Header.Values(name), "|"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestProxyGivesTheOrigin: without it, tokens that clerk-js gets by GET would have
// no azp.
func TestProxyGivesTheOrigin(t *testing.T) {
	fetch := map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
	for name, tt := range map[string]struct {
		proxyURL string
		fields   map[string]string
		want     string
	}{
		"fetch":             {"/__clerk", nil, "https://app.example.com"},
		"an absolute URL":   {"https://app.example.com/__clerk/", nil, "https://app.example.com"},
		"it has one":        {"/__clerk", map[string]string{"Origin": "https://other.example.com"}, "https://other.example.com"},
		"a sandboxed frame": {"/__clerk", map[string]string{"Origin": "null"}, "null"},
		"a native client":   {"/__clerk", map[string]string{"Authorization": "x"}, ""},
		"another site":      {"/__clerk", map[string]string{"Sec-Fetch-Site": "cross-site"}, ""},
		"a sibling":         {"/__clerk", map[string]string{"Sec-Fetch-Site": "same-site"}, ""},
		"a document":        {"/__clerk", map[string]string{"Sec-Fetch-Dest": "document"}, ""},
		"no browser":        {"/__clerk", map[string]string{"Sec-Fetch-Site": "", "Sec-Fetch-Dest": ""}, ""},
	} {
		up, p := newProxy(t, nil, func(c *clerk.Config) { c.ProxyURL = tt.proxyURL })
		r := proxied("GET", "/__clerk/v1/client", nil)
		for _, fields := range []map[string]string{fetch, tt.fields} {
			for field, value := range fields {
				r.Header.Set(field, value)
			}
		}
		serve(p, r)
		if got, _ := up.got(); got == nil || got.Header.Get("Origin") != tt.want {
			t.Errorf("%s: got %v, want the Origin %q", name, got, tt.want)
		}
	}
}

func TestProxyBehindProxies(t *testing.T) {
	up, p := newProxy(t, nil, func(c *clerk.Config) { c.TrustedProxyHops = 2 })
	r := proxied("GET", "/__clerk/v1/client", nil)
	r.Host = "10.1.2.3:8080"
	r.Header.Set("X-Forwarded-For", "198.51.100.66, 198.51.100.7, 10.0.0.1")
	r.Header.Set("X-Forwarded-Host", "evil.example, app.example.com, inner")
	r.Header.Set("X-Forwarded-Proto", "https")
	if w := serve(p, r); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	sent, _ := up.got()
	if got := sent.Header.Get("X-Forwarded-For"); got != "198.51.100.7" {
		t.Errorf("X-Forwarded-For %q", got)
	}
	if got := sent.Header.Get("Clerk-Proxy-Url"); got != "https://app.example.com/__clerk" {
		t.Errorf("Clerk-Proxy-Url %q", got)
	}
}

func TestProxyRedirects(t *testing.T) {
	var location string
	up, p := newProxy(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}, nil)
	for in, want := range map[string]string{
		up.URL + "/v1/x?a=b#c":          "https://app.example.com/__clerk/v1/x?a=b#c",
		"/v1/rel":                       "https://app.example.com/__clerk/v1/rel",
		"https://accounts.google.com/o": "https://accounts.google.com/o",
		"https://app.example.com/back":  "https://app.example.com/back",
	} {
		location = in
		w := serve(p, proxied("GET", "/__clerk/v1/oauth_callback", nil))
		if w.Code != 307 || w.Header().Get("Location") != want {
			t.Errorf("%s: got %d %q, want %q", in, w.Code, w.Header().Get("Location"), want)
		}
	}
}

func TestProxyRefuses(t *testing.T) {
	up, p := newProxy(t, nil, nil)
	upgrade := proxied("GET", "/__clerk/v1/client", nil)
	upgrade.Header.Set("Upgrade", "websocket")
	other := proxied("GET", "/__clerk/v1/client", nil)
	other.Host = "evil.example"
	for name, tt := range map[string]struct {
		r      *http.Request
		status int
	}{
		"another path":  {proxied("GET", "/other", nil), 400},
		"a longer name": {proxied("GET", "/__clerkx/v1", nil), 400},
		"dots":          {proxied("GET", "/__clerk/../me", nil), 400},
		"encoded dots":  {proxied("GET", "/__clerk/%2e%2e/%2e%2e/me", nil), 400},
		"backslash":     {proxied("GET", `/__clerk/%5Cevil.example`, nil), 400},
		"double slash":  {proxied("GET", "/__clerk//evil.example/x", nil), 400},
		"TRACE":         {proxied("TRACE", "/__clerk/v1", nil), 405},
		"WebSocket":     {upgrade, 405},
		"another host":  {other, 421},
		"too large":     {proxied("POST", "/__clerk/v1/me/profile_image", io.LimitReader(zeros{}, 13<<20)), 413},
	} {
		w := serve(p, tt.r)
		if w.Code != tt.status || !strings.HasPrefix(w.Body.String(), `{"errors":[{"code":"proxy_`) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
		if got, _ := up.got(); got != nil {
			t.Errorf("%s: forwarded to %s", name, got.URL)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestProxyOutage(t *testing.T) {
	var buf bytes.Buffer
	up, p := newProxy(t, nil, func(c *clerk.Config) { c.Logger = slog.New(slog.NewTextHandler(&buf, nil)) })
	up.Close()
	w := serve(p, proxied("GET", "/__clerk/v1/client?__clerk_db_jwt=topsecret", nil))
	if w.Code != http.StatusBadGateway || !strings.Contains(w.Body.String(), "proxy_request_failed") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if log := buf.String(); log == "" || strings.Contains(log, "topsecret") || strings.Contains(log, liveSK) || strings.Contains(w.Body.String(), up.URL) {
		t.Errorf("log %q, body %q", log, w.Body)
	}
}

func TestNewProxyRefuses(t *testing.T) {
	good := clerk.Config{SecretKey: liveSK, PublishableKey: livePK, ProxyURL: "https://app.example.com/__clerk/", Logger: slog.New(slog.DiscardHandler)}
	p, err := middleware.NewProxy(good)
	if err != nil || p.Path() != "/__clerk" {
		t.Fatalf("%v", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, p); strings.Contains(text, liveSK) {
			t.Errorf("%s prints the secret key: %s", verb, text)
		}
	}
	for name, change := range map[string]func(*clerk.Config){
		"no path":        func(c *clerk.Config) { c.ProxyURL = "https://clerk.example.com" },
		"no proxy URL":   func(c *clerk.Config) { c.ProxyURL = "" },
		"no secret":      func(c *clerk.Config) { c.SecretKey = "" },
		"no key":         func(c *clerk.Config) { c.PublishableKey = "" },
		"secret in http": func(c *clerk.Config) { c.FrontendAPI = "http://fapi.example.com" },
		"invalid":        func(c *clerk.Config) { c.ProxyURL = "ftp://x/y" },
	} {
		cfg := good
		change(&cfg)
		var ce *clerk.ConfigError
		if _, err := middleware.NewProxy(cfg); !errors.As(err, &ce) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestHandlerLeavesTheProxyAlone: the Frontend API's own redirects must not be
// answered with a handshake.
func TestHandlerLeavesTheProxyAlone(t *testing.T) {
	_, auth := newAuth(t, func(c *clerk.Config) { c.ProxyURL = "/__clerk" })
	reached := ""
	h := auth.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached = r.URL.Path }))
	if w := serve(h, document("http://localhost:3000/__clerk/v1/client/handshake")); w.Code != 200 || reached == "" {
		t.Errorf("got %d", w.Code)
	}
	if w := serve(h, document("http://localhost:3000/__clerkish")); w.Code != 307 {
		t.Errorf("another path: got %d", w.Code)
	}
}

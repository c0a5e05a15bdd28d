package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// frontend is a Frontend API that records its requests.
type frontend struct {
	em   *clerktest.Emulator
	mu   sync.Mutex
	last *http.Request
}

func (f *frontend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.last = r
	f.mu.Unlock()
	f.em.ServeHTTP(w, r)
}

func (f *frontend) asked() *http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// TestProxy signs in through the proxy like clerk-js, on each router. A test in
// internal/browser uses clerk-js itself.
func TestProxy(t *testing.T) {
	for name := range routers {
		t.Run(name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "localhost:0")
			if err != nil {
				t.Fatal(err)
			}
			_, port, err := net.SplitHostPort(ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			origin := "http://localhost:" + port
			em := clerktest.NewServer(t, clerktest.Config{Instance: clerk.Production, Origins: []string{origin}})
			alice := em.AddUser(clerktest.User{Email: "alice@example.com", Password: "correct horse 1"})
			fapi := &frontend{em: em}
			upstream := httptest.NewServer(fapi)
			defer upstream.Close()

			cfg := em.Config()
			cfg.FrontendAPI, cfg.ProxyURL, cfg.HTTPClient = upstream.URL, "/__clerk", nil
			cfg.Logger = slog.New(slog.DiscardHandler)
			s, err := newSite(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer s.auth.Close()
			served := make(chan error, 1)
			serve := routers[name](s)
			go func() { served <- serve(ln) }()
			defer func() {
				_ = ln.Close()
				t.Log(<-served) // that the listener is closed
			}()
			b := browser{t, origin, map[string]string{"theme": "dark"}}

			// The body, the query with its _method, and several cookies in the response.
			res, body := b.do("POST", "/__clerk/v1/client/sign_ins?_is_native=&x=%20y", url.Values{
				"strategy": {"password"}, "identifier": {alice.Email}, "password": {"correct horse 1"},
			})
			if res.StatusCode != http.StatusOK || !strings.Contains(body, `"complete"`) {
				t.Fatalf("sign-in: %d %s", res.StatusCode, body)
			}
			if len(res.Header.Values("Set-Cookie")) < 3 || b.cookies["__client"] == "" || b.cookies["__client_uat"] == "" {
				t.Errorf("Set-Cookie %q, want __client and two of __client_uat", res.Header.Values("Set-Cookie"))
			}
			r := fapi.asked()
			if r.RequestURI != "/v1/client/sign_ins?_is_native=&x=%20y" || r.Header.Get("Clerk-Proxy-Url") != origin+"/__clerk" ||
				r.Header.Get("Clerk-Secret-Key") != em.SecretKey() || r.Header.Get("Origin") != origin || r.Header.Get("Cookie") != "" {
				t.Errorf("the Frontend API was asked %s with %v", r.RequestURI, r.Header)
			}
			if h := r.Header; h.Get("X-Forwarded-Host") != strings.TrimPrefix(origin, "http://") || h.Get("X-Forwarded-Proto") != "http" || h.Get("X-Forwarded-For") == "" {
				t.Errorf("the Frontend API was asked with %v", h)
			}

			// clerk-js now reads the session token from the client and stores it.
			res, body = b.do("GET", "/__clerk/v1/client", nil)
			_, rest, ok := strings.Cut(body, `"jwt":"`)
			token, _, _ := strings.Cut(rest, `"`)
			if !ok || fapi.asked().Header.Get("Cookie") == "" || strings.Contains(fapi.asked().Header.Get("Cookie"), "theme") {
				t.Fatalf("the client: %d %s, asked with %v", res.StatusCode, body, fapi.asked().Header)
			}
			b.cookies[clerk.CookieSession] = token
			if res, body = b.do("GET", "/api/me", nil); res.StatusCode != http.StatusOK || body != alice.ID {
				t.Errorf("the protected route: %d %s", res.StatusCode, body)
			}
			res, body = b.do("GET", "/", nil)
			script := `data-clerk-proxy-url="/__clerk" src="/__clerk/npm/@clerk/clerk-js@6/dist/clerk.browser.js"`
			if res.StatusCode != http.StatusOK || !strings.Contains(body, script) || !strings.Contains(body, `id="server">`+alice.ID) || res.Header.Get("Set-Cookie") == "" {
				t.Errorf("the page: %d %v %s", res.StatusCode, res.Header, body)
			}

			delete(b.cookies, clerk.CookieSession)
			if res, _ = b.do("GET", "/api/me", nil); res.StatusCode != http.StatusUnauthorized {
				t.Errorf("the protected route without a token: %d", res.StatusCode)
			}
			if res, body = b.do("DELETE", "/__clerk/v1/nothing", nil); res.StatusCode != http.StatusNotImplemented || !strings.Contains(body, `"errors"`) || fapi.asked().Method != "DELETE" {
				t.Errorf("another method: %d %s", res.StatusCode, body)
			}
		})
	}
}

// browser sends requests like a script of a page on the application's origin.
type browser struct {
	*testing.T
	origin  string
	cookies map[string]string
}

func (b browser) do(method, target string, form url.Values) (*http.Response, string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, b.origin+target, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Sec-Fetch-Dest", "empty")
	if method != http.MethodGet {
		req.Header.Set("Origin", b.origin)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	var pairs []string
	for name, value := range b.cookies {
		pairs = append(pairs, name+"="+value)
	}
	slices.Sort(pairs)
	req.Header.Set("Cookie", strings.Join(pairs, "; "))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return res, string(body)
}

package jwks

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// With a real client and server: redirects are never followed with a secret, and never
// to another host.
func TestRedirects(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		_, _ = io.WriteString(w, keysJSON("a"))
	}))
	defer other.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, keysJSON("a")) })
	mux.Handle("/same", http.RedirectHandler("/keys", http.StatusFound))
	mux.Handle("/other", http.RedirectHandler(other.URL+"/keys", http.StatusFound))
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	srv := httptest.NewServer(mux)
	defer srv.Close()

	source := func(path, secretKey string, client *http.Client) *Source {
		s, err := New(Config{URL: srv.URL + path, SecretKey: secretKey, HTTPClient: client, Logger: (&logBuffer{}).logger()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	mustKey(t, source("/keys", secret, nil), "a")
	mustKey(t, source("/same", "", nil), "a")
	wantUnavailable(t, source("/same", secret, nil), "a", ReasonRedirect)
	wantUnavailable(t, source("/other", secret, nil), "a", ReasonRedirect)
	wantUnavailable(t, source("/other", "", nil), "a", ReasonRedirect)
	wantUnavailable(t, source("/loop", "", nil), "a", ReasonRedirect)

	// A client's own redirect policy can be stricter but not weaker, and the client is not
	// modified.
	lax := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	wantUnavailable(t, source("/other", "", lax), "a", ReasonRedirect)
	strict := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	wantUnavailable(t, source("/same", "", strict), "a", ReasonRedirect)
	if err := lax.CheckRedirect(nil, nil); err != nil {
		t.Error("the caller's client was changed")
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("the other host was asked %d times", n)
	}
}

func TestProxy(t *testing.T) {
	var through atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		through.Add(1)
		if r.URL.String() != "http://fapi.example.test/.well-known/jwks.json" {
			t.Errorf("the proxy was asked for %s", r.URL)
		}
		_, _ = io.WriteString(w, keysJSON("a"))
	}))
	defer proxy.Close()
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{
		URL:          FrontendURL("http://fapi.example.test"),
		InsecureHTTP: true,
		HTTPClient:   &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxyURL), DisableKeepAlives: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	mustKey(t, s, "a")
	if through.Load() != 1 {
		t.Errorf("%d requests through the proxy", through.Load())
	}
}

// The default client refuses an untrusted certificate without a retry, with a clear
// error, and takes proxies from the environment.
func TestDefaultClient(t *testing.T) {
	var asked atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	logs := &logBuffer{}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	s, err := New(Config{URL: srv.URL, Logger: logs.logger()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	start := time.Now()
	_, err = s.Key(context.Background(), "a")
	isUnavailable(t, err, ReasonNetwork)
	if e := err; !strings.Contains(e.Error(), "certificate") || time.Since(start) > 3*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
	if asked.Load() != 0 {
		t.Error("the request was sent to an untrusted server")
	}
	transport, ok := s.client.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil || !transport.DisableKeepAlives {
		t.Errorf("default transport: %+v", s.client.Transport)
	}
	if shared, ok := http.DefaultTransport.(*http.Transport); ok && shared.DisableKeepAlives {
		t.Error("http.DefaultTransport was changed")
	}
}

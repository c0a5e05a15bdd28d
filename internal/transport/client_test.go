package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

const testKey = "sk_test_4jdkTheSecretOfThisTest"

// newServed returns a client for h, which is served under a path prefix so that
// requests without the base URL fail.
func newServed(t *testing.T, h http.HandlerFunc, edit ...func(*Config)) *Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/prefix/", http.StripPrefix("/prefix", h))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	cfg := Config{SecretKey: testKey, APIURL: srv.URL + "/prefix", MaxRetries: -1}
	for _, e := range edit {
		e(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestNewRefuses(t *testing.T) {
	tests := map[string]Config{
		"no key":              {},
		"key with newline":    {SecretKey: "sk_test_x\nInjected: 1"},
		"key with space":      {SecretKey: "sk_test_x y"},
		"key not ASCII":       {SecretKey: "sk_test_ключ"},
		"relative URL":        {SecretKey: testKey, APIURL: "api.clerk.com"},
		"other scheme":        {SecretKey: testKey, APIURL: "ftp://api.clerk.com"},
		"no host":             {SecretKey: testKey, APIURL: "https://"},
		"user in URL":         {SecretKey: testKey, APIURL: "https://u:hunter2@api.clerk.com"},
		"query in URL":        {SecretKey: testKey, APIURL: "https://api.clerk.com?x=1"},
		"unparseable URL":     {SecretKey: testKey, APIURL: "https://api.clerk.com\x7f"},
		"plain http":          {SecretKey: testKey, APIURL: "http://api.clerk.com"},
		"http lookalike":      {SecretKey: testKey, APIURL: "http://localhost.example.com"},
		"version with break":  {SecretKey: testKey, APIVersion: "2026\r\nX: y"},
		"agent with break":    {SecretKey: testKey, UserAgent: "a\nb"},
		"negative body limit": {SecretKey: testKey, MaxResponseBytes: -1},
	}
	for name, cfg := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := New(cfg)
			if err == nil {
				t.Fatalf("New accepted it: %v", c)
			}
			for _, secret := range []string{"hunter2", testKey} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("error repeats %q: %v", secret, err)
				}
			}
		})
	}
}

func TestBaseURL(t *testing.T) {
	tests := []struct {
		in   string
		http bool
		want string
	}{
		{"", false, clerk.DefaultAPIURL + "/v1"},
		{"https://api.clerk.com/v1/", false, "https://api.clerk.com/v1"},
		{"https://proxy.example.com/clerk%20api", false, "https://proxy.example.com/clerk%20api/v1"},
		{"http://127.0.0.1:4000", false, "http://127.0.0.1:4000/v1"},
		{"http://[::1]:4000", false, "http://[::1]:4000/v1"},
		{"http://api.localhost:4000", false, "http://api.localhost:4000/v1"},
		{"http://clerk:4000", true, "http://clerk:4000/v1"},
	}
	for _, tt := range tests {
		got, err := baseURL(tt.in, tt.http)
		if err != nil || got != tt.want {
			t.Errorf("baseURL(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestRequestOnTheWire(t *testing.T) {
	c := newServed(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got := fmt.Sprint(r.Method, " ", r.URL.EscapedPath(), "?", r.URL.RawQuery, " ", r.Header.Get("Content-Type"), " ", string(body))
		if want := `POST /v1/users/user_a:b@c+d~e=f,g.h-i/ban?email=x%2By application/json {"a":1}`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		for k, want := range map[string]string{
			"Authorization":     "Bearer " + testKey,
			"Clerk-Api-Version": clerk.DefaultAPIVersion,
			"Accept":            "application/json",
			"X-Extra":           "yes",
		} {
			if got := r.Header.Get(k); got != want {
				t.Errorf("%s = %q, want %q", k, got, want)
			}
		}
		if ua := r.Header.Get("User-Agent"); !strings.HasPrefix(ua, "app/1 clerkkit/"+clerk.Version+" (go") {
			t.Errorf("User-Agent = %q", ua)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"user_1"}`)
	}, func(c *Config) { c.UserAgent = "app/1" })
	var out struct{ ID string }
	res, err := c.Do(t.Context(), Request{
		Method: "POST", Path: []string{"users", "user_a:b@c+d~e=f,g.h-i", "ban"}, Query: url.Values{"email": {"x+y"}}, Body: []byte(`{"a":1}`),
		Header: http.Header{"x-extra": {"yes"}, "Authorization": {"Bearer stolen"}, "User-Agent": {"other"}},
	}, &out)
	if err != nil || out.ID != "user_1" || res.Status != 201 || res.Attempts != 1 || string(res.Body) != `{"id":"user_1"}` {
		t.Fatalf("%+v %+v %v", res, out, err)
	}
}

func TestRequestKeyReplacesClientKey(t *testing.T) {
	c := newServed(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer ak_machine" {
			t.Errorf("Authorization = %q", got)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	var out struct{}
	if _, err := c.Do(t.Context(), Request{Method: "POST", Path: []string{"m2m_tokens"}, SecretKey: "ak_machine"}, &out); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), Request{Method: "GET", Path: []string{"x"}, SecretKey: "ak \n"}, nil); err == nil {
		t.Fatal("a key with a line break was accepted")
	}
}

func TestPathSegmentsThatWouldReachElsewhere(t *testing.T) {
	c := newServed(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for _, path := range [][]string{
		nil, {"users", ""}, {"users", ".."}, {"users", ".", "x"}, {"users", "..."}, {"users", "user_1/../../instance"}, {"users", `user_1\..`},
		{"users", "user_1?a=b"}, {"users", "user_1#x"}, {"users", "%2e%2e"}, {"users", "user_1%2Fban"}, {"users", "user_1;v=2"}, {"users", "user_1 "},
		{"users", "user\t1"}, {"users", "user_1\r\nX: y"}, {"users", "user_1\x00"}, {"users", "user_1\x7f"}, {"users", "usér_1"}, {"users", "user_1\uff0f.."},
		{"users", "user_\xff"}, {"users", `user_"1"`}, {"users", "<user_1>"}, {"users", strings.Repeat("u", 256)},
	} {
		_, err := c.Do(t.Context(), Request{Method: "DELETE", Path: path}, nil)
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, ErrInvalidArgument) || e.Unavailable() || e.Attempts != 0 {
			t.Errorf("%q: %v", path, err)
		}
		if len(path) > 1 && len(path[1]) > 3 && strings.Contains(err.Error(), path[1]) {
			t.Errorf("%q is in the error: %v", path, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer other.Close()
	c := newServed(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/v1/users?token=abc", http.StatusTemporaryRedirect)
	}, func(c *Config) {
		c.HTTPClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	})
	_, err := c.Do(t.Context(), Request{Method: "GET", Path: []string{"users"}}, nil)
	var e *Error
	if !errors.As(err, &e) || e.Status != 307 || !strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "abc") {
		t.Fatalf("%v", err)
	}
}

func TestGzipAndBodyLimit(t *testing.T) {
	big := strings.Repeat("0", 1<<20)
	c := newServed(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Error("gzip was not requested")
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		body := `{"ok":true}`
		if strings.HasSuffix(r.URL.Path, "/bomb") {
			body = big
		}
		_, _ = io.WriteString(z, body)
		_ = z.Close()
	}, func(c *Config) { c.MaxResponseBytes = 4096; c.MaxRetries = 3 })
	var out struct{ OK bool }
	if _, err := c.Do(t.Context(), Request{Method: "GET", Path: []string{"small"}}, &out); err != nil || !out.OK {
		t.Fatal(out, err)
	}
	_, err := c.Do(t.Context(), Request{Method: "GET", Path: []string{"bomb"}}, &out)
	var e *Error
	if !errors.Is(err, ErrTooLarge) || !errors.As(err, &e) || e.Attempts != 1 {
		t.Fatalf("%v", err)
	}
}

func TestUnexpectedAnswers(t *testing.T) {
	tests := []struct{ name, contentType, body, want string }{
		{"html", "text/html; charset=utf-8", "<html><p>Log in to the WiFi, " + testKey + "</p>", "the response is text/html, not JSON"},
		{"empty", "application/json", " \n", "the response is empty"},
		{"cut", "application/json", `{"id":"us`, "the response is not valid JSON"},
		{"other type", "application/json", `{"id":12345678}`, `the response has a JSON number where "id" should be string`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newServed(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				w.Header().Set("Cf-Ray", "8f00-CDG")
				_, _ = io.WriteString(w, tt.body)
			})
			var out struct {
				ID string `json:"id"`
			}
			res, err := c.Do(t.Context(), Request{Method: "GET", Path: []string{"users", "u"}}, &out)
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrUnexpectedAnswer) || !errors.Is(err, ErrUnavailable) {
				t.Fatalf("%v", err)
			}
			if res == nil || string(res.Body) != tt.body || e.Status != 200 || e.TraceID != "8f00-CDG" {
				t.Errorf("%+v %+v", res, e)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "12345678") {
				t.Errorf("text %q, want %q in it", err, tt.want)
			}
			if strings.Contains(e.Excerpt, testKey) {
				t.Errorf("excerpt %q", e.Excerpt)
			}
		})
	}
}

// TestSecretStaysHidden: printing any value that holds the key with fmt, slog or JSON
// does not show it.
func TestSecretStaysHidden(t *testing.T) {
	var logs bytes.Buffer
	c := newServed(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"errors":[{"code":"x","message":"bad key %s","long_message":"%[1]s","meta":{"param_name":"%[1]s","k":"%s"}}],"clerk_trace_id":"%[1]s"}`,
			testKey, r.Header.Get("Authorization"))
	}, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := c.Do(t.Context(), Request{Method: "GET", Path: []string{"users"}, Query: url.Values{"nonce": {"hush-hush"}}}, nil)
	var e *Error
	if !errors.As(err, &e) || len(e.Details) != 1 || !json.Valid(e.Details[0].Meta) {
		t.Fatalf("%v", err)
	}
	_, netErr := c.Do(canceled(t), Request{Method: "GET", Path: []string{"users"}, Query: url.Values{"nonce": {"hush-hush"}}}, nil)
	cfg := Config{SecretKey: testKey}
	holder := struct{ c *Client }{c}
	var text strings.Builder
	for _, v := range []any{c, holder, &holder, cfg, &cfg, err, *e, e.Details, netErr} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			_, _ = fmt.Fprintf(&text, verb, v)
		}
		slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "v", v)
	}
	all := text.String() + logs.String()
	for _, secret := range []string{testKey, "hush-hush"} {
		if i := strings.Index(all, secret); i >= 0 {
			t.Errorf("found %q in …%s", secret, all[max(0, i-200):i])
		}
	}
}

func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestAttemptTimeout(t *testing.T) {
	release := make(chan struct{})
	c := newServed(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}, func(c *Config) { c.Timeout = 20 * time.Millisecond })
	defer close(release)
	_, err := c.Do(t.Context(), Request{Method: "GET", Path: []string{"users"}}, nil)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnavailable) {
		t.Fatalf("%v", err)
	}
}

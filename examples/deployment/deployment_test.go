package deployment

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

func build(t *testing.T, em *clerktest.Emulator, from func(clerk.Config) (*middleware.Middleware, error)) *middleware.Middleware {
	t.Helper()
	cfg := em.Config()
	cfg.Logger = slog.New(slog.DiscardHandler)
	auth, err := from(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = auth.Close() })
	return auth
}

func TestMetrics(t *testing.T) {
	em := clerktest.NewServer(t, clerktest.Config{Origins: []string{front}})
	auth := build(t, em, Metrics)
	w := httptest.NewRecorder()
	auth.Handler(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if got := decisions.String(); got != `{"signed-out": 1}` {
		t.Error(got)
	}
}

func TestDeployments(t *testing.T) {
	em := clerktest.NewServer(t, clerktest.Config{Origins: []string{front, "https://pr-7.preview.example.com"}})
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))
	gated := func(auth *middleware.Middleware) http.Handler {
		return auth.Require()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	}
	pages, api, previews := build(t, em, Pages), build(t, em, API), build(t, em, Preview)
	cookies := func(origin string) func(*http.Request) {
		return func(r *http.Request) { sess.Cookies(r, clerktest.WithOrigin(origin)) }
	}
	header := func(origin string) func(*http.Request) {
		return func(r *http.Request) { sess.Authorize(r, clerktest.WithOrigin(origin)) }
	}
	for _, tt := range []struct {
		name, method, origin string
		h                    http.Handler
		as                   func(*http.Request)
		want                 int
	}{
		{"a page with cookies", "GET", "", gated(pages), cookies(front), 200},
		{"a form of another site", "POST", "https://evil.example", gated(pages), cookies(front), 403},
		{"a form of our own, behind nginx", "POST", front, gated(pages), cookies(front), 200},
		{"an API, by header", "POST", "", gated(api), header(front), 200},
		{"an API, by cookie", "POST", "", gated(api), cookies(front), 401},
		{"a preview", "GET", "", gated(previews), header("https://pr-7.preview.example.com"), 200},
		{"another origin than a preview's", "GET", "", gated(previews), header(front), 401},
		{"chi", "GET", front, Chi(api), header(front), 200},
		{"gin", "GET", front, Gin(api), header(front), 200},
		{"echo", "GET", front, Echo(api), header(front), 200},
	} {
		r, w := httptest.NewRequest(tt.method, "/api/me", nil), httptest.NewRecorder()
		r.Host = "127.0.0.1:3000"
		r.Header.Set("X-Forwarded-Host", "app.example.com")
		r.Header.Set("X-Forwarded-Proto", "https")
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
		}
		tt.as(r)
		if tt.h.ServeHTTP(w, r); w.Code != tt.want {
			t.Errorf("%s: %d %s, want %d", tt.name, w.Code, w.Body, tt.want)
		}
	}
}

// TestPreflights: CORS before Require answers preflights, and scripts can read
// refusals.
func TestPreflights(t *testing.T) {
	auth := build(t, clerktest.NewServer(t, clerktest.Config{Origins: []string{front}}), API)
	app := Fiber(auth)
	for name, do := range map[string]func(*http.Request) (*http.Response, error){
		"chi": serve(Chi(auth)), "gin": serve(Gin(auth)), "echo": serve(Echo(auth)),
		"fiber": func(r *http.Request) (*http.Response, error) { return app.Test(r) },
	} {
		for method, want := range map[string]int{"OPTIONS": http.StatusNoContent, "GET": 401} {
			r := httptest.NewRequest(method, "/api/me", nil)
			r.Header.Set("Origin", front)
			if method == "OPTIONS" {
				r.Header.Set("Access-Control-Request-Method", "GET")
				r.Header.Set("Access-Control-Request-Headers", "authorization")
			}
			res, err := do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			allowed := strings.ToLower(res.Header.Get("Access-Control-Allow-Headers"))
			if preflight := method == "OPTIONS" && res.StatusCode == http.StatusOK; res.StatusCode != want && !preflight || res.Header.Get("Access-Control-Allow-Origin") != front || method == "OPTIONS" && !strings.Contains(allowed, "authorization") {
				t.Errorf("%s %s: %d %v", name, method, res.StatusCode, res.Header)
			}
		}
	}
}

// serve calls a handler like fiber's Test method calls an app.
func serve(h http.Handler) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

func TestPreview(t *testing.T) {
	for origin, want := range map[string]bool{
		"https://pr-7.preview.example.com":                     true,
		"https://pr-1234.preview.example.com":                  true,
		"http://pr-7.preview.example.com":                      false,
		"https://pr-.preview.example.com":                      false,
		"https://pr-7.preview.example.com:8443":                false,
		"https://pr-7.preview.example.com.evil.example":        false,
		"https://evil.example/pr-7.preview.example.com":        false,
		"https://pr-7.evil.preview.example.com":                false,
		"https://pr-evil.example#.preview.example.com":         false,
		"https://pr-7.preview.example.com@evil.example":        false,
		"https://preview.example.com":                          false,
		"null":                                                 false,
		"https://pr-7.preview.example.compr-7.example.invalid": false,
	} {
		if got := preview(origin); got != want {
			t.Errorf("%s: %v", origin, got)
		}
	}
}

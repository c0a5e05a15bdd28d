package middleware_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// TestCrossOriginBehindAProxy: the Origin of a page is compared with the public host,
// not with the Host that a proxy made up. It matters for browsers that send no
// Sec-Fetch-Site. Choose protects as the chosen one does.
func TestCrossOriginBehindAProxy(t *testing.T) {
	const app = "https://app.example.com"
	em := clerktest.NewServer(t, clerktest.Config{Origins: []string{app}})
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))
	cfg := em.Config()
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.AuthorizedParties = []string{app}
	protection := middleware.WithCrossOriginProtection(http.NewCrossOriginProtection())
	protected, err := middleware.New(cfg, protection)
	if err != nil {
		t.Fatal(err)
	}
	defer protected.Close()
	plain, err := middleware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	chosen := middleware.Choose(func(handshake.Request) *middleware.Middleware { return plain }, protection)
	forwarded := map[string]string{"X-Forwarded-Host": "app.example.com", "X-Forwarded-Proto": "https"}
	for _, tt := range []struct {
		name, host, origin string
		fields             map[string]string
		want               int
	}{
		{"no proxy", "app.example.com", app, map[string]string{"X-Forwarded-Proto": "https"}, http.StatusOK},
		{"a proxy that changes Host", "127.0.0.1:3000", app, forwarded, http.StatusOK},
		{"a stranger's page through it", "127.0.0.1:3000", "https://evil.example", forwarded, http.StatusForbidden},
		{"a stranger's page that names the inner host", "127.0.0.1:3000", "http://127.0.0.1:3000", forwarded, http.StatusForbidden},
		{"a stranger's forwarded host", "app.example.com", "https://evil.example", map[string]string{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}, http.StatusForbidden},
		{"a sandboxed frame", "127.0.0.1:3000", "null", forwarded, http.StatusForbidden},
	} {
		for via, auth := range map[string]adapter.Middleware{"New": protected, "Choose": chosen} {
			r, w := httptest.NewRequest("POST", "/", nil), httptest.NewRecorder()
			r.Host = tt.host
			r.Header.Set("Origin", tt.origin)
			for name, value := range tt.fields {
				r.Header.Set(name, value)
			}
			sess.Cookies(r, clerktest.WithOrigin(app))
			auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if clerk.FromContext(r.Context()).UserID == "" {
					w.WriteHeader(http.StatusTeapot)
				}
			})).ServeHTTP(w, r)
			if w.Code != tt.want {
				t.Errorf("%s, %s: %d, want %d: %s", tt.name, via, w.Code, tt.want, w.Body)
			}
		}
	}
}

package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// TestRequestsInTheSameProcess: what comes with the context of another request has
// the identity of its own credentials, also with many at once.
func TestRequestsInTheSameProcess(t *testing.T) {
	em, plain := newAuth(t, nil)
	chooser := middleware.Choose(func(handshake.Request) *middleware.Middleware { return plain })
	alice := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	bob := em.SignIn(em.AddUser(clerktest.User{Email: "b@example.com"}))
	byToken := func(s *clerktest.Session) func(*http.Request) { return func(r *http.Request) { s.Authorize(r) } }
	byCookie := func(s *clerktest.Session) func(*http.Request) { return func(r *http.Request) { s.Cookies(r) } }
	for name, auth := range map[string]adapter.Middleware{"plain": plain, "Choose": chooser} {
		mux := http.NewServeMux()
		mux.Handle("/gated", auth.Require()(http.HandlerFunc(whoami)))
		mux.HandleFunc("/open", whoami)
		inner := auth.Handler(mux)
		outer := func(path string, change func(*http.Request)) http.Handler {
			return auth.Handler(auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sub := httptest.NewRequest("GET", path, nil).WithContext(r.Context())
				change(sub)
				inner.ServeHTTP(w, sub)
			})))
		}
		var all sync.WaitGroup
		for _, tt := range []struct {
			path   string
			change func(*http.Request)
			status int
			body   string
		}{
			{"/gated", byToken(bob), 200, bob.UserID + "||"},
			{"/open", byToken(bob), 200, bob.UserID + "||"},
			{"/gated", byCookie(bob), 200, bob.UserID + "||"},
			{"/gated", func(r *http.Request) { r.Header.Set("Authorization", "Bearer forged") }, 401, ""},
			{"/gated", func(*http.Request) {}, 401, ""},
			{"/open", func(*http.Request) {}, 200, "||dev-browser-missing"},
		} {
			for _, who := range []func(*http.Request){byToken(alice), byCookie(alice)} {
				all.Go(func() {
					for range 20 {
						r := httptest.NewRequest("GET", "/", nil)
						who(r)
						w := serve(outer(tt.path, tt.change), r)
						if w.Code != tt.status || tt.body != "" && w.Body.String() != tt.body {
							t.Errorf("%s: %s: got %d %s, want %d %s", name, tt.path, w.Code, w.Body, tt.status, tt.body)
							return
						}
					}
				})
			}
		}
		all.Wait()
		// The same credentials are the same request.
		same := serve(auth.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r.Clone(r.Context())) })), func() *http.Request {
			r := httptest.NewRequest("GET", "/gated", nil)
			alice.Authorize(r)
			return r
		}())
		if same.Code != 200 || same.Body.String() != alice.UserID+"||" {
			t.Errorf("%s: a clone: got %d %s", name, same.Code, same.Body)
		}
	}
}

package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

func TestChoose(t *testing.T) {
	emA, a := newAuth(t, nil)
	emB, b := newAuth(t, nil)
	auth := middleware.Choose(func(r handshake.Request) *middleware.Middleware {
		return map[string]*middleware.Middleware{"a.example.com": a, "b.example.com": b}[r.Host]
	})
	alice := emA.SignIn(emA.AddUser(clerktest.User{Email: "alice@example.com"}))
	bob := emB.SignIn(emB.AddUser(clerktest.User{Email: "bob@example.com"}))
	gated := auth.Require()(http.HandlerFunc(whoami))
	for _, h := range []http.Handler{gated, auth.Handler(gated), a.Handler(gated)} {
		for _, tt := range []struct {
			host   string
			sess   *clerktest.Session
			status int
		}{
			{"a.example.com", alice, 200},
			{"b.example.com", bob, 200},
			{"a.example.com", bob, 401},
			{"b.example.com", alice, 401},
			{"c.example.com", alice, 401},
		} {
			r := httptest.NewRequest("GET", "http://"+tt.host+"/", nil)
			tt.sess.Authorize(r)
			w := serve(h, r)
			if w.Code != tt.status || w.Code == 200 && w.Body.String() != tt.sess.UserID+"||" {
				t.Errorf("%s at %s: got %d %s", tt.sess.UserID, tt.host, w.Code, w.Body)
			}
		}
	}
	if d := auth.Authenticate(t.Context(), handshake.Request{Method: "GET", Host: "c.example.com", Header: http.Header{}}); d.Auth.Authenticated() || d.Reason != clerk.ReasonNotAuthenticated {
		t.Errorf("without a Middleware: %+v", d)
	}
}

package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// README:test

func TestMe(t *testing.T) {
	em := clerktest.NewServer(t) // a Clerk emulator, closed at the end of the test
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	sess := em.SignIn(alice, clerktest.WithOrg("org_1", "org:admin"))
	auth, err := middleware.New(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	r, w := httptest.NewRequest("GET", "/api/me", nil), httptest.NewRecorder()
	sess.Authorize(r) // a real RS256 session token
	if routes(auth).ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Errorf("GET /api/me: %d %s", w.Code, w.Body)
	}
}

// README:end

func TestRoutes(t *testing.T) {
	em := clerktest.NewServer(t)
	em.AddRole("org:accountant", "org:invoices:create")
	auth, err := middleware.New(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := auth.Close(); err != nil {
			t.Error(err)
		}
	}()
	app := routes(auth)

	admin := em.SignIn(em.AddUser(clerktest.User{Email: "admin@example.com"}),
		clerktest.WithOrg("org_1", "org:admin"), clerktest.WithFactorAges(0, 0))
	accountant := em.SignIn(em.AddUser(clerktest.User{Email: "accountant@example.com"}),
		clerktest.WithOrg("org_1", "org:accountant"))

	for _, tc := range []struct {
		method, path string
		who          *clerktest.Session
		want         int
	}{
		{"GET", "/", nil, http.StatusOK},
		{"GET", "/", admin, http.StatusOK},
		{"GET", "/api/me", nil, http.StatusUnauthorized},
		{"GET", "/api/me", accountant, http.StatusOK},
		{"POST", "/invoices", nil, http.StatusUnauthorized},
		{"POST", "/invoices", admin, http.StatusForbidden},
		{"POST", "/invoices", accountant, http.StatusOK},
		{"DELETE", "/org", accountant, http.StatusForbidden},
		{"DELETE", "/org", admin, http.StatusOK},
	} {
		if got := status(app, tc.method, tc.path, tc.who); got != tc.want {
			t.Errorf("%s %s as %v: %d, want %d", tc.method, tc.path, tc.who, got, tc.want)
		}
	}

	em.Advance(11 * time.Minute) // a strict reverification is valid for ten minutes
	if got := status(app, "DELETE", "/org", admin); got != http.StatusForbidden {
		t.Errorf("DELETE /org eleven minutes after the verification: %d, want 403", got)
	}
}

// status returns the status of a request with a fresh token of the session.
func status(app http.Handler, method, path string, who *clerktest.Session) int {
	r := httptest.NewRequest(method, path, nil)
	if who != nil {
		who.Authorize(r)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w.Code
}

package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// discard is a response that nobody reads.
type discard struct{ header http.Header }

func (w discard) Header() http.Header         { return w.header }
func (w discard) Write(b []byte) (int, error) { return len(b), nil }
func (w discard) WriteHeader(int)             {}

// signedInRequest returns a signed-in request, whose token the cache knows once it was
// served.
func signedInRequest(tb testing.TB, em *clerktest.Emulator) *http.Request {
	tb.Helper()
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}), clerktest.WithOrg("org_1", "org:admin"))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+sess.Token(clerktest.WithLifetime(time.Hour)))
	return r
}

// BenchmarkRequire is a gate on a request with a cached token.
func BenchmarkRequire(b *testing.B) {
	em, auth := newAuth(b, nil)
	r := signedInRequest(b, em)
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for name, reqs := range map[string][]clerk.Requirement{
		"session":   nil,
		"role":      {clerk.Role("org:admin")},
		"nested":    {clerk.Any(clerk.Tokens(clerk.APIKey, clerk.M2M), clerk.All(clerk.Role("org:admin"), clerk.ActiveOrg()))},
		"two kinds": {clerk.Tokens(clerk.SessionToken, clerk.APIKey), clerk.ActiveOrg()},
	} {
		b.Run(name, func(b *testing.B) {
			h := auth.Require(reqs...)(next)
			w := discard{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
		b.Run("Check "+name, func(b *testing.B) {
			h := checked(auth, next, reqs...)
			w := discard{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}

// TestRequireAllocates holds what the middleware adds to a request with a cached
// token.
func TestRequireAllocates(t *testing.T) {
	em, auth := newAuth(t, nil)
	r := signedInRequest(t, em)
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	w := discard{http.Header{}}
	least := func(f func()) float64 {
		n := testing.AllocsPerRun(1, f)
		for range 20 { // sync.Pool may be empty once
			n = min(n, testing.AllocsPerRun(1, f))
		}
		return n
	}
	who := clerk.Auth{UserID: "user_1", OrgID: "org_1", OrgRole: "org:admin"}
	admin := []clerk.Requirement{clerk.Role("org:admin")}
	role := least(func() { _ = who.Check(admin...) }) // more with the race detector
	for _, tt := range []struct {
		name string
		h    http.Handler
		most float64
	}{
		{"Handler", auth.Handler(next), 2}, // the context, and the request that has it
		{"Require", auth.Require()(next), 2},
		{"Require with a role", auth.Require(clerk.Role("org:admin"))(next), 2 + role},
		{"Require two kinds", auth.Require(clerk.Tokens(clerk.SessionToken, clerk.APIKey), clerk.ActiveOrg())(next), 7},
		{"Handler, two Require", auth.Handler(auth.Require()(auth.Require(clerk.Role("org:admin"))(next))), 2 + role},
		{"Check", checked(auth, next), 2},
		{"Check a role", checked(auth, next, clerk.Role("org:admin")), 2 + role},
		{"Check two kinds", checked(auth, next, clerk.Tokens(clerk.SessionToken, clerk.APIKey), clerk.ActiveOrg()), 7},
	} {
		tt.h.ServeHTTP(w, r)
		if n := least(func() { tt.h.ServeHTTP(w, r) }); n > tt.most {
			t.Errorf("%s: %v allocations, want %v", tt.name, n, tt.most)
		}
	}
}

// checked is a gate as an adapter makes it: reqs are looked at in each request.
func checked(auth adapter.Middleware, next http.Handler, reqs ...clerk.Requirement) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, _, f := auth.Check(r.Context(), adapter.NewRequest(r), reqs...)
		if f != nil {
			f.Answer(w, r)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

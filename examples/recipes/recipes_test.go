package recipes

import (
	"context"
	"crypto/rsa"
	"errors"
	"expvar"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

func made(t *testing.T) func(*middleware.Middleware, error) *middleware.Middleware {
	return func(auth *middleware.Middleware, err error) *middleware.Middleware {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = auth.Close() })
		return auth
	}
}

func start(t *testing.T, cfg clerktest.Config) (*clerktest.Emulator, clerk.Config) {
	em := clerktest.NewServer(t, cfg)
	c := em.Config()
	c.Logger = slog.New(slog.DiscardHandler)
	return em, c
}

func status(t *testing.T, h http.Handler, url, token string, want int) {
	t.Helper()
	r, w := httptest.NewRequest("GET", url, nil), httptest.NewRecorder()
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if h.ServeHTTP(w, r); w.Code != want {
		t.Errorf("%s: %d, want %d", url, w.Code, want)
	}
}

var ok = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func TestCallReports(t *testing.T) {
	var got string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") }))
	defer srv.Close()
	em, cfg := start(t, clerktest.Config{})
	auth := made(t)(middleware.New(cfg))
	token := em.SignIn(em.AddUser(clerktest.User{})).Token()
	status(t, auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp, err := CallReports(r.Context(), srv.URL)
		if err != nil {
			t.Error(err)
			return
		}
		_ = resp.Body.Close()
	})), "/", token, http.StatusOK)
	if got != "Bearer "+token {
		t.Errorf("the other service gets %q", got)
	}
}

func TestInvoices(t *testing.T) {
	em, cfg := start(t, clerktest.Config{})
	auth := made(t)(middleware.New(cfg))
	mux := http.NewServeMux()
	mux.Handle("GET /orgs/{org}/invoices", auth.Require()(Invoices(auth)))
	token := em.SignIn(em.AddUser(clerktest.User{}), clerktest.WithOrg("org_acme", "org:member")).Token()
	status(t, mux, "/orgs/org_acme/invoices", token, http.StatusNoContent)
	status(t, mux, "/orgs/org_other/invoices", token, http.StatusForbidden)
}

func TestAdmin(t *testing.T) {
	em, cfg := start(t, clerktest.Config{Origins: []string{"https://app.example.com", "https://admin.example.com"}})
	auth, admin := made(t)(middleware.New(cfg)), made(t)(Admin(cfg))
	sess := em.SignIn(em.AddUser(clerktest.User{}))
	everywhere, adminOnly := auth.Require()(ok), auth.Handler(admin.Require()(ok))
	for origin, want := range map[string]int{"https://app.example.com": 401, "https://admin.example.com": 200} {
		token := sess.Token(clerktest.WithOrigin(origin))
		status(t, everywhere, "/", token, http.StatusOK)
		status(t, adminOnly, "/", token, want)
	}
}

func TestInterceptor(t *testing.T) {
	em, cfg := start(t, clerktest.Config{})
	auth := made(t)(middleware.New(cfg))
	token := em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"})).Token()
	call := func(auth *middleware.Middleware, md map[string][]string) (any, error) {
		return Interceptor(auth)(context.WithValue(t.Context(), metadataKey{}, md), nil, nil,
			func(ctx context.Context, _ any) (any, error) { return clerk.FromContext(ctx).UserID, nil })
	}
	md := map[string][]string{"authorization": {"Bearer " + token}}
	if got, err := call(auth, md); got != "user_alice" || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []map[string][]string{nil, {"authorization": {"Bearer x"}}, {"authorization": {"Bearer " + token, "Bearer " + token}}} {
		if got, err := call(auth, bad); got != nil || !errors.Is(err, errUnauthenticated) {
			t.Errorf("%v, %v", got, err)
		}
	}
	down := made(t)(middleware.New(cfg, middleware.WithKeySource(noKeys{})))
	if got, err := call(down, md); got != nil || !errors.Is(err, errUnavailable) {
		t.Errorf("in an outage: %v, %v", got, err)
	}
}

// noKeys is a source of signing keys that cannot be reached.
type noKeys struct{}

func (noKeys) Key(context.Context, string) (*rsa.PublicKey, error) { return nil, clerk.ErrUnavailable }

func TestMetrics(t *testing.T) {
	em, cfg := start(t, clerktest.Config{})
	app := made(t)(Metrics(cfg)).Require()(ok)
	status(t, app, "/", em.SignIn(em.AddUser(clerktest.User{})).Token(), http.StatusOK)
	status(t, app, "/", "", http.StatusUnauthorized)
	if got := fmt.Sprint(expvar.Get("clerk_decisions")); got != `{"signed-in": 1, "signed-out": 1}` {
		t.Error(got)
	}
}

func TestFiles(t *testing.T) {
	em, cfg := start(t, clerktest.Config{})
	files, alice := Files(made(t)(middleware.New(cfg)), ok), em.AddUser(clerktest.User{})
	status(t, files, "/files", em.OAuthToken(alice, clerktest.MachineToken{Scopes: []string{"files:read"}}), http.StatusOK)
	status(t, files, "/files", em.OAuthToken(alice, clerktest.MachineToken{}), http.StatusForbidden)
	status(t, files, "/files", em.SignIn(alice).Token(), http.StatusUnauthorized)
}

func TestTenants(t *testing.T) {
	tokens, tenants := map[string]string{}, map[string]*middleware.Middleware{}
	for _, host := range []string{"acme.test", "globex.test"} {
		em, cfg := start(t, clerktest.Config{Instance: clerk.Production, FrontendAPI: "clerk." + host})
		tenants[host] = made(t)(middleware.New(cfg))
		tokens[host] = em.SignIn(em.AddUser(clerktest.User{})).Token()
	}
	app := Tenants(tenants, ok)
	status(t, app, "https://acme.test/", tokens["acme.test"], http.StatusOK)
	status(t, app, "https://globex.test/", tokens["globex.test"], http.StatusOK)
	status(t, app, "https://globex.test/", tokens["acme.test"], http.StatusUnauthorized)
	status(t, app, "https://other.test/", tokens["acme.test"], http.StatusUnauthorized)
}

// createInvoice is a handler with a unit test.
func createInvoice(w http.ResponseWriter, r *http.Request) {
	if !clerk.FromContext(r.Context()).Has(clerk.Permission("org:invoices:create")) {
		w.WriteHeader(http.StatusForbidden)
	}
}

func TestCreateInvoice(t *testing.T) {
	r, w := httptest.NewRequest("POST", "/invoices", nil), httptest.NewRecorder()
	// README:permission
	r = r.WithContext(clerk.NewContext(r.Context(), clerktest.Identity{Permissions: []string{"org:invoices:create"}}.Auth()))
	// README:end
	if createInvoice(w, r); w.Code != http.StatusOK {
		t.Error(w.Code)
	}
}

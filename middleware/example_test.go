package middleware_test

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// newClerk starts an emulator, which stands for Clerk.
func newClerk() *clerktest.Emulator {
	em, err := clerktest.Start(clerktest.Config{Instance: clerk.Production})
	if err != nil {
		log.Fatal(err)
	}
	return em
}

// show sends a request, with the session's token if there is a session.
func show(h http.Handler, url string, session *clerktest.Session) {
	r := httptest.NewRequest(http.MethodGet, url, http.NoBody)
	if session != nil {
		session.Authorize(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
}

// A server with a page for everybody and a route for signed-in users.
func ExampleNew() {
	em := newClerk()
	defer func() { _ = em.Close() }()

	cfg := em.Config() // cfg, err := clerk.ConfigFromEnv()
	cfg.AuthorizedParties = []string{"http://localhost:3000"}
	auth, err := middleware.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = auth.Close() }()

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "signed in:", clerk.FromContext(r.Context()).SignedIn())
	})
	mux.Handle("GET /api/me", auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, clerk.FromContext(r.Context()).UserID)
	})))
	app := auth.Handler(mux) // http.ListenAndServe("localhost:3000", app)

	alice := em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"}))
	show(app, "/", nil)
	show(app, "/", alice)
	show(app, "/api/me", alice)
	show(app, "/api/me", nil)
	// Output:
	// 200 signed in: false
	// 200 signed in: true
	// 200 user_alice
	// 401 {"errors":[{"code":"authentication_required","message":"Not signed in","long_message":"This needs a signed-in user or an accepted token.","reason":"session-token-and-uat-missing"}]}
}

// A route requires a permission, another one a token of an OAuth client with a scope.
func ExampleMiddleware_Require() {
	em := newClerk()
	defer func() { _ = em.Close() }()
	auth, err := middleware.New(em.Config())
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = auth.Close() }()

	created := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	mux := http.NewServeMux()
	mux.Handle("POST /invoices", auth.Require(clerk.Permission("org:invoices:create"))(created))
	mux.Handle("POST /files", auth.Require(clerk.Scope("files:write"))(created))

	em.AddRole("org:billing", "org:invoices:create")
	alice := em.AddUser(clerktest.User{ID: "user_alice"})
	post := func(path, token string) {
		r := httptest.NewRequest(http.MethodPost, path, http.NoBody)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Printf("%s %d %q\n", path, w.Code, w.Header().Get("WWW-Authenticate"))
	}
	post("/invoices", em.SignIn(alice, clerktest.WithOrg("org_acme", "org:billing")).Token())
	post("/invoices", em.SignIn(alice, clerktest.WithOrg("org_acme", "org:member")).Token())
	post("/files", em.OAuthToken(alice, clerktest.MachineToken{Scopes: []string{"files:write"}}))
	post("/files", em.OAuthToken(alice, clerktest.MachineToken{Scopes: []string{"files:read"}}))
	// Output:
	// /invoices 201 ""
	// /invoices 403 ""
	// /files 201 ""
	// /files 403 "Bearer error=\"insufficient_scope\", scope=\"files:write\""
}

// Deny gives the answer of a gate, for a check that only the handler can make: does the
// document belong to the user's organization?
func ExampleMiddleware_Deny() {
	em := newClerk()
	defer func() { _ = em.Close() }()
	auth, err := middleware.New(em.Config())
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = auth.Close() }()

	ownerOf := map[string]string{"1": "org_acme", "2": "org_other"} // a table of the application
	document := func(w http.ResponseWriter, r *http.Request) {
		if err := clerk.FromContext(r.Context()).Check(clerk.Org(ownerOf[r.PathValue("id")])); err != nil {
			auth.Deny(w, r, err)
			return
		}
		fmt.Fprintln(w, "document", r.PathValue("id"))
	}
	mux := http.NewServeMux()
	mux.Handle("GET /documents/{id}", auth.Require()(http.HandlerFunc(document)))

	alice := em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"}), clerktest.WithOrg("org_acme", "org:member"))
	show(mux, "/documents/1", alice)
	show(mux, "/documents/2", alice)
	// Output:
	// 200 document 1
	// 403 {"errors":[{"code":"authorization_denied","message":"Not allowed","long_message":"Signed in, but without what this needs."}]}
}

// Refused requests get a body of your own. The status is kept: 503 says that Clerk could
// not be asked, which is no reason to sign the user out. The fields of the answer, with
// Retry-After among them, are set already.
func ExampleWithErrorHandler() {
	em := newClerk()
	defer func() { _ = em.Close() }()

	problem := func(w http.ResponseWriter, _ *http.Request, f *middleware.Failure) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(f.Status)
		_ = json.NewEncoder(w).Encode(map[string]any{"status": f.Status, "reason": f.Reason})
	}
	auth, err := middleware.New(em.Config(), middleware.WithErrorHandler(problem))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = auth.Close() }()
	admin := auth.Require(clerk.Role("org:admin"))(http.NotFoundHandler())

	member := em.SignIn(em.AddUser(clerktest.User{}), clerktest.WithOrg("org_acme", "org:member"))
	show(admin, "/", nil)
	show(admin, "/", member)

	// The same server while Clerk is down.
	auth, err = middleware.New(em.Config(), middleware.WithErrorHandler(problem), middleware.WithKeySource(noKeys{}))
	if err != nil {
		log.Fatal(err)
	}
	show(auth.Require(clerk.Role("org:admin"))(http.NotFoundHandler()), "/", member)
	// Output:
	// 401 {"reason":"session-token-and-uat-missing","status":401}
	// 403 {"reason":"","status":403}
	// 503 {"reason":"jwk-remote-failed-to-load","status":503}
}

// noKeys is a source of signing keys that cannot be reached.
type noKeys struct{}

func (noKeys) Key(context.Context, string) (*rsa.PublicKey, error) { return nil, clerk.ErrUnavailable }

// One server answers for several Clerk instances: the host of a request says which.
func ExampleChoose() {
	tenants := map[string]*middleware.Middleware{}
	sessions := map[string]*clerktest.Session{}
	for _, host := range []string{"acme.test", "globex.test"} {
		em, err := clerktest.Start(clerktest.Config{Instance: clerk.Production, FrontendAPI: "clerk." + host})
		if err != nil {
			log.Fatal(err)
		}
		defer func() { _ = em.Close() }()
		auth, err := middleware.New(em.Config()) // a configuration for each tenant
		if err != nil {
			log.Fatal(err)
		}
		defer func() { _ = auth.Close() }()
		tenants[host] = auth
		sessions[host] = em.SignIn(em.AddUser(clerktest.User{ID: "user_" + strings.TrimSuffix(host, ".test")}))
	}

	auth := middleware.Choose(func(r handshake.Request) *middleware.Middleware {
		return tenants[r.Host] // nil: nobody is signed in
	})
	me := auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, clerk.FromContext(r.Context()).UserID)
	}))

	show(me, "https://acme.test/", sessions["acme.test"])
	show(me, "https://globex.test/", sessions["globex.test"])
	show(me, "https://globex.test/", sessions["acme.test"]) // a token of another instance
	// Output:
	// 200 user_acme
	// 200 user_globex
	// 401 {"errors":[{"code":"authentication_required","message":"Not signed in","long_message":"This needs a signed-in user or an accepted token.","reason":"token-invalid-issuer"}]}
}

// An interceptor of a gRPC server. metadata.FromIncomingContext(ctx) gives md, and
// status.Error(codes.Unauthenticated, …) or codes.Unavailable is the answer.
func ExampleMiddleware_VerifyToken() {
	em := newClerk()
	defer func() { _ = em.Close() }()
	auth, err := middleware.New(em.Config())
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = auth.Close() }()

	authenticate := func(ctx context.Context, md map[string][]string) (context.Context, error) {
		token := strings.TrimPrefix(strings.Join(md["authorization"], ""), "Bearer ")
		id, err := auth.VerifyToken(ctx, token) // sessions; or clerk.M2M, clerk.OAuth, …
		switch {
		case errors.Is(err, clerk.ErrUnavailable):
			return nil, errors.New("unavailable")
		case err != nil:
			return nil, errors.New("unauthenticated")
		}
		return clerk.NewContext(ctx, id), nil
	}

	alice := em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"}))
	ctx, err := authenticate(context.Background(), map[string][]string{"authorization": {"Bearer " + alice.Token()}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(clerk.FromContext(ctx).UserID)
	_, err = authenticate(context.Background(), nil)
	fmt.Println(err)
	// Output:
	// user_alice
	// unauthenticated
}

// The Frontend API under the application's own origin, for an instance without a DNS
// record of its own.
func ExampleNewProxy() {
	fapi := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // stands for Clerk
		fmt.Println("Clerk gets", r.URL.Path, "for", r.Header.Get("Clerk-Proxy-Url"))
		_, _ = io.WriteString(w, "{}")
	}))
	defer fapi.Close()

	proxy, err := middleware.NewProxy(clerk.Config{ // cfg, err := clerk.ConfigFromEnv()
		SecretKey:         "sk_live_example",
		PublishableKey:    "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k",
		ProxyURL:          "/__clerk",
		AuthorizedParties: []string{"https://app.example.com"},
		FrontendAPI:       fapi.URL, // leave these two out
		HTTPClient:        fapi.Client(),
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(proxy.Path()+"/", proxy)

	show(mux, "https://app.example.com/__clerk/v1/environment", nil)
	show(mux, "https://other.example/__clerk/v1/environment", nil)
	// Output:
	// Clerk gets /v1/environment for https://app.example.com/__clerk
	// 200 {}
	// 421 {"errors":[{"code":"proxy_host_mismatch","message":"The application does not answer for this host.","long_message":"The application does not answer for this host."}]}
}

package middleware_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/verify"
)

// newAuth makes a Middleware for an emulator without a listener: everything stays
// in memory.
func newAuth(t testing.TB, change func(*clerk.Config), opts ...middleware.Option) (*clerktest.Emulator, *middleware.Middleware) {
	t.Helper()
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return em, authFor(t, em, change, opts...)
}

// authFor makes a Middleware for an emulator that is there.
func authFor(t testing.TB, em *clerktest.Emulator, change func(*clerk.Config), opts ...middleware.Option) *middleware.Middleware {
	t.Helper()
	cfg := em.Config()
	cfg.Logger = slog.New(slog.DiscardHandler)
	if change != nil {
		change(&cfg)
	}
	auth, err := middleware.New(cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = auth.Close() })
	return auth
}

func whoami(w http.ResponseWriter, r *http.Request) {
	a := clerk.FromContext(r.Context())
	_, _ = fmt.Fprintf(w, "%s|%s|%s", a.UserID, a.OrgRole, a.Reason)
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

type envelope struct {
	Errors []struct{ Code, Message, Reason string }
}

func decode(t *testing.T, w *httptest.ResponseRecorder) (code, reason string) {
	t.Helper()
	var e envelope
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || len(e.Errors) != 1 || e.Errors[0].Message == "" {
		t.Fatalf("not an error envelope: %v %q", err, w.Body)
	}
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
		t.Errorf("Content-Type %q", got)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	return e.Errors[0].Code, e.Errors[0].Reason
}

func TestHandlerKnowsWhoItIs(t *testing.T) {
	em, auth := newAuth(t, nil)
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	sess := em.SignIn(alice, clerktest.WithOrg("org_1", "org:admin"))
	h := auth.Handler(http.HandlerFunc(whoami))
	for name, prepare := range map[string]func(*http.Request){
		"bearer":     func(r *http.Request) { sess.Authorize(r) },
		"lower case": func(r *http.Request) { r.Header.Set("Authorization", "bearer "+sess.Token()) },
		"cookies":    func(r *http.Request) { sess.Cookies(r) },
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			prepare(r)
			w := serve(h, r)
			if w.Code != 200 || w.Body.String() != alice.ID+"|org:admin|" {
				t.Errorf("got %d %q", w.Code, w.Body)
			}
		})
	}
	w := serve(h, httptest.NewRequest("GET", "/", nil))
	if w.Code != 200 || w.Body.String() != "||dev-browser-missing" {
		t.Errorf("signed out: got %d %q", w.Code, w.Body)
	}
}

func TestRequireGates(t *testing.T) {
	em, auth := newAuth(t, nil)
	em.AddRole("org:admin", "org:invoices:create")
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}),
		clerktest.WithOrg("org_1", "org:admin"), clerktest.WithFactorAges(30, -1))
	for _, tt := range []struct {
		name   string
		reqs   []clerk.Requirement
		status int
	}{
		{"nothing more", nil, 200},
		{"role", []clerk.Requirement{clerk.Role("org:admin")}, 200},
		{"permission", []clerk.Requirement{clerk.Permission("org:invoices:create")}, 200},
		{"another role", []clerk.Requirement{clerk.Role("org:owner")}, 403},
		{"another permission", []clerk.Requirement{clerk.Permission("org:invoices:delete")}, 403},
		{"both", []clerk.Requirement{clerk.Role("org:admin"), clerk.Permission("org:invoices:delete")}, 403},
		{"either", []clerk.Requirement{clerk.Any(clerk.Role("org:admin"), clerk.Role("org:owner"))}, 200},
		{"fresh enough", []clerk.Requirement{clerk.Reverified(clerk.Moderate)}, 200},
		{"not fresh", []clerk.Requirement{clerk.Reverified(clerk.Strict)}, 403},
		{"a machine", []clerk.Requirement{clerk.Tokens(clerk.M2M)}, 401},
		{"nil", []clerk.Requirement{nil}, 403},
		{"empty role", []clerk.Requirement{clerk.Role("")}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gated := auth.Require(tt.reqs...)(http.HandlerFunc(whoami))
			for name, h := range map[string]http.Handler{"alone": gated, "below Handler": auth.Handler(gated)} {
				r := httptest.NewRequest("GET", "/", nil)
				sess.Authorize(r)
				if w := serve(h, r); w.Code != tt.status {
					t.Errorf("%s: signed in: got %d, want %d: %s", name, w.Code, tt.status, w.Body)
				}
				if w := serve(h, httptest.NewRequest("GET", "/", nil)); w.Code == 200 {
					t.Errorf("%s: signed out: got in", name)
				}
			}
		})
	}
}

func TestUnauthorized(t *testing.T) {
	em, auth := newAuth(t, nil)
	h := auth.Require()(http.HandlerFunc(whoami))

	w := serve(h, httptest.NewRequest("GET", "/", nil))
	if code, reason := decode(t, w); w.Code != 401 || code != "authentication_required" || reason != "dev-browser-missing" {
		t.Errorf("got %d %s %s", w.Code, code, reason)
	}
	if got := w.Header().Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate %q", got)
	}

	r := httptest.NewRequest("GET", "/", nil)
	em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"})).Authorize(r)
	em.Advance(2 * time.Minute)
	w = serve(h, r)
	if _, reason := decode(t, w); w.Code != 401 || !strings.HasPrefix(reason, "session-token-expired") {
		t.Errorf("expired: got %d %s", w.Code, reason)
	}
	if got := w.Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, `Bearer error="invalid_token"`) {
		t.Errorf("WWW-Authenticate %q", got)
	}

	// Clerk's reasons may end in whatever code the Backend API sent.
	f := &middleware.Failure{Status: 401, Reason: "session-token-expired-refresh-\"\r\né", Err: clerk.ErrNotSignedIn}
	w = serve(f2h(f), httptest.NewRequest("GET", "/", nil))
	if got := w.Header().Get("WWW-Authenticate"); strings.ContainsAny(got[7:], "\r\n\\é") || strings.Count(got, `"`) != 4 {
		t.Errorf("WWW-Authenticate %q", got)
	}
}

func f2h(f *middleware.Failure) http.Handler { return http.HandlerFunc(f.ServeHTTP) }

func TestForbiddenAndReverification(t *testing.T) {
	em, auth := newAuth(t, nil)
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}), clerktest.WithFactorAges(30, 30))
	get := func(reqs ...clerk.Requirement) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		sess.Authorize(r)
		return serve(auth.Require(reqs...)(http.HandlerFunc(whoami)), r)
	}
	w := get(clerk.Role("org:admin"))
	if code, _ := decode(t, w); w.Code != 403 || code != "authorization_denied" || strings.Contains(w.Body.String(), "clerk_error") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	for policy, want := range map[clerk.Reverification]string{
		clerk.Strict: `"strict"`,
		clerk.ReverificationPolicy{Level: clerk.FirstFactor, AfterMinutes: 5}: `{"level":"first_factor","afterMinutes":5}`,
	} {
		w = get(clerk.Reverified(policy))
		want = `{"clerk_error":{"type":"forbidden","reason":"reverification-error","metadata":{"reverification":` + want + `}},`
		if code, _ := decode(t, w); w.Code != 403 || code != "reverification_required" || !strings.HasPrefix(w.Body.String(), want) {
			t.Errorf("got %d %s, want %s…", w.Code, w.Body, want)
		}
	}
	// Reverifying would not give the role.
	if w = get(clerk.Reverified(clerk.Strict), clerk.Role("org:admin")); strings.Contains(w.Body.String(), "clerk_error") {
		t.Errorf("got %s", w.Body)
	}
}

func TestOutageIsNotASignOut(t *testing.T) { synctest.Test(t, outageIsNotASignOut) }

func outageIsNotASignOut(t *testing.T) {
	em, auth := newAuth(t, nil)
	undo := em.Fault(clerktest.Fault{Path: "/v1/jwks", Status: http.StatusServiceUnavailable})
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	r := httptest.NewRequest("GET", "/", nil)
	sess.Authorize(r)

	w := serve(auth.Require()(http.HandlerFunc(whoami)), r)
	if code, reason := decode(t, w); w.Code != 503 || code != "authentication_unavailable" || reason != "jwk-remote-failed-to-load" {
		t.Errorf("gated: got %d %s %s", w.Code, code, reason)
	}
	if w.Header().Get("Retry-After") == "" {
		t.Error("gated: no Retry-After")
	}
	w = serve(auth.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a := clerk.FromContext(r.Context()); !a.Outage || a.SignedIn() {
			t.Errorf("ungated: %+v", a)
		}
	})), r)
	if w.Code != 200 {
		t.Errorf("ungated: got %d", w.Code)
	}
	if _, err := auth.VerifyToken(t.Context(), sess.Token()); !errors.Is(err, clerk.ErrUnavailable) {
		t.Errorf("VerifyToken: %v", err)
	}
	undo()
	// The failed fetch counts for all requests until its pause is over.
	if w = serve(auth.Require()(http.HandlerFunc(whoami)), r); w.Code != 503 {
		t.Errorf("inside the pause: got %d", w.Code)
	}
	em.Advance(time.Minute)
	r = httptest.NewRequest("GET", "/", nil)
	sess.Authorize(r)
	if w = serve(auth.Require()(http.HandlerFunc(whoami)), r); w.Code != 200 || !strings.HasPrefix(w.Body.String(), sess.UserID+"|") {
		t.Errorf("afterwards: got %d %s", w.Code, w.Body)
	}
}

func document(target string) *http.Request {
	r := httptest.NewRequest("GET", target, nil)
	r.Header.Set("Sec-Fetch-Dest", "document")
	return r
}

func TestOnlyDocumentsAreRedirected(t *testing.T) {
	_, auth := newAuth(t, nil)
	reached := false
	h := auth.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))

	w := serve(h, document("http://localhost:3000/p?a=1"))
	if w.Code != 307 || reached || !strings.Contains(w.Header().Get("Location"), "/v1/client/handshake?redirect_url=http%3A%2F%2Flocalhost%3A3000%2Fp%3Fa%3D1") {
		t.Errorf("document: got %d %q, reached %t", w.Code, w.Header().Get("Location"), reached)
	}
	if w.Header().Get("Cache-Control") != "no-store" || len(w.Header().Values("Set-Cookie")) == 0 {
		t.Errorf("document: header %v", w.Header())
	}
	r := document("http://localhost:3000/p")
	r.Method = "POST"
	for name, r := range map[string]*http.Request{"fetch": httptest.NewRequest("GET", "http://localhost:3000/p", nil), "POST": r} {
		reached = false
		if w := serve(h, r); w.Code != 200 || !reached || w.Header().Get("Location") != "" {
			t.Errorf("%s: got %d", name, w.Code)
		}
	}
	_, off := newAuth(t, func(c *clerk.Config) { c.Handshake = clerk.HandshakeOff })
	if w := serve(off.Handler(http.HandlerFunc(whoami)), document("http://localhost:3000/p")); w.Code != 200 {
		t.Errorf("off: got %d", w.Code)
	}
	// Without an outer Handler, the gate redirects.
	if w := serve(auth.Require()(http.HandlerFunc(whoami)), document("http://localhost:3000/p")); w.Code != 307 {
		t.Errorf("gate: got %d", w.Code)
	}
}

func TestErrorHandler(t *testing.T) {
	var got *middleware.Failure
	em, auth := newAuth(t, nil, middleware.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, f *middleware.Failure) {
		got = f
		w.WriteHeader(http.StatusTeapot)
	}))
	w := serve(auth.Require()(http.HandlerFunc(whoami)), httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusTeapot || got.Reason != clerk.ReasonDevBrowserMissing || !errors.Is(got, clerk.ErrNotSignedIn) {
		t.Errorf("got %d %+v", w.Code, got)
	}
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	r := httptest.NewRequest("GET", "/", nil)
	sess.Authorize(r)
	serve(auth.Require(clerk.Role("org:x"))(http.HandlerFunc(whoami)), r)
	var denied *clerk.DeniedError
	if !errors.As(got, &denied) || denied.Requirement.String() != "role org:x" || got.Auth.UserID != sess.UserID {
		t.Errorf("got %+v", got)
	}
}

// TestInstancesDoNotTrustEachOther: a server of two instances must not let the
// users of one in at the other.
func TestInstancesDoNotTrustEachOther(t *testing.T) {
	emA, a := newAuth(t, nil)
	_, b := newAuth(t, func(c *clerk.Config) { c.Handshake = clerk.HandshakeOff })
	r := httptest.NewRequest("GET", "/", nil)
	emA.SignIn(emA.AddUser(clerktest.User{Email: "a@example.com"})).Authorize(r)
	if w := serve(a.Handler(b.Require()(http.HandlerFunc(whoami))), r); w.Code != 401 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	// A test of a gated handler needs no emulator.
	ctx := clerk.NewContext(r.Context(), clerk.Auth{UserID: "user_1"})
	if w := serve(b.Require()(http.HandlerFunc(whoami)), httptest.NewRequest("GET", "/", nil).WithContext(ctx)); w.Code != 200 {
		t.Errorf("by hand: got %d %s", w.Code, w.Body)
	}
}

func TestConcurrentRequestsKeepTheirIdentities(t *testing.T) {
	em, auth := newAuth(t, nil)
	h := auth.Handler(auth.Require()(http.HandlerFunc(whoami)))
	var wg sync.WaitGroup
	for i := range 20 {
		u := em.AddUser(clerktest.User{Email: fmt.Sprintf("u%d@example.com", i)})
		token := em.SignIn(u).Token()
		for range 50 {
			wg.Go(func() {
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("Authorization", "Bearer "+token)
				if w := serve(h, r); w.Body.String() != u.ID+"||" {
					t.Errorf("got %q, want %s", w.Body, u.ID)
				}
			})
		}
	}
	wg.Wait()
}

func TestVerifyToken(t *testing.T) {
	em, auth := newAuth(t, nil)
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	id, err := auth.VerifyToken(t.Context(), sess.Token())
	if err != nil || id.UserID != sess.UserID || !id.SignedIn() || id.ExpiresAt.Sub(id.IssuedAt) != time.Minute {
		t.Errorf("got %+v, %v", id, err)
	}
	id, err = auth.VerifyToken(t.Context(), "garbage")
	if e := (*verify.Error)(nil); !errors.As(err, &e) || e.Reason != clerk.ReasonTokenInvalid || id.Reason != e.Reason || id.SignedIn() {
		t.Errorf("garbage: got %+v, %v", id, err)
	}
	pending := em.SignIn(em.AddUser(clerktest.User{Email: "b@example.com"}), clerktest.WithPending("choose-organization"))
	id, err = auth.VerifyToken(t.Context(), pending.Token())
	if e := (*verify.Error)(nil); !errors.As(err, &e) || e.Reason != clerk.ReasonSessionPending || id.UserID != "" {
		t.Errorf("pending: got %+v, %v", id, err)
	}
}

func TestPendingSessionsAllowed(t *testing.T) {
	em, auth := newAuth(t, func(c *clerk.Config) { c.AllowPendingSessions = true })
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "b@example.com"}), clerktest.WithPending("choose-organization"))
	if id, err := auth.VerifyToken(t.Context(), sess.Token()); err != nil || id.UserID != sess.UserID {
		t.Errorf("VerifyToken: got %+v, %v", id, err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	sess.Authorize(r)
	if w := serve(auth.Require()(http.HandlerFunc(whoami)), r); w.Code != 200 {
		t.Errorf("Require: got %d %s", w.Code, w.Body)
	}
}

func TestNew(t *testing.T) {
	for name, cfg := range map[string]clerk.Config{
		"nothing":       {},
		"bad secret":    {SecretKey: "hunter2hunter2"},
		"bad PEM":       {JWTKey: "hunter2hunter2"},
		"bad satellite": {SecretKey: "sk_test_x", IsSatellite: true},
	} {
		_, err := middleware.New(cfg)
		var ce *clerk.ConfigError
		if !errors.As(err, &ce) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	base := em.Config()
	for name, cfg := range map[string]clerk.Config{
		"PEM":             {JWTKey: em.JWTKey()},
		"secret key":      {SecretKey: base.SecretKey, APIURL: base.APIURL},
		"publishable key": {PublishableKey: base.PublishableKey, ProxyURL: base.ProxyURL},
		"FrontendAPI":     {PublishableKey: base.PublishableKey, FrontendAPI: base.ProxyURL},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Logger, cfg.Now, cfg.HTTPClient, cfg.InsecureEmulator = quiet, em.Now, base.HTTPClient, true
			before := len(em.Requests())
			auth, err := middleware.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer auth.Close()
			if n := len(em.Requests()) - before; n != 0 {
				t.Errorf("New made %d requests", n)
			}
			if err := auth.Warm(t.Context()); err != nil {
				t.Error(err)
			}
			sess := em.SignIn(em.AddUser(clerktest.User{Email: strings.ReplaceAll(name, " ", "") + "@example.com"}))
			if id, err := auth.VerifyToken(t.Context(), sess.Token()); err != nil || id.UserID != sess.UserID {
				t.Errorf("got %+v, %v", id, err)
			}
		})
	}
}

// TestEmulatorKeyIsRefused: the emulator's private key is in this repository.
func TestEmulatorKeyIsRefused(t *testing.T) { synctest.Test(t, emulatorKeyIsRefused) }

func emulatorKeyIsRefused(t *testing.T) {
	em, auth := newAuth(t, func(c *clerk.Config) { c.InsecureEmulator = false; c.APIURL = "https://api.clerk.test" })
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	_, err := auth.VerifyToken(t.Context(), sess.Token())
	if err == nil {
		t.Fatal("accepted")
	}
	auth2, err := middleware.New(clerk.Config{JWTKey: em.JWTKey(), Now: em.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = auth2.VerifyToken(t.Context(), sess.Token())
	if e := (*verify.Error)(nil); !errors.As(err, &e) || e.Reason != clerk.ReasonKeyNotTrusted {
		t.Errorf("got %v", err)
	}
}

// TestLogsHoldNoSecrets plays good and bad requests with everything logged.
func TestLogsHoldNoSecrets(t *testing.T) { synctest.Test(t, logsHoldNoSecrets) }

func logsHoldNoSecrets(t *testing.T) {
	var buf bytes.Buffer
	em, auth := newAuth(t, func(c *clerk.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	h := auth.Handler(auth.Require()(http.HandlerFunc(whoami)))
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	secrets := []string{em.SecretKey()}
	for _, token := range []string{sess.Token(), sess.Token() + "x", "ak_secret_api_key", em.Sign(map[string]any{"kid": "ins_x"}, sess.Claims())} {
		r := httptest.NewRequest("GET", "/?token="+token, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		serve(h, r)
		secrets = append(secrets, token)
	}
	r := document("http://localhost:3000/?__clerk_handshake=" + sess.Token())
	sess.Cookies(r)
	serve(h, r)
	em.Fault(clerktest.Fault{Path: "/v1/*", CutConnection: true})
	em.Advance(2 * time.Hour)
	r = httptest.NewRequest("GET", "/", nil)
	sess.Authorize(r)
	serve(h, r)
	synctest.Wait() // the fetch logs after its waiters are gone
	if buf.Len() == 0 {
		t.Fatal("nothing was logged")
	}
	for _, s := range secrets {
		if i := strings.LastIndex(s, "."); i > 0 {
			s = s[i+1:] // the signature
		}
		if strings.Contains(buf.String(), s) {
			t.Errorf("the log holds %q:\n%s", s, buf.String())
		}
	}
}

func TestWithKeySource(t *testing.T) {
	em, _ := newAuth(t, nil)
	keys, err := verify.PEM(em.JWTKey())
	if err != nil {
		t.Fatal(err)
	}
	_, auth := newAuth(t, nil, middleware.WithKeySource(keys))
	if err := errors.Join(auth.Warm(context.Background()), auth.Close()); err != nil {
		t.Error(err)
	}
}

package middleware_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// TestNilOptions: a nil Option, and nil given to one, change nothing.
func TestNilOptions(t *testing.T) {
	em, auth := newAuth(t, nil, nil, middleware.WithErrorHandler(nil), middleware.WithKeySource(nil), middleware.WithBackend(nil), middleware.WithPreflightHandler(nil), middleware.WithCrossOriginProtection(nil))
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	for _, m := range []adapter.Middleware{auth, middleware.Choose(func(handshake.Request) *middleware.Middleware { return auth }, nil, middleware.WithErrorHandler(nil))} {
		h := m.Require()(http.HandlerFunc(whoami))
		r := httptest.NewRequest("GET", "/", nil)
		if w := serve(h, r); w.Code != 401 || w.Body.Len() == 0 {
			t.Errorf("signed out: %d %s", w.Code, w.Body)
		}
		sess.Authorize(r)
		if w := serve(h, r); w.Code != 200 {
			t.Errorf("signed in: %d %s", w.Code, w.Body)
		}
	}
}

// TestNobodys: what New and Choose did not make lets nobody in, and panics nowhere.
func TestNobodys(t *testing.T) {
	em, _ := newAuth(t, nil)
	token := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"})).Token()
	var none *middleware.Middleware
	choose := func(m *middleware.Middleware) func(handshake.Request) *middleware.Middleware {
		return func(handshake.Request) *middleware.Middleware { return m }
	}
	for name, m := range map[string]adapter.Middleware{
		"nil": adapter.NotNil(nil), "nil Middleware": none, "zero Middleware": &middleware.Middleware{},
		"nil Choice": (*middleware.Choice)(nil), "zero Choice": &middleware.Choice{},
		"Choose(nil)": middleware.Choose(nil), "Choose of nil": middleware.Choose(choose(nil)), "Choose of zero": middleware.Choose(choose(&middleware.Middleware{})),
		"options alone": middleware.Choose(nil, middleware.WithSignInRedirect(), middleware.WithCrossOriginProtection(http.NewCrossOriginProtection())),
	} {
		for _, method := range []string{"GET", "OPTIONS"} {
			r := httptest.NewRequest(method, "/", nil)
			r.Header = http.Header{"Authorization": {"Bearer " + token}, "Cookie": {"__session=" + token}, "Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"GET"}, "Sec-Fetch-Dest": {"document"}}
			if w := serve(m.Require()(http.HandlerFunc(whoami)), r); w.Code != 401 {
				t.Errorf("%s: %s: %d %s", name, method, w.Code, w.Body)
			}
			if w := serve(m.Require(nil)(http.HandlerFunc(whoami)), r); w.Code < 401 {
				t.Errorf("%s: nil requirement: %d %s", name, w.Code, w.Body)
			}
			if w := serve(m.Handler(http.HandlerFunc(whoami)), r); w.Code != 200 || w.Body.String() != "||not-authenticated" {
				t.Errorf("%s: Handler: %d %s", name, w.Code, w.Body)
			}
		}
		for _, r := range []handshake.Request{{}, get("/", nil), get("/", http.Header{"Authorization": {token}})} {
			if _, _, f := m.Check(t.Context(), r); f == nil || f.Status != 401 {
				t.Errorf("%s: Check: %v", name, f)
			}
			if ctx, d := m.Identify(t.Context(), r); clerk.FromContext(ctx).Authenticated() || d.Location != "" {
				t.Errorf("%s: Identify: %+v", name, d)
			}
			if d, f := m.SignInRedirect(t.Context(), r, handshake.SignInPage); f == nil || d.Location != "" {
				t.Errorf("%s: SignInRedirect: %+v", name, d)
			}
		}
		if f := m.Failure(t.Context(), nil); f == nil || f.Status != 403 {
			t.Errorf("%s: Failure: %v", name, f)
		}
		r := httptest.NewRequest("GET", "/", nil)
		rest, ok := m.(interface {
			Authenticate(ctx context.Context, r handshake.Request, accepted ...clerk.TokenType) handshake.Decision
			RedirectToSignIn(w http.ResponseWriter, r *http.Request)
			RedirectToSignUp(w http.ResponseWriter, r *http.Request)
			Deny(w http.ResponseWriter, r *http.Request, err error)
			SignInURL(r *http.Request) string
			SignUpURL(r *http.Request) string
		})
		if !ok {
			t.Fatalf("%s lacks a method", name)
		}
		if d := rest.Authenticate(t.Context(), handshake.Request{}); d.Auth.Authenticated() {
			t.Errorf("%s: Authenticate: %+v", name, d)
		}
		for _, answer := range []func(http.ResponseWriter, *http.Request){rest.RedirectToSignIn, rest.RedirectToSignUp, func(w http.ResponseWriter, r *http.Request) { rest.Deny(w, r, nil) }} {
			w := httptest.NewRecorder()
			if answer(w, r); w.Code != 401 && w.Code != 403 {
				t.Errorf("%s: %d", name, w.Code)
			}
		}
		if rest.SignInURL(r) != "" || rest.SignUpURL(r) != "" {
			t.Errorf("%s: a URL", name)
		}
	}
	for _, m := range []*middleware.Middleware{nil, {}} {
		if a, err := m.VerifyToken(t.Context(), token); err == nil || a.Authenticated() {
			t.Error("VerifyToken accepts")
		}
		if err := errors.Join(m.Warm(t.Context()), m.Close()); err != nil || m.Stats() != (middleware.Stats{}) {
			t.Error(err)
		}
	}
}

// TestZeroRequest: a request without anything in it is signed out.
func TestZeroRequest(t *testing.T) {
	for name, change := range map[string]func(*clerk.Config){
		"as it is": nil, "header only": func(c *clerk.Config) { c.HeaderOnly = true }, "proxy": func(c *clerk.Config) { c.ProxyURL = "/__clerk" },
		"no handshake": func(c *clerk.Config) { c.Handshake = clerk.HandshakeOff },
	} {
		_, auth := newAuth(t, change, middleware.WithCrossOriginProtection(http.NewCrossOriginProtection()), middleware.WithPreflightHandler(http.NotFoundHandler()))
		for _, kinds := range [][]clerk.Requirement{nil, {clerk.Tokens(clerk.APIKey)}, {clerk.Tokens(clerk.M2M, clerk.SessionToken)}, {nil}} {
			if _, _, f := auth.Check(t.Context(), handshake.Request{}, kinds...); f == nil {
				t.Errorf("%s: passed", name)
			}
		}
		if ctx, _ := auth.Identify(t.Context(), handshake.Request{}); clerk.FromContext(ctx).Authenticated() {
			t.Errorf("%s: signed in", name)
		}
		if d := auth.Authenticate(t.Context(), handshake.Request{}); d.Auth.Authenticated() {
			t.Errorf("%s: signed in", name)
		}
		if d, f := auth.SignInRedirect(t.Context(), handshake.Request{}, handshake.SignInPage); f == nil && d.Location == "" {
			t.Errorf("%s: SignInRedirect says nothing", name)
		}
	}
}

// TestZeroFailure: a Failure that a program made itself is an answer that refuses.
func TestZeroFailure(t *testing.T) {
	for _, f := range []*middleware.Failure{{}, {Status: 200}, {Status: -1}, {Err: &clerk.DeniedError{}}, {Reason: "x"}} {
		w := httptest.NewRecorder()
		f.Answer(w, nil)
		if w.Code != 403 || w.Body.Len() == 0 || f.Error() == "" || f.StatusCode() != 403 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if errors.Is(f, clerk.ErrNotSignedIn) || errors.As(f, new(*clerk.ConfigError)) {
			t.Error("finds what is not there")
		}
	}
}

// TestNilHandler: a nil handler is http.DefaultServeMux, as for net/http.
func TestNilHandler(t *testing.T) {
	em, auth := newAuth(t, nil)
	r := httptest.NewRequest("GET", "/nowhere", nil)
	if w := serve(auth.Require()(nil), r); w.Code != 401 {
		t.Errorf("signed out: %d", w.Code)
	}
	em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"})).Authorize(r)
	for _, h := range []http.Handler{auth.Handler(nil), auth.Require()(nil)} {
		if w := serve(h, r); w.Code != 404 {
			t.Errorf("%d", w.Code)
		}
	}
}

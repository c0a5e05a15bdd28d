package middleware_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

func ExampleMiddleware_RedirectToSignIn() {
	auth, err := middleware.New(clerk.Config{
		PublishableKey:    "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k", // of clerk.example.com
		AuthorizedParties: []string{"https://app.example.com"},
	})
	if err != nil {
		panic(err)
	}
	defer auth.Close()

	// Most applications use WithSignInRedirect, and gates do this. A handler that
	// shows the page to everybody, but asks for a name in one case, does it itself.
	checkout := func(w http.ResponseWriter, r *http.Request) {
		if !clerk.FromContext(r.Context()).SignedIn() {
			auth.RedirectToSignIn(w, r)
			return
		}
		fmt.Fprintln(w, "Thank you")
	}
	w := httptest.NewRecorder()
	checkout(w, httptest.NewRequest(http.MethodGet, "https://app.example.com/checkout?cart=7", http.NoBody))
	fmt.Println(w.Code, w.Header().Get("Cache-Control"))
	fmt.Println(w.Header().Get("Location"))
	// Output:
	// 303 no-store
	// https://accounts.example.com/sign-in?redirect_url=https%3A%2F%2Fapp.example.com%2Fcheckout%3Fcart%3D7
}

// navigation is a browser's request for a page.
func navigation(method, target string, fields ...string) *http.Request {
	r := httptest.NewRequest(method, target, http.NoBody)
	r.Header.Set("Sec-Fetch-Dest", "document")
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	return r
}

func answered(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// TestRedirectToSignIn: the methods that handlers call.
func TestRedirectToSignIn(t *testing.T) {
	_, auth := newAuth(t, func(c *clerk.Config) { c.SignInURL, c.SignUpURL = "", "" })
	mux := http.NewServeMux()
	mux.HandleFunc("/in", auth.RedirectToSignIn)
	mux.HandleFunc("/up", auth.RedirectToSignUp)
	for _, method := range []string{"GET", "HEAD", "POST", "DELETE"} {
		for path, p := range map[string]func(*http.Request) string{"/in": auth.SignInURL, "/up": auth.SignUpURL} {
			r := navigation(method, "http://localhost:3000"+path)
			res := answered(mux, r)
			if got := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || got == "" || got != p(r) ||
				!strings.Contains(got, "/sign-"+path[1:]+"?redirect_url=") || res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: %d %v, want %s", method, path, res.StatusCode, res.Header, p(r))
			}
		}
	}
	// htmx follows HX-Redirect.
	r := navigation("POST", "http://localhost:3000/in", "Hx-Request", "true", "Hx-Current-Url", "http://localhost:3000/list")
	res := answered(mux, r)
	if to, err := url.Parse(res.Header.Get("Hx-Redirect")); err != nil || res.StatusCode != 401 || to.Query().Get("redirect_url") != "http://localhost:3000/list" || res.Header.Get("Location") != "" {
		t.Errorf("htmx: %d %v", res.StatusCode, res.Header)
	}
	// A circle ends.
	res = answered(mux, navigation("GET", "http://localhost:3000/in", "Cookie", clerk.CookieSignInCount+"=5"))
	if res.StatusCode != 401 || res.Header.Get("Location") != "" {
		t.Errorf("circle: %d %v", res.StatusCode, res.Header)
	}
	// The identity in the context says that a session is pending.
	r = navigation("GET", "http://localhost:3000/in")
	r = r.WithContext(clerk.NewContext(r.Context(), clerk.Auth{Reason: clerk.ReasonSessionPending}))
	if got := auth.SignInURL(r); !strings.Contains(got, "/sign-in/tasks?") {
		t.Errorf("pending: %s", got)
	}
	// A request without a Middleware goes nowhere.
	none := middleware.Choose(func(handshake.Request) *middleware.Middleware { return nil })
	if got := none.SignInURL(r); got != "" {
		t.Errorf("without a Middleware: %s", got)
	}
	if res = answered(http.HandlerFunc(none.RedirectToSignIn), r); res.StatusCode != 401 || res.Header.Get("Location") != "" {
		t.Errorf("without a Middleware: %d %v", res.StatusCode, res.Header)
	}
}

// TestWithSignInRedirect: which refusals become redirects.
func TestWithSignInRedirect(t *testing.T) {
	em, auth := newAuth(t, func(c *clerk.Config) { c.Handshake = clerk.HandshakeOff }, middleware.WithSignInRedirect())
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	chosen := middleware.Choose(func(handshake.Request) *middleware.Middleware { return auth })
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, tt := range []struct {
		name   string
		reqs   []clerk.Requirement
		r      *http.Request
		status int
		to     bool
	}{
		{"page", nil, navigation("GET", "/p"), 307, true},
		{"HEAD", nil, navigation("HEAD", "/p"), 307, true},
		{"form", nil, navigation("POST", "/p"), 401, false},
		{"script", nil, navigation("GET", "/p", "Sec-Fetch-Dest", "empty"), 401, false},
		{"bad token", nil, navigation("GET", "/p", "Authorization", "Bearer x"), 401, false},
		{"preflight", nil, navigation("OPTIONS", "/p", "Origin", "https://x.example", "Access-Control-Request-Method", "GET"), 401, false},
		{"role, signed out", []clerk.Requirement{clerk.Role("org:admin")}, navigation("GET", "/p"), 307, true},
		{"machine gate", []clerk.Requirement{clerk.Tokens(clerk.APIKey)}, navigation("GET", "/p"), 401, false},
		{"sessions and machines", []clerk.Requirement{clerk.Tokens(clerk.APIKey, clerk.SessionToken)}, navigation("GET", "/p"), 307, true},
	} {
		for _, m := range []adapter.Middleware{auth, chosen} {
			for _, h := range []http.Handler{m.Require(tt.reqs...)(page), m.Handler(m.Require(tt.reqs...)(page))} {
				res := answered(h, tt.r)
				if res.StatusCode != tt.status || strings.HasPrefix(res.Header.Get("Location"), em.URL+"/sign-in?redirect_url=") != tt.to ||
					tt.to && (res.Header.Get("Cache-Control") != "no-store" || len(res.Header.Values("Set-Cookie")) != 1) {
					t.Errorf("%s: %d %v", tt.name, res.StatusCode, res.Header)
				}
			}
		}
	}
	r := navigation("GET", "/p")
	sess.Cookies(r)
	if res := answered(auth.Require(clerk.Role("org:admin"))(page), r); res.StatusCode != 403 || res.Header.Get("Location") != "" {
		t.Errorf("403: %d %v", res.StatusCode, res.Header)
	}
	if res := answered(auth.Require()(page), r); res.StatusCode != 204 || len(res.Header.Values("Set-Cookie")) != 0 {
		t.Errorf("signed in: %d %v", res.StatusCode, res.Header)
	}
}

func TestSignInRedirectIsChecked(t *testing.T) {
	for field, cfg := range map[string]clerk.Config{
		"SignInURL":  {SecretKey: "sk_test_x"},
		"HeaderOnly": {PublishableKey: "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k", HeaderOnly: true},
	} {
		_, err := middleware.New(cfg, middleware.WithSignInRedirect())
		var problem *clerk.ConfigError
		if !errors.As(err, &problem) || problem.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

package middleware_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// goodKeys accepts every API key.
type goodKeys struct{ handshake.Backend }

func (goodKeys) VerifyAPIKey(context.Context, string) (handshake.MachineToken, error) {
	return handshake.MachineToken{ID: "ak_id", Subject: "org_1", Scopes: []string{"x"}}, nil
}

// TestNestedGatesTakeTheirOwnKinds: a key that an outer gate takes does not open an
// inner gate that takes sessions alone, whatever its requirements say of keys.
func TestNestedGatesTakeTheirOwnKinds(t *testing.T) {
	_, auth := newAuth(t, nil, middleware.WithBackend(goodKeys{}))
	staff := clerk.Custom("staff", func(clerk.Auth) error { return nil })
	outer := auth.Require(clerk.Tokens(clerk.APIKey))
	for name, reqs := range map[string][]clerk.Requirement{
		"none": nil, "custom": {staff}, "any": {clerk.Any(staff)}, "all": {clerk.All(staff)}, "organization": {clerk.ActiveOrg()}, "that organization": {clerk.Org("org_1")},
	} {
		ran := false
		h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran = true })
		key := httptest.NewRequest("GET", "/", nil)
		key.Header.Set("Authorization", "Bearer ak_1")
		if w := serve(outer(auth.Require(reqs...)(h)), key); ran || w.Code != 401 {
			t.Errorf("%s: the inner gate answers %d, the handler ran: %v", name, w.Code, ran)
		}
		ran = false
		byHand := httptest.NewRequest("GET", "/", nil)
		a := clerk.MachineInfo{}.Auth(clerk.APIKey, "org_1", "ak_id")
		if w := serve(auth.Require(reqs...)(h), byHand.WithContext(clerk.NewContext(byHand.Context(), a))); ran || w.Code != 403 {
			t.Errorf("%s: an identity by hand: %d, the handler ran: %v", name, w.Code, ran)
		}
		ran = false
		if w := serve(outer(auth.Require(append(reqs, clerk.Tokens(clerk.APIKey))...)(h)), key.Clone(t.Context())); !ran || w.Code != 200 {
			t.Errorf("%s: an inner gate that names keys: %d", name, w.Code)
		}
	}
}

// TestSeveralCredentials: a bad token behind other credentials never gives way to a
// cookie or to a token in the query.
func TestSeveralCredentials(t *testing.T) {
	em, auth := newAuth(t, nil)
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	for _, fields := range [][]string{
		{"", "Bearer garbage"}, {"Basic eDp5", "Bearer garbage"}, {"Basic eDp5, Bearer garbage"}, {", Bearer garbage"}, {"Basic eDp5,bearer garbage"},
		{" Bearer garbage"}, {"\tBearer garbage"}, {"  garbage"}, {"Basic eDp5", "garbage"}, {"Basic eDp5", "bearer  garbage"}, {"Bearer garbage", "Basic eDp5"}, {"Bearer " + sess.Token(), "Bearer garbage"},
	} {
		for name, h := range map[string]http.Handler{
			"cookie": auth.Require()(http.HandlerFunc(whoami)),
			"query":  middleware.TokenFromQuery("token")(auth.Require()(http.HandlerFunc(whoami))),
		} {
			r := httptest.NewRequest("GET", "/?token="+sess.Token(), nil)
			sess.Cookies(r)
			r.Header["Authorization"] = fields
			if w := serve(h, r); w.Code != 401 {
				t.Errorf("%.60q gives way to the %s: %d", fields, name, w.Code)
			}
		}
	}
	for _, fields := range [][]string{nil, {""}, {"Basic eDp5"}, {`Digest username="x", realm="y", nonce="z"`}, {"Basic eDp5", "Basic eDp5"}} {
		r := httptest.NewRequest("GET", "/", nil)
		sess.Cookies(r)
		r.Header["Authorization"] = fields
		if w := serve(auth.Require()(http.HandlerFunc(whoami)), r); w.Code != 200 {
			t.Errorf("%q: another scheme hides the cookie: %d", fields, w.Code)
		}
	}
}

// TestSignInRedirectsAreBounded: what is out of bounds is not copied into a redirect.
func TestSignInRedirectsAreBounded(t *testing.T) {
	_, auth := newAuth(t, nil, middleware.WithSignInRedirect())
	big := strings.Repeat("a", 900<<10)
	query := "/?" + strings.Repeat("%3C&", 230<<10)
	call := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { auth.RedirectToSignIn(w, r) })
	gate := auth.Require()(http.HandlerFunc(whoami))
	with := func(r *http.Request, name, value string) *http.Request { r.Header.Set(name, value); return r }
	htmx := with(httptest.NewRequest("GET", "http://localhost:3000/", nil), "Hx-Request", "true")
	for name, r := range map[string]*http.Request{
		"path":              document("http://localhost:3000/" + big),
		"query":             document("http://localhost:3000" + query),
		"dev browser":       document("http://localhost:3000/?__clerk_db_jwt=" + big),
		"cookie":            with(document("http://localhost:3000/"), "Cookie", "__clerk_db_jwt="+big),
		"Referer of a form": with(httptest.NewRequest("POST", "http://localhost:3000/", nil), "Referer", "http://localhost:3000"+query),
		"page of htmx":      with(htmx, "Hx-Current-Url", "http://localhost:3000"+query),
		"Host":              with(document("http://"+big+"/"), "X", "y"),
	} {
		for how, h := range map[string]http.Handler{"gate": gate, "call": call} {
			w := serve(h, r)
			for _, field := range []string{"Location", "Hx-Redirect"} {
				if n := len(w.Header().Get(field)); n > 64<<10 {
					t.Errorf("%s, %s: %d with a %s of %d bytes", name, how, w.Code, field, n)
				}
			}
		}
	}
}

// TestMethodOverrideBelowHandler: a middleware that makes a POST of a GET cannot get
// round the protection that Handler asked for the GET.
func TestMethodOverrideBelowHandler(t *testing.T) {
	em, auth := newAuth(t, nil, middleware.WithCrossOriginProtection(http.NewCrossOriginProtection()))
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	gate := auth.Require()(http.HandlerFunc(whoami))
	h := auth.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.Method = "POST"
		gate.ServeHTTP(w, r)
	}))
	r := httptest.NewRequest("GET", "/", nil)
	sess.Cookies(r)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := serve(h, r); w.Code != 403 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestProtectionOfChooseBelowHandler: a gate of a Choose with the protection does not
// take over an identity that a Handler without it found.
func TestProtectionOfChooseBelowHandler(t *testing.T) {
	em, auth := newAuth(t, nil)
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	choose := middleware.Choose(func(handshake.Request) *middleware.Middleware { return auth },
		middleware.WithCrossOriginProtection(http.NewCrossOriginProtection()))
	h := auth.Handler(choose.Require()(http.HandlerFunc(whoami)))
	for site, want := range map[string]int{"cross-site": 403, "same-origin": 200} {
		r := httptest.NewRequest("POST", "/", nil)
		sess.Cookies(r)
		r.Header.Set("Sec-Fetch-Site", site)
		if w := serve(h, r); w.Code != want {
			t.Errorf("%s: %d %s", site, w.Code, w.Body)
		}
	}
}

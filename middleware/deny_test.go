package middleware_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// TestDenyAnswersAsRequire compares the answer of a handler that checks by itself with
// that of a gate.
func TestDenyAnswersAsRequire(t *testing.T) {
	em, auth := newAuth(t, nil)
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))
	for _, req := range []clerk.Requirement{clerk.Role("admin"), clerk.Permission("a:b"), clerk.Org("org_9"), clerk.ActiveOrg(), clerk.Custom("owner", func(clerk.Auth) error { return errors.New("secret detail") })} {
		byHand := auth.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := clerk.FromContext(r.Context()).Check(req); err != nil {
				auth.Deny(w, r, err)
				return
			}
			t.Error("passed")
		}))
		gate := auth.Require(req)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("passed") }))
		for _, signedIn := range []bool{true, false} {
			var answers [2]*httptest.ResponseRecorder
			for i, h := range []http.Handler{byHand, gate} {
				r := httptest.NewRequest("GET", "/", nil)
				if signedIn {
					sess.Authorize(r)
				}
				answers[i] = serve(h, r)
			}
			if answers[0].Code != answers[1].Code || answers[0].Body.String() != answers[1].Body.String() || answers[0].Code < 401 {
				t.Errorf("%s: Deny %d %s, Require %d %s", req, answers[0].Code, answers[0].Body, answers[1].Code, answers[1].Body)
			}
			if strings.Contains(answers[0].Body.String(), "secret detail") {
				t.Errorf("%s: the answer has the error of the check", req)
			}
		}
	}
}

func TestDenyNeverLetsPass(t *testing.T) {
	_, auth := newAuth(t, nil)
	for _, c := range []struct {
		auth clerk.Auth
		err  error
		code int
	}{
		{clerk.Auth{UserID: "user_1"}, nil, 403},
		{clerk.Auth{UserID: "user_1"}, (*clerk.DeniedError)(nil), 403},
		{clerk.Auth{UserID: "user_1"}, errors.New("of the application"), 403},
		{clerk.Auth{UserID: "user_1"}, clerk.ErrNotSignedIn, 401},
		{clerk.Auth{UserID: "user_1"}, clerk.ErrUnavailable, 503},
		{clerk.Auth{Outage: true, Reason: clerk.ReasonJWKRemoteFailedToLoad}, clerk.ErrNotSignedIn, 503},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		w := httptest.NewRecorder()
		auth.Deny(w, r.WithContext(clerk.NewContext(r.Context(), c.auth)), c.err)
		if w.Code != c.code || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%+v, %v: %d, want %d", c.auth, c.err, w.Code, c.code)
		}
	}
}

// TestInsufficientScope: an OAuth token that lacks a scope is told which (RFC 6750
// section 3.1).
func TestInsufficientScope(t *testing.T) {
	em, auth := newAuth(t, nil)
	token := em.OAuthToken(em.AddUser(clerktest.User{Email: "alice@example.com"}), clerktest.MachineToken{Scopes: []string{"files:read"}})
	call := func(scopes ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return serve(auth.Require(clerk.Tokens(clerk.OAuth), clerk.Scope(scopes...))(http.HandlerFunc(whoami)), r)
	}
	if w := call("files:read"); w.Code != 200 {
		t.Errorf("with the scope: %d %s", w.Code, w.Body)
	}
	w := call("files:read", "files:write")
	if got := w.Header().Get("WWW-Authenticate"); w.Code != 403 || got != `Bearer error="insufficient_scope", scope="files:read files:write"` || !strings.Contains(w.Body.String(), "insufficient_scope") {
		t.Errorf("without it: %d %q %s", w.Code, got, w.Body)
	}
}

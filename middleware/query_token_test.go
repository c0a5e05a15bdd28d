package middleware_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// TestTokenFromQuery: the token counts, and nothing below sees it in a URL.
func TestTokenFromQuery(t *testing.T) {
	em, auth := newAuth(t, nil)
	good := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"})).Token()
	for _, c := range []struct {
		query, header string
		code          int
		rest          string
	}{
		{"token=" + good, "", 200, ""},
		{"a=1&token=" + good + "&b=%20", "", 200, "a=1&b=%20"},
		{"to%6ben=" + good, "", 200, ""},
		{"token=" + good, "Bearer x", 401, ""}, // the header's counts
		{"token=x", "Bearer " + good, 200, ""},
		{"token=" + good + "&token=" + good, "", 401, ""},
		{"token=&token=" + good, "", 401, ""},
		{"token=", "", 401, ""},
		{"token", "", 401, ""},
		{"token=%zz", "", 401, ""},
		{"token=" + good + "%0d%0aX-Evil:%201", "", 401, ""},
		{"Token=" + good, "", 401, "Token=" + good},
		{"other=" + good, "", 401, "other=" + good},
	} {
		var logged bytes.Buffer
		log := slog.New(slog.NewTextHandler(&logged, nil))
		logger := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				log.Info("request", "uri", r.RequestURI, "url", r.URL, "form", r.FormValue("token"))
				next.ServeHTTP(w, r)
			})
		}
		h := middleware.TokenFromQuery("token")(logger(auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(clerk.FromContext(r.Context()).UserID))
		}))))
		r := httptest.NewRequest("GET", "/events?"+c.query, nil)
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		before := r.URL.String()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.code {
			t.Errorf("%.40q: %d, want %d", c.query, w.Code, c.code)
		}
		if want := "uri=" + strings.TrimSuffix("/events?"+c.rest, "?"); c.rest == "" && strings.Contains(logged.String(), good) || !strings.Contains(strings.ReplaceAll(logged.String(), `"`, ""), want) {
			t.Errorf("%.40q: logged %s, want %s", c.query, &logged, want)
		}
		if r.URL.String() != before {
			t.Error("the caller's request was changed")
		}
	}
	plain := httptest.NewRecorder()
	auth.Require()(http.NotFoundHandler()).ServeHTTP(plain, httptest.NewRequest("GET", "/events?token="+good, nil))
	if plain.Code != 401 {
		t.Errorf("without TokenFromQuery a token in the query counts: %d", plain.Code)
	}
	long := httptest.NewRecorder()
	middleware.TokenFromQuery("token")(http.NotFoundHandler()).ServeHTTP(long, httptest.NewRequest("GET", "/?token="+strings.Repeat("x", 1<<20), nil))
	if long.Code != http.StatusRequestURITooLong {
		t.Errorf("a query of a megabyte: %d", long.Code)
	}
}

// TestVerifyTokenOfEachKind verifies tokens of the emulator without a request.
func TestVerifyTokenOfEachKind(t *testing.T) {
	em, auth := newAuth(t, func(c *clerk.Config) { c.AuthorizedParties = nil })
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	session := em.SignIn(alice).Token()
	key := em.APIKey(alice.ID, clerktest.MachineToken{Name: "deploy"})
	for _, c := range []struct {
		name, token string
		kinds       []clerk.TokenType
		reason      clerk.Reason
	}{
		{"session", session, nil, ""},
		{"API key", key, []clerk.TokenType{clerk.APIKey}, ""},
		{"API key or session", key, []clerk.TokenType{clerk.SessionToken, clerk.APIKey}, ""},
		{"API key as session", key, nil, clerk.ReasonTokenTypeMismatch},
		{"session as API key", session, []clerk.TokenType{clerk.APIKey}, clerk.ReasonTokenTypeMismatch},
		{"made-up API key", "ak_made_up", []clerk.TokenType{clerk.APIKey}, clerk.ReasonTokenInvalid},
	} {
		a, err := auth.VerifyToken(t.Context(), c.token, c.kinds...)
		if a.Reason != c.reason || (err == nil) != (c.reason == "") || a.Authenticated() != (err == nil) || err == nil && a.UserID != alice.ID {
			t.Errorf("%s: %+v %v", c.name, a, err)
		}
		if err != nil && strings.Contains(err.Error(), c.token) {
			t.Errorf("%s: the error holds the token", c.name)
		}
	}
	em.Fault(clerktest.Fault{Path: "/api_keys/verify", Status: 503, Times: 9})
	a, err := auth.VerifyToken(t.Context(), "ak_another", clerk.APIKey)
	if err == nil || !a.Outage || !errors.Is(err, clerk.ErrUnavailable) {
		t.Errorf("an outage of the Backend API: %+v %v", a, err)
	}
}

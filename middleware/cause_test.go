package middleware_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/verify"
)

// refused runs a request through a gate, alone or below a Handler, and returns the
// Failure that the error handler gets, with what was logged.
func refused(t *testing.T, em *clerktest.Emulator, below bool, change func(*clerk.Config), r *http.Request, reqs ...clerk.Requirement) (*middleware.Failure, string) {
	t.Helper()
	var log bytes.Buffer
	var got *middleware.Failure
	auth := authFor(t, em, func(c *clerk.Config) {
		if change != nil {
			change(c)
		}
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}, middleware.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, f *middleware.Failure) {
		got = f
		f.ServeHTTP(w, r)
	}))
	h := auth.Require(reqs...)(http.HandlerFunc(whoami))
	if below {
		h = auth.Handler(h)
	}
	w := serve(h, r)
	if got == nil {
		t.Fatalf("not refused: %d %s", w.Code, w.Body)
	}
	if w.Code != got.Status {
		t.Errorf("answered %d, the failure says %d", w.Code, got.Status)
	}
	if strings.Contains(w.Body.String(), "verify:") || strings.Contains(w.Body.String(), "Backend API") {
		t.Errorf("the answer shows the cause: %s", w.Body)
	}
	return got, log.String()
}

func TestCauseIsKept(t *testing.T) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	token := sess.Token()
	bearer := func() *http.Request {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}
	cookies := func() *http.Request {
		r := httptest.NewRequest("GET", "/", nil)
		sess.Cookies(r)
		return r
	}
	otherParty := func(c *clerk.Config) { c.AuthorizedParties = []string{"https://another.example"} }
	for name, request := range map[string]func() *http.Request{"bearer": bearer, "cookies": cookies} {
		for _, below := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, Handler above %t", name, below), func(t *testing.T) {
				f, log := refused(t, em, below, otherParty, request())
				e := (*verify.Error)(nil)
				if !errors.As(f, &e) || e.Reason != f.Reason || !errors.Is(f, verify.ErrUnauthorizedParty) || !errors.Is(f, clerk.ErrNotSignedIn) {
					t.Fatalf("the cause of %v is %v", f, f.Cause)
				}
				if !strings.Contains(log, "cause=") || !strings.Contains(log, "azp") {
					t.Errorf("DEBUG does not log the cause: %s", log)
				}
				for _, text := range []string{log, f.Error(), f.Cause.Error(), fmt.Sprintf("%+v %#v", f.Cause, f)} {
					if strings.Contains(text, token) || strings.Contains(text, strings.Split(token, ".")[1]) {
						t.Errorf("a token shows in %s", text)
					}
				}
			})
		}
	}
	t.Run("Backend API", func(t *testing.T) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer ak_made_up_secret")
		f, log := refused(t, em, true, nil, r, clerk.Tokens(clerk.APIKey))
		e := (*handshake.BackendError)(nil)
		if f.Status != 401 || !errors.As(f, &e) || e.Status != 404 {
			t.Fatalf("%d, cause %v", f.Status, f.Cause)
		}
		if strings.Contains(log+fmt.Sprintf("%+v", f.Cause), "ak_made") || !strings.Contains(log, "cause=") {
			t.Errorf("logged %s", log)
		}
	})
	t.Run("outage", func(t *testing.T) {
		em.Fault(clerktest.Fault{Path: "/api_keys/verify", Status: 503, Times: 1})
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer ak_made_up_secret2")
		f, _ := refused(t, em, false, nil, r, clerk.Tokens(clerk.APIKey))
		e := (*handshake.BackendError)(nil)
		if f.Status != 503 || !errors.As(f, &e) || e.Status != 503 || !errors.Is(f, clerk.ErrUnavailable) {
			t.Fatalf("%d, cause %v", f.Status, f.Cause)
		}
	})
	t.Run("nonce of a failing network", func(t *testing.T) {
		em.Fault(clerktest.Fault{Path: "/v1/clients/handshake_payload", CutConnection: true, Times: 1})
		r := document("/?__clerk_handshake_nonce=SecretNonce")
		f, log := refused(t, em, false, nil, r)
		e := (*handshake.BackendError)(nil)
		if f.Status != 503 || !errors.As(f, &e) {
			t.Fatalf("%d, cause %v", f.Status, f.Cause)
		}
		if strings.Contains(log+f.Cause.Error(), "SecretNonce") {
			t.Errorf("the nonce shows: %s %v", log, f.Cause)
		}
	})
	t.Run("expired, and the refresh failed too", func(t *testing.T) {
		r := cookies()
		em.Advance(2 * time.Hour)
		r.Header.Set("Sec-Fetch-Dest", "empty")
		r.AddCookie(&http.Cookie{Name: clerk.CookieRefresh, Value: "made-up"})
		f, _ := refused(t, em, true, nil, r)
		if !errors.Is(f, verify.ErrExpired) || f.Status != 401 {
			t.Fatalf("%d, cause %v", f.Status, f.Cause)
		}
	})
	t.Run("none", func(t *testing.T) {
		f, log := refused(t, em, true, nil, httptest.NewRequest("GET", "/", nil))
		if f.Cause != nil || strings.Contains(log, "cause=") || errors.Unwrap(fmt.Errorf("%w", f)) == nil {
			t.Errorf("cause %v, log %s", f.Cause, log)
		}
	})
}

package middleware_test

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// get is a request as an adapter shows it.
func get(target string, header http.Header) handshake.Request {
	return handshake.Request{Method: "GET", Target: target, Host: "localhost:3000", Scheme: "http", Header: header}
}

func TestIdentify(t *testing.T) {
	em, auth := newAuth(t, nil)
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	mine := get("/", http.Header{"Authorization": {sess.Token()}})
	ctx, d := auth.Identify(t.Context(), mine)
	if a := clerk.FromContext(ctx); d.Status != handshake.SignedIn || a.UserID != sess.UserID {
		t.Errorf("signed in: %+v %+v", a, d)
	}
	for name, value := range d.Fields() {
		t.Errorf("signed in: %s: %s", name, value)
	}
	// The second one leaves the first one's answer alone.
	again, d := auth.Identify(ctx, mine)
	if a := clerk.FromContext(again); a.UserID != sess.UserID || d.Status != handshake.SignedOut || d.Reason != "" {
		t.Errorf("a second time: %+v %+v", a, d)
	}
	for name, value := range d.Fields() {
		t.Errorf("a second time: %s: %s", name, value)
	}
	// Another instance's does not.
	_, other := newAuth(t, func(c *clerk.Config) { c.Handshake = clerk.HandshakeOff })
	again, d = other.Identify(ctx, get("/", http.Header{}))
	if a := clerk.FromContext(again); a.UserID != "" || d.Status != handshake.SignedOut {
		t.Errorf("another instance: %+v %+v", a, d)
	}
	ctx, d = auth.Identify(t.Context(), get("/", http.Header{"Authorization": {"garbage"}}))
	if a := clerk.FromContext(ctx); a.SignedIn() || a.Reason != clerk.ReasonTokenInvalid || d.Status != handshake.SignedOut {
		t.Errorf("garbage: %+v %+v", a, d)
	}
}

func TestIdentifyLeavesTheProxyAlone(t *testing.T) {
	_, auth := newAuth(t, func(c *clerk.Config) { c.ProxyURL = "/__clerk" })
	page := http.Header{"Sec-Fetch-Dest": {"document"}}
	for target, alone := range map[string]bool{
		"/__clerk": true, "/__clerk/v1/client": true, "/__clerk/?x=1": true, "/__clerk?x=1": true,
		"http://localhost:3000/__clerk/v1": true,
		"/__clerkish":                      false, "/": false, "/a?next=/__clerk/": false, "/?x=a://b/__clerk": false, "http://localhost:3000": false,
	} {
		ctx, d := auth.Identify(t.Context(), get(target, page))
		if _, _, known := adapter.ContextEntry(ctx); known == alone || (d.Location == "") != alone {
			t.Errorf("%s: %+v, want left alone: %t", target, d, alone)
		}
	}
	// What is gated there is gated still.
	if _, d, f := auth.Check(t.Context(), get("/__clerk/admin", http.Header{})); f == nil || d.Location != "" {
		t.Errorf("Check: %+v %v", d, f)
	}
}

// waitingKeys answers never.
type waitingKeys struct{}

func (waitingKeys) Key(ctx context.Context, _ string) (*rsa.PublicKey, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("%w: %w", clerk.ErrUnavailable, ctx.Err())
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		em, auth := newAuth(t, nil, middleware.WithKeySource(waitingKeys{}))
		sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
		r := get("/", http.Header{"Authorization": {sess.Token()}})
		r.Timeout = 3 * time.Second
		for _, find := range []func() (context.Context, handshake.Decision){
			func() (context.Context, handshake.Decision) { ctx, d, _ := auth.Check(t.Context(), r); return ctx, d },
			func() (context.Context, handshake.Decision) { return auth.Identify(t.Context(), r) },
			func() (context.Context, handshake.Decision) { return t.Context(), auth.Authenticate(t.Context(), r) },
		} {
			start := time.Now()
			ctx, d := find()
			if took := time.Since(start); took != 3*time.Second || d.Status != handshake.Outage {
				t.Errorf("after %v: %+v", took, d)
			}
			if deadline, ok := ctx.Deadline(); ok || ctx.Err() != nil {
				t.Errorf("the handler's context ends at %v", deadline)
			}
		}
		// Without a bound, or with one that is none, it is the caller's.
		r.Timeout = -time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if _, _, f := auth.Check(ctx, r); f == nil || f.Status != http.StatusServiceUnavailable || time.Since(start) != time.Minute {
			t.Errorf("after %v: %v", time.Since(start), f)
		}
	})
}

// TestFailureIsAnError: frameworks ask it for its status and its JSON.
func TestFailureIsAnError(t *testing.T) {
	_, auth := newAuth(t, nil)
	_, _, f := auth.Check(t.Context(), get("/", http.Header{}))
	if f == nil {
		t.Fatal("passed")
	}
	var err error = f
	if !errors.Is(err, clerk.ErrNotSignedIn) || err.Error() != "clerk: not signed in: dev-browser-missing" || f.StatusCode() != 401 {
		t.Errorf("got %v, %d", err, f.StatusCode())
	}
	text, jsonErr := json.Marshal(f)
	if jsonErr != nil || string(text)+"\n" != string(f.Body()) {
		t.Errorf("JSON %s, %v", text, jsonErr)
	}
	denied := &middleware.Failure{Status: 403, Err: &clerk.DeniedError{Requirement: clerk.Role("org:admin")}}
	if denied.Error() != "clerk: lacks role org:admin" {
		t.Errorf("got %v", denied)
	}
	// A failure made by hand without a reason still says something.
	_, _, f = auth.Check(clerk.NewContext(t.Context(), clerk.Auth{}), get("/", http.Header{}))
	if f == nil || f.Reason != clerk.ReasonUnexpectedError {
		t.Errorf("got %+v", f)
	}
	stop := 0
	for range f.Fields() {
		stop++
		break
	}
	if stop != 1 {
		t.Error("Fields goes on")
	}
}

func TestAnswer(t *testing.T) {
	bad := get("/", http.Header{"Authorization": {"garbage"}})
	_, auth := newAuth(t, nil)
	_, _, f := auth.Check(t.Context(), bad)
	w := httptest.NewRecorder()
	f.Answer(w, httptest.NewRequest("GET", "/", nil))
	if code, reason := decode(t, w); w.Code != 401 || code != "authentication_required" || reason != "token-invalid" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	_, auth = newAuth(t, nil, middleware.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, f *middleware.Failure) {
		w.WriteHeader(f.Status + 1)
	}))
	w = httptest.NewRecorder()
	_, _, f = auth.Check(t.Context(), bad)
	if f.Answer(w, nil); w.Code != 402 || w.Header().Get("WWW-Authenticate") == "" {
		t.Errorf("got %d, %v", w.Code, w.Header())
	}
	// So do a check of the handler's and a redirect that leads nowhere.
	w = httptest.NewRecorder()
	if auth.Failure(t.Context(), clerk.ErrNotSignedIn).Answer(w, nil); w.Code != 402 {
		t.Errorf("Failure: got %d", w.Code)
	}
	_, auth = newAuth(t, func(c *clerk.Config) { c.HeaderOnly = true }, middleware.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, _ *middleware.Failure) {
		w.WriteHeader(http.StatusTeapot)
	}))
	w = httptest.NewRecorder()
	if auth.RedirectToSignIn(w, httptest.NewRequest("GET", "/", nil)); w.Code != http.StatusTeapot {
		t.Errorf("RedirectToSignIn: got %d", w.Code)
	}
}

// noBackend refuses everything.
type noBackend struct{ handshake.Backend }

func (noBackend) VerifyAPIKey(context.Context, string) (handshake.MachineToken, error) {
	return handshake.MachineToken{}, &handshake.BackendError{Status: http.StatusNotFound}
}

func TestWithBackend(t *testing.T) {
	_, auth := newAuth(t, nil, middleware.WithBackend(noBackend{}))
	_, _, f := auth.Check(t.Context(), get("/", http.Header{"Authorization": {"Bearer ak_1"}}), clerk.Tokens(clerk.APIKey))
	if f == nil || f.Status != 401 || !strings.HasPrefix(string(f.Reason), "token-invalid") {
		t.Errorf("got %+v", f)
	}
}

// TestRedirectKeepsCookiesApart: a decision's cookies are fields of their own in a
// redirect too.
func TestRedirectKeepsCookiesApart(t *testing.T) {
	em, auth := newAuth(t, nil)
	want := []string{"__client_uat=0; Path=/", "__session=; Path=/; Max-Age=0"}
	now := em.Now()
	token := em.Sign(nil, map[string]any{"handshake": want, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()})
	w := serve(auth.Handler(http.NotFoundHandler()), document("http://localhost:3000/a?__clerk_handshake="+token))
	if got := w.Result().Header["Set-Cookie"]; w.Code != 307 || strings.Join(got, "|") != strings.Join(want, "|") || w.Header().Get("Location") != "http://localhost:3000/a" {
		t.Errorf("got %d, %q", w.Code, got)
	}
}

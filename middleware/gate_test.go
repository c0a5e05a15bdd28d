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
)

// get is a request as an adapter shows it.
func get(target string, header http.Header) handshake.Request {
	return handshake.Request{Method: "GET", Target: target, Host: "localhost:3000", Scheme: "http", Header: header}
}

func TestOpenGate(t *testing.T) {
	em, auth := newAuth(t, nil)
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
	gate := auth.OpenGate()
	mine := get("/", http.Header{"Authorization": {sess.Token()}})
	ctx, d, f := gate.Check(t.Context(), mine)
	if a := clerk.FromContext(ctx); f != nil || d.Status != handshake.SignedIn || a.UserID != sess.UserID {
		t.Errorf("signed in: %+v %+v %v", a, d, f)
	}
	for name, value := range d.Fields() {
		t.Errorf("signed in: %s: %s", name, value)
	}
	// The second one leaves the first one's answer alone.
	again, d, f := gate.Check(ctx, mine)
	if a := clerk.FromContext(again); f != nil || a.UserID != sess.UserID || d.Status != handshake.SignedOut || d.Reason != "" {
		t.Errorf("second gate: %+v %+v %v", a, d, f)
	}
	for name, value := range d.Fields() {
		t.Errorf("second gate: %s: %s", name, value)
	}
	// Another instance's does not.
	_, other := newAuth(t, func(c *clerk.Config) { c.Handshake = clerk.HandshakeOff })
	again, d, f = other.OpenGate().Check(ctx, get("/", http.Header{}))
	if a := clerk.FromContext(again); f != nil || a.UserID != "" || d.Status != handshake.SignedOut {
		t.Errorf("another instance: %+v %+v %v", a, d, f)
	}
	ctx, d, f = gate.Check(t.Context(), get("/", http.Header{"Authorization": {"garbage"}}))
	if a := clerk.FromContext(ctx); f != nil || a.SignedIn() || a.Reason != clerk.ReasonTokenInvalid || d.Status != handshake.SignedOut {
		t.Errorf("garbage: %+v %+v %v", a, d, f)
	}
}

func TestOpenGateLeavesTheProxyAlone(t *testing.T) {
	_, auth := newAuth(t, func(c *clerk.Config) { c.ProxyURL = "/__clerk" })
	page := http.Header{"Sec-Fetch-Dest": {"document"}}
	for target, alone := range map[string]bool{
		"/__clerk": true, "/__clerk/v1/client": true, "/__clerk/?x=1": true, "/__clerk?x=1": true,
		"http://localhost:3000/__clerk/v1": true,
		"/__clerkish":                      false, "/": false, "/a?next=/__clerk/": false, "/?x=a://b/__clerk": false, "http://localhost:3000": false,
	} {
		ctx, d, f := auth.OpenGate().Check(t.Context(), get(target, page))
		if _, known := clerk.ContextSource(ctx); known == alone || (d.Location == "") != alone || f != nil {
			t.Errorf("%s: %+v %v, want left alone: %t", target, d, f, alone)
		}
	}
	// What is gated there is gated still.
	if _, d, f := auth.Gate().Check(t.Context(), get("/__clerk/admin", http.Header{})); f == nil || d.Location != "" {
		t.Errorf("gate: %+v %v", d, f)
	}
}

// waitingKeys answers never.
type waitingKeys struct{}

func (waitingKeys) Key(ctx context.Context, _ string) (*rsa.PublicKey, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("%w: %w", clerk.ErrUnavailable, ctx.Err())
}

func TestGateWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		em, auth := newAuth(t, nil, middleware.WithKeySource(waitingKeys{}))
		sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
		r := get("/", http.Header{"Authorization": {sess.Token()}})
		for _, gate := range []*middleware.Gate{auth.Gate(), auth.OpenGate()} {
			start := time.Now()
			ctx, d, f := gate.Within(3*time.Second).Check(t.Context(), r)
			if took := time.Since(start); took != 3*time.Second || d.Status != handshake.Outage {
				t.Errorf("after %v: %+v %v", took, d, f)
			}
			if deadline, ok := ctx.Deadline(); ok || ctx.Err() != nil {
				t.Errorf("the handler's context ends at %v", deadline)
			}
		}
		// Without a bound it is the caller's.
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if _, _, f := auth.Gate().Check(ctx, r); f == nil || f.Status != http.StatusServiceUnavailable || time.Since(start) != time.Minute {
			t.Errorf("after %v: %v", time.Since(start), f)
		}
	})
}

// TestFailureIsAnError: frameworks ask it for its status and its JSON.
func TestFailureIsAnError(t *testing.T) {
	_, auth := newAuth(t, nil)
	_, _, f := auth.Gate().Check(t.Context(), get("/", http.Header{}))
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
	_, _, f = auth.Gate().Check(clerk.NewContext(t.Context(), clerk.Auth{}), get("/", http.Header{}))
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

func TestRefuse(t *testing.T) {
	f := &middleware.Failure{Status: 401, Reason: clerk.ReasonTokenInvalid, Err: clerk.ErrNotSignedIn}
	_, auth := newAuth(t, nil)
	w := httptest.NewRecorder()
	auth.Refuse(w, httptest.NewRequest("GET", "/", nil), f)
	if code, reason := decode(t, w); w.Code != 401 || code != "authentication_required" || reason != "token-invalid" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	_, auth = newAuth(t, nil, middleware.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, f *middleware.Failure) {
		w.WriteHeader(f.Status + 1)
	}))
	w = httptest.NewRecorder()
	if auth.Refuse(w, nil, f); w.Code != 402 {
		t.Errorf("got %d", w.Code)
	}
}

// noBackend refuses everything.
type noBackend struct{ handshake.Backend }

func (noBackend) VerifyAPIKey(context.Context, string) (handshake.MachineToken, error) {
	return handshake.MachineToken{}, &handshake.BackendError{Status: http.StatusNotFound}
}

func TestWithBackend(t *testing.T) {
	_, auth := newAuth(t, nil, middleware.WithBackend(noBackend{}))
	_, _, f := auth.Gate(clerk.Tokens(clerk.APIKey)).Check(t.Context(), get("/", http.Header{"Authorization": {"Bearer ak_1"}}))
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

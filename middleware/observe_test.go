package middleware_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// told collects every event as text.
type told struct {
	mu    sync.Mutex
	lines []string
	all   strings.Builder // with every field
}

func (o *told) add(event any, line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, line)
	_, _ = fmt.Fprintf(&o.all, "%+v\n", event)
}

func (o *told) observer() middleware.Observer {
	return middleware.Observer{
		Decision: func(_ context.Context, e clerk.DecisionEvent) {
			o.add(e, fmt.Sprintf("decision %s %s %s %v %s", e.Status, e.Reason, e.TokenType, e.Cached, e.Duration))
		},
		KeyFetch: func(_ context.Context, e clerk.KeyFetchEvent) {
			o.add(e, fmt.Sprintf("keys %s %s %s", e.Cause, e.Outcome, e.Duration))
		},
		BackendCall: func(_ context.Context, e clerk.BackendCallEvent) {
			o.add(e, fmt.Sprintf("call %s %s %d %v", e.Operation, e.Outcome, e.Status, e.Cached))
		},
	}
}

func (o *told) want(t *testing.T, lines ...string) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Equal(o.lines, lines) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(o.lines, "\n"), strings.Join(lines, "\n"))
	}
	o.lines = nil
}

// One request after the other by way of the whole kit, with what each is an event of.
func TestObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen, second told
		em, auth := newAuth(t, func(c *clerk.Config) { c.Observer = seen.observer() },
			middleware.WithObserver(middleware.Observer{Decision: second.observer().Decision}), middleware.WithObserver(middleware.Observer{}),
			middleware.WithCrossOriginProtection(http.NewCrossOriginProtection()))
		defer func() { _ = auth.Close() }()
		alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
		sess := em.SignIn(alice)
		key := em.APIKey(alice.ID, clerktest.MachineToken{Name: "nightly"})
		page := auth.Handler(auth.Require()(http.HandlerFunc(whoami)))
		api := auth.Handler(auth.Require(clerk.Tokens(clerk.APIKey))(http.HandlerFunc(whoami)))
		call := func(h http.Handler, method, token string, status int) {
			t.Helper()
			r := httptest.NewRequest(method, "/", nil)
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			if w := serve(h, r); w.Code != status {
				t.Errorf("%s: %d, want %d", method, w.Code, status)
			}
		}
		token := sess.Token()

		call(page, "GET", token, 200)
		seen.want(t, "keys no-keys ok 0s", "decision signed-in  session_token false 0s")
		call(page, "GET", token, 200)
		seen.want(t, "decision signed-in  session_token true 0s")
		call(page, "GET", "", 401)
		seen.want(t, "decision signed-out dev-browser-missing session_token false 0s")
		call(page, "GET", token[:len(token)-4]+"AAAA", 401)
		seen.want(t, "decision signed-out token-invalid-signature session_token false 0s")

		// A gate that takes another kind looks again.
		call(api, "GET", key, 200)
		seen.want(t, "decision signed-out token-invalid session_token false 0s",
			"call POST /api_keys/verify ok 200 false", "decision signed-in  api_key false 0s")
		call(api, "GET", key, 200)
		seen.want(t, "decision signed-out token-invalid session_token false 0s",
			"call POST /api_keys/verify ok 200 true", "decision signed-in  api_key true 0s")

		// The last word is the middleware's.
		r := httptest.NewRequest("POST", "http://localhost:3000/", nil)
		sess.Cookies(r)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		serve(page, r)
		seen.want(t, "decision signed-out cross-origin-request session_token false 0s")

		if _, err := auth.VerifyToken(t.Context(), token); err != nil {
			t.Error(err)
		}
		if _, err := auth.VerifyToken(t.Context(), "ak_x", clerk.M2M); err == nil {
			t.Error("accepted")
		}
		seen.want(t, "decision signed-in  session_token true 0s", "decision signed-out token-type-mismatch api_key false 0s")

		em.Fault(clerktest.Fault{Path: "/*", Status: 503})
		em.Advance(2 * time.Hour)
		call(page, "GET", sess.Token(), 503)
		for i, line := range seen.lines {
			seen.lines[i] = line[:strings.LastIndex(line, " ")] // a duration that is random
		}
		seen.want(t, "keys no-keys status", "decision outage jwk-remote-failed-to-load session_token false")

		if len(second.lines) != 12 {
			t.Error(len(second.lines), "decisions of the second Observer")
		}
		for _, secret := range []string{alice.ID, sess.ID, "alice@", key, token[strings.LastIndexByte(token, '.')+1:], em.SecretKey(), "nightly", "localhost"} {
			if strings.Contains(seen.all.String(), secret) {
				t.Errorf("an event holds %q", secret)
			}
		}
	})
}

// A pending session has its reason, and none where it counts as signed in.
func TestObserverOfPendingSessions(t *testing.T) {
	for _, c := range []struct {
		allowed bool
		want    string
	}{{false, "signed-in session-pending"}, {true, "signed-in "}} {
		var got string
		em, auth := newAuth(t, func(c_ *clerk.Config) { c_.AllowPendingSessions = c.allowed }, middleware.WithObserver(middleware.Observer{
			Decision: func(_ context.Context, e clerk.DecisionEvent) { got = e.Status + " " + string(e.Reason) }}))
		sess := em.SignIn(em.AddUser(clerktest.User{}), clerktest.WithPending("choose-organization"))
		_, _ = auth.VerifyToken(t.Context(), sess.Token())
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.allowed, got, c.want)
		}
	}
}

// Functions that panic change no answer, and no identity reaches another request. The
// panic is logged once, without what it was about.
func TestAnObserverCannotBreakARequest(t *testing.T) {
	var log bytes.Buffer
	em, auth := newAuth(t, func(c *clerk.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) }, middleware.WithObserver(middleware.Observer{
		Decision:    func(context.Context, clerk.DecisionEvent) { panic("SuperSecret") },
		KeyFetch:    func(context.Context, clerk.KeyFetchEvent) { panic("SuperSecret") },
		BackendCall: func(context.Context, clerk.BackendCallEvent) { panic("SuperSecret") },
	}))
	h := auth.Handler(auth.Require(clerk.Tokens(clerk.SessionToken, clerk.APIKey))(http.HandlerFunc(whoami)))
	var all sync.WaitGroup
	for i := range 20 {
		user := em.AddUser(clerktest.User{})
		token, want := em.SignIn(user).Token(), 200
		switch i % 4 {
		case 1:
			token = em.APIKey(user.ID, clerktest.MachineToken{Name: "nightly"})
		case 2:
			token, want = "garbage", 401
		}
		all.Go(func() {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Authorization", "Bearer "+token)
			w := serve(h, r)
			if w.Code != want || want == 200 && !strings.HasPrefix(w.Body.String(), user.ID+"|") {
				t.Error(w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if text := log.String(); strings.Contains(text, "SuperSecret") || strings.Count(text, "function=Decision") != 1 {
		t.Error(text)
	}
}

// A request that nobody observes costs what it costs without observers, and one that is
// observed allocates nothing more.
func TestObserverAllocatesNothing(t *testing.T) {
	em, plain := newAuth(t, nil)
	counted := 0
	observed := authFor(t, em, nil, middleware.WithObserver(middleware.Observer{Decision: func(context.Context, clerk.DecisionEvent) { counted++ }}))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+em.SignIn(em.AddUser(clerktest.User{})).Token())
	w := httptest.NewRecorder()
	cost := func(auth *middleware.Middleware) float64 {
		h := auth.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		least := testing.AllocsPerRun(1, func() { h.ServeHTTP(w, r) })
		for range 20 {
			least = min(least, testing.AllocsPerRun(1, func() { h.ServeHTTP(w, r) }))
		}
		return least
	}
	without, with := cost(plain), cost(observed)
	if with > without || counted == 0 {
		t.Errorf("%v allocations, %v without an Observer (%d decisions)", with, without, counted)
	}
}

func TestStats(t *testing.T) {
	em, auth := newAuth(t, nil)
	alice := em.AddUser(clerktest.User{})
	token, key := em.SignIn(alice).Token(), em.APIKey(alice.ID, clerktest.MachineToken{Name: "nightly"})
	for range 3 {
		_, _ = auth.VerifyToken(t.Context(), token)
		_, _ = auth.VerifyToken(t.Context(), key, clerk.APIKey)
	}
	s := auth.Stats()
	if s.Tokens.Hits != 2 || s.Tokens.Entries != 1 || s.Backend.Hits != 2 || s.Backend.Calls != 1 || s.Backend.Entries != 1 || s.Keys.Keys == 0 || s.Keys.Fetches != 1 {
		t.Errorf("%+v", s)
	}
	if s := authFor(t, em, func(c *clerk.Config) { c.JWTKey = em.JWTKey() }).Stats(); s != (middleware.Stats{}) {
		t.Errorf("%+v", s)
	}
	if s := (*middleware.Middleware)(nil).Stats(); s != (middleware.Stats{}) {
		t.Errorf("%+v", s)
	}
	if s := (&middleware.Middleware{}).Stats(); s != (middleware.Stats{}) {
		t.Errorf("%+v", s)
	}
}

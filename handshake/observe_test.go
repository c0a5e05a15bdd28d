package handshake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

type ctxKey struct{}

// observed collects what an Observer is told, each event with the value in its context.
type observed struct {
	mu    sync.Mutex
	lines []string
}

func (o *observed) add(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, line)
}

// since returns what was told since the last call, in order of the text.
func (o *observed) since() []string {
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := o.lines
	o.lines = nil
	slices.Sort(lines)
	return lines
}

func (o *observed) want(t *testing.T, lines ...string) {
	t.Helper()
	slices.Sort(lines)
	if got := o.since(); !slices.Equal(got, lines) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}

func (o *observed) calls() clerk.Observer {
	return clerk.Observer{BackendCall: func(ctx context.Context, e clerk.BackendCallEvent) {
		how := ""
		if e.Cached {
			how += " cached"
		}
		if e.Shared {
			how += " shared"
		}
		o.add(fmt.Sprintf("%s %s %d attempts=%d %s%s %v", e.Operation, e.Outcome, e.Status, e.Attempts, e.Duration, how, ctx.Value(ctxKey{})))
	}}
}

func by(t *testing.T, who string) context.Context {
	return context.WithValue(t.Context(), ctxKey{}, who)
}

// Each question to the Backend API is one event: the call for the request that caused it,
// and what was shared or cached for those that did not.
func TestQuestionsToTheBackendAreObserved(t *testing.T) {
	keys(t)
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		w := production()
		w.clock = time.Now
		w.config.Observer = seen.calls()
		w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
		w.backend.wait = func() { time.Sleep(time.Second) }
		m := w.machine(t)
		ask := func(who, token string, kind clerk.TokenType) {
			m.Authenticate(by(t, who), bearer(token), kind)
		}

		var all sync.WaitGroup
		all.Go(func() { ask("first", "ak_1", clerk.APIKey) })
		synctest.Wait()
		time.Sleep(400 * time.Millisecond)
		all.Go(func() { ask("second", "ak_1", clerk.APIKey) })
		all.Wait()
		seen.want(t, "POST /api_keys/verify ok 200 attempts=1 1s first", "POST /api_keys/verify ok 200 attempts=0 600ms shared second")
		ask("third", "ak_1", clerk.APIKey)
		seen.want(t, "POST /api_keys/verify ok 200 attempts=0 0s cached third")

		ask("machine", "mt_1", clerk.M2M)
		ask("client", "oat_1", clerk.OAuth)
		seen.want(t, "POST /m2m_tokens/verify ok 200 attempts=1 1s machine", "POST /oauth_applications/access_tokens/verify ok 200 attempts=1 1s client")

		w.backend.err = &BackendError{Status: 404}
		ask("guesser", "ak_2", clerk.APIKey)
		ask("guesser", "ak_2", clerk.APIKey)
		seen.want(t, "POST /api_keys/verify refused 404 attempts=1 1s guesser", "POST /api_keys/verify refused 404 attempts=0 0s cached guesser")
		w.backend.err = &BackendError{Status: 503}
		ask("unlucky", "ak_3", clerk.APIKey)
		w.backend.err = errors.New("no route")
		ask("unlucky", "ak_3", clerk.APIKey)
		seen.want(t, "POST /api_keys/verify unavailable 503 attempts=1 1s unlucky", "POST /api_keys/verify unavailable 0 attempts=1 1s unlucky")
		w.backend.wait = func() { panic("SuperSecret") }
		ask("unlucky", "ak_4", clerk.APIKey)
		seen.want(t, "POST /api_keys/verify unavailable 0 attempts=1 0s unlucky")

		ask("nobody", "ak_not.sent", clerk.APIKey)
		seen.want(t)
		if s := m.Stats(); s != (Stats{Hits: 2, Calls: 7, Shared: 1, Entries: 4}) {
			t.Errorf("%+v", s)
		}
	})
}

func TestNoncesAndRefreshesAreObserved(t *testing.T) {
	fresh := []string{"__session=" + token(t, nil), "__client_uat=1"}
	old := expired(t)
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		w := development()
		w.config.Observer = seen.calls()
		w.backend.nonce = map[string][]string{"n": fresh}
		w.backend.refreshed = fresh
		m := w.machine(t)
		m.Authenticate(by(t, "nonce"), request("/?__clerk_handshake_nonce=n", "Sec-Fetch-Dest", "document"))
		m.Authenticate(by(t, "spent"), request("/?__clerk_handshake_nonce=spent", "Sec-Fetch-Dest", "document"))
		m.Authenticate(by(t, "refresh"), page("__client_uat=1"+devDB+"; __session="+old+"; __refresh"+suffix(t, devKey)+"=r"))
		seen.want(t, "GET /v1/clients/handshake_payload ok 200 attempts=1 0s nonce", "GET /v1/clients/handshake_payload refused 404 attempts=1 0s spent",
			"POST /v1/sessions/{session_id}/refresh ok 200 attempts=1 0s refresh")
	})
}

// A request that does not wait for the answer: the one that began the call causes its
// event when it ends, and its context still says who it was; another one is told of what
// it waited for.
func TestRequestsThatLeaveAreObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		w := production()
		w.config.Observer = seen.calls()
		w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
		w.backend.wait = func() { time.Sleep(3 * time.Second) }
		m := w.machine(t)
		for _, who := range []string{"first", "second"} {
			ctx, cancel := context.WithTimeout(by(t, who), time.Second)
			defer cancel()
			go m.Authenticate(ctx, bearer("ak_1"), clerk.APIKey)
			synctest.Wait()
		}
		time.Sleep(time.Second)
		seen.want(t, "POST /api_keys/verify canceled 0 attempts=0 1s shared second")
		time.Sleep(2 * time.Second)
		seen.want(t, "POST /api_keys/verify ok 200 attempts=1 3s first")
	})
}

// Calls that the limits refuse are observed and counted.
func TestLimitedCallsAreObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		w := production()
		w.config.Observer = seen.calls()
		w.backend.err = &BackendError{Status: 404}
		m := w.machine(t)
		concurrently(400, func(i int) {
			m.Authenticate(by(t, "flood"), bearer("ak_"+strings.Repeat("x", i)), clerk.APIKey)
		})
		limited, refused := 0, 0
		for _, line := range seen.since() {
			switch {
			case strings.HasPrefix(line, "POST /api_keys/verify limited 0 attempts=0 "):
				limited++
			case strings.HasPrefix(line, "POST /api_keys/verify refused 404 attempts=1 "):
				refused++
			default:
				t.Error(line)
			}
		}
		if s := m.Stats(); limited == 0 || limited+refused != 400 || s.Limited != uint64(limited) || s.Calls != uint64(refused) {
			t.Errorf("%d limited, %d refused, %+v", limited, refused, s)
		}
	})
}

// The Backend gets the values of the request that caused the call, so that its HTTP
// client can attach spans, and not its end.
func TestBackendGetsTheValuesOfTheRequest(t *testing.T) {
	var got any
	w := production()
	w.extra.Backend = valuesBackend{&w.backend, &got}
	w.skip = true
	w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
	d := w.machine(t).Authenticate(by(t, "me"), bearer("ak_1"), clerk.APIKey)
	if want(t, d, SignedIn, ""); got != "me" {
		t.Error(got)
	}
}

type valuesBackend struct {
	*fakeBackend
	got *any
}

func (b valuesBackend) VerifyAPIKey(ctx context.Context, _ string) (MachineToken, error) {
	*b.got = ctx.Value(ctxKey{})
	return b.machine()
}

// An Authenticator without package middleware tells of its decisions itself.
func TestDecisionsAreObserved(t *testing.T) {
	good := token(t, nil)
	synctest.Test(t, func(t *testing.T) {
		var seen observed
		w := production()
		w.config.Observer.Decision = func(ctx context.Context, e clerk.DecisionEvent) {
			seen.add(fmt.Sprintf("%s %q %q %v %s %v", e.Status, e.Reason, e.TokenType, e.Cached, e.Duration, ctx.Value(ctxKey{})))
		}
		w.backend.token = MachineToken{ID: "x", Subject: "user_1"}
		w.backend.wait = func() { time.Sleep(time.Second) }
		m := w.machine(t)
		for range 2 {
			m.Authenticate(by(t, "bearer"), bearer(good))
		}
		m.Authenticate(by(t, "cookie"), page(uatNow+"; __session="+good))
		m.VerifyToken(by(t, "token"), good)
		seen.want(t, `signed-in "" "session_token" false 0s bearer`, `signed-in "" "session_token" true 0s bearer`,
			`signed-in "" "session_token" true 0s cookie`, `signed-in "" "session_token" true 0s token`)
		for range 2 {
			m.Authenticate(by(t, "key"), bearer("ak_1"), clerk.APIKey, clerk.SessionToken)
		}
		seen.want(t, `signed-in "" "api_key" false 1s key`, `signed-in "" "api_key" true 0s key`)
		m.Authenticate(by(t, "nobody"), page("theme=dark"))
		m.Authenticate(by(t, "browser"), page(uatNow))
		m.VerifyToken(by(t, "garbage"), "garbage")
		seen.want(t, `signed-out "session-token-and-uat-missing" "session_token" false 0s nobody`,
			`handshake "client-uat-but-no-session-token" "session_token" false 0s browser`, `signed-out "token-invalid" "session_token" false 0s garbage`)
		w.keys.err = clerk.ErrUnavailable
		m.Authenticate(by(t, "outage"), bearer(good))
		seen.want(t, `outage "jwk-remote-failed-to-load" "session_token" false 0s outage`)
		pending := token(t, claims{"sts": "pending", "jti": "2"})
		w.keys.err = nil
		m.Authenticate(by(t, "pending"), bearer(pending))
		seen.want(t, `signed-in "session-pending" "session_token" false 0s pending`)
	})
}

// Functions that panic change no decision, and give nobody another's identity.
func TestAnObserverCannotBreakADecision(t *testing.T) {
	good := token(t, nil)
	w := production()
	w.config.Observer = clerk.Observer{
		Decision:    func(context.Context, clerk.DecisionEvent) { panic("SuperSecret") },
		BackendCall: func(context.Context, clerk.BackendCallEvent) { panic("SuperSecret") },
	}
	w.backend.token = MachineToken{ID: "x", Subject: "user_2"}
	m := w.machine(t)
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			switch i % 3 {
			case 0:
				if d := m.Authenticate(t.Context(), bearer(good)); d.Status != SignedIn || d.Auth.UserID != "user_1" {
					t.Error(d)
				}
			case 1:
				if d := m.Authenticate(t.Context(), bearer("ak_1"), clerk.APIKey); d.Status != SignedIn || d.Auth.UserID != "user_2" {
					t.Error(d)
				}
			default:
				if d := m.Authenticate(t.Context(), bearer("")); d.Status != SignedOut || d.Auth.Authenticated() {
					t.Error(d)
				}
			}
		})
	}
	all.Wait()
	if d := m.VerifyToken(t.Context(), good); d.Status != SignedIn {
		t.Error(d)
	}
}

func TestStatsOfNobody(t *testing.T) {
	if s := (*Authenticator)(nil).Stats(); s != (Stats{}) {
		t.Error(s)
	}
}

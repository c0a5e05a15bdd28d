package handshake

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/budget"
	proxies "github.com/clerkkit/clerkkit/internal/forwarded"
)

// Half of what Clerk allows an instance in ten seconds
// (https://clerk.com/docs/guides/how-clerk-works/system-limits): other servers of the
// application use the other half. See [clerk.Limits].
const (
	callsDevelopment = 50
	callsProduction  = 500
	callsEmulator    = 50_000 // which has no limit to run into
	callsParallel    = 64
	callWait         = 2 * time.Second
	callsWaiting     = 256 // of one purpose
	knownTokens      = 16_384

	defaultOpaqueTokenCacheTTL = 15 * time.Second
)

// weights are the default shares of each purpose in the calls of ten seconds, in per
// cent. Calls with good answers use the rest. 300 keys that are each verified every 15
// seconds may all need a call within the same ten.
var weights = budget.Shares{budget.Nonce: 14, budget.Refresh: 6, budget.Known: 60, budget.Unknown: 12}

const weightLeft = 8

// newBudget resolves the limits of a Config. The error is a *[clerk.ConfigError].
func newBudget(l clerk.Limits, instance clerk.InstanceType, emulator bool) (*budget.Budget, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	calls := l.BackendCalls
	switch {
	case calls != 0:
	case emulator:
		calls = callsEmulator
	case instance == clerk.Development:
		calls = callsDevelopment
	default:
		calls = callsProduction
	}
	reserved := budget.Shares{budget.Nonce: l.NonceCalls, budget.Refresh: l.RefreshCalls, budget.Known: l.KnownTokenCalls, budget.Unknown: l.UnknownTokenCalls}
	left, open := calls, weightLeft
	for p, n := range reserved {
		left -= n
		if n == 0 {
			open += weights[p]
		}
	}
	if left < 0 {
		return nil, &clerk.ConfigError{Field: "Limits", Problem: "share out more calls than BackendCalls, which are " + strconv.Itoa(calls)}
	}
	for p, n := range reserved {
		if n == 0 {
			reserved[p] = left * weights[p] / open
		}
	}
	parallel := cmp.Or(l.BackendParallel, callsParallel)
	few := max(1, parallel/8)
	return budget.New(budget.Config{
		Calls: calls, Parallel: parallel, Reserved: reserved,
		// Strangers get a quarter of the slots for nonces and one for tokens.
		Slots: budget.Shares{budget.Nonce: 2 * few, budget.Refresh: few, budget.Known: max(1, parallel-5*few), budget.Unknown: 2 * few},
		Wait:  cmp.Or(l.Wait, callWait), Waiting: callsWaiting,
	}), nil
}

// errNoAnswer is the error of a call that panicked.
var errNoAnswer = errors.New("handshake: the call to the Backend API ended without an answer")

// backendCalls makes the calls of an Authenticator, within its budget.
type backendCalls struct {
	budget     *budget.Budget
	forwarded  *proxies.Rules // for the addresses of clients
	tokens     answers[Decision]
	directives answers[directives] // of nonces and refreshes
	limited    atomic.Uint64       // calls that the budget refused
}

// directives are the Set-Cookie values that answer a nonce or a refresh.
type directives struct {
	values []string
	err    error
}

func (m *Authenticator) setBackendCalls(c clerk.Config) (err error) {
	b := &m.calls
	b.forwarded = proxies.New(c)
	if b.budget, err = newBudget(c.Limits, m.instance, c.InsecureEmulator); err != nil {
		return err
	}
	ttl := max(0, cmp.Or(c.OpaqueTokenCacheTTL, defaultOpaqueTokenCacheTTL)) // negative is off
	b.tokens = answers[Decision]{
		now: m.now, goodFor: ttl, panics: m.notices.panicked,
		judge: func(d Decision) (verdict, time.Time) {
			switch d.Status {
			case SignedIn:
				return saysGood, d.Auth.ExpiresAt
			case SignedOut:
				return saysBad, time.Time{}
			}
			return saysNothing, time.Time{}
		},
		failed: func(err error) Decision { return because(outage("", clerk.ReasonUnexpectedError), err) },
		errOf:  func(d Decision) error { return d.Cause },
	}
	b.tokens.init(cmp.Or(c.Limits.KnownTokens, knownTokens))
	b.directives = answers[directives]{
		now: m.now, panics: m.notices.panicked, // a nonce is good once, and so is no answer kept
		judge: func(d directives) (verdict, time.Time) {
			switch {
			case isOutage(d.err):
				return saysNothing, time.Time{}
			case d.err != nil || len(d.values) == 0:
				return saysBad, time.Time{}
			}
			return saysGood, time.Time{}
		},
		failed: func(err error) directives { return directives{err: err} },
		errOf:  func(d directives) error { return d.err },
	}
	b.directives.init(0)
	return nil
}

// question is something to ask the Backend API. The operation is not in it: together
// they would put the exchange of each request on the heap.
type question struct {
	purpose budget.Purpose
	sender  func() []string
	key     answerKey
}

// ask returns the cached or shared answer, or makes a call within the budget of the
// purpose.
func ask[T any](ctx context.Context, m *Authenticator, a *answers[T], operation string, q question, call func(context.Context) T) (answer T, from origin) {
	w := m.watch(ctx, operation)
	answer, from = a.get(ctx, q.key, over(w, a), func(known bool) (func(context.Context) T, error) {
		if known && q.purpose == budget.Unknown {
			q.purpose = budget.Known
		}
		turn, err := m.calls.budget.Enter(q.purpose, q.sender()...)
		if err != nil {
			m.refusedCall()
			return nil, err
		}
		return func(ctx context.Context) T {
			if err := turn.Wait(ctx); err != nil {
				m.refusedCall()
				return a.failed(err)
			}
			good := false
			defer func() { turn.Done(good) }()
			a.sent()
			w.sent()
			answer := call(ctx)
			says, _ := a.judge(answer)
			good = says == saysGood
			return answer
		}, nil
	})
	if from != fromCall {
		w.told(from, a.errOf(answer))
	}
	return answer, from
}

// refusedCall notes a call for which the budget had nothing left.
func (m *Authenticator) refusedCall() {
	m.calls.limited.Add(1)
	m.notices.busy()
}

// handshakePayload exchanges a nonce. Clerk accepts a nonce once, so concurrent
// requests with the same nonce share the exchange.
func (q *exchange) handshakePayload(ctx context.Context, nonce string) ([]string, error) {
	m := q.m
	if m.backend == nil || len(nonce) > maxNonce {
		return nil, nil
	}
	d, _ := ask(ctx, m, &m.calls.directives, operationNonce, question{budget.Nonce, q.sender, keyOf("nonce", nonce)}, func(ctx context.Context) directives {
		values, err := m.backend.HandshakePayload(ctx, nonce)
		return directives{values, err}
	})
	return d.values, d.err
}

// refreshSession refreshes a session. A browser that opens several pages with one
// expired token causes one call. Only tokens with a good signature get here, so calls
// are shared by session and not by address.
func (q *exchange) refreshSession(ctx context.Context, r RefreshRequest) ([]string, error) {
	m := q.m
	key := keyOf("refresh", r.ExpiredToken, r.RefreshToken, r.RequestOrigin, strconv.FormatBool(r.SuffixedCookies))
	sender := func() []string { return []string{r.SessionID} }
	d, _ := ask(ctx, m, &m.calls.directives, operationRefresh, question{budget.Refresh, sender, key}, func(ctx context.Context) directives {
		values, err := m.backend.RefreshSession(ctx, r)
		return directives{values, err}
	})
	return d.values, d.err
}

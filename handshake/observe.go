package handshake

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/budget"
)

// The operations of a [Backend], for the Observer.
const (
	operationNonce   = "GET /v1/clients/handshake_payload"
	operationRefresh = "POST /v1/sessions/{session_id}/refresh"
	operationM2M     = "POST /m2m_tokens/verify"
	operationAPIKey  = "POST /api_keys/verify"
	operationOAuth   = "POST /oauth_applications/access_tokens/verify"
)

func operationOf(kind clerk.TokenType) string {
	switch kind {
	case clerk.M2M:
		return operationM2M
	case clerk.APIKey:
		return operationAPIKey
	}
	return operationOAuth
}

// watch is what the Observer is told of one question to the Backend API. A nil watch
// tells nobody.
type watch struct {
	m        *Authenticator
	ctx      context.Context
	event    clerk.BackendCallEvent
	attempts atomic.Int32
}

func (m *Authenticator) watch(ctx context.Context, operation string) *watch {
	if !m.observer.BackendCalls() {
		return nil
	}
	return &watch{m: m, ctx: ctx, event: clerk.BackendCallEvent{Start: time.Now(), Operation: operation}}
}

// sent counts a call that the Backend is asked to make.
func (w *watch) sent() {
	if w != nil {
		w.attempts.Add(1)
	}
}

// over is what answers tells of a call that w's request caused.
func over[T any](w *watch, a *answers[T]) func(T) {
	if w == nil {
		return nil
	}
	return func(answer T) { w.told(fromCall, a.errOf(answer)) }
}

// told tells the Observer how the question was answered.
func (w *watch) told(from origin, err error) {
	if w == nil {
		return
	}
	e := w.event
	e.Cached, e.Shared = from == fromCache, from == fromOther
	if from == fromCall {
		e.Attempts = int(w.attempts.Load())
	}
	e.Outcome, e.Status = clerk.OutcomeOK, http.StatusOK
	if err != nil {
		e.Outcome, e.Status = w.failure(from, err)
	}
	w.m.observer.BackendCall(w.ctx, e)
}

// failure is the Outcome of an error, and the status of the answer.
func (w *watch) failure(from origin, err error) (outcome string, status int) {
	if be := (*BackendError)(nil); errors.As(err, &be) {
		status = be.Status
	}
	switch ended := w.ctx.Err(); {
	case errors.Is(err, budget.ErrSpent):
		return "limited", status
	case from == fromOther && ended != nil && errors.Is(err, ended):
		return "canceled", status
	case isOutage(err):
		return "unavailable", status
	}
	return "refused", status
}

// decisionEvent is what the Observer is told of a decision.
func decisionEvent(start time.Time, d *Decision) clerk.DecisionEvent {
	e := clerk.DecisionEvent{Start: start, Status: d.Status.String(), Reason: d.Reason, TokenType: d.Auth.TokenType, Cached: d.Cached}
	if e.Reason == "" {
		e.Reason = d.Auth.Reason
	}
	return e
}

// Stats counts the opaque tokens (API keys, M2M and OAuth tokens) of an [Authenticator],
// and the calls to the Backend API that it refused, both since New.
type Stats struct {
	// Hits counts the tokens whose answer was cached, Calls those that caused a call, and
	// Shared those that waited for the call of another request.
	Hits, Calls, Shared uint64
	// Entries is the number of cached answers, refusals included.
	Entries int
	// Limited counts the calls that were not sent because [clerk.Limits] left none, those
	// of handshakes and refreshes included. Each was answered as an outage.
	Limited uint64
}

// Stats returns the counts until now.
func (m *Authenticator) Stats() Stats {
	if m == nil {
		return Stats{}
	}
	a := &m.calls.tokens
	a.mu.Lock()
	defer a.mu.Unlock()
	return Stats{Hits: a.hits, Calls: a.calls, Shared: a.shared, Entries: len(a.good) + len(a.bad), Limited: m.calls.limited.Load()}
}

// sent counts a call.
func (a *answers[T]) sent() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
}

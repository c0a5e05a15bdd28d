package clerk

import (
	"context"
	"time"
)

// Observer is told what the kit did, to make metrics and traces of. Set it in
// [Config].Observer, from which every New and FromConfig takes it, or by
// middleware.WithObserver, or in the Config of one package. Each function is optional.
// Without any, the kit reads no clock and allocates nothing for it.
//
//	decisions := expvar.NewMap("clerk_decisions")
//	cfg.Observer.Decision = func(_ context.Context, e clerk.DecisionEvent) { decisions.Add(e.Status, 1) }
//
// A function is called when the thing is over, outside of all locks, and by the goroutine
// that did it: requests wait for it. It must be fast and safe for concurrent use. Where it
// panics, the panic is recovered and logged once a minute at most, and the request gets
// the answer that it would have got.
//
// ctx has the values of the request that caused the event, so that a span finds its
// parent; it has none for what the kit does in the background. It may be over.
//
// Start and Duration are by the clock of the machine, whatever Config.Now says. Start
// plus Duration is the end.
//
// No event holds a token, a key, a claim, an id of anybody, or anything that a stranger
// can choose. Each text is one of a small set, so it can be the label of a metric.
type Observer struct {
	// Decision: it was decided who a request is from.
	Decision func(ctx context.Context, e DecisionEvent)
	// KeyFetch: the signing keys were fetched, or could not be.
	KeyFetch func(ctx context.Context, e KeyFetchEvent)
	// BackendCall: something was asked of the Backend API, or answered in its stead.
	BackendCall func(ctx context.Context, e BackendCallEvent)
	// Webhook: a delivery was verified or refused.
	Webhook func(ctx context.Context, e WebhookEvent)
}

// OutcomeOK is the Outcome of an event about something that worked.
const OutcomeOK = "ok"

// DecisionEvent is one decision about who a request is from, or whom a token is for. A
// request causes one where Handler authenticates it, and one more at a gate that looks for
// other kinds of tokens than Handler does. What a gate then asks of a known identity (a
// role, a permission) is not in it.
type DecisionEvent struct {
	// Start is when the request arrived at the kit, Duration how long the decision took:
	// with the fetch of keys and the calls to the Backend API that it waited for.
	Start    time.Time
	Duration time.Duration
	// Status is "signed-in", "signed-out", "handshake" (a redirect to the Frontend API) or
	// "outage". A pending session is "signed-in" with [ReasonSessionPending].
	Status string
	// Reason says why, "" for a plain "signed-in".
	Reason Reason
	// TokenType is the kind of token that the decision is about, "" where the request
	// presents none of the kinds that the route takes. For a decision that is not
	// "signed-in" it is the kind that was looked for.
	TokenType TokenType
	// Cached is set where the token was verified before and is remembered: by the
	// verified-token cache, or an opaque token by the answer of the Backend API.
	Cached bool
}

// KeyFetchEvent is one fetch of the signing keys, with all its attempts.
type KeyFetchEvent struct {
	// Start is when the fetch began, Duration how long it took.
	Start    time.Time
	Duration time.Duration
	// Cause is why: "no-keys" (the first fetch, or the keys are past jwks.Config.MaxAge),
	// "old-keys" (past RefreshInterval), "unknown-key" (a token names a key that the set
	// lacks), or "schedule" (the refresh in the background).
	Cause string
	// Age is how old the keys at hand were at Start, by jwks.Config.Now; 0 where there
	// were none.
	Age time.Duration
	// Outcome is [OutcomeOK], or the jwks.Reason of the failure: "network", "timeout", …
	// "closed" is a fetch that Close ended.
	Outcome string
	// Status is the HTTP status of the answer, 0 where there was none.
	Status int
}

// BackendCallEvent is one question to the Backend API. Where neither Cached nor Shared is
// set, it stands for one call; the ctx is that of the request that caused the call.
type BackendCallEvent struct {
	// Start is when the answer was asked for, Duration how long it took: with attempts,
	// the pauses between them, and waiting for a turn within [Limits].
	Start    time.Time
	Duration time.Duration
	// Operation is the method and the path with its parameters in braces, as in "POST
	// /v1/sessions/{session_id}/refresh". bapi.Client.Do has "{path}" for the whole path.
	Operation string
	// Outcome is [OutcomeOK], or:
	//
	//   - "refused": an answer with another status that is about the question, such as
	//     404 for a token that is none;
	//   - "unavailable": no answer, 429 or 5xx, or an answer that cannot be read;
	//   - "limited": not sent, because [Limits] leave no call for it;
	//   - "canceled": the caller's context ended before;
	//   - "stale": a cache of package bapi used an old answer, because Clerk could not be
	//     asked.
	//
	// What is refused before it is sent, because an argument cannot be used, is no event.
	Outcome string
	// Status is the HTTP status of the answer, 0 where there was none, and 200 for a
	// success of a handshake.Backend, which does not tell it.
	Status int
	// Attempts is how often the call was sent, 0 where it was not.
	Attempts int
	// Cached is set where a remembered answer was used and nothing was asked.
	Cached bool
	// Shared is set where the answer is that of a call which another request began.
	Shared bool
}

// WebhookEvent is the verification of one delivery of a webhook. What the application
// does with the event is not in it.
type WebhookEvent struct {
	// Start is when the verification began, Duration how long it took, with reading the
	// body.
	Start    time.Time
	Duration time.Duration
	// Outcome is [OutcomeOK], or the Reason of the webhook.Error: "not-signed",
	// "no-matching-signature", …
	Outcome string
	// Type is the type of the event, as in "user.created", where the Outcome is OutcomeOK:
	// Clerk signed it. "" otherwise.
	Type string
}

package clerk

import (
	"context"
	"time"
)

// Observer receives events about what the kit does, for metrics and traces. Set it in
// [Config].Observer, which every New and FromConfig reads, with the option
// middleware.WithObserver, or in the Config of one package. Each function is optional. A
// nil function costs nothing: no clock is read and nothing is allocated for it.
//
//	decisions := expvar.NewMap("clerk_decisions")
//	cfg.Observer.Decision = func(_ context.Context, e clerk.DecisionEvent) { decisions.Add(e.Status, 1) }
//
// The kit calls a function after the operation, outside of all locks, on the goroutine
// that did the operation. Requests wait for it, so it must be fast. It must be safe for
// concurrent use. If it panics, the kit recovers, logs the panic at most once a minute,
// and the request gets the same answer as without an Observer.
//
// ctx carries the values of the request that caused the event, so a span finds its
// parent. It can be canceled already. It carries no values for work in the background.
//
// Start and Duration come from the clock of the machine and not from Config.Now. A span
// ends at Start plus Duration.
//
// No event contains a token, a key, a claim, an ID, or a value that a client chose. Each
// string is one of a small set, so it can be a label of a metric.
type Observer struct {
	// Decision receives the result of each authentication.
	Decision func(ctx context.Context, e DecisionEvent)
	// KeyFetch receives each fetch of the signing keys.
	KeyFetch func(ctx context.Context, e KeyFetchEvent)
	// BackendCall receives each call to the Backend API, and each answer that came from a
	// cache or from the call of another request.
	BackendCall func(ctx context.Context, e BackendCallEvent)
	// Webhook receives each verification of a webhook.
	Webhook func(ctx context.Context, e WebhookEvent)
}

// OutcomeOK is the Outcome of a successful operation.
const OutcomeOK = "ok"

// DecisionEvent is the result of authenticating one request or one token. A request causes
// one event in Handler, and another one at a gate that accepts other kinds of tokens than
// Handler does. The requirements of a gate (a role, a permission) cause no event.
type DecisionEvent struct {
	// Start is the time at which the authentication began. Duration includes the fetch of
	// keys and the calls to the Backend API that it waited for.
	Start    time.Time
	Duration time.Duration
	// Status is "signed-in", "signed-out", "handshake" (a redirect to the Frontend API) or
	// "outage". A pending session is "signed-in" with [ReasonSessionPending].
	Status string
	// Reason is why, "" for a signed-in user.
	Reason Reason
	// TokenType is the kind of token that was verified. Without a valid token, it is the
	// kind that was looked for, "" if the route accepts several and the request has none.
	TokenType TokenType
	// Cached is true if the verified-token cache had the session token, or the cache of
	// opaque tokens had the answer of the Backend API.
	Cached bool
}

// KeyFetchEvent is one fetch of the signing keys, with all its attempts.
type KeyFetchEvent struct {
	// Start is the time at which the fetch began.
	Start    time.Time
	Duration time.Duration
	// Cause is "no-keys" (the first fetch, or the keys are older than jwks.Config.MaxAge),
	// "old-keys" (older than RefreshInterval), "unknown-key" (a token names a key that is
	// not in the set), or "schedule" (the background refresh).
	Cause string
	// Age is the age of the keys at Start, by jwks.Config.Now; 0 if there were none.
	Age time.Duration
	// Outcome is [OutcomeOK] or the jwks.Reason of the failure: "network", "timeout", …
	// It is "closed" if Close ended the fetch.
	Outcome string
	// Status is the HTTP status of the response, 0 if there was none.
	Status int
}

// BackendCallEvent is one question to the Backend API. If Cached and Shared are false, it
// is one call, and ctx is that of the request that caused it.
type BackendCallEvent struct {
	// Start is the time of the question. Duration includes all attempts, the pauses between
	// them, and the wait for a turn within [Limits].
	Start    time.Time
	Duration time.Duration
	// Operation is the method and the path with its parameters in braces: "POST
	// /v1/sessions/{session_id}/refresh". For bapi.Client.Do the path is "/v1/{path}".
	Operation string
	// Outcome is [OutcomeOK], or:
	//
	//   - "refused": a response with an error status that answers the question, such as
	//     404 for an invalid token
	//   - "unavailable": no response, 429, 5xx, or a response that cannot be decoded
	//   - "limited": not sent, because [Limits] leave no call for it
	//   - "canceled": the context of the caller ended first
	//   - "stale": a cache of package bapi returned an old answer in an outage
	//
	// An argument that is refused before the call is sent causes no event.
	Outcome string
	// Status is the HTTP status of the response, 0 if there was none. It is 200 for each
	// success of a handshake.Backend, whose methods return no status.
	Status int
	// Attempts is how often the call was sent, 0 if it was not.
	Attempts int
	// Cached is true if the answer came from a cache and no call was made.
	Cached bool
	// Shared is true if the answer came from a call that another request began.
	Shared bool
}

// WebhookEvent is the verification of one delivery of a webhook. It does not cover what
// the application does with the event.
type WebhookEvent struct {
	// Start is the time at which the verification began. Duration includes reading the
	// body.
	Start    time.Time
	Duration time.Duration
	// Outcome is [OutcomeOK] or the Reason of the webhook.Error: "not-signed",
	// "no-matching-signature", …
	Outcome string
	// Type is the type of the event, such as "user.created". It is "" unless the signature
	// is valid.
	Type string
}

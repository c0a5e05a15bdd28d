// Package observe calls the functions of a clerk.Observer so that a panic in one of
// them does not break the request.
package observe

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/loglimit"
)

// Observer calls the functions of a clerk.Observer and recovers their panics. A nil
// Observer observes nothing.
type Observer struct {
	to     clerk.Observer
	log    *slog.Logger
	panics loglimit.Line
}

// New returns nil if to has no function. A nil log means slog.Default().
func New(to clerk.Observer, log *slog.Logger) *Observer {
	if to.Decision == nil && to.KeyFetch == nil && to.BackendCall == nil && to.Webhook == nil {
		return nil
	}
	if log == nil {
		log = slog.Default()
	}
	return &Observer{to: to, log: log}
}

// Decisions reports whether decisions are observed. If not, callers need not measure
// the time.
func (o *Observer) Decisions() bool { return o != nil && o.to.Decision != nil }

// DecisionStart is the time where decisions are observed, and zero elsewhere.
func (o *Observer) DecisionStart() time.Time {
	if !o.Decisions() {
		return time.Time{}
	}
	return time.Now()
}

// BackendCalls reports whether calls to the Backend API are observed.
func (o *Observer) BackendCalls() bool { return o != nil && o.to.BackendCall != nil }

// KeyFetches reports whether fetches of keys are observed.
func (o *Observer) KeyFetches() bool { return o != nil && o.to.KeyFetch != nil }

// Webhooks reports whether verifications of webhooks are observed.
func (o *Observer) Webhooks() bool { return o != nil && o.to.Webhook != nil }

// Decision tells of a decision. Its Duration is filled in, as in the functions below.
func (o *Observer) Decision(ctx context.Context, e clerk.DecisionEvent) {
	if o.Decisions() {
		defer o.recovered(ctx, "Decision")
		e.Duration = time.Since(e.Start)
		o.to.Decision(ctx, e)
	}
}

// KeyFetch reports a fetch of keys to the Observer.
func (o *Observer) KeyFetch(ctx context.Context, e clerk.KeyFetchEvent) {
	if o.KeyFetches() {
		defer o.recovered(ctx, "KeyFetch")
		e.Duration = time.Since(e.Start)
		o.to.KeyFetch(ctx, e)
	}
}

// BackendCall reports a call to the Backend API to the Observer.
func (o *Observer) BackendCall(ctx context.Context, e clerk.BackendCallEvent) {
	if o.BackendCalls() {
		defer o.recovered(ctx, "BackendCall")
		e.Duration = time.Since(e.Start)
		o.to.BackendCall(ctx, e)
	}
}

// Webhook reports the verification of a webhook to the Observer.
func (o *Observer) Webhook(ctx context.Context, e clerk.WebhookEvent) {
	if o.Webhooks() {
		defer o.recovered(ctx, "Webhook")
		e.Duration = time.Since(e.Start)
		o.to.Webhook(ctx, e)
	}
}

// panicEvery is how often a panic is logged.
const panicEvery = time.Minute

// recovered must be deferred. It logs only the type of the panic value, which can
// contain anything.
func (o *Observer) recovered(ctx context.Context, function string) {
	p := recover()
	if p == nil {
		return
	}
	if leftOut, due := o.panics.Due(time.Now(), panicEvery); due {
		o.log.LogAttrs(ctx, slog.LevelError, "clerk: a function of the Observer panicked; requests are not affected",
			slog.String("function", function), slog.String("type", fmt.Sprintf("%T", p)), slog.String("stack", string(debug.Stack())), loglimit.LeftOut(leftOut))
	}
}

// Join returns an Observer that calls both. If a function of a panics, that of b is
// still called.
func Join(a, b clerk.Observer) clerk.Observer {
	return clerk.Observer{
		Decision:    both(a.Decision, b.Decision),
		KeyFetch:    both(a.KeyFetch, b.KeyFetch),
		BackendCall: both(a.BackendCall, b.BackendCall),
		Webhook:     both(a.Webhook, b.Webhook),
	}
}

func both[E any](a, b func(context.Context, E)) func(context.Context, E) {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(ctx context.Context, e E) {
		defer b(ctx, e)
		a(ctx, e)
	}
}

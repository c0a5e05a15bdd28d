package bapi

import (
	"context"
	"errors"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/observe"
	"github.com/clerkkit/clerkkit/internal/transport"
)

// beginEvent is what the Observer is told of a call, as far as its beginning says.
func beginEvent(r request) clerk.BackendCallEvent {
	path := r.path
	if r.filled {
		path = "/{path}" // ids may be in it, and a label must be one of a few
	}
	return clerk.BackendCallEvent{Start: time.Now(), Operation: r.method + " /v1" + path}
}

// endEvent is e with how the call ended.
func endEvent(ctx context.Context, e clerk.BackendCallEvent, res *transport.Response, err error) clerk.BackendCallEvent {
	if res != nil {
		e.Status, e.Attempts = res.Status, res.Attempts
	}
	e.Outcome = outcome(ctx, err)
	if failed := (*Error)(nil); errors.As(err, &failed) {
		e.Status, e.Attempts = failed.Status, failed.Attempts
	}
	return e
}

// outcome is the Outcome of an error, nil for none.
func outcome(ctx context.Context, err error) string {
	switch ended := ctx.Err(); {
	case err == nil:
		return clerk.OutcomeOK
	case ended != nil && errors.Is(err, ended):
		return "canceled"
	case errors.Is(err, ErrUnavailable):
		return "unavailable"
	}
	return "refused"
}

// origin says where the answer of a cache came from.
type origin int

const (
	fromClerk origin = iota // a call for this caller
	fromOther               // a call that another caller had begun
	fromMemory
	fromStale // memory, because Clerk could not be asked
)

// cacheObserver tells of the answers of a cache that are no calls.
type cacheObserver struct {
	to        *observe.Observer // nil for none
	operation string
}

func (o cacheObserver) told(ctx context.Context, start time.Time, from origin, err error) {
	e := clerk.BackendCallEvent{
		Start: start, Operation: o.operation, Outcome: outcome(ctx, err),
		Cached: from == fromMemory || from == fromStale, Shared: from == fromOther,
	}
	switch failed := (*Error)(nil); {
	case from == fromClerk:
		return // the client told of it
	case from == fromStale:
		e.Outcome = "stale"
	case err == nil:
		e.Status = 200
	case errors.As(err, &failed):
		e.Status = failed.Status
	}
	o.to.BackendCall(ctx, e)
}

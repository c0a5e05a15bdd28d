package deployment

import (
	"context"
	"expvar"
	"log/slog"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

// decisions is published by expvar at /debug/vars.
var decisions = expvar.NewMap("clerk_decisions")

// Metrics counts decisions, and logs what Clerk does slowly or not at all.
func Metrics(cfg clerk.Config) (*middleware.Middleware, error) {
	// README:metrics
	cfg.Observer = clerk.Observer{
		Decision: func(_ context.Context, e clerk.DecisionEvent) { decisions.Add(e.Status, 1) },
		BackendCall: func(ctx context.Context, e clerk.BackendCallEvent) {
			if e.Outcome != clerk.OutcomeOK {
				slog.WarnContext(ctx, "clerk", "operation", e.Operation, "outcome", e.Outcome, "status", e.Status, "took", e.Duration)
			}
		},
	}
	auth, err := middleware.New(cfg)
	// README:end
	return auth, err
}

package middleware

import (
	"context"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/observe"
	"github.com/clerkkit/clerkkit/jwks"
	"github.com/clerkkit/clerkkit/verify"
)

// Observer receives decisions, fetches of keys and calls to the Backend API. Each of its
// functions is optional.
type Observer = clerk.Observer

// WithObserver sends events to o, for metrics and traces: each decision, each fetch of the
// signing keys, and each call to the Backend API that a request causes.
//
//	decisions := expvar.NewMap("clerk_decisions")
//	auth, err := middleware.New(cfg, middleware.WithObserver(middleware.Observer{
//		Decision: func(_ context.Context, e clerk.DecisionEvent) { decisions.Add(e.Status, 1) }}))
//
// clerk.Config.Observer, which packages bapi and webhook read too, receives the events as
// well, and so does each other WithObserver. The source of [WithKeySource] has its own
// Observer. [Choose] does not use the option: give it to each Middleware that it chooses.
func WithObserver(o Observer) Option {
	return func(opts *options) { opts.observer = observe.Join(opts.observer, o) }
}

// observe joins the Observers of the Config and of the options. It keeps the function for
// decisions, because the state machine does not make the last one, and returns the rest.
func (m *Middleware) observe(cfg, opts clerk.Observer) clerk.Observer {
	o := observe.Join(cfg, opts)
	m.observer = observe.New(clerk.Observer{Decision: o.Decision}, m.logger)
	o.Decision = nil
	return o
}

// tell tells the Observer of a decision that began at start.
func (m *Middleware) tell(ctx context.Context, start time.Time, d *handshake.Decision) {
	if !m.observer.Decisions() {
		return
	}
	e := clerk.DecisionEvent{Start: start, Status: d.Status.String(), Reason: d.Reason, TokenType: d.Auth.TokenType, Cached: d.Cached}
	if e.Reason == "" {
		e.Reason = d.Auth.Reason
	}
	m.observer.Decision(ctx, e)
}

// Stats is the state of the caches of a [Middleware], for metrics that are collected from
// time to time. [WithObserver] receives single events.
type Stats struct {
	// Tokens is the verified-token cache, zero if clerk.Config.TokenCacheBytes turns it
	// off.
	Tokens verify.CacheStats
	// Backend is the cache of opaque tokens and the calls that clerk.Limits refused.
	Backend handshake.Stats
	// Keys are the signing keys, zero if clerk.Config.JWTKey or [WithKeySource] provides
	// them.
	Keys jwks.Stats
}

// Stats returns the counts until now.
func (m *Middleware) Stats() (s Stats) {
	if m == nil || m.verifier == nil {
		return s
	}
	return Stats{Tokens: m.verifier.CacheStats(), Backend: m.machine.Stats(), Keys: m.keys.Stats()}
}

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

// Observer is told of decisions, fetches of keys and calls to the Backend API. Its
// functions are optional.
type Observer = clerk.Observer

// WithObserver makes metrics and traces possible: o is told of each decision, of each
// fetch of the signing keys and of each call to the Backend API that a request causes.
//
//	decisions := expvar.NewMap("clerk_decisions")
//	auth, err := middleware.New(cfg, middleware.WithObserver(middleware.Observer{
//		Decision: func(_ context.Context, e clerk.DecisionEvent) { decisions.Add(e.Status, 1) }}))
//
// It is told in addition to clerk.Config.Observer, which reaches package bapi and package
// webhook too, and in addition to those of other WithObserver options. The source of
// [WithKeySource] has an Observer of its own. With [Choose] it is not used: the chosen ones
// have theirs.
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

// Stats counts what a [Middleware] did since it was made. Read it when metrics are
// collected; [WithObserver] tells of each event.
type Stats struct {
	// Tokens is the verified-token cache: zero where clerk.Config.TokenCacheBytes turns
	// it off.
	Tokens verify.CacheStats
	// Backend is what was asked of the Backend API, the cache of opaque tokens, and the
	// calls that clerk.Limits refused.
	Backend handshake.Stats
	// Keys are the signing keys: zero where clerk.Config.JWTKey or [WithKeySource] gives
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

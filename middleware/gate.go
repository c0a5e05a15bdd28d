package middleware

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
)

// Gate decides whether a request may pass to a route. It is what
// [Middleware.Handler], [Middleware.Require] and the adapters of other frameworks
// are made of. It is safe for concurrent use.
type Gate struct {
	m        *Middleware
	open     bool
	reqs     []clerk.Requirement
	accepted []clerk.TokenType
	patience time.Duration
}

// Gate makes the gate of a route. Without requirements it lets signed-in
// sessions pass.
func (m *Middleware) Gate(reqs ...clerk.Requirement) *Gate {
	return &Gate{m: m, reqs: append([]clerk.Requirement(nil), reqs...), accepted: clerk.AcceptedTokens(reqs...)}
}

// OpenGate makes the gate that [Middleware.Handler] is made of: it looks for
// sessions and lets everybody pass, with what it found.
func (m *Middleware) OpenGate() *Gate {
	return &Gate{m: m, open: true, accepted: clerk.AcceptedTokens()}
}

// Within returns the same gate with a bound on how long finding out who a request
// is from may take: for frameworks that do not end a request's context when its
// client goes away. What is not known by then is an outage. The context that Check
// gives back is not bounded.
func (g *Gate) Within(d time.Duration) *Gate {
	bounded := *g
	bounded.patience = d
	return &bounded
}

// Check decides on one request. An identity that Handler put into ctx counts, if
// the gate takes sessions only and r has the credentials that Handler saw, the same
// Authorization and Cookie fields; otherwise the request is authenticated now. So a
// request that a handler makes in the same process, with its own context and other
// credentials or none, is not taken for the outer one. The context that comes back
// carries the identity.
//
// No request passes that does not satisfy the gate, whatever its method: CORS
// preflights are no exception, see [WithPreflightHandler].
//
// The decision's fields and cookies belong into the response in any case; where
// Handler has written them already they are the same, and there are no cookies. A
// decision with a Location is answered 307, whatever its status; else the failure
// says what to answer, which is nil for a request that may pass.
func (g *Gate) Check(ctx context.Context, r handshake.Request) (_ context.Context, d handshake.Decision, f *Failure) {
	m := g.m.of(r)
	if g.open {
		if m != nil && below(r.Target, m.proxyPath) {
			return ctx, d, nil // the Frontend API's, see Proxy
		}
		if source, ok := clerk.ContextSource(ctx); ok && source.Owner == m && source.Credentials == g.credentials(m, &r) {
			return ctx, d, nil // a second Handler; what a handshake answers is good once
		}
		d = g.authenticate(ctx, r)
		return g.newContext(ctx, &d, m, &r), d, nil
	}
	if g.m.preflight != nil && isPreflight(r) {
		return ctx, d, &Failure{Status: http.StatusUnauthorized, Reason: clerk.ReasonNotAuthenticated, Err: clerk.ErrNotSignedIn, preflight: g.m.preflight}
	}
	switch a, ok := g.known(ctx, m, &r); {
	case ok:
		d = handshake.Decision{Status: statusOf(a), Reason: a.Reason, Auth: a, Cause: clerk.ContextCause(ctx)}
	case len(g.accepted) == 0: // no token can ever do
		f = g.m.failure(&d, &clerk.DeniedError{Requirement: clerk.All(g.reqs...)})
	default:
		d = g.authenticate(ctx, r)
		ctx = g.newContext(ctx, &d, m, &r)
	}
	if f == nil && d.Location == "" {
		f = g.refusal(&d)
	}
	if f != nil && m != nil {
		f.tokenless = !m.machine.PresentsToken(r, slices.Contains(g.accepted, clerk.SessionToken))
		d.Exposed = d.Status != handshake.SignedIn && m.exposed(&r)
		if (m.signInRedirect || g.m.signInRedirect) && f.Status == http.StatusUnauthorized && slices.Contains(g.accepted, clerk.SessionToken) {
			f = m.toSignIn(r, &d, f)
		}
	}
	if f != nil && isPreflight(r) {
		g.m.preflightRefused()
	}
	return ctx, d, f
}

// refusal is why an identity may not pass, nil where it may.
func (g *Gate) refusal(d *handshake.Decision) *Failure {
	if d.Auth.Outage {
		return g.m.failure(d, clerk.ErrUnavailable)
	}
	if err := d.Auth.Check(g.reqs...); err != nil {
		return g.m.failure(d, err)
	}
	if !g.takes(&d.Auth) { // a requirement of the application's own may accept every kind
		return g.m.failure(d, &clerk.DeniedError{Requirement: clerk.Tokens(g.accepted...)})
	}
	return nil
}

func (g *Gate) authenticate(ctx context.Context, r handshake.Request) (d handshake.Decision) {
	if g.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, g.patience)
		defer cancel()
	}
	d = g.m.Authenticate(ctx, r, g.accepted...)
	return d
}

// known takes the identity from the context, if this middleware found it for a
// request with the same credentials (or a test put it there, with
// clerk.NewContext).
//
// It counts if it is of a kind that this gate takes, or if it is nobody's and the
// gate takes sessions alone, which is all that Handler looks for. Else the gate looks
// again: a gate above may have taken another kind.
func (g *Gate) known(ctx context.Context, m *Middleware, r *handshake.Request) (clerk.Auth, bool) {
	source, ok := clerk.ContextSource(ctx)
	if !ok || source.Owner != nil && (source.Owner != m || source.Credentials != g.credentials(m, r)) {
		return clerk.Auth{}, false
	}
	a := clerk.FromContext(ctx)
	if source.Owner == nil || g.takes(&a) || sessionsOnly(g.accepted) && !a.Authenticated() && isSession(&a) {
		return a, true
	}
	return clerk.Auth{}, false
}

// takes reports whether the gate takes the kind of token of a verified identity.
func (g *Gate) takes(a *clerk.Auth) bool {
	kind := a.TokenType
	if kind == "" {
		kind = clerk.SessionToken
	}
	return a.Authenticated() && slices.Contains(g.accepted, kind)
}

func isSession(a *clerk.Auth) bool { return a.TokenType == "" || a.TokenType == clerk.SessionToken }

// statusOf is the status of the decision that an identity came from.
func statusOf(a clerk.Auth) handshake.Status {
	switch {
	case a.Outage:
		return handshake.Outage
	case a.Authenticated(), a.Reason == clerk.ReasonSessionPending:
		return handshake.SignedIn
	}
	return handshake.SignedOut
}

// sessionsOnly reports whether a gate looks for nothing but what Handler has
// looked for.
func sessionsOnly(accepted []clerk.TokenType) bool {
	return len(accepted) == 1 && accepted[0] == clerk.SessionToken
}

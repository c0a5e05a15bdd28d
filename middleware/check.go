package middleware

import (
	"context"
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/authcontext"
	"github.com/clerkkit/clerkkit/internal/tokenkind"
)

// Identify authenticates a request as [Middleware.Handler] does, without net/http. The
// returned context carries the identity for clerk.FromContext.
//
// Callers must write the decision's fields and cookies into the response, and answer
// 307 where it has a Location. Otherwise they serve the request, signed in or not. If
// an outer Identify has already authenticated the request, the decision is empty.
//
// Identify accepts sessions only. [handshake.Request].Timeout bounds how long it takes;
// the returned context has no such bound.
func (m *Middleware) Identify(ctx context.Context, r handshake.Request) (context.Context, handshake.Decision) {
	m, r = m.orNobody(), withHeader(r)
	chosen := m.chosen(r)
	if chosen != nil && below(r.Target, chosen.proxyPath) {
		return ctx, handshake.Decision{} // the Frontend API's, see Proxy
	}
	if c, ok := identityIn(ctx); ok && c.Owner == chosen && c.Credentials == m.credentials(chosen, &r) {
		return ctx, handshake.Decision{} // what a handshake answers is good once
	}
	d := m.find(ctx, chosen, &r, tokenkind.Session)
	return m.newContext(ctx, &d, chosen, &r), d
}

// Check decides as [Middleware.Require] does, without net/http, whether a request
// satisfies all of reqs. Without requirements a signed-in session passes. The returned
// context carries the identity.
//
// Callers must write the decision's fields and cookies into the response. They answer
// 307 where it has a Location, whatever its status. Otherwise the failure says what to
// answer, see [Failure.Answer]; it is nil where the request may pass.
//
// A request that does not satisfy reqs never passes, regardless of its method. CORS
// preflights are not an exception, see [WithPreflightHandler].
//
// An identity that [Middleware.Identify] or another Check has put into ctx counts, if r
// has the credentials that it was found for: the same Authorization and Cookie fields.
// Otherwise Check authenticates the request. So a request that a handler makes in the
// same process with other credentials, or none, does not get the identity of the outer
// request.
//
// [handshake.Request].Timeout bounds how long Check takes; the returned context has no
// such bound.
func (m *Middleware) Check(ctx context.Context, r handshake.Request, reqs ...clerk.Requirement) (context.Context, handshake.Decision, *Failure) {
	return m.check(ctx, r, routeOf(reqs))
}

// route is what a gate requires.
type route struct {
	reqs  []clerk.Requirement
	kinds tokenkind.Set // that reqs take
}

func routeOf(reqs []clerk.Requirement) route { return route{reqs, tokenkind.OfRoute(reqs)} }

func (m *Middleware) check(ctx context.Context, r handshake.Request, to route) (_ context.Context, d handshake.Decision, f *Failure) {
	m, r = m.orNobody(), withHeader(r)
	if m.preflight != nil && isPreflight(r) {
		return ctx, d, &Failure{Status: http.StatusUnauthorized, Reason: clerk.ReasonNotAuthenticated, Err: clerk.ErrNotSignedIn, preflight: m.preflight}
	}
	chosen := m.chosen(r)
	switch a, ok := m.known(ctx, chosen, &r, to.kinds); {
	case ok:
		d = handshake.Decision{Status: statusOf(a), Reason: a.Reason, Auth: a, Cause: clerk.ContextCause(ctx)}
	case to.kinds == 0: // no token can ever do
		f = m.failure(&d, &clerk.DeniedError{Requirement: clerk.All(to.reqs...)})
	default:
		d = m.find(ctx, chosen, &r, to.kinds)
		ctx = m.newContext(ctx, &d, chosen, &r)
	}
	if f == nil && d.Location == "" {
		f = m.refusal(&d, to)
	}
	if f != nil && chosen != nil {
		sessions := to.kinds.Has(tokenkind.Session)
		f.tokenless = !chosen.machine.PresentsToken(r, sessions)
		d.Exposed = d.Status != handshake.SignedIn && chosen.exposed(&r)
		if (chosen.signInRedirect || m.signInRedirect) && f.Status == http.StatusUnauthorized && sessions {
			f = chosen.toSignIn(r, &d, f)
		}
	}
	if f != nil && isPreflight(r) {
		m.preflightRefused()
	}
	return ctx, d, f
}

// refusal returns why an identity may not pass, nil if it may.
func (m *Middleware) refusal(d *handshake.Decision, to route) *Failure {
	if d.Auth.Outage {
		return m.failure(d, clerk.ErrUnavailable)
	}
	if err := d.Auth.Check(to.reqs...); err != nil {
		return m.failure(d, err)
	}
	if !takes(to.kinds, &d.Auth) { // a requirement of the application's own may accept every kind
		return m.failure(d, &clerk.DeniedError{Requirement: clerk.Tokens(tokenkind.Append([]clerk.TokenType(nil), to.kinds)...)})
	}
	return nil
}

// find authenticates a request by a token of one of kinds.
func (m *Middleware) find(ctx context.Context, chosen *Middleware, r *handshake.Request, kinds tokenkind.Set) handshake.Decision {
	var list [tokenkind.Max]clerk.TokenType // on the stack
	return m.authenticate(ctx, chosen, r, tokenkind.Append(list[:0], kinds))
}

// known returns the identity in the context, if chosen found it for a request with the
// same credentials, or a test put it there with clerk.NewContext.
//
// It counts if its kind is one that the route accepts, or if it is signed out and the
// route accepts only sessions, which Identify has looked for. Otherwise the gate
// authenticates again, because an outer gate may have accepted another kind.
func (m *Middleware) known(ctx context.Context, chosen *Middleware, r *handshake.Request, kinds tokenkind.Set) (a clerk.Auth, ok bool) {
	c, ok := identityIn(ctx)
	if !ok || c.Owner != nil && (c.Owner != chosen || c.Credentials != m.credentials(chosen, r)) {
		return a, false
	}
	if c.Owner == nil || takes(kinds, &c.Auth) || kinds == tokenkind.Session && !c.Auth.Authenticated() && kindOf(&c.Auth) == tokenkind.Session {
		return c.Auth, true
	}
	return a, false
}

// identityIn returns the identity that a context carries, and where it comes from.
func identityIn(ctx context.Context) (*authcontext.Context[clerk.Auth], bool) {
	c := authcontext.From[clerk.Auth](ctx)
	return c, c != nil
}

// takes reports whether a route that takes kinds takes the token of a verified
// identity.
func takes(kinds tokenkind.Set, a *clerk.Auth) bool { return a.Authenticated() && kinds.Has(kindOf(a)) }

// kindOf is the kind of token of an identity; one without a kind is a session.
func kindOf(a *clerk.Auth) tokenkind.Set {
	if a.TokenType == "" {
		return tokenkind.Session
	}
	return tokenkind.Of(a.TokenType)
}

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

// withHeader gives a request without a header an empty one.
func withHeader(r handshake.Request) handshake.Request {
	if r.Header == nil {
		r.Header = http.Header(nil)
	}
	return r
}

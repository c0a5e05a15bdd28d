package handshake

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// VerifyToken verifies a token that did not come in an HTTP request. accepted are
// the kinds of tokens to accept; without any, sessions. An opaque token is verified
// through the Backend API, within the same limits and with the same cache as in
// [Authenticator.Authenticate].
//
// The Decision has no Location and no Cookies. For a kind that is not accepted it is
// signed out with clerk.ReasonTokenTypeMismatch, and nothing is verified. Cause is
// the *[verify.Error] or the error of the Backend API.
func (m *Authenticator) VerifyToken(ctx context.Context, token string, accepted ...clerk.TokenType) Decision {
	if m.unmade() {
		return unmade()
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if !m.observer.Decisions() {
		return m.verifyToken(ctx, token, accepted)
	}
	start := time.Now()
	d := m.verifyToken(ctx, token, accepted)
	m.observer.Decision(ctx, decisionEvent(start, &d))
	return d
}

func (m *Authenticator) verifyToken(ctx context.Context, token string, accepted []clerk.TokenType) (d Decision) {
	sessions := len(accepted) == 0 || slices.Contains(accepted, clerk.SessionToken)
	kind, jwt := machineToken(token)
	q := exchange{m: m, r: Request{Header: noHeader{}}}
	switch {
	case kind != "" && slices.Contains(accepted, kind):
		return q.verifyMachine(ctx, kind, jwt, token)
	case kind != "" && !jwt:
		return mismatch(kind)
	case !sessions:
		return mismatch("")
	}
	claims, err := q.verify(ctx, token)
	switch {
	case errors.Is(err, clerk.ErrUnavailable):
		return because(outage(clerk.SessionToken, reasonOf(err)), err)
	case err != nil:
		return because(signedOut(clerk.SessionToken, reasonOf(err)), err)
	}
	signedIn(&d, claims, token)
	d.Cached = q.cached
	return d
}

func mismatch(kind clerk.TokenType) Decision {
	return because(signedOut(kind, clerk.ReasonTokenTypeMismatch), &verify.Error{Reason: clerk.ReasonTokenTypeMismatch})
}

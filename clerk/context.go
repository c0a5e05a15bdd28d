package clerk

import (
	"context"

	"github.com/clerkkit/clerkkit/internal/authcontext"
)

// NewContext returns a context that carries a, for tests of handlers. A nil ctx stands
// for context.Background:
//
//	ctx = clerk.NewContext(ctx, clerk.Auth{UserID: "user_1"})
func NewContext(ctx context.Context, a Auth) context.Context {
	return authcontext.New(ctx, a, nil, 0, nil)
}

// FromContext returns the identity that the middleware verified, as a value of
// the caller's own. Without a middleware it is signed out, with
// [ReasonNotAuthenticated].
func FromContext(ctx context.Context) Auth {
	if c := authcontext.From[Auth](ctx); c != nil {
		return c.Auth
	}
	return Auth{Reason: ReasonNotAuthenticated}
}

// ContextCause returns the error behind the Reason of the identity in ctx: a
// *verify.Error for a token that was refused, a *handshake.BackendError for a call
// to the Backend API that failed, or several joined. Use errors.As. It is nil where
// the reason says everything, and without an identity. Its text holds no token.
func ContextCause(ctx context.Context) error {
	if c := authcontext.From[Auth](ctx); c != nil {
		return c.Cause()
	}
	return nil
}

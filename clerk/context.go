package clerk

import "context"

type contextKey struct{}

// authContext carries an identity in one allocation; it is a context of its own
// instead of context.WithValue, which would box the Auth in a second one.
type authContext struct {
	context.Context
	auth  Auth
	owner any
	cause *cause // nil for most; a pointer, so that an identity stays in its size class
}

type cause struct{ err error }

func (c *authContext) Value(key any) any {
	if _, ok := key.(contextKey); ok {
		return c
	}
	return c.Context.Value(key)
}

// NewContext returns a context that carries a, for tests of handlers:
//
//	ctx = clerk.NewContext(ctx, clerk.Auth{UserID: "user_1"})
func NewContext(ctx context.Context, a Auth) context.Context { return NewContextFrom(ctx, a, nil) }

// NewContextFrom is [NewContext] for middlewares: owner is the one that verified
// the identity, so that in a server with several instances none takes the word of
// another.
func NewContextFrom(ctx context.Context, a Auth, owner any) context.Context {
	return &authContext{Context: ctx, auth: a, owner: owner}
}

// NewContextCause is [NewContextFrom] with the error behind a.Reason, which
// [ContextCause] gives back. A nil cause is none.
func NewContextCause(ctx context.Context, a Auth, owner any, err error) context.Context {
	c := &authContext{Context: ctx, auth: a, owner: owner}
	if err != nil {
		c.cause = &cause{err}
	}
	return c
}

// ContextCause returns the error behind the Reason of the identity in ctx: a
// *verify.Error for a token that was refused, a *handshake.BackendError for a call
// to the Backend API that failed, or several joined. Use errors.As. It is nil where
// the reason says everything, and without an identity. Its text holds no token.
func ContextCause(ctx context.Context) error {
	if c, ok := ctx.Value(contextKey{}).(*authContext); ok && c.cause != nil {
		return c.cause.err
	}
	return nil
}

// FromContext returns the identity that the middleware verified, as a value of
// the caller's own. Without a middleware it is signed out, with
// [ReasonNotAuthenticated].
func FromContext(ctx context.Context) Auth {
	if c, ok := ctx.Value(contextKey{}).(*authContext); ok {
		return c.auth
	}
	return Auth{Reason: ReasonNotAuthenticated}
}

// ContextOwner returns who put the identity into ctx: nil for [NewContext]. ok is
// false where there is no identity, signed in or out.
func ContextOwner(ctx context.Context) (owner any, ok bool) {
	c, ok := ctx.Value(contextKey{}).(*authContext)
	if !ok {
		return nil, false
	}
	return c.owner, true
}

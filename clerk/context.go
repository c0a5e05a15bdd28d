package clerk

import "context"

type contextKey struct{}

// authContext carries an identity in one allocation; it is a context of its own
// instead of context.WithValue, which would box the Auth in a second one.
type authContext struct {
	context.Context
	auth  Auth
	owner any
}

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
	return &authContext{ctx, a, owner}
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

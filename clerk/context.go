package clerk

import "context"

type contextKey struct{}

// authContext carries an identity in one allocation; it is a context of its own
// instead of context.WithValue, which would box the Auth in a second one.
type authContext struct {
	context.Context
	auth Auth
}

func (c *authContext) Value(key any) any {
	if _, ok := key.(contextKey); ok {
		return &c.auth
	}
	return c.Context.Value(key)
}

// NewContext returns a context that carries a. The middleware does this for each
// request; tests of handlers do it to be signed in without one:
//
//	ctx = clerk.NewContext(ctx, clerk.Auth{UserID: "user_1"})
func NewContext(ctx context.Context, a Auth) context.Context {
	return &authContext{ctx, a}
}

// FromContext returns the identity that the middleware verified, as a value of
// the caller's own. Without a middleware it is signed out, with
// [ReasonNotAuthenticated].
func FromContext(ctx context.Context) Auth {
	if a, ok := ctx.Value(contextKey{}).(*Auth); ok {
		return *a
	}
	return Auth{Reason: ReasonNotAuthenticated}
}

// HasContext reports whether ctx carries an identity, signed in or out: whether
// a middleware has looked at the request.
func HasContext(ctx context.Context) bool {
	_, ok := ctx.Value(contextKey{}).(*Auth)
	return ok
}

// Package authcontext is the context that carries the identity of a request, shared by
// package clerk, which reads it, and package middleware, which also says where the
// identity comes from.
package authcontext

import "context"

// Key is the key of the identity in a context. Its value is a *[Context].
type Key struct{}

// Context carries an identity of type A, which is clerk.Auth, in one allocation.
// context.WithValue would need a second one, for the identity itself.
type Context[A any] struct {
	context.Context
	// Auth is the identity.
	Auth A
	// Owner is the *middleware.Middleware that verified the identity, so that in a
	// server with several instances none takes the word of another; nil for
	// clerk.NewContext.
	Owner any
	// Credentials is a hash of the credentials that the identity was found for, by
	// the owner's own rule. A request with other ones is another's, even if it comes
	// with this context. It is a hash because contexts get printed.
	Credentials uint64

	cause *cause // nil for most; a pointer, so that the context stays small
}

type cause struct{ err error }

// New returns a context that carries an identity. err is the error behind the
// identity's reason, nil for none.
func New[A any](parent context.Context, auth A, owner any, credentials uint64, err error) *Context[A] {
	if parent == nil {
		parent = context.Background()
	}
	c := &Context[A]{Context: parent, Auth: auth, Owner: owner, Credentials: credentials}
	if err != nil {
		c.cause = &cause{err}
	}
	return c
}

// From returns the context with the identity that is nearest in ctx, nil where there is
// none, as in a nil ctx.
func From[A any](ctx context.Context) *Context[A] {
	if ctx == nil {
		return nil
	}
	c, _ := ctx.Value(Key{}).(*Context[A])
	return c
}

// Cause is the error behind the reason of the identity.
func (c *Context[A]) Cause() error {
	if c.cause == nil {
		return nil
	}
	return c.cause.err
}

// Value implements context.Context.
func (c *Context[A]) Value(key any) any {
	if _, ok := key.(Key); ok {
		return c
	}
	return c.Context.Value(key)
}

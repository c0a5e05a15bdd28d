package clerk

import "context"

type contextKey struct{}

// authContext carries an identity in one allocation; it is a context of its own
// instead of context.WithValue, which would box the Auth in a second one.
type authContext struct {
	context.Context
	auth  Auth
	owner any
	cause *cause // nil for most; a pointer, so that an identity stays small

	credentials uint64 // a hash: contexts get printed
}

type cause struct{ err error }

// Source says where the identity in a context comes from. It is for middlewares.
type Source struct {
	// Owner is the middleware that verified the identity, so that in a server with
	// several instances none takes the word of another; nil for [NewContext].
	Owner any
	// Cause is the error behind the identity's Reason, see [ContextCause].
	Cause error
	// Credentials is a hash of the credentials that the identity was found for, by
	// the owner's own rule. A request with other ones is another's, even if it comes
	// with this context.
	Credentials uint64
}

func (c *authContext) Value(key any) any {
	if _, ok := key.(contextKey); ok {
		return c
	}
	return c.Context.Value(key)
}

// entry is the identity in ctx. A nil context has none.
func entry(ctx context.Context) (c *authContext, ok bool) {
	if ctx == nil {
		return nil, false
	}
	c, ok = ctx.Value(contextKey{}).(*authContext)
	return c, ok
}

// NewContext returns a context that carries a, for tests of handlers:
//
//	ctx = clerk.NewContext(ctx, clerk.Auth{UserID: "user_1"})
func NewContext(ctx context.Context, a Auth) context.Context { return NewContextFrom(ctx, a, Source{}) }

// NewContextFrom is [NewContext] for middlewares, which say where the identity
// comes from.
func NewContextFrom(ctx context.Context, a Auth, source Source) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	c := &authContext{Context: ctx, auth: a, owner: source.Owner, credentials: source.Credentials}
	if source.Cause != nil {
		c.cause = &cause{source.Cause}
	}
	return c
}

// ContextEntry returns the identity in ctx as the key and value that
// [FromContext] looks for, for adapters of frameworks whose contexts are a table of
// values (fasthttp's). ok is false where there is none.
func ContextEntry(ctx context.Context) (key, value any, ok bool) {
	c, ok := entry(ctx)
	return contextKey{}, c, ok
}

// ContextCause returns the error behind the Reason of the identity in ctx: a
// *verify.Error for a token that was refused, a *handshake.BackendError for a call
// to the Backend API that failed, or several joined. Use errors.As. It is nil where
// the reason says everything, and without an identity. Its text holds no token.
func ContextCause(ctx context.Context) error {
	if c, ok := entry(ctx); ok && c.cause != nil {
		return c.cause.err
	}
	return nil
}

// FromContext returns the identity that the middleware verified, as a value of
// the caller's own. Without a middleware it is signed out, with
// [ReasonNotAuthenticated].
func FromContext(ctx context.Context) Auth {
	if c, ok := entry(ctx); ok {
		return c.auth
	}
	return Auth{Reason: ReasonNotAuthenticated}
}

// ContextSource returns where the identity in ctx comes from. ok is false where
// there is no identity, signed in or out.
func ContextSource(ctx context.Context) (source Source, ok bool) {
	c, ok := entry(ctx)
	if !ok {
		return Source{}, false
	}
	source = Source{Owner: c.owner, Credentials: c.credentials}
	if c.cause != nil {
		source.Cause = c.cause.err
	}
	return source, true
}

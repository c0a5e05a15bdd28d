package adapter

import (
	"context"
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/internal/authcontext"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/internal/nethttp"
)

// Middleware is the argument of an adapter's functions: a *[middleware.Middleware] or a
// *[middleware.Choice]. Later versions may add methods that both have.
type Middleware interface {
	// Identify finds out who a request is from, and lets every request pass; see
	// [middleware.Middleware.Identify].
	Identify(ctx context.Context, r handshake.Request) (context.Context, handshake.Decision)
	// Check decides whether a request may pass to a route that requires all of reqs;
	// see [middleware.Middleware.Check].
	Check(ctx context.Context, r handshake.Request, reqs ...clerk.Requirement) (context.Context, handshake.Decision, *middleware.Failure)
	// Failure is the refusal of a check that a handler made; see
	// [middleware.Middleware.Failure].
	Failure(ctx context.Context, err error) *middleware.Failure
	// Handler and Require are the same for routers of net/http; see
	// [middleware.Middleware.Handler] and [middleware.Middleware.Require].
	Handler(next http.Handler) http.Handler
	Require(reqs ...clerk.Requirement) func(http.Handler) http.Handler
	// SignInRedirect sends a browser to a page of Clerk's; see
	// [middleware.Middleware.SignInRedirect].
	SignInRedirect(ctx context.Context, r handshake.Request, p handshake.Page) (handshake.Decision, *middleware.Failure)
}

// NotNil returns auth or, if auth is nil, a Middleware that signs nobody in: its gates
// answer 401. Nil pointers behave in the same way. So an adapter that gets nil, usually
// because the error of middleware.New was ignored, neither panics in a request nor lets
// one pass.
func NotNil(auth Middleware) Middleware {
	if auth == nil {
		return (*middleware.Middleware)(nil)
	}
	return auth
}

// NewRequest converts an http.Request.
func NewRequest(r *http.Request) handshake.Request { return nethttp.NewRequest(r) }

// SetFields puts the fields of a decision ([handshake.Decision.Fields]) into the header
// of an answer, each replacing what the answer had. What the answer exposes to scripts
// of other origins (Access-Control-Expose-Headers) is added to what CORS middleware
// exposes. The cookies are not among the fields.
func SetFields(h http.Header, d *handshake.Decision) { nethttp.SetFields(h, d) }

// CookieWriter is an http.ResponseWriter that adds a decision's cookies when the header
// is sent, so that a handler that overwrites Set-Cookie does not lose them. It also
// sets Cache-Control: no-store. It implements the interfaces of the wrapped writer
// (http.Pusher, http.CloseNotifier, Unwrap for http.ResponseController) and
// io.ReaderFrom.
type CookieWriter interface {
	http.ResponseWriter
	http.Flusher
	// Hijack puts the cookies into Header before it takes the connection over, for
	// handlers that send Header themselves. Its error is http.ErrNotSupported where
	// the writer below cannot be taken over.
	http.Hijacker
	// Finish puts the cookies into Header, if nothing was written yet.
	Finish()
}

// NewCookieWriter wraps w for the handlers that follow. Callers must defer Finish: if a
// handler writes nothing, returns an error or panics, the answer of the recovery needs
// the cookies too. Decisions without cookies need no CookieWriter.
func NewCookieWriter(w http.ResponseWriter, cookies []string) CookieWriter {
	return nethttp.NewCookieWriter(w, cookies)
}

// ContextEntry returns the identity in ctx as the key and value that
// clerk.FromContext looks for, for frameworks whose contexts are a table of values
// (fasthttp's RequestCtx.SetUserValue). ok is false where ctx has no identity.
func ContextEntry(ctx context.Context) (key, value any, ok bool) {
	c := authcontext.From[clerk.Auth](ctx)
	return authcontext.Key{}, c, c != nil
}

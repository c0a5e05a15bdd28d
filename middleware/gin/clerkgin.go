// Package clerkgin authenticates requests to gin applications whose users sign in with
// Clerk. It is the net/http middleware of clerkkit for gin:
//
//	auth, err := middleware.New(cfg)
//	r := gin.New()
//	r.Use(cors.New(config)) // gin-contrib/cors: above the gates, which refuse preflights
//	r.Use(clerkgin.Handler(auth))
//	r.GET("/", home) // clerkgin.Auth(c) says who it is, or that it is nobody
//	r.POST("/invoices", clerkgin.Require(auth, clerk.Permission("org:invoices:create")), create)
//
// Everything that can be configured is configured at [middleware.New], refusals
// too: gin has no error handler of its own, so [middleware.WithErrorHandler] says
// how they are answered. The example shows a body of one's own.
//
// The identity is in the request's context, where code without gin finds it:
// clerk.FromContext(c.Request.Context()). A *gin.Context that is passed on as a
// context.Context shows it only if the engine has ContextWithFallback set, and is
// signed out otherwise.
package clerkgin

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// Handler authenticates every request and rejects none; see
// [middleware.Middleware.Handler]. It redirects a browser through the Frontend
// API where that is needed, and the handlers that follow do not run. auth is a
// *middleware.Middleware or a *middleware.Choice; with nil nobody is signed in.
func Handler(auth adapter.Middleware) gin.HandlerFunc {
	auth = adapter.NotNil(auth)
	return func(c *gin.Context) {
		ctx, d := auth.Identify(c.Request.Context(), adapter.NewRequest(c.Request))
		pass(ctx, c, d, nil)
	}
}

// Require lets only requests pass that satisfy all of reqs; without any, those
// with a signed-in session. See [middleware.Middleware.Require]. Others are
// answered 401, 403 or 503, and the chain is aborted.
func Require(auth adapter.Middleware, reqs ...clerk.Requirement) gin.HandlerFunc {
	auth, reqs = adapter.NotNil(auth), slices.Clone(reqs)
	return func(c *gin.Context) {
		ctx, d, f := auth.Check(c.Request.Context(), adapter.NewRequest(c.Request), reqs...)
		pass(ctx, c, d, f)
	}
}

// Auth returns the identity of the request. Without an outer Handler or Require it is
// signed out, with [clerk.ReasonNotAuthenticated]. It works on a c.Copy() too.
func Auth(c *gin.Context) clerk.Auth {
	if c.Request == nil { // a context made by a test
		return clerk.Auth{Reason: clerk.ReasonNotAuthenticated}
	}
	return clerk.FromContext(c.Request.Context())
}

// Deny answers as [Require] does, for a check that only the handler can make; see
// [middleware.Middleware.Deny]. The chain is aborted, and the handler must return:
//
//	if err := clerkgin.Auth(c).Check(clerk.Org(c.Param("org"))); err != nil {
//		clerkgin.Deny(c, auth, err)
//		return
//	}
func Deny(c *gin.Context, auth adapter.Middleware, err error) {
	c.Abort()
	adapter.NotNil(auth).Failure(c.Request.Context(), err).Answer(c.Writer, c.Request)
}

// RedirectToSignIn sends the browser to the sign-in page and from there back; see
// [middleware.Middleware.RedirectToSignIn]. The chain is aborted.
func RedirectToSignIn(c *gin.Context, auth adapter.Middleware) {
	redirect(c, auth, handshake.SignInPage)
}

// RedirectToSignUp is [RedirectToSignIn] for the sign-up page.
func RedirectToSignUp(c *gin.Context, auth adapter.Middleware) {
	redirect(c, auth, handshake.SignUpPage)
}

func redirect(c *gin.Context, auth adapter.Middleware, p handshake.Page) {
	c.Abort()
	d, f := adapter.NotNil(auth).SignInRedirect(c.Request.Context(), adapter.NewRequest(c.Request), p)
	adapter.SetFields(c.Writer.Header(), &d)
	for _, cookie := range d.Cookies {
		c.Writer.Header().Add("Set-Cookie", cookie)
	}
	if f != nil {
		f.Answer(c.Writer, c.Request)
		return
	}
	c.Header("Location", d.Location)
	c.AbortWithStatus(http.StatusSeeOther)
}

// pass hands a request on to the rest of the chain, or answers it.
func pass(ctx context.Context, c *gin.Context, d handshake.Decision, f *middleware.Failure) {
	if ctx != c.Request.Context() {
		c.Request = c.Request.WithContext(ctx)
	}
	adapter.SetFields(c.Writer.Header(), &d)
	if len(d.Cookies) > 0 {
		w := &writer{c.Writer, adapter.NewCookieWriter(c.Writer, d.Cookies)}
		defer w.cookies.Finish() // in a panic too: gin.Recovery writes an answer
		c.Writer = w
	}
	switch {
	case d.Location != "":
		c.Header("Location", d.Location)
		c.AbortWithStatus(http.StatusTemporaryRedirect)
	case f != nil:
		c.Abort()
		f.Answer(c.Writer, c.Request)
	default:
		c.Next()
	}
}

// writer is gin's writer with the kit's cookies added before the header goes out:
// by one of these methods, as WriteHeader only notes the status.
type writer struct {
	gin.ResponseWriter
	cookies adapter.CookieWriter
}

func (w *writer) Write(b []byte) (int, error) { return w.cookies.Write(b) }
func (w *writer) Flush()                      { w.cookies.Flush() }

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.cookies.Hijack() }

func (w *writer) WriteString(s string) (int, error) {
	w.cookies.Finish()
	return w.ResponseWriter.WriteString(s)
}

func (w *writer) WriteHeaderNow() {
	w.cookies.Finish()
	w.ResponseWriter.WriteHeaderNow()
}

// Unwrap serves http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

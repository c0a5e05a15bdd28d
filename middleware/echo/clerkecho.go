// Package clerkecho authenticates requests to echo v4 applications whose users sign in
// with Clerk. It is the net/http middleware of clerkkit for echo:
//
//	auth, err := middleware.New(cfg)
//	e := echo.New()
//	e.Use(echomw.CORSWithConfig(cors)) // above the gates, which refuse preflights
//	e.Use(clerkecho.Handler(auth))
//	e.GET("/", home) // clerkecho.Auth(c) says who it is, or that it is nobody
//	e.POST("/invoices", create, clerkecho.Require(auth, clerk.Permission("org:invoices:create")))
//
// Everything that can be configured is configured at [middleware.New], except for
// how refusals look: they are errors, and the HTTPErrorHandler answers them. The
// default one writes the kit's answer; one of your own finds the
// *middleware.Failure with errors.As. It keeps the status, since 503 is an outage and
// no sign-out, as the example does.
//
// The identity is in the request's context, where code without echo finds it:
// clerk.FromContext(c.Request().Context()).
package clerkecho

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// Handler authenticates every request and rejects none; see
// [middleware.Middleware.Handler]. It redirects a browser through the Frontend
// API where that is needed, and the handlers that follow do not run. auth is a
// *middleware.Middleware or a *middleware.Choice; with nil nobody is signed in.
func Handler(auth adapter.Middleware) echo.MiddlewareFunc {
	auth = adapter.NotNil(auth)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx, d := auth.Identify(c.Request().Context(), adapter.NewRequest(c.Request()))
			return pass(ctx, c, d, nil, next)
		}
	}
}

// Require lets only requests pass that satisfy all of reqs; without any, those
// with a signed-in session. See [middleware.Middleware.Require]. Others are
// errors: an *echo.HTTPError of status 401, 403 or 503, around a
// *middleware.Failure.
func Require(auth adapter.Middleware, reqs ...clerk.Requirement) echo.MiddlewareFunc {
	auth, reqs = adapter.NotNil(auth), slices.Clone(reqs)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx, d, f := auth.Check(c.Request().Context(), adapter.NewRequest(c.Request()), reqs...)
			return pass(ctx, c, d, f, next)
		}
	}
}

// Auth returns the identity of the request. Without an outer Handler or Require it is
// signed out, with [clerk.ReasonNotAuthenticated].
func Auth(c echo.Context) clerk.Auth { return clerk.FromContext(c.Request().Context()) }

// Deny refuses as [Require] does, for a check that only the handler can make; see
// [middleware.Middleware.Deny]. The handler must return its error:
//
//	if err := clerkecho.Auth(c).Check(clerk.Org(c.Param("org"))); err != nil {
//		return clerkecho.Deny(c, auth, err)
//	}
func Deny(c echo.Context, auth adapter.Middleware, err error) error {
	return refuse(c, adapter.NotNil(auth).Failure(c.Request().Context(), err))
}

// RedirectToSignIn sends the browser to the sign-in page and from there back; see
// [middleware.Middleware.RedirectToSignIn]. The handler must return its error.
func RedirectToSignIn(c echo.Context, auth adapter.Middleware) error {
	return redirect(c, auth, handshake.SignInPage)
}

// RedirectToSignUp is [RedirectToSignIn] for the sign-up page.
func RedirectToSignUp(c echo.Context, auth adapter.Middleware) error {
	return redirect(c, auth, handshake.SignUpPage)
}

func redirect(c echo.Context, auth adapter.Middleware, p handshake.Page) error {
	h := c.Response().Header()
	d, f := adapter.NotNil(auth).SignInRedirect(c.Request().Context(), adapter.NewRequest(c.Request()), p)
	adapter.SetFields(h, &d)
	for _, cookie := range d.Cookies {
		h.Add(echo.HeaderSetCookie, cookie)
	}
	if f != nil {
		return refuse(c, f)
	}
	return c.Redirect(http.StatusSeeOther, d.Location)
}

// pass hands a request on to the next handler, or answers it.
func pass(ctx context.Context, c echo.Context, d handshake.Decision, f *middleware.Failure, next echo.HandlerFunc) error {
	if ctx != c.Request().Context() {
		c.SetRequest(c.Request().WithContext(ctx))
	}
	adapter.SetFields(c.Response().Header(), &d)
	if len(d.Cookies) > 0 {
		w := adapter.NewCookieWriter(c.Response().Writer, d.Cookies)
		defer w.Finish() // for errors and panics, which are answered above
		c.Response().Writer = w
	}
	switch {
	case d.Location != "":
		return c.Redirect(http.StatusTemporaryRedirect, d.Location)
	case f != nil:
		return refuse(c, f)
	}
	return next(c)
}

// refuse returns the error for a refused request. Its message writes itself as
// JSON. The type of the body is left to the error handler.
func refuse(c echo.Context, f *middleware.Failure) error {
	if h := f.PreflightHandler(); h != nil {
		h.ServeHTTP(c.Response(), c.Request())
		return nil
	}
	for name, value := range f.Fields() {
		if name != echo.HeaderContentType {
			c.Response().Header().Set(name, value)
		}
	}
	return &echo.HTTPError{Code: f.Status, Message: f, Internal: f}
}

// Package clerkecho lets applications on echo v4 know their users, who sign in
// with Clerk. It is the net/http middleware of clerkkit in echo's own terms:
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
// *middleware.Failure with errors.As.
//
// The identity is in the request's context, where code without echo finds it:
// clerk.FromContext(c.Request().Context()).
package clerkecho

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
)

// Handler authenticates every request and rejects nobody; see
// [middleware.Middleware.Handler]. A browser that has to go through the Frontend
// API is redirected, and the handlers below do not run.
func Handler(auth *middleware.Middleware) echo.MiddlewareFunc { return guard(auth.OpenGate()) }

// Require lets only requests pass that satisfy all of reqs, without any those
// with a signed-in session; see [middleware.Middleware.Require]. Others are
// errors: an *echo.HTTPError of status 401, 403 or 503, around a
// *middleware.Failure.
func Require(auth *middleware.Middleware, reqs ...clerk.Requirement) echo.MiddlewareFunc {
	return guard(auth.Gate(reqs...))
}

// Auth returns who the request is from. Without a Handler or Require above, that
// is nobody, with [clerk.ReasonNotAuthenticated].
func Auth(c echo.Context) clerk.Auth { return clerk.FromContext(c.Request().Context()) }

// RedirectToSignIn sends the browser to the sign-in page and from there back; see
// [middleware.Middleware.RedirectToSignIn]. The handler must return its error.
func RedirectToSignIn(c echo.Context, auth *middleware.Middleware) error {
	return redirect(c, auth, handshake.SignInPage)
}

// RedirectToSignUp is [RedirectToSignIn] for the sign-up page.
func RedirectToSignUp(c echo.Context, auth *middleware.Middleware) error {
	return redirect(c, auth, handshake.SignUpPage)
}

func redirect(c echo.Context, auth *middleware.Middleware, p handshake.Page) error {
	h := c.Response().Header()
	d, f := auth.SignInRedirect(c.Request().Context(), middleware.NewRequest(c.Request()), p)
	for name, value := range d.Fields() {
		middleware.SetField(h, name, value)
	}
	for _, cookie := range d.Cookies {
		h.Add(echo.HeaderSetCookie, cookie)
	}
	if f != nil {
		return refuse(h, f)
	}
	return c.Redirect(http.StatusSeeOther, d.Location)
}

// guard puts the gate before the rest of the chain.
func guard(gate *middleware.Gate) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r, res := c.Request(), c.Response()
			ctx, d, f := gate.Check(r.Context(), middleware.NewRequest(r))
			if ctx != r.Context() {
				c.SetRequest(r.WithContext(ctx))
			}
			for name, value := range d.Fields() {
				middleware.SetField(res.Header(), name, value)
			}
			if len(d.Cookies) > 0 {
				w := middleware.NewCookieWriter(res.Writer, d.Cookies)
				defer w.Finish() // for errors and panics, which are answered above
				res.Writer = w
			}
			switch {
			case d.Location != "":
				return c.Redirect(http.StatusTemporaryRedirect, d.Location)
			case f != nil && f.PreflightHandler() != nil:
				f.PreflightHandler().ServeHTTP(c.Response(), c.Request())
				return nil
			case f != nil:
				return refuse(res.Header(), f)
			}
			return next(c)
		}
	}
}

// refuse returns the error for a refused request. Its message writes itself as
// JSON. The type of the body is left to the error handler.
func refuse(h http.Header, f *middleware.Failure) error {
	for name, value := range f.Fields() {
		if name != echo.HeaderContentType {
			h.Set(name, value)
		}
	}
	return &echo.HTTPError{Code: f.Status, Message: f, Internal: f}
}

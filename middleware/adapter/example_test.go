package adapter_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// The framework: its handlers take a context of its own and return errors.

type Context struct {
	Writer  http.ResponseWriter
	Request *http.Request
}

type HandlerFunc func(*Context) error

type MiddlewareFunc func(next HandlerFunc) HandlerFunc

func (h HandlerFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &Context{w, r}
	err := h(c)
	var f *middleware.Failure
	switch {
	case errors.As(err, &f):
		f.Answer(c.Writer, c.Request) // respects WithErrorHandler and WithPreflightHandler
	case err != nil:
		http.Error(c.Writer, "internal error", http.StatusInternalServerError)
	}
}

// The adapter.

// Handler authenticates every request and rejects none.
func Handler(auth adapter.Middleware) MiddlewareFunc {
	auth = adapter.NotNil(auth)
	return func(next HandlerFunc) HandlerFunc {
		return func(c *Context) error {
			ctx, d := auth.Identify(c.Request.Context(), adapter.NewRequest(c.Request))
			return pass(ctx, c, d, nil, next)
		}
	}
}

// Require lets requests pass that satisfy all of reqs.
func Require(auth adapter.Middleware, reqs ...clerk.Requirement) MiddlewareFunc {
	auth, reqs = adapter.NotNil(auth), slices.Clone(reqs)
	return func(next HandlerFunc) HandlerFunc {
		return func(c *Context) error {
			ctx, d, f := auth.Check(c.Request.Context(), adapter.NewRequest(c.Request), reqs...)
			return pass(ctx, c, d, f, next)
		}
	}
}

// Auth returns the identity of the request.
func Auth(c *Context) clerk.Auth { return clerk.FromContext(c.Request.Context()) }

// Deny refuses as Require does, for a check that only the handler can make.
func Deny(c *Context, auth adapter.Middleware, err error) error {
	return adapter.NotNil(auth).Failure(c.Request.Context(), err)
}

// RedirectToSignIn sends the browser to the sign-in page and from there back.
func RedirectToSignIn(c *Context, auth adapter.Middleware) error {
	d, f := adapter.NotNil(auth).SignInRedirect(c.Request.Context(), adapter.NewRequest(c.Request), handshake.SignInPage)
	h := c.Writer.Header()
	adapter.SetFields(h, &d)
	for _, cookie := range d.Cookies {
		h.Add("Set-Cookie", cookie) // a field for each
	}
	if f != nil {
		return f
	}
	h.Set("Location", d.Location)
	c.Writer.WriteHeader(http.StatusSeeOther)
	return nil
}

// pass does what a decision says.
func pass(ctx context.Context, c *Context, d handshake.Decision, f *middleware.Failure, next HandlerFunc) error {
	c.Request = c.Request.WithContext(ctx)
	adapter.SetFields(c.Writer.Header(), &d)
	if len(d.Cookies) > 0 {
		w := adapter.NewCookieWriter(c.Writer, d.Cookies)
		defer w.Finish() // for errors and panics, which are answered above
		c.Writer = w
	}
	switch {
	case d.Location != "":
		c.Writer.Header().Set("Location", d.Location)
		c.Writer.WriteHeader(http.StatusTemporaryRedirect)
		return nil
	case f != nil:
		return f
	}
	return next(c)
}

// A complete adapter, for a framework whose handlers return errors. TestConformance of
// this package runs the suite of package middlewaretest on it.
func Example() {
	em, err := clerktest.New(clerktest.Config{}) // a Clerk in this process
	if err != nil {
		panic(err)
	}
	cfg := em.Config()
	cfg.Logger = slog.New(slog.DiscardHandler)
	auth, err := middleware.New(cfg)
	if err != nil {
		panic(err)
	}
	defer auth.Close()

	hello := func(c *Context) error {
		_, err := fmt.Fprintf(c.Writer, "hello, signed in: %t\n", Auth(c).SignedIn())
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", Handler(auth)(hello))
	mux.Handle("GET /me", Require(auth)(hello))
	mux.Handle("GET /admin", Require(auth, clerk.Role("org:admin"))(hello))

	alice := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))
	for _, path := range []string{"/", "/me", "/admin"} {
		for _, signedIn := range []bool{false, true} {
			r := httptest.NewRequest("GET", path, nil)
			if signedIn {
				alice.Authorize(r)
			}
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			fmt.Println(path, w.Code)
		}
	}
	// Output:
	// / 200
	// / 200
	// /me 401
	// /me 200
	// /admin 401
	// /admin 403
}

package clerkecho_test

import (
	"cmp"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/labstack/echo/v5"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	clerkecho "github.com/clerkkit/clerkkit/middleware/echov5"
)

// newMiddleware makes the middleware of an application, with an emulator that stands for Clerk.
func newMiddleware(opts ...middleware.Option) (*middleware.Middleware, *clerktest.Emulator) {
	em, err := clerktest.Start(clerktest.Config{Instance: clerk.Production})
	if err != nil {
		log.Fatal(err)
	}
	cfg := em.Config() // cfg, err := clerk.ConfigFromEnv()
	auth, err := middleware.New(cfg, opts...)
	if err != nil {
		log.Fatal(err)
	}
	return auth, em
}

// show sends a request, with the session's token if there is a session.
func show(app http.Handler, method, path string, session *clerktest.Session) {
	r := httptest.NewRequest(method, path, http.NoBody)
	if session != nil {
		session.Authorize(r)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	fmt.Println(strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Body)))
}

// The page is for everybody, and knows who asks for it.
func ExampleHandler() {
	auth, em := newMiddleware()
	defer func() { _, _ = auth.Close(), em.Close() }()

	e := echo.New()
	e.Use(clerkecho.Handler(auth))
	e.GET("/", func(c *echo.Context) error {
		return c.String(http.StatusOK, "hello "+cmp.Or(clerkecho.Auth(c).UserID, "stranger"))
	})

	alice := em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"}))
	show(e, http.MethodGet, "/", nil)
	show(e, http.MethodGet, "/", alice)
	// Output:
	// 200 hello stranger
	// 200 hello user_alice
}

// A route requires a permission. Echo's error handler answers a refused request with a
// body of the application's own. It keeps the status: 503 says that Clerk could not be
// asked, which is no reason to sign the user out.
func ExampleRequire() {
	auth, em := newMiddleware()
	defer func() { _, _ = auth.Close(), em.Close() }()

	e := echo.New()
	e.HTTPErrorHandler = func(c *echo.Context, err error) {
		var refused *middleware.Failure
		if errors.As(err, &refused) {
			err = c.JSON(refused.Status, map[string]any{"status": refused.Status, "reason": refused.Reason})
		}
		if err != nil {
			echo.DefaultHTTPErrorHandler(false)(c, err)
		}
	}
	e.POST("/invoices", func(c *echo.Context) error {
		return c.String(http.StatusCreated, "created by "+clerkecho.Auth(c).UserID)
	}, clerkecho.Require(auth, clerk.Permission("org:invoices:create")))

	em.AddRole("org:billing", "org:invoices:create")
	alice := em.AddUser(clerktest.User{ID: "user_alice"})
	show(e, http.MethodPost, "/invoices", em.SignIn(alice, clerktest.WithOrg("org_acme", "org:billing")))
	show(e, http.MethodPost, "/invoices", em.SignIn(alice, clerktest.WithOrg("org_acme", "org:member")))
	show(e, http.MethodPost, "/invoices", nil)
	// Output:
	// 201 created by user_alice
	// 403 {"reason":"","status":403}
	// 401 {"reason":"session-token-and-uat-missing","status":401}
}

// A handler that knows by itself that its user must sign in.
func ExampleRedirectToSignIn() {
	auth, em := newMiddleware()
	defer func() { _, _ = auth.Close(), em.Close() }()

	e := echo.New()
	e.GET("/checkout", func(c *echo.Context) error {
		if !clerkecho.Auth(c).SignedIn() {
			return clerkecho.RedirectToSignIn(c, auth)
		}
		return c.String(http.StatusOK, "your cart")
	}, clerkecho.Handler(auth))

	show(e, http.MethodGet, "/checkout", nil)
	// Output: 303
}

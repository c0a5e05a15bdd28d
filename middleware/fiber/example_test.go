package clerkfiber_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	clerkfiber "github.com/clerkkit/clerkkit/middleware/fiber"
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
func show(app *fiber.App, method, path string, session *clerktest.Session) {
	r := httptest.NewRequest(method, path, http.NoBody)
	if session != nil {
		session.Authorize(r)
	}
	resp, err := app.Test(r)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.TrimSpace(fmt.Sprint(resp.StatusCode, " ", string(body))))
}

// The page is for everybody, and knows who asks for it.
func ExampleHandler() {
	auth, em := newMiddleware()
	defer func() { _, _ = auth.Close(), em.Close() }()

	app := fiber.New(fiber.Config{ReadBufferSize: 16 << 10}) // room for Clerk's cookies
	app.Use(clerkfiber.Handler(auth))
	app.Get("/", func(c *fiber.Ctx) error {
		return c.SendString("hello " + cmp.Or(clerkfiber.Auth(c).UserID, "stranger"))
	})

	alice := em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"}))
	show(app, http.MethodGet, "/", nil)
	show(app, http.MethodGet, "/", alice)
	// Output:
	// 200 hello stranger
	// 200 hello user_alice
}

// A route requires a permission. The ErrorHandler answers a refused request with a
// body of the application's own. It keeps the status: 503 says that Clerk could not be
// asked, which is no reason to sign the user out.
func ExampleRequire() {
	auth, em := newMiddleware()
	defer func() { _, _ = auth.Close(), em.Close() }()

	app := fiber.New(fiber.Config{
		ReadBufferSize: 16 << 10,
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			var refused *middleware.Failure
			if errors.As(err, &refused) {
				return c.Status(refused.Status).JSON(fiber.Map{"status": refused.Status, "reason": refused.Reason})
			}
			return fiber.DefaultErrorHandler(c, err)
		},
	})
	app.Post("/invoices", clerkfiber.Require(auth, clerk.Permission("org:invoices:create")), func(c *fiber.Ctx) error {
		return c.Status(fiber.StatusCreated).SendString("created by " + clerkfiber.Auth(c).UserID)
	})

	em.AddRole("org:billing", "org:invoices:create")
	alice := em.AddUser(clerktest.User{ID: "user_alice"})
	show(app, http.MethodPost, "/invoices", em.SignIn(alice, clerktest.WithOrg("org_acme", "org:billing")))
	show(app, http.MethodPost, "/invoices", em.SignIn(alice, clerktest.WithOrg("org_acme", "org:member")))
	show(app, http.MethodPost, "/invoices", nil)
	// Output:
	// 201 created by user_alice
	// 403 {"reason":"","status":403}
	// 401 {"reason":"session-token-and-uat-missing","status":401}
}

// A handler that knows by itself that its user must sign in.
func ExampleRedirectToSignIn() {
	auth, em := newMiddleware()
	defer func() { _, _ = auth.Close(), em.Close() }()

	app := fiber.New(fiber.Config{ReadBufferSize: 16 << 10})
	app.Get("/checkout", clerkfiber.Handler(auth), func(c *fiber.Ctx) error {
		if !clerkfiber.Auth(c).SignedIn() {
			return clerkfiber.RedirectToSignIn(c, auth)
		}
		return c.SendString("your cart")
	})

	show(app, http.MethodGet, "/checkout", nil)
	// Output: 303
}

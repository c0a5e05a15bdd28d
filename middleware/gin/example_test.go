package clerkgin_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	clerkgin "github.com/clerkkit/clerkkit/middleware/gin"
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

	r := gin.New()
	r.Use(clerkgin.Handler(auth))
	r.GET("/", func(c *gin.Context) {
		c.String(http.StatusOK, "hello "+cmp.Or(clerkgin.Auth(c).UserID, "stranger"))
	})

	alice := em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"}))
	show(r, http.MethodGet, "/", nil)
	show(r, http.MethodGet, "/", alice)
	// Output:
	// 200 hello stranger
	// 200 hello user_alice
}

// A route requires a permission. WithErrorHandler answers a refused request with a
// body of the application's own. It keeps the status: 503 says that Clerk could not be
// asked, which is no reason to sign the user out.
func ExampleRequire() {
	auth, em := newMiddleware(middleware.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, f *middleware.Failure) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(f.Status)
		_ = json.NewEncoder(w).Encode(gin.H{"status": f.Status, "reason": f.Reason})
	}))
	defer func() { _, _ = auth.Close(), em.Close() }()

	r := gin.New()
	r.POST("/invoices", clerkgin.Require(auth, clerk.Permission("org:invoices:create")), func(c *gin.Context) {
		c.String(http.StatusCreated, "created by "+clerkgin.Auth(c).UserID)
	})

	em.AddRole("org:billing", "org:invoices:create")
	alice := em.AddUser(clerktest.User{ID: "user_alice"})
	show(r, http.MethodPost, "/invoices", em.SignIn(alice, clerktest.WithOrg("org_acme", "org:billing")))
	show(r, http.MethodPost, "/invoices", em.SignIn(alice, clerktest.WithOrg("org_acme", "org:member")))
	show(r, http.MethodPost, "/invoices", nil)
	// Output:
	// 201 created by user_alice
	// 403 {"reason":"","status":403}
	// 401 {"reason":"session-token-and-uat-missing","status":401}
}

// A handler that knows by itself that its user must sign in.
func ExampleRedirectToSignIn() {
	auth, em := newMiddleware()
	defer func() { _, _ = auth.Close(), em.Close() }()

	r := gin.New()
	r.GET("/checkout", clerkgin.Handler(auth), func(c *gin.Context) {
		if !clerkgin.Auth(c).SignedIn() {
			clerkgin.RedirectToSignIn(c, auth)
			return
		}
		c.String(http.StatusOK, "your cart")
	})

	show(r, http.MethodGet, "/checkout", nil)
	// Output: 303
}

package middleware_test

import (
	"context"
	"expvar"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// Metrics in three lines: expvar counts the decisions by their status.
func ExampleWithObserver() {
	em, err := clerktest.Start(clerktest.Config{}) // in place of a Clerk instance
	if err != nil {
		fmt.Println(err)
		return
	}
	defer em.Close()
	cfg := em.Config()

	decisions := expvar.NewMap("clerk_decisions")
	auth, err := middleware.New(cfg, middleware.WithObserver(middleware.Observer{
		Decision: func(_ context.Context, e clerk.DecisionEvent) { decisions.Add(e.Status, 1) }}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer auth.Close()

	app := auth.Handler(auth.Require()(http.NotFoundHandler()))
	alice := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))
	for range 3 {
		r := httptest.NewRequest("GET", "/", nil)
		alice.Authorize(r)
		app.ServeHTTP(httptest.NewRecorder(), r)
	}
	app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	fmt.Println(decisions)
	// Output: {"signed-in": 3, "signed-out": 1}
}

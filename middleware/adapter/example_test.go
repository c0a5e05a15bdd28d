package adapter_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// handler is that of a router whose handlers return errors.
type handler func(w http.ResponseWriter, r *http.Request) error

// require is the adapter's Require. Its Handler is the same with Identify, which gives no
// failure.
func require(auth adapter.Middleware, reqs ...clerk.Requirement) func(handler) handler {
	auth = adapter.NotNil(auth)
	return func(next handler) handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			ctx, d, f := auth.Check(r.Context(), adapter.NewRequest(r), reqs...)
			adapter.SetFields(w.Header(), &d)
			if len(d.Cookies) > 0 {
				cw := adapter.NewCookieWriter(w, d.Cookies)
				defer cw.Finish()
				w = cw
			}
			r = r.WithContext(ctx)
			switch {
			case d.Location != "":
				w.Header().Set("Location", d.Location)
				w.WriteHeader(http.StatusTemporaryRedirect)
				return nil
			case f != nil:
				f.Answer(w, r)
				return nil
			}
			return next(w, r)
		}
	}
}

// A complete adapter for a router whose handlers return errors.
func Example() {
	em, err := clerktest.Start(clerktest.Config{Instance: clerk.Production})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = em.Close() }()
	auth, err := middleware.New(em.Config()) // cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = auth.Close() }()

	me := require(auth)(func(w http.ResponseWriter, r *http.Request) error {
		_, err := fmt.Fprint(w, clerk.FromContext(r.Context()).UserID)
		return err
	})

	show := func(r *http.Request) {
		w := httptest.NewRecorder()
		if err := me(w, r); err != nil {
			log.Fatal(err)
		}
		fmt.Println(w.Code, w.Header().Get("X-Clerk-Auth-Status"))
	}
	r := httptest.NewRequest(http.MethodGet, "/me", http.NoBody)
	show(r)
	em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"})).Authorize(r)
	show(r)
	// Output:
	// 401 signed-out
	// 200
}

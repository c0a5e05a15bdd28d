// Nethttp is a small API with only net/http: one public route, one for signed-in users,
// one that requires a permission, and one for administrators who have recently
// reverified.
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… go run ./examples/nethttp
package main

import (
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	// README:start
	cfg, err := clerk.ConfigFromEnv() // CLERK_SECRET_KEY, CLERK_PUBLISHABLE_KEY, …
	if err != nil {
		return err
	}
	cfg.AuthorizedParties = append(cfg.AuthorizedParties, "https://app.example.com") // accept tokens issued to this origin
	auth, err := middleware.New(cfg)
	if err != nil {
		return err
	}
	defer auth.Close()
	// README:end
	log.Println("listening on http://localhost:3000 (for a Clerk of your own: go run ./clerk/clerk-emulator prints the environment)")
	server := &http.Server{Addr: "localhost:3000", Handler: routes(auth), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func routes(auth *middleware.Middleware) http.Handler {
	// README:routes
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", hello)
	mux.Handle("GET /api/me", auth.Require()(http.HandlerFunc(me)))
	mux.Handle("POST /invoices", auth.Require(clerk.Permission("org:invoices:create"))(http.HandlerFunc(done)))
	mux.Handle("DELETE /org", auth.Require(clerk.Role("org:admin"), clerk.Reverified(clerk.Strict))(http.HandlerFunc(done)))
	return auth.Handler(mux)
	// README:end
}

func hello(w http.ResponseWriter, r *http.Request) {
	if id := clerk.FromContext(r.Context()); id.SignedIn() {
		fmt.Fprintln(w, "welcome back,", id.UserID)
		return
	}
	fmt.Fprintln(w, "hello")
}

// README:me

func me(w http.ResponseWriter, r *http.Request) {
	id := clerk.FromContext(r.Context()) // verified: Require refuses other requests
	fmt.Fprintln(w, id.UserID, id.OrgID, id.OrgRole)
}

// README:end

func done(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, "done by", clerk.FromContext(r.Context()).UserID)
}

package handshake_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/handshake"
	"github.com/clerkkit/clerkkit/verify"
)

// newAuthenticator makes what package middleware makes of a clerk.Config, without the
// Backend API. The emulator stands for Clerk.
func newAuthenticator() (*handshake.Authenticator, *clerktest.Emulator) {
	em, err := clerktest.New(clerktest.Config{Instance: clerk.Production, Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	cfg := em.Config() // cfg, err := clerk.ConfigFromEnv()
	cfg.JWTKey = em.JWTKey()
	verifier, err := verify.FromConfig(cfg, nil)
	if err != nil {
		log.Fatal(err)
	}
	authenticator, err := handshake.New(handshake.Config{Clerk: cfg, Verifier: verifier})
	if err != nil {
		log.Fatal(err)
	}
	return authenticator, em
}

func ExampleNew() {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	cfg := em.Config() // cfg, err := clerk.ConfigFromEnv()
	cfg.JWTKey = em.JWTKey()
	verifier, err := verify.FromConfig(cfg, nil)
	if err != nil {
		log.Fatal(err)
	}
	_, err = handshake.New(handshake.Config{Clerk: cfg, Verifier: verifier})
	fmt.Println(err)

	_, err = handshake.New(handshake.Config{Clerk: cfg})
	fmt.Println(err)
	// Output:
	// <nil>
	// clerk: handshake.Config.Verifier: is nil
}

// A server that does not use net/http converts each request and acts on the Decision.
// Whatever the Status is, the Fields and the Cookies belong into the response.
func ExampleAuthenticator_Authenticate() {
	authenticator, em := newAuthenticator()
	session := em.SignIn(em.AddUser(clerktest.User{ID: "user_alice"}))

	serve := func(r *http.Request) {
		d := authenticator.Authenticate(context.Background(), handshake.Request{
			Method: r.Method, Target: r.RequestURI, Host: r.Host, Scheme: "https", Header: r.Header,
		})
		switch {
		case d.Location != "":
			fmt.Println("307 to the Frontend API:", d.Reason)
		case d.Status == handshake.Outage:
			fmt.Println("503 on routes that need a user:", d.Reason)
		case d.Auth.SignedIn():
			fmt.Println("200", d.Auth.UserID)
		default:
			fmt.Println("401 on routes that need a user:", d.Reason)
		}
	}

	api := httptest.NewRequest(http.MethodGet, "https://app.example.com/api/me", http.NoBody)
	serve(api)
	session.Authorize(api)
	serve(api)

	page := httptest.NewRequest(http.MethodGet, "https://app.example.com/", http.NoBody)
	page.Header.Set("Sec-Fetch-Dest", "document") // a browser opens the page
	session.Cookies(page)
	serve(page)
	em.Advance(2 * time.Minute) // the token in the cookie has expired
	serve(page)
	// Output:
	// 401 on routes that need a user: session-token-and-uat-missing
	// 200 user_alice
	// 200 user_alice
	// 307 to the Frontend API: session-token-expired-refresh-non-eligible-no-refresh-cookie
}

// A token that came without an HTTP request. A gRPC server uses the VerifyToken of
// package middleware, which returns an error instead of a Decision.
func ExampleAuthenticator_VerifyToken() {
	authenticator, em := newAuthenticator()
	alice := em.AddUser(clerktest.User{ID: "user_alice"})
	ctx := context.Background()

	d := authenticator.VerifyToken(ctx, em.SignIn(alice).Token())
	fmt.Println(d.Status, d.Auth.UserID)

	// A kind of token that is not accepted is refused, and not verified.
	d = authenticator.VerifyToken(ctx, em.OAuthToken(alice, clerktest.MachineToken{JWT: true}))
	fmt.Println(d.Status, d.Reason)
	d = authenticator.VerifyToken(ctx, em.OAuthToken(alice, clerktest.MachineToken{JWT: true}), clerk.SessionToken, clerk.OAuth)
	fmt.Println(d.Status, d.Auth.TokenType, d.Auth.UserID)

	// The cause says what is wrong with a token.
	d = authenticator.VerifyToken(ctx, "not a token")
	var refused *verify.Error
	fmt.Println(d.Status, d.Reason, errors.As(d.Cause, &refused))
	// Output:
	// signed-in user_alice
	// signed-out token-type-mismatch
	// signed-in oauth_token user_alice
	// signed-out token-invalid true
}

package clerk_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/clerkkit/clerkkit/clerk"
)

// A handler's test signs a user in without a middleware.
func ExampleNewContext() {
	ctx := clerk.NewContext(context.Background(), clerk.Auth{UserID: "user_1", OrgID: "org_1", OrgRole: "org:admin"})

	auth := clerk.FromContext(ctx)
	fmt.Println(auth.SignedIn(), auth.UserID, auth.Has(clerk.Role("org:admin")))
	// Output: true user_1 true
}

// Without a middleware nobody is signed in, and the reason says so.
func ExampleFromContext() {
	auth := clerk.FromContext(context.Background())
	fmt.Println(auth.SignedIn(), auth.Reason)
	// Output: false not-authenticated
}

// Custom claims come as a type of your own.
func ExampleClaimsAs() {
	// A middleware puts verified claims into the context; ParseClaims stands in
	// for it here.
	claims, err := clerk.ParseClaims(`{"sub":"user_1","tenant":"acme","limits":{"seats":5}}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	type tenantClaims struct {
		Tenant string `json:"tenant"`
		Limits struct {
			Seats int `json:"seats"`
		} `json:"limits"`
	}
	c, err := clerk.ClaimsAs[tenantClaims](claims.Auth())
	fmt.Println(c.Tenant, c.Limits.Seats, err)
	// Output: acme 5 <nil>
}

// Several requirements must all be satisfied; Any asks for one of several.
func ExampleAuth_Has() {
	claims, err := clerk.ParseClaims(`{"sub":"user_1","v":2,"o":{"id":"org_1","rol":"member","per":"read,create","fpm":"3"},"fea":"o:invoices","pla":"o:pro"}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	auth := claims.Auth()
	fmt.Println(auth.Has(clerk.Permission("org:invoices:create")))
	fmt.Println(auth.Has(clerk.Role("org:admin")))
	fmt.Println(auth.Has(clerk.Any(clerk.Role("org:admin"), clerk.Plan("org:pro"))))
	// Output:
	// true
	// false
	// true
}

// Check says what is missing.
func ExampleAuth_Check() {
	auth := clerk.Auth{UserID: "user_1", OrgID: "org_1", OrgRole: "org:member"}
	fmt.Println(auth.Check(clerk.Role("org:admin")))
	fmt.Println(clerk.Auth{}.Check(clerk.Role("org:admin")))
	// Output:
	// clerk: lacks role org:admin
	// clerk: not signed in
}

// A wrong value is told by the name of its variable, and never shown.
func ExampleConfigFromEnv() {
	for name, value := range map[string]string{
		"CLERK_SECRET_KEY":      "sk_live_SuperSecret",
		"CLERK_PUBLISHABLE_KEY": "pk_test_Zm9vLWJhci0xMy5jbGVyay5hY2NvdW50cy5kZXYk",
	} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Println(err)
		}
		defer func() { _ = os.Unsetenv(name) }()
	}
	_, err := clerk.ConfigFromEnv()
	fmt.Println(err)
	// Output: clerk: CLERK_SECRET_KEY: belongs to a production instance, CLERK_PUBLISHABLE_KEY to a development one; copy both from the API keys page of one instance
}

// A handler calls another of your services on behalf of its caller.
func ExampleAuth_Token() {
	reports := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println("Authorization:", r.Header.Get("Authorization"))
	}))
	defer reports.Close()
	ctx := clerk.NewContext(context.Background(), clerk.Auth{UserID: "user_1"}.WithToken("eyJhbGciOi")) // r.Context()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, reports.URL, http.NoBody)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+clerk.FromContext(ctx).Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	_ = resp.Body.Close()

	fmt.Printf("%+v\n", clerk.FromContext(ctx)) // no verb prints the token
	// Output:
	// Authorization: Bearer eyJhbGciOi
	// clerk.Auth{user: "user_1"}
}

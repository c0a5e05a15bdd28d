package clerk_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// A route for OAuth clients requires scopes:
//
//	auth.Require(clerk.Scope("files:read"))
//
// A gate answers 403 with the error insufficient_scope where one is missing.
func ExampleScope() {
	client := clerk.MachineInfo{Scopes: []string{"files:read"}}.Auth(clerk.OAuth, "user_1", "oat_1")
	fmt.Println(client.Check(clerk.Scope("files:read")))
	fmt.Println(client.Check(clerk.Scope("files:read", "files:write")))

	// Scope alone takes OAuth tokens. Tokens adds API keys, which have scopes too:
	// auth.Require(clerk.Tokens(clerk.OAuth, clerk.APIKey), clerk.Scope("files:read"))
	key := clerk.MachineInfo{Scopes: []string{"files:read"}}.Auth(clerk.APIKey, "user_1", "ak_1")
	fmt.Println(key.Check(clerk.Tokens(clerk.OAuth, clerk.APIKey), clerk.Scope("files:read")))
	// Output:
	// <nil>
	// clerk: lacks scope files:read files:write
	// <nil>
}

// A page of a team needs an active organization, whatever the user's role in it is.
func ExampleActiveOrg() {
	member := clerktest.Identity{OrgID: "org_acme"}.Auth()
	personal := clerktest.Identity{}.Auth()

	fmt.Println(member.Has(clerk.ActiveOrg()), personal.Has(clerk.ActiveOrg()))
	// Output: true false
}

// The organization in the path must be the active one. The id in the path is the
// caller's; without this check every member of one organization reads all others.
func ExampleOrg() {
	invoices := func(w http.ResponseWriter, r *http.Request) {
		if err := clerk.FromContext(r.Context()).Check(clerk.Org(r.PathValue("org"))); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden) // auth.Deny(w, r, err) is the answer of a gate
			return
		}
		fmt.Fprintln(w, "the invoices of", r.PathValue("org"))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orgs/{org}/invoices", invoices)

	for _, path := range []string{"/orgs/org_acme/invoices", "/orgs/org_other/invoices"} {
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		ctx := clerk.NewContext(r.Context(), clerktest.Identity{OrgID: "org_acme"}.Auth())
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r.WithContext(ctx))
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 the invoices of org_acme
	// 403 clerk: lacks organization org_other
}

// A requirement of the application's own stands beside Clerk's. Its error is for logs:
// errors.Is and errors.As find it, and a gate does not show it.
func ExampleCustom() {
	errTrial := errors.New("the trial is over")
	paying := clerk.Custom("paying customer", func(a clerk.Auth) error {
		c, err := clerk.ClaimsAs[struct {
			Trial string `json:"trial"`
		}](a)
		if err != nil {
			return err
		}
		if c.Trial == "over" {
			return errTrial
		}
		return nil
	})

	// auth.Require(paying, clerk.Role("org:admin"))
	admin := clerktest.Identity{Role: "org:admin", Claims: map[string]any{"trial": "over"}}.Auth()
	err := admin.Check(paying, clerk.Role("org:admin"))
	fmt.Println(err)
	fmt.Println(errors.Is(err, errTrial))
	// Output:
	// clerk: lacks paying customer
	// true
}

// A gate answers a missing reverification so that Clerk's front-end SDKs ask the user
// for it and repeat the request.
func ExampleReverified() {
	now, hourAgo := [2]int{0, 0}, [2]int{60, 60}
	fmt.Println(clerktest.Identity{FactorAges: &now}.Auth().Has(clerk.Reverified(clerk.Strict)))
	fmt.Println(clerktest.Identity{FactorAges: &hourAgo}.Auth().Has(clerk.Reverified(clerk.Strict)))

	// A policy of your own: the first factor within five minutes.
	fresh := clerk.ReverificationPolicy{Level: clerk.FirstFactor, AfterMinutes: 5}
	fmt.Println(clerktest.Identity{FactorAges: &now}.Auth().Has(clerk.Reverified(fresh)))
	// Output:
	// true
	// false
	// true
}

// A route accepts the kinds of tokens that it names, and no other.
func ExampleTokens() {
	session := clerktest.Identity{}.Auth()
	key := clerk.MachineInfo{}.Auth(clerk.APIKey, "user_1", "ak_1")

	// auth.Require(clerk.Tokens(clerk.SessionToken, clerk.APIKey))
	either := clerk.Tokens(clerk.SessionToken, clerk.APIKey)
	fmt.Println(session.Has(either), key.Has(either))

	// auth.Require() is for sessions alone.
	fmt.Println(session.Check(), key.Check())
	// Output:
	// true true
	// <nil> clerk: lacks token session_token
}

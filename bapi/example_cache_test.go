package bapi_test

import (
	"context"
	"fmt"
	"log"
	"sync"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// newAPI stands for bapi.FromConfig(cfg) with cfg, err := clerk.ConfigFromEnv(). Behind it
// is an emulator.
func newAPI() (*bapi.Client, *clerktest.Emulator) {
	em, err := clerktest.Start(clerktest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	api, err := bapi.FromConfig(em.Config())
	if err != nil {
		log.Fatal(err)
	}
	return api, em
}

func ExampleUserCache() {
	api, em := newAPI()
	defer em.Close()
	ada := em.AddUser(clerktest.User{FirstName: "Ada"})
	users, err := bapi.NewUserCache(api.Users, bapi.CacheConfig{})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for range 1000 { // requests of one user
		if _, err := users.Get(ctx, ada.ID); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(users.Stats().Fetches, "call")

	// In a server, hook.Handler(users.Handle) receives the webhooks.
	change := &webhook.Event{Type: webhook.UserUpdated, Data: []byte(`{"id":"` + ada.ID + `"}`)}
	if err := users.Handle(ctx, change); err != nil {
		log.Fatal(err)
	}
	u, err := users.Get(ctx, ada.ID)
	fmt.Println(u.FirstName, err, users.Stats().Fetches, "calls")
	// Output:
	// 1 call
	// Ada <nil> 2 calls
}

func ExampleOrganizationCache() {
	api, em := newAPI()
	defer em.Close()
	acme := em.AddOrganization(clerktest.Organization{Name: "Acme"})
	orgs, err := bapi.NewOrganizationCache(api.Organizations, bapi.CacheConfig{})
	if err != nil {
		log.Fatal(err)
	}
	o, err := orgs.Get(context.Background(), acme.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(o.Name)
	// Output: Acme
}

// examples/users does the same with SQLite.
func ExampleEnsure() {
	api, em := newAPI()
	defer em.Close()
	ada := em.AddUser(clerktest.User{FirstName: "Ada"})
	users, err := bapi.NewUserCache(api.Users, bapi.CacheConfig{})
	if err != nil {
		log.Fatal(err)
	}
	var mu sync.Mutex
	table := map[string]int{} // in place of a table: Clerk's id to our number
	account := bapi.Ensure(users, func(_ context.Context, id string, user func() (*bapi.User, error)) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		if n, ok := table[id]; ok {
			return n, nil // usually without a call to Clerk
		}
		u, err := user()
		if err != nil {
			return 0, err
		}
		fmt.Println("a new account for", u.FirstName)
		table[id] = len(table) + 1
		return table[id], nil
	})
	for range 3 {
		n, err := account(context.Background(), ada.ID)
		fmt.Println(n, err)
	}
	// Output:
	// a new account for Ada
	// 1 <nil>
	// 1 <nil>
	// 1 <nil>
}

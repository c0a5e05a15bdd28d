package bapi_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// newClient stands for bapi.New(os.Getenv("CLERK_SECRET_KEY")), with an emulator behind it.
func newClient() (*bapi.Client, *clerktest.Emulator) {
	em, err := clerktest.Start(clerktest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	api, err := bapi.New(em.SecretKey(), bapi.WithAPIURL(em.URL))
	if err != nil {
		log.Fatal(err)
	}
	return api, em
}

func Example() {
	ctx := context.Background()
	api, em := newClient() // api, err := bapi.New(os.Getenv("CLERK_SECRET_KEY"))
	defer em.Close()
	em.AddUser(clerktest.User{FirstName: "Ada", Email: "ada@example.com"})
	em.AddUser(clerktest.User{FirstName: "Grace", Email: "grace@example.com"})

	for u, err := range api.Users.All(ctx, bapi.UserListParams{OrderBy: "email_address"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(u.FirstName, u.EmailAddresses[0].EmailAddress)
	}
	// Output:
	// Ada ada@example.com
	// Grace grace@example.com
}

func ExampleNew() {
	api, err := bapi.New(os.Getenv("CLERK_SECRET_KEY"),
		bapi.WithRateLimit(90, 10*time.Second), // a development instance allows 100
		bapi.WithHTTPClient(&http.Client{Transport: http.DefaultTransport}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(api)
}

func ExampleError() {
	api, em := newClient()
	defer em.Close()
	_, err := api.Users.Get(context.Background(), "user_nobody")
	switch e := (*bapi.Error)(nil); {
	case errors.Is(err, bapi.ErrNotFound):
		fmt.Println("no such user")
	case errors.Is(err, bapi.ErrUnavailable):
		fmt.Println("Clerk cannot be asked; try later")
	case errors.As(err, &e) && e.HasCode("form_param_invalid"):
		fmt.Println("bad", e.Details[0].Param)
	}
	// Output: no such user
}

func ExampleOpt() {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		fmt.Println(r.Method, r.URL.Path, string(body))
		_, _ = w.Write([]byte(`{"id":"user_1"}`))
	}))
	defer srv.Close()
	api, err := bapi.New("sk_test_example", bapi.WithAPIURL(srv.URL))
	if err != nil {
		log.Fatal(err)
	}
	_, err = api.Users.Update(context.Background(), "user_1", bapi.UserUpdateParams{
		FirstName: bapi.Set("Ada"),
		LastName:  bapi.Null[string](), // everything else is left as it is
	})
	fmt.Println(err)
	// Output:
	// PATCH /v1/users/user_1 {"first_name":"Ada","last_name":null}
	// <nil>
}

func ExampleMetadata() {
	have := bapi.Metadata(`{"plan":"free","flags":{"beta":true,"old":true}}`)
	merged, err := have.Merge(`{"plan":"pro","flags":{"old":null}}`)
	if err != nil {
		log.Fatal(err)
	}
	var mine struct {
		Plan  string          `json:"plan"`
		Flags map[string]bool `json:"flags"`
	}
	if err := merged.Decode(&mine); err != nil {
		log.Fatal(err)
	}
	fmt.Println(mine.Plan, mine.Flags)
	// Output: pro map[beta:true]
}

func ExampleRaw() {
	api, em := newClient()
	defer em.Close()
	ada := em.AddUser(clerktest.User{Email: "ada@example.com"})
	u, err := api.Users.Get(context.Background(), ada.ID)
	if err != nil {
		log.Fatal(err)
	}
	// A field that this version of the package does not know is read by its name.
	value, ok := u.RawField("some_new_field")
	fmt.Println(value, ok)
	object, ok := u.RawField("object")
	fmt.Println(object, ok)
	// Output:
	//  false
	// "user" true
}

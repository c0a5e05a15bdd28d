package bapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// newClient returns a client of an emulator. A program calls clerk.ConfigFromEnv and
// bapi.FromConfig(cfg) instead.
func newClient() (*bapi.Client, *clerktest.Emulator) {
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

func Example() {
	ctx := context.Background()
	api, em := newClient() // api, err := bapi.New(bapi.Config{SecretKey: os.Getenv("CLERK_SECRET_KEY")})
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
	api, err := bapi.New(bapi.Config{
		SecretKey:    "sk_test_c2VjcmV0",
		RateLimit:    90,          // in 10 seconds; a development instance allows 100
		MaxRetryWait: time.Minute, // for a background job
	})
	fmt.Println(api, err)

	_, err = bapi.New(bapi.Config{SecretKey: "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"})
	fmt.Println(err)
	// Output:
	// bapi.Client <nil>
	// clerk: SecretKey (CLERK_SECRET_KEY): is a publishable key (CLERK_PUBLISHABLE_KEY), which cannot call the Backend API; set CLERK_SECRET_KEY to the secret key (sk_test_… or sk_live_…) of the API keys page of the Clerk Dashboard
}

func ExampleFromConfig() {
	em, err := clerktest.Start(clerktest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer em.Close()
	cfg := em.Config() // cfg, err := clerk.ConfigFromEnv()
	api, err := bapi.FromConfig(cfg, func(c *bapi.Config) { c.UserAgent = "billing/1.4" })
	if err != nil {
		log.Fatal(err)
	}
	n, err := api.Users.Count(context.Background(), bapi.UserCountParams{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n.TotalCount)
	// Output: 0
}

func ExampleClient_Do() {
	api, em := newClient()
	defer em.Close()
	ada := em.AddUser(clerktest.User{FirstName: "Ada"})
	// An operation that this package does not have:
	var out struct {
		FirstName string `json:"first_name"`
	}
	err := api.Do(context.Background(), "GET", "/users/"+ada.ID, nil, nil, &out)
	fmt.Println(out.FirstName, err)
	err = api.Do(context.Background(), "GET", "/users/user_1/../../instance", nil, nil, &out)
	fmt.Println(errors.Is(err, bapi.ErrInvalidArgument))
	// Output:
	// Ada <nil>
	// true
}

// users has the methods of api.Users that this program needs. A test implements it with
// a mock.
type users interface {
	Get(ctx context.Context, userID string, opts ...bapi.CallOption) (*bapi.User, error)
}

// greet takes the interface, so that its test needs no server.
func greet(ctx context.Context, from users, userID string) string {
	u, err := from.Get(ctx, userID)
	if errors.Is(err, bapi.ErrNotFound) {
		return "Hello, stranger"
	}
	if err != nil {
		return "Hello" // do not fail in an outage
	}
	return "Hello, " + u.FirstName
}

// mock implements users in a test.
type mock map[string]*bapi.User

func (m mock) Get(_ context.Context, userID string, _ ...bapi.CallOption) (*bapi.User, error) {
	if u := m[userID]; u != nil {
		return u, nil
	}
	return nil, &bapi.Error{Status: http.StatusNotFound}
}

// Declare an interface with the operations that your program calls. Client.Users
// implements it, and so can a mock.
func ExampleUsersService_mock() {
	api, em := newClient()
	defer em.Close()
	ada := em.AddUser(clerktest.User{FirstName: "Ada"})
	ctx := context.Background()
	fmt.Println(greet(ctx, api.Users, ada.ID))

	fmt.Println(greet(ctx, mock{"user_1": {FirstName: "Grace"}}, "user_1"))
	fmt.Println(greet(ctx, mock{}, "user_1"))
	// Output:
	// Hello, Ada
	// Hello, Grace
	// Hello, stranger
}

func ExampleUser_PrimaryEmail() {
	api, em := newClient()
	defer em.Close()
	ada := em.AddUser(clerktest.User{Email: "ada@example.com"})
	u, err := api.Users.Get(context.Background(), ada.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q %q\n", u.PrimaryEmail(), u.PrimaryPhone())
	// Output: "ada@example.com" ""
}

func ExampleWithField() {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.URL, string(body))
		_, _ = w.Write([]byte(`{"id":"user_1"}`))
	}))
	defer srv.Close()
	api, err := bapi.New(bapi.Config{SecretKey: "sk_test_example", APIURL: srv.URL})
	if err != nil {
		log.Fatal(err)
	}
	// The API has a new field and a new parameter that this package does not have.
	_, err = api.Users.Update(context.Background(), "user_1", bapi.UserUpdateParams{FirstName: bapi.Set("Ada")},
		bapi.WithField("nickname", "ada"), bapi.WithQuery("expand", "all"))
	fmt.Println(err)
	// Output:
	// /v1/users/user_1?expand=all {"first_name":"Ada","nickname":"ada"}
	// <nil>
}

func ExampleError() {
	api, em := newClient()
	defer em.Close()
	_, err := api.Users.Get(context.Background(), "user_nobody")
	switch e := (*bapi.Error)(nil); {
	case errors.Is(err, bapi.ErrNotFound):
		fmt.Println("no such user")
	case errors.Is(err, bapi.ErrUnavailable):
		fmt.Println("Clerk is unavailable; try later")
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
	api, err := bapi.New(bapi.Config{SecretKey: "sk_test_example", APIURL: srv.URL})
	if err != nil {
		log.Fatal(err)
	}
	_, err = api.Users.Update(context.Background(), "user_1", bapi.UserUpdateParams{
		FirstName: bapi.Set("Ada"),
		LastName:  bapi.Null[string](), // other fields are not changed
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
	// Read a field that this package does not have by its name.
	value, ok := u.RawField("some_new_field")
	fmt.Println(value, ok)
	object, ok := u.RawField("object")
	fmt.Println(object, ok)
	// Output:
	//  false
	// "user" true
}

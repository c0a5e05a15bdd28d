package clerktest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// tb stands for the *testing.T of a test: func TestMe(t *testing.T).
type tb struct{ cleanups []func() }

func (*tb) Helper()                           {}
func (t *tb) Cleanup(f func())                { t.cleanups = append(t.cleanups, f) }
func (*tb) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// A test starts an emulator, which ends with the test, and signs a user in.
func ExampleNewServer() {
	t := new(tb)
	defer func() { t.cleanups[0]() }()

	em := clerktest.NewServer(t)
	alice := em.AddUser(clerktest.User{ID: "user_alice", Email: "alice@example.com"})
	sess := em.SignIn(alice, clerktest.WithOrg("org_1", "org:admin"))

	// The application needs no change: auth, err := middleware.New(em.Config())
	req := httptest.NewRequest(http.MethodGet, "/me", http.NoBody)
	sess.Authorize(req)
	fmt.Println(em.Config().AuthorizedParties, sess.Claims()["sub"], req.Header.Get("Authorization") != "")
	// Output: [http://localhost:3000] user_alice true
}

// A program starts one and closes it.
func ExampleStart() {
	em, err := clerktest.Start(clerktest.Config{Origins: []string{"http://localhost:8080"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer em.Close()

	cfg := em.Config()
	fmt.Println(cfg.Validate(), cfg.AuthorizedParties, cfg.InsecureEmulator)
	// Output: <nil> [http://localhost:8080] true
}

// A token says what Clerk's would.
func ExampleSession_Token() {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	em.AddRole("org:billing", "org:invoices:create", "org:invoices:read")
	alice := em.AddUser(clerktest.User{ID: "user_alice"})
	sess := em.SignIn(alice, clerktest.WithOrg("org_acme", "org:billing"), clerktest.WithFactorAges(5, -1))

	claims := sess.Claims()
	fmt.Println(claims["sub"], claims["fva"], claims["fea"], claims["o"])
	fmt.Println(len(sess.Token()) > 500)
	// Output:
	// user_alice [5 -1] o:invoices map[fpm:3 id:org_acme per:create,read rol:billing slg:acme]
	// true
}

// Time moves when the test says so.
func ExampleEmulator_Advance() {
	em, err := clerktest.New(clerktest.Config{Now: func() time.Time { return time.Unix(1_800_000_000, 0) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	sess := em.SignIn(em.AddUser(clerktest.User{}))
	fmt.Println(sess.Status())
	em.Advance(8 * 24 * time.Hour)
	fmt.Println(sess.Status())
	// Output:
	// active
	// expired
}

// Endpoints fail on demand.
func ExampleEmulator_Fault() {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	em.Fault(clerktest.Fault{Path: "/.well-known/jwks.json", Status: http.StatusServiceUnavailable, Times: 1})
	client := em.Config().HTTPClient
	for range 2 {
		resp, err := client.Get(em.URL + "/.well-known/jwks.json")
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = resp.Body.Close()
		fmt.Println(resp.StatusCode)
	}
	// Output:
	// 503
	// 200
}

// A receiver of webhooks fails first, and gets the message again.
func ExampleEmulator_AddWebhook() {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer em.Close()
	em.AddWebhook(clerktest.WebhookEndpoint{
		Secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", // left out, a new one
		Events: []string{webhook.UserCreated},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { // the application's
			http.Error(w, "the database is down", http.StatusServiceUnavailable)
		}),
	})
	hook, err := webhook.New(webhook.Config{Secrets: []string{em.Config().WebhookSigningSecret}, Now: em.Now})
	if err != nil {
		fmt.Println(err)
		return
	}
	em.AddWebhook(clerktest.WebhookEndpoint{
		Secret: em.Config().WebhookSigningSecret,
		Handler: hook.Handler(func(_ context.Context, ev *webhook.Event) error {
			fmt.Println("received", ev.Type)
			return nil
		}),
	})

	em.AddUser(clerktest.User{Email: "alice@example.com"})
	for range 2 {
		if err := em.FlushWebhooks(context.Background()); err != nil {
			fmt.Println(err)
			return
		}
		em.Advance(5 * time.Second) // the first retry
	}
	for _, d := range em.WebhookMessages()[0].Deliveries {
		fmt.Println(d.State, len(d.Attempts), d.Attempts[0].Status)
	}
	// Output:
	// received user.created
	// pending 2 503
	// delivered 1 200
}

// A token with a wrong claim, for the test that it is refused.
func ExampleEmulator_Sign() {
	em, err := clerktest.New(clerktest.Config{Instance: clerk.Production})
	if err != nil {
		fmt.Println(err)
		return
	}
	claims := em.SignIn(em.AddUser(clerktest.User{})).Claims()
	claims["iss"] = "https://clerk.evil.example"
	token := em.Sign(nil, claims)
	algNone := em.SignWith(nil, map[string]any{"alg": "none"}, claims)
	fmt.Println(token != "", algNone[len(algNone)-1:])
	// Output: true .
}

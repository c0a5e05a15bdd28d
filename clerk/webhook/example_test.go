package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// secret is a signing secret for these examples only. A server reads
// CLERK_WEBHOOK_SIGNING_SECRET.
const secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// deliver returns a request as Clerk sends it.
func deliver(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/clerk", strings.NewReader(body))
	signer, err := webhook.NewSigner(secret)
	if err != nil {
		log.Fatal(err)
	}
	if err := signer.Sign(r.Header, "msg_1", time.Now(), []byte(body)); err != nil {
		log.Fatal(err)
	}
	return r
}

const userCreated = `{"object":"event","type":"user.created","timestamp":1767225600123,"instance_id":"ins_1","data":{"id":"user_1","first_name":"Ada"}}`

func ExampleNew() {
	// In a server use webhook.FromConfig(cfg). While you rotate the secret, set
	// CLERK_WEBHOOK_SIGNING_SECRET to both secrets, separated by a space.
	hook, err := webhook.New(webhook.Config{Secrets: []string{secret}})
	fmt.Println(hook, err)

	_, err = webhook.New(webhook.Config{Secrets: []string{os.Getenv("A_VARIABLE_THAT_NOBODY_SET")}})
	fmt.Println(err)
	// Output:
	// webhook.Verifier{secrets: 1 redacted, tolerance: 5m0s} <nil>
	// clerk: webhook.Config.Secrets[0]: is empty; copy the endpoint's signing secret (whsec_…) from the Clerk Dashboard, Webhooks (CLERK_WEBHOOK_SIGNING_SECRET)
}

// The settings of the environment are enough: CLERK_WEBHOOK_SIGNING_SECRET.
func ExampleFromConfig() {
	cfg := clerk.Config{WebhookSigningSecret: secret} // cfg, err := clerk.ConfigFromEnv()
	hook, err := webhook.FromConfig(cfg)
	if err != nil {
		log.Fatal(err)
	}
	ev, err := hook.VerifyRequest(deliver(userCreated))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev.Type)

	_, err = webhook.FromConfig(clerk.Config{})
	fmt.Println(err)
	// Output:
	// user.created
	// clerk: WebhookSigningSecret (CLERK_WEBHOOK_SIGNING_SECRET): is empty; copy the endpoint's signing secret (whsec_…) from the Clerk Dashboard, Webhooks
}

func ExampleVerifier_VerifyRequest() {
	hook, err := webhook.New(webhook.Config{Secrets: []string{secret}})
	if err != nil {
		log.Fatal(err)
	}
	receive := func(w http.ResponseWriter, r *http.Request) {
		ev, err := hook.VerifyRequest(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Println(ev.ID, ev.Type, ev.Timestamp.Format(time.RFC3339Nano))
	}

	receive(httptest.NewRecorder(), deliver(userCreated))

	forged := deliver(userCreated)
	forged.Body = http.NoBody
	_, err = hook.VerifyRequest(forged)
	fmt.Println(errors.Is(err, webhook.ErrNoMatchingSignature))
	// Output:
	// msg_1 user.created 2026-01-01T00:00:00.123Z
	// true
}

func ExampleVerifier_Verify() {
	hook, err := webhook.New(webhook.Config{Secrets: []string{secret}})
	if err != nil {
		log.Fatal(err)
	}
	// Without an *http.Request (fiber, a queue, a cloud function), pass the headers and
	// the unchanged body.
	from := deliver(userCreated)
	header := http.Header{}
	for _, name := range []string{"svix-id", "svix-timestamp", "svix-signature"} {
		header.Set(name, from.Header.Get(name))
	}
	ev, err := hook.Verify(header, []byte(userCreated))
	fmt.Println(ev, err)
	// Output:
	// webhook.Event{ID: "msg_1", Type: "user.created"} <nil>
}

func ExampleDecode() {
	hook, err := webhook.New(webhook.Config{Secrets: []string{secret}})
	if err != nil {
		log.Fatal(err)
	}
	ev, err := hook.VerifyRequest(deliver(userCreated))
	if err != nil {
		log.Fatal(err)
	}
	// bapi.User has all fields. Your own type needs only those that you use.
	type user struct {
		ID        string `json:"id"`
		FirstName string `json:"first_name"`
	}
	switch ev.Type {
	case webhook.UserCreated, webhook.UserUpdated:
		u, err := webhook.Decode[user](ev)
		fmt.Println(u.ID, u.FirstName, err)
	}
	// Output:
	// user_1 Ada <nil>
}

func ExampleVerifier_Handler() {
	hook, err := webhook.New(webhook.Config{Secrets: []string{secret}})
	if err != nil {
		log.Fatal(err)
	}
	seen := map[string]bool{} // in a real app: a table with a unique key
	mux := http.NewServeMux()
	mux.Handle("/webhooks/clerk", hook.Handler(func(ctx context.Context, ev *webhook.Event) error {
		if seen[ev.ID] {
			fmt.Println("again", ev.ID)
			return nil
		}
		switch ev.Type {
		case webhook.UserCreated:
			u, err := webhook.Decode[struct{ ID string }](ev)
			if err != nil {
				return webhook.Permanent(err) // a redelivery would fail again
			}
			fmt.Println("insert", u.ID) // if this fails, return the error: Clerk delivers the event again
		}
		seen[ev.ID] = true
		return nil
	}))

	for range 2 {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, deliver(userCreated))
		fmt.Println(w.Code)
	}
	// Output:
	// insert user_1
	// 200
	// again msg_1
	// 200
}

func ExampleSigner() {
	signer, err := webhook.NewSigner(secret)
	if err != nil {
		log.Fatal(err)
	}
	body := []byte(`{"object":"event","type":"user.deleted","data":{"id":"user_1"}}`)
	r := httptest.NewRequest(http.MethodPost, "/webhooks/clerk", bytes.NewReader(body))
	if err := signer.Sign(r.Header, "msg_1", time.Unix(1767225600, 0), body); err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Header.Get("svix-id"), r.Header.Get("svix-timestamp"), len(r.Header.Get("svix-signature")))
	// Output:
	// msg_1 1767225600 47
}

package officialgo

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	"github.com/clerk/clerk-sdk-go/v2/session"
	"github.com/clerk/clerk-sdk-go/v2/user"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// newEmulator returns an emulator without a listener, and the SDK settings for it.
func newEmulator(t *testing.T) (*clerktest.Emulator, *clerk.ClientConfig) {
	t.Helper()
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return em, clientConfig(em, em.SecretKey())
}

// clientConfig returns the SDK settings for a secret key of the instance or of a
// machine.
func clientConfig(em *clerktest.Emulator, secret string) *clerk.ClientConfig {
	cfg := &clerk.ClientConfig{}
	cfg.HTTPClient = em.Config().HTTPClient
	cfg.URL = clerk.String(em.URL + "/v1")
	cfg.Key = clerk.String(secret)
	return cfg
}

// must fails the test for an error of the SDK.
func must[T any](t *testing.T, what string) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return v
	}
}

// refused checks that err is Clerk's error with a status and a code.
func refused(t *testing.T, what string, err error, status int, code string) {
	t.Helper()
	var answer *clerk.APIErrorResponse
	if !errors.As(err, &answer) || answer.HTTPStatusCode != status || len(answer.Errors) != 1 || answer.Errors[0].Code != code {
		t.Errorf("%s: %v, want %d %s", what, err, status, code)
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestUsers(t *testing.T) {
	em, cfg := newEmulator(t)
	ctx := context.Background()
	users := user.NewClient(cfg)
	public := json.RawMessage(`{"plan":"pro","seats":3}`)
	made := must[*clerk.User](t, "create")(users.Create(ctx, &user.CreateParams{
		EmailAddresses: &[]string{"alice@example.com"}, Username: clerk.String("alice"), Password: clerk.String("correct horse battery"),
		FirstName: clerk.String("Alice"), ExternalID: clerk.String("x1"), PublicMetadata: &public,
	}))
	if text(made.FirstName) != "Alice" || text(made.Username) != "alice" || len(made.EmailAddresses) != 1 || made.EmailAddresses[0].EmailAddress != "alice@example.com" ||
		made.EmailAddresses[0].Verification == nil || made.EmailAddresses[0].Verification.Status != "verified" || !made.PasswordEnabled {
		t.Errorf("made: %+v", made)
	}
	_, err := users.Create(ctx, &user.CreateParams{EmailAddresses: &[]string{"alice@example.com"}, SkipPasswordRequirement: clerk.Bool(true)})
	refused(t, "the same address", err, 422, "form_identifier_exists")

	got := must[*clerk.User](t, "get")(users.Get(ctx, made.ID))
	if text(got.ExternalID) != "x1" || got.CreatedAt != made.CreatedAt || got.CreatedAt == 0 {
		t.Errorf("got: %+v", got)
	}
	if got = must[*clerk.User](t, "update")(users.Update(ctx, made.ID, &user.UpdateParams{LastName: clerk.String("Li")})); text(got.LastName) != "Li" || text(got.FirstName) != "Alice" {
		t.Errorf("updated: %+v", got)
	}
	merge := json.RawMessage(`{"seats":null,"beta":true}`)
	if got = must[*clerk.User](t, "metadata")(users.UpdateMetadata(ctx, made.ID, &user.UpdateMetadataParams{PublicMetadata: &merge})); !sameJSON(got.PublicMetadata, `{"plan":"pro","beta":true}`) {
		t.Errorf("metadata: %s", got.PublicMetadata)
	}
	replace := json.RawMessage(`{"only":1}`)
	if got = must[*clerk.User](t, "metadata")(users.ReplaceMetadata(ctx, made.ID, &user.ReplaceMetadataParams{PublicMetadata: &replace})); !sameJSON(got.PublicMetadata, `{"only":1}`) {
		t.Errorf("metadata: %s", got.PublicMetadata)
	}

	for _, name := range []string{"bob", "carol"} {
		em.AddUser(clerktest.User{Username: name, Email: name + "@example.com"})
	}
	list := &user.ListParams{OrderBy: clerk.String("username")}
	list.Limit, list.Offset = clerk.Int64(2), clerk.Int64(1)
	all := must[*clerk.UserList](t, "list")(users.List(ctx, list))
	if len(all.Users) != 2 || text(all.Users[0].Username) != "bob" || all.TotalCount != 3 {
		t.Errorf("list: %d of %d", len(all.Users), all.TotalCount)
	}
	found := must[*clerk.UserList](t, "search")(users.List(ctx, &user.ListParams{EmailAddresses: []string{"carol@example.com"}}))
	if len(found.Users) != 1 || text(found.Users[0].Username) != "carol" {
		t.Errorf("found: %+v", found)
	}

	if got := must[*clerk.User](t, "ban")(users.Ban(ctx, made.ID)); !got.Banned {
		t.Errorf("banned: %+v", got)
	}
	must[*clerk.User](t, "unban")(users.Unban(ctx, made.ID))
	if got := must[*clerk.User](t, "lock")(users.Lock(ctx, made.ID)); !got.Locked || got.Banned {
		t.Errorf("locked: %+v", got)
	}
	if got := must[*clerk.User](t, "unlock")(users.Unlock(ctx, made.ID)); got.Locked {
		t.Errorf("unlocked: %+v", got)
	}
	if gone := must[*clerk.DeletedResource](t, "delete")(users.Delete(ctx, made.ID)); !gone.Deleted || gone.ID != made.ID {
		t.Errorf("deleted: %+v", gone)
	}
	_, err = users.Get(ctx, made.ID)
	refused(t, "a user who was deleted", err, 404, "resource_not_found")
	if n := must[*user.TotalCount](t, "count")(users.Count(ctx, &user.ListParams{})); n.TotalCount != 2 {
		t.Errorf("count: %d", n.TotalCount)
	}
}

func sameJSON(got json.RawMessage, want string) bool {
	var a, b any
	if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(want), &b) != nil {
		return false
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func TestSessions(t *testing.T) {
	em, cfg := newEmulator(t)
	ctx := context.Background()
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))
	sessions := session.NewClient(cfg)
	if got := must[*clerk.Session](t, "get")(sessions.Get(ctx, sess.ID)); got.UserID != sess.UserID || got.Status != "active" || got.ClientID != sess.ClientID {
		t.Errorf("session: %+v", got)
	}
	list := must[*clerk.SessionList](t, "list")(sessions.List(ctx, &session.ListParams{UserID: &sess.UserID}))
	if list.TotalCount != 1 || len(list.Sessions) != 1 || list.Sessions[0].ID != sess.ID {
		t.Errorf("sessions: %+v", list)
	}
	if got := must[*clerk.Session](t, "revoke")(sessions.Revoke(ctx, &session.RevokeParams{ID: sess.ID})); got.Status != "revoked" || sess.Status() != "revoked" {
		t.Errorf("revoked: %+v", got)
	}
	_, err := sessions.Get(ctx, "sess_no")
	refused(t, "no session", err, 404, "resource_not_found")
}

func TestJWKS(t *testing.T) {
	em, cfg := newEmulator(t)
	set := must[*clerk.JSONWebKeySet](t, "keys")(jwks.NewClient(cfg).Get(context.Background(), &jwks.GetParams{}))
	if len(set.Keys) != 1 || set.Keys[0].KeyID != em.KeyID() || set.Keys[0].Algorithm != "RS256" || set.Keys[0].Key == nil {
		t.Errorf("keys: %+v", set)
	}
	_, err := jwks.NewClient(clientConfig(em, "sk_test_wrong")).Get(context.Background(), &jwks.GetParams{})
	refused(t, "a wrong secret key", err, 401, "clerk_key_invalid")
}

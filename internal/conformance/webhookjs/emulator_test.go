package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// emulated are the events that the comparison must cover.
var emulated = []string{
	"user.created", "user.updated", "user.deleted", "session.created", "session.ended", "email.created",
	"organization.created", "organization.updated", "organization.deleted",
	"organizationMembership.created", "organizationMembership.deleted",
	"organizationInvitation.created", "organizationInvitation.revoked", "role.created", "permission.created",
}

// TestEmulator verifies the emulator's deliveries and their replays. run.sh sets
// $DELIVERIES to a file for the deliveries, which check.mjs verifies with the npm
// libraries.
func TestEmulator(t *testing.T) {
	em, err := clerktest.New(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = em.Close() }()
	var mu sync.Mutex
	var got []delivery
	secret := em.AddWebhook(clerktest.WebhookEndpoint{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		d := delivery{Kind: "emulator", Genuine: true, Header: map[string]string{}, Body: string(body)}
		for _, name := range []string{"svix-id", "svix-timestamp", "svix-signature"} {
			d.Header[name] = r.Header.Get(name)
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, d)
	})})
	happen(t, em)
	flush := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := em.FlushWebhooks(ctx); err != nil {
			t.Fatal(err)
		}
	}
	flush()
	first := len(got)
	for _, m := range em.WebhookMessages() {
		em.ReplayWebhook(m.ID)
	}
	flush()
	var out strings.Builder
	lines := json.NewEncoder(&out)
	var seen []string
	for i := range got {
		d := &got[i]
		d.Secrets = []string{secret}
		if err := judge(d); err != nil || !d.Accepted {
			t.Errorf("refused: %v %v", d.Header, err)
		}
		if err := lines.Encode(d); err != nil {
			t.Fatal(err)
		}
		var ev struct{ Type string }
		if err := json.Unmarshal([]byte(d.Body), &ev); err != nil {
			t.Error(err)
		}
		seen = append(seen, ev.Type)
		if again := got[i%first]; again.Body != d.Body || again.Header["svix-id"] != d.Header["svix-id"] {
			t.Errorf("replayed %s as %s", again.Body, d.Body)
		}
	}
	if len(got) != 2*first {
		t.Errorf("%d deliveries of %d messages", len(got), first)
	}
	for _, kind := range emulated {
		if !slices.Contains(seen, kind) {
			t.Errorf("there was no %s", kind)
		}
	}
	if name := os.Getenv("DELIVERIES"); name != "" {
		if err := os.WriteFile(name, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// happen causes events that have webhooks.
func happen(t *testing.T, em *clerktest.Emulator) {
	t.Helper()
	ctx, cfg := t.Context(), em.Config()
	api, err := bapi.FromConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	u, err := api.Users.Create(ctx, bapi.UserCreateParams{
		EmailAddress: []string{"zofie@example.com"}, FirstName: bapi.Set("Žofie <&> 张伟 👩‍🚀 \u2028"), SkipPasswordRequirement: bapi.Set(true),
	})
	ok(u, err)
	ok(api.Users.Update(ctx, u.ID, bapi.UserUpdateParams{LastName: bapi.Set(strings.Repeat("é", 100))}))
	em.SignIn(clerktest.User{ID: u.ID}).End()
	em.AddRole("org:billing", "org:invoices:read")
	org, err := api.Organizations.Create(ctx, "Acme", bapi.OrganizationCreateParams{CreatedBy: bapi.Set(u.ID)})
	ok(org, err)
	ok(api.Organizations.Update(ctx, org.ID, bapi.OrganizationUpdateParams{Name: bapi.Set("Äcme")}))
	i, err := api.OrganizationInvitations.Create(ctx, org.ID, "eve@example.com", "org:member", bapi.OrganizationInvitationCreateParams{})
	ok(i, err)
	ok(api.OrganizationInvitations.Revoke(ctx, org.ID, i.ID, bapi.OrganizationInvitationRevokeParams{}))
	em.AddMember(org.ID, em.AddUser(clerktest.User{Email: "eve@example.com"}).ID, "org:admin")
	ok(api.OrganizationMemberships.Delete(ctx, org.ID, u.ID))
	ok(api.Organizations.Delete(ctx, org.ID))
	ok(api.Users.Delete(ctx, u.ID))
}

package officialgo

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/apikey"
	m2m "github.com/clerk/clerk-sdk-go/v2/m2m_token"
	"github.com/clerk/clerk-sdk-go/v2/machine"
	"github.com/clerk/clerk-sdk-go/v2/machinescope"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestMachines(t *testing.T) {
	em, cfg := newEmulator(t)
	ctx := context.Background()
	machines := machine.NewClient(cfg)
	api := must[*clerk.MachineWithScopedMachinesAndSecretKey](t, "create")(machines.Create(ctx, &machine.CreateParams{Name: "api"}))
	job := must[*clerk.MachineWithScopedMachinesAndSecretKey](t, "create")(machines.Create(ctx, &machine.CreateParams{Name: "job"}))
	scopes := machinescope.NewClient(cfg)
	must[*clerk.MachineScope](t, "scope")(scopes.CreateScope(ctx, job.ID, &machinescope.CreateScopeParams{ToMachineID: api.ID}))
	if got := must[*clerk.MachineWithScopedMachines](t, "get")(machines.Get(ctx, job.ID)); len(got.ScopedMachines) != 1 || got.ScopedMachines[0].ID != api.ID {
		t.Errorf("machine: %+v", got)
	}

	claims := json.RawMessage(`{"role":"x"}`)
	caller, callee := m2m.NewClient(clientConfig(em, job.SecretKey)), m2m.NewClient(clientConfig(em, api.SecretKey))
	token := must[*clerk.M2MTokenWithToken](t, "token")(caller.Create(ctx, &m2m.CreateParams{Claims: &claims, SecondsUntilExpiration: clerk.Int64(60)}))
	if token.Subject != job.ID || len(token.Scopes) != 1 || token.Scopes[0] != api.ID {
		t.Errorf("token: %+v", token)
	}
	if got := must[*clerk.M2MToken](t, "verify")(callee.Verify(ctx, &m2m.VerifyParams{Token: token.Token})); got.ID != token.ID || got.Expired || got.Revoked {
		t.Errorf("verified: %+v", got)
	}
	if list := must[*clerk.M2MTokenList](t, "list")(m2m.NewClient(cfg).List(ctx, &m2m.ListParams{Subject: &job.ID})); list.TotalCount != 1 || len(list.M2MTokens) != 1 {
		t.Errorf("list: %+v", list)
	}
	must[*clerk.M2MToken](t, "revoke")(caller.Revoke(ctx, token.ID, &m2m.RevokeParams{RevocationReason: clerk.String("lost")}))
	_, err := callee.Verify(ctx, &m2m.VerifyParams{Token: token.Token})
	refused(t, "a revoked token", err, 404, "resource_not_found")
	_, err = machine.NewClient(clientConfig(em, job.SecretKey)).Get(ctx, job.ID)
	refused(t, "the secret key of a machine elsewhere", err, 401, "clerk_key_invalid")
}

func TestAPIKeys(t *testing.T) {
	em, cfg := newEmulator(t)
	ctx := context.Background()
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	keys := apikey.NewClient(cfg)
	made := must[*clerk.APIKeyWithSecret](t, "create")(keys.Create(ctx, &apikey.CreateParams{Name: clerk.String("nightly"), Subject: &alice.ID, Scopes: []string{"read"}}))
	if got := must[*clerk.APIKey](t, "verify")(keys.Verify(ctx, &apikey.VerifyParams{Secret: made.Secret})); got.Subject != alice.ID || got.Name != "nightly" || len(got.Scopes) != 1 {
		t.Errorf("verified: %+v", got)
	}
	if got := must[*apikey.APIKeySecret](t, "secret")(keys.GetSecret(ctx, made.ID)); got.Secret != made.Secret {
		t.Error("another secret")
	}
	if list := must[*clerk.APIKeyList](t, "list")(keys.List(ctx, &apikey.ListParams{Subject: &alice.ID})); list.TotalCount != 1 {
		t.Errorf("list: %+v", list)
	}
	if got := must[*clerk.APIKey](t, "revoke")(keys.Revoke(ctx, made.ID, &apikey.RevokeParams{})); !got.Revoked {
		t.Errorf("revoked: %+v", got)
	}
	_, err := keys.Verify(ctx, &apikey.VerifyParams{Secret: made.Secret})
	refused(t, "a revoked key", err, 404, "resource_not_found")
	if gone := must[*clerk.DeletedResource](t, "delete")(keys.Delete(ctx, made.ID)); !gone.Deleted {
		t.Errorf("deleted: %+v", gone)
	}
}

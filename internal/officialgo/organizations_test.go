package officialgo

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/organizationinvitation"
	"github.com/clerk/clerk-sdk-go/v2/organizationmembership"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestOrganizations(t *testing.T) {
	em, cfg := newEmulator(t)
	ctx := context.Background()
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	organizations := organization.NewClient(cfg)
	metadata := json.RawMessage(`{"a":1}`)
	made := must[*clerk.Organization](t, "create")(organizations.Create(ctx, &organization.CreateParams{
		Name: clerk.String("Widgets"), Slug: clerk.String("widgets"), CreatedBy: &alice.ID, PublicMetadata: &metadata, MaxAllowedMemberships: clerk.Int64(3),
	}))
	if made.Name != "Widgets" || made.Slug != "widgets" || made.CreatedBy != alice.ID || made.MaxAllowedMemberships != 3 || !sameJSON(made.PublicMetadata, `{"a":1}`) {
		t.Errorf("made: %+v", made)
	}
	_, err := organizations.Create(ctx, &organization.CreateParams{Name: clerk.String("Other"), Slug: clerk.String("widgets"), CreatedBy: &alice.ID})
	if err == nil {
		t.Error("two organizations have one slug")
	}
	if got := must[*clerk.Organization](t, "get")(organizations.Get(ctx, "widgets")); got.ID != made.ID {
		t.Errorf("by slug: %+v", got)
	}
	if got := must[*clerk.Organization](t, "update")(organizations.Update(ctx, made.ID, &organization.UpdateParams{Name: clerk.String("Gadgets")})); got.Name != "Gadgets" || got.Slug != "widgets" {
		t.Errorf("updated: %+v", got)
	}
	merge := json.RawMessage(`{"a":null,"b":2}`)
	if got := must[*clerk.Organization](t, "metadata")(organizations.UpdateMetadata(ctx, made.ID, &organization.UpdateMetadataParams{PublicMetadata: &merge})); !sameJSON(got.PublicMetadata, `{"b":2}`) {
		t.Errorf("metadata: %s", got.PublicMetadata)
	}
	list := must[*clerk.OrganizationList](t, "list")(organizations.List(ctx, &organization.ListParams{Query: clerk.String("gadgets"), IncludeMembersCount: clerk.Bool(true)}))
	if list.TotalCount != 1 || list.Organizations[0].MembersCount == nil || *list.Organizations[0].MembersCount != 1 {
		t.Errorf("list: %+v", list)
	}
	if gone := must[*clerk.DeletedResource](t, "delete")(organizations.Delete(ctx, made.ID)); !gone.Deleted {
		t.Errorf("deleted: %+v", gone)
	}
	_, err = organizations.Get(ctx, made.ID)
	refused(t, "an organization that was deleted", err, 404, "resource_not_found")
}

func TestMembershipsAndInvitations(t *testing.T) {
	em, cfg := newEmulator(t)
	ctx := context.Background()
	alice, bob := em.AddUser(clerktest.User{Email: "alice@example.com"}), em.AddUser(clerktest.User{Email: "bob@example.com"})
	em.AddRole("org:billing", "org:invoices:create")
	org := em.AddOrganization(clerktest.Organization{Name: "Acme"})
	em.AddMember(org.ID, alice.ID, "org:admin")
	members := organizationmembership.NewClient(cfg)
	joined := must[*clerk.OrganizationMembership](t, "create")(members.Create(ctx, &organizationmembership.CreateParams{
		OrganizationID: org.ID, UserID: &bob.ID, Role: clerk.String("org:member"),
	}))
	if joined.Role != "org:member" || joined.Organization.ID != org.ID || joined.PublicUserData.UserID != bob.ID {
		t.Errorf("joined: %+v", joined)
	}
	changed := must[*clerk.OrganizationMembership](t, "update")(members.Update(ctx, &organizationmembership.UpdateParams{
		OrganizationID: org.ID, UserID: bob.ID, Role: clerk.String("org:billing"),
	}))
	if changed.Role != "org:billing" || len(changed.Permissions) == 0 {
		t.Errorf("changed: %+v", changed)
	}
	list := must[*clerk.OrganizationMembershipList](t, "list")(members.List(ctx, &organizationmembership.ListParams{OrganizationID: org.ID}))
	if list.TotalCount != 2 || len(list.OrganizationMemberships) != 2 {
		t.Errorf("members: %+v", list)
	}
	// Tokens contain what the SDK changed.
	if claims := em.SignIn(bob, clerktest.WithOrg(org.ID, "")).Claims(); claims["o"].(map[string]any)["rol"] != "billing" {
		t.Errorf("claims: %v", claims["o"])
	}
	must[*clerk.OrganizationMembership](t, "delete")(members.Delete(ctx, &organizationmembership.DeleteParams{OrganizationID: org.ID, UserID: bob.ID}))
	if list = must[*clerk.OrganizationMembershipList](t, "list")(members.List(ctx, &organizationmembership.ListParams{OrganizationID: org.ID})); list.TotalCount != 1 {
		t.Errorf("members: %+v", list)
	}

	invitations := organizationinvitation.NewClient(cfg)
	invited := must[*clerk.OrganizationInvitation](t, "invite")(invitations.Create(ctx, &organizationinvitation.CreateParams{
		OrganizationID: org.ID, EmailAddress: clerk.String("carol@example.com"), Role: clerk.String("org:member"), InviterUserID: &alice.ID,
	}))
	if invited.EmailAddress != "carol@example.com" || invited.Status != "pending" || len(em.Outbox()) != 1 {
		t.Errorf("invited: %+v, %d messages", invited, len(em.Outbox()))
	}
	revoked := must[*clerk.OrganizationInvitation](t, "revoke")(invitations.Revoke(ctx, &organizationinvitation.RevokeParams{
		OrganizationID: org.ID, ID: invited.ID, RequestingUserID: &alice.ID,
	}))
	if revoked.Status != "revoked" {
		t.Errorf("revoked: %+v", revoked)
	}
}

package clerktest_test

import (
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// Whichever API changes something, webhooks tell of it.
func TestOrganizationEvents(t *testing.T) {
	em, api, alice := orgTest(t)
	seen := len(em.WebhookMessages())
	// happened returns the types of the events since the last call that are about
	// organizations.
	happened := func() string {
		var types []string
		messages := em.WebhookMessages()
		for _, m := range messages[seen:] {
			for _, kind := range []string{"organization", "role", "permission"} {
				if strings.HasPrefix(m.Type, kind) {
					types = append(types, m.Type)
				}
			}
			if len(m.Payload) == 0 || string(m.Payload) == "null" {
				t.Errorf("%s has no payload", m.Type)
			}
		}
		seen = len(messages)
		return strings.Join(types, " ")
	}
	step := func(what, events string) {
		t.Helper()
		if got := happened(); got != events {
			t.Errorf("%s: %s, want %s", what, got, events)
		}
	}
	bob := newFAPI(t, em)
	bob.signIn("bob@example.com", password)
	step("sign-in", "")

	org := api.ok("POST /organizations", `{"name":"Acme","created_by":"user_alice"}`).str("id")
	path := "/organizations/" + org
	step("create", "organization.created organizationMembership.created")
	api.ok("PATCH "+path, `{"name":"Acme Two"}`)
	api.ok("PATCH "+path+"/metadata", `{"public_metadata":{"a":1}}`)
	alice.ok("PATCH "+path, "name", "Acme Three")
	step("update", "organization.updated organization.updated organization.updated")
	api.refused(422, "form_param_value_invalid", "PATCH "+path, `{"name":"<b>"}`)
	step("refused", "")

	inv := api.ok("POST "+path+"/invitations", `{"email_address":"bob@example.com","role":"org:member"}`).str("id")
	step("invite", "organizationInvitation.created")
	bob.ok("POST /me/organization_invitations/" + inv + "/accept")
	step("accept", "organizationMembership.created organizationInvitation.accepted")
	inv = alice.ok("POST "+path+"/invitations", "email_address", "x@example.com", "role", "org:member").str("id")
	alice.ok("POST " + path + "/invitations/" + inv + "/revoke")
	step("revoke", "organizationInvitation.created organizationInvitation.revoked")

	api.ok("PATCH "+path+"/memberships/user_bob", `{"role":"org:admin"}`)
	api.ok("PATCH "+path+"/memberships/user_bob/metadata", `{"private_metadata":{"a":1}}`)
	alice.ok("PATCH "+path+"/memberships/user_bob", "role", "org:member")
	step("member", "organizationMembership.updated organizationMembership.updated organizationMembership.updated")
	api.ok("DELETE " + path + "/memberships/user_bob")
	alice.ok("POST "+path+"/memberships", "user_id", "user_bob", "role", "org:member")
	bob.ok("DELETE /me/organization_memberships/" + org)
	step("leave", "organizationMembership.deleted organizationMembership.created organizationMembership.deleted")

	d := api.ok("POST "+path+"/domains", `{"name":"example.org"}`).str("id")
	api.ok("POST " + path + "/domains/" + d + "/verify_ownership")
	alice.ok("POST "+path+"/domains/"+d+"/update_enrollment_mode", "enrollment_mode", "automatic_suggestion")
	alice.ok("DELETE " + path + "/domains/" + d)
	step("domain", "organizationDomain.created organizationDomain.updated organizationDomain.updated organizationDomain.deleted")

	p := api.ok("POST /organization_permissions", `{"name":"x","key":"org:x:y"}`).str("id")
	r := api.ok("POST /organization_roles", `{"name":"R","key":"org:r","permissions":["`+p+`"]}`).str("id")
	step("role", "permission.created role.created")
	api.ok("PATCH /organization_permissions/"+p, `{"name":"z"}`)
	api.ok("DELETE /organization_roles/" + r + "/permissions/" + p)
	api.ok("DELETE /organization_permissions/" + p)
	api.ok("DELETE /organization_roles/" + r)
	step("role", "permission.updated role.updated permission.deleted role.deleted")
	em.AddRole("org:billing", "org:invoices:read")
	step("AddRole", "permission.created role.created")

	em.AddMember(org, "user_carol", "org:member")
	step("AddMember", "organizationMembership.created")
	alice.ok("DELETE " + path)
	step("delete", "organizationMembership.deleted organizationMembership.deleted organization.deleted")
	em.AddOrganization(clerktest.Organization{ID: "org_2"})
	step("AddOrganization", "organization.created")
}

func TestRestrictionsInForce(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api, f := &bapiCaller{t, em}, newFAPI(t, em)
	signUp := []string{"email_address", "jane@example.com", "password", password}
	api.ok("PATCH /instance/restrictions", `{"allowlist":true}`)
	f.refused(403, "not_allowed_access", "POST /client/sign_ups", signUp...)
	api.ok("POST /allowlist_identifiers", `{"identifier":"jane@example.com","notify":false}`)
	f.ok("POST /client/sign_ups", signUp...)
	api.ok("PATCH /instance/restrictions", `{"allowlist":false,"blocklist":true}`)
	f.ok("POST /client/sign_ups", "email_address", "joe@example.com", "password", password)
	api.ok("POST /blocklist_identifiers", `{"identifier":"*@evil.example"}`)
	f.refused(403, "not_allowed_access", "POST /client/sign_ups", "email_address", "joe@evil.example", "password", password)
	api.ok("PATCH /instance/restrictions", `{"blocklist":false,"block_email_subaddresses":true}`)
	f.ok("POST /client/sign_ups", "email_address", "joe@evil.example", "password", password)
	f.refused(422, "form_email_address_blocked", "POST /client/sign_ups", "email_address", "joe+1@example.com", "password", password)
	f.ok("POST /client/sign_ups", "email_address", "joe+clerk_test@example.com", "password", password)
}

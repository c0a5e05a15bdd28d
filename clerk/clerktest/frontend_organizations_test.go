package clerktest_test

import (
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func organizationsEmulator(t *testing.T) (em *clerktest.Emulator, alice, bob *fapi) {
	t.Helper()
	em = newEmulator(t, clerktest.Config{Settings: clerktest.Settings{MultiSession: true, OrganizationDomains: true}})
	em.AddUser(clerktest.User{ID: "user_alice", Email: "alice@example.com", Password: password})
	em.AddUser(clerktest.User{ID: "user_bob", Email: "bob@example.com", Password: password})
	alice, bob = newFAPI(t, em), newFAPI(t, em)
	alice.signIn("alice@example.com", password)
	bob.signIn("bob@example.com", password)
	return em, alice, bob
}

func TestOrganizationInvitations(t *testing.T) {
	em, alice, bob := organizationsEmulator(t)
	org := alice.ok("POST /organizations", "name", "Acme", "slug", "acme").str("id")
	path := "/organizations/" + org
	alice.refused(422, "form_param_nil", "POST /organizations", "name", " ")
	alice.refused(422, "form_identifier_exists", "POST /organizations", "name", "Other", "slug", "acme")
	if second := alice.ok("POST /organizations", "name", "Acme").str("slug"); !strings.HasPrefix(second, "acme-") {
		t.Errorf("second slug %q", second)
	}
	for _, call := range []string{
		"GET " + path, "PATCH " + path, "DELETE " + path, "GET " + path + "/memberships", "POST " + path + "/invitations",
		"GET " + path + "/domains", "GET " + path + "/roles", "GET " + path + "/membership_requests",
	} {
		bob.refused(403, "not_a_member_in_organization", call)
	}
	alice.refused(404, "resource_not_found", "GET /organizations/org_none")
	alice.refused(422, "form_param_format_invalid", "POST "+path+"/invitations", "email_address", "x", "role", "org:member")
	alice.refused(404, "resource_not_found", "POST "+path+"/invitations", "email_address", "bob@example.com", "role", "org:none")
	alice.refused(400, "already_a_member_in_organization", "POST "+path+"/invitations", "email_address", "alice@example.com", "role", "org:member")
	inv := alice.ok("POST "+path+"/invitations", "email_address", "Bob@example.com", "role", "org:member")
	want(t, "status", inv.str("status"), "pending")
	alice.refused(400, "duplicate_record", "POST "+path+"/invitations", "email_address", "bob@example.com", "role", "org:member")
	want(t, "pending", alice.ok("GET "+path).at("pending_invitations_count"), 1.0)
	want(t, "listed", alice.ok("GET "+path+"/invitations?status=pending").at("total_count"), 1.0)

	mine := bob.ok("GET /me/organization_invitations?status=pending")
	want(t, "organization", mine.str("data", 0, "public_organization_data", "slug"), "acme")
	alice.refused(404, "resource_not_found", "POST /me/organization_invitations/"+inv.str("id")+"/accept")
	want(t, "accepted", bob.ok("POST /me/organization_invitations/"+inv.str("id")+"/accept").str("status"), "accepted")
	bob.refused(400, "organization_invitation_already_accepted", "POST /me/organization_invitations/"+inv.str("id")+"/accept")
	bob.refused(403, "missing_organization_permission", "POST "+path+"/invitations", "email_address", "c@example.com", "role", "org:member")
	bob.refused(403, "missing_organization_permission", "PATCH "+path, "name", "Mine")
	want(t, "members", bob.ok("GET "+path+"/memberships").at("total_count"), 2.0)

	// Somebody who has no account yet comes by the link, and signs up.
	bulk := alice.do2("POST "+path+"/invitations/bulk", "email_address", "new@example.com", "email_address", "gone@example.com", "role", "org:admin")
	if len(bulk.list("response")) != 2 {
		t.Fatalf("bulk: %v", bulk)
	}
	alice.ok("POST " + path + "/invitations/" + bulk.str("response", 1, "id") + "/revoke")
	alice.refused(400, "organization_invitation_not_pending", "POST "+path+"/invitations/"+bulk.str("response", 1, "id")+"/revoke")
	m, _ := em.LastMessage("new@example.com")
	want(t, "template", m.Template, "organization_invitation")
	carol := newFAPI(t, em)
	resp, body := carol.get(strings.TrimPrefix(m.URL, em.URL))
	if resp.StatusCode != 303 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	q := location(t, resp).Query()
	want(t, "status", q.Get("__clerk_status"), "sign_up")
	up := carol.ok("POST /client/sign_ups", "strategy", "ticket", "ticket", q.Get("__clerk_ticket"))
	want(t, "status", up.str("status"), "complete")
	client := carol.client()
	want(t, "organization", client.str("sessions", 0, "last_active_organization_id"), org)
	want(t, "role", client.str("sessions", 0, "user", "organization_memberships", 0, "role"), "org:admin")
	m, _ = em.LastMessage("gone@example.com")
	if resp, _ := carol.get(strings.TrimPrefix(m.URL, em.URL)); resp.StatusCode != 400 {
		t.Errorf("a revoked invitation: %d", resp.StatusCode)
	}
}

// do2 is for answers whose response is a list.
func (f *fapi) do2(call string, form ...string) object {
	f.t.Helper()
	resp, out := f.do(call, form...)
	if resp.StatusCode != 200 {
		f.t.Fatalf("%s: %d %v", call, resp.StatusCode, out)
	}
	return out
}

func TestOrganizationMembers(t *testing.T) {
	em, alice, bob := organizationsEmulator(t)
	em.AddRole("org:billing", "org:invoices:read")
	org := alice.ok("POST /organizations", "name", "Acme").str("id")
	path := "/organizations/" + org
	alice.refused(400, "organization_minimum_permissions_needed", "DELETE /me/organization_memberships/"+org)
	alice.refused(400, "organization_minimum_permissions_needed", "PATCH "+path+"/memberships/user_alice", "role", "org:member")
	alice.refused(404, "resource_not_found", "POST "+path+"/memberships", "user_id", "user_none", "role", "org:member")
	member := alice.ok("POST "+path+"/memberships", "user_id", "user_bob", "role", "org:member")
	want(t, "user", member.str("public_user_data", "user_id"), "user_bob")
	alice.refused(400, "already_a_member_in_organization", "POST "+path+"/memberships", "user_id", "user_bob", "role", "org:member")
	roles := alice.ok("GET " + path + "/roles")
	want(t, "roles", roles.at("total_count"), 3.0)
	want(t, "role", alice.ok("PATCH "+path+"/memberships/user_bob", "role", "org:billing").str("role"), "org:billing")
	alice.refused(404, "resource_not_found", "PATCH "+path+"/memberships/user_none", "role", "org:member")
	alice.refused(404, "resource_not_found", "PATCH "+path+"/memberships/user_bob", "role", "org:none")
	want(t, "by role", alice.ok("GET "+path+"/memberships?role[]=org:billing").at("total_count"), 1.0)
	want(t, "by text", alice.ok("GET "+path+"/memberships?query=bob").at("total_count"), 1.0)
	alice.refused(422, "form_param_value_invalid", "GET "+path+"/memberships?limit=many")
	bob.ok("POST /client/sessions/"+bob.session+"/touch", "active_organization_id", org)
	alice.ok("DELETE " + path + "/memberships/user_bob")
	want(t, "bob's organization", bob.client().at("sessions", 0, "last_active_organization_id"), nil)
	alice.refused(404, "resource_not_found", "DELETE "+path+"/memberships/user_bob")

	changed := alice.ok("PATCH "+path, "name", "Acme Two", "slug", "acme-two")
	want(t, "slug", changed.str("slug"), "acme-two")
	alice.refused(422, "form_param_format_invalid", "PATCH "+path, "slug", "a b")
	alice.refused(400, "form_param_missing", "PUT "+path+"/logo")
	want(t, "deleted", alice.ok("DELETE "+path).at("deleted"), true)
	alice.refused(404, "resource_not_found", "GET "+path)
	want(t, "memberships", len(alice.ok("GET /me").list("organization_memberships")), 0)
}

func TestOrganizationDomains(t *testing.T) {
	em, alice, bob := organizationsEmulator(t)
	org := alice.ok("POST /organizations", "name", "Acme").str("id")
	path := "/organizations/" + org
	alice.refused(422, "form_param_format_invalid", "POST "+path+"/domains", "name", "nodot")
	alice.refused(422, "form_param_value_invalid", "POST "+path+"/domains", "name", "example.com", "enrollment_mode", "any")
	domain := alice.ok("POST "+path+"/domains", "name", "Example.com")
	alice.refused(422, "organization_domain_already_exists", "POST "+path+"/domains", "name", "example.com")
	at := path + "/domains/" + domain.str("id")
	alice.refused(400, "verification_missing", "POST "+at+"/attempt_affiliation_verification", "code", "1")
	alice.refused(422, "form_param_value_invalid", "POST "+at+"/prepare_affiliation_verification", "affiliation_email_address", "a@other.example")
	alice.ok("POST "+at+"/prepare_affiliation_verification", "affiliation_email_address", "alice@example.com")
	alice.refused(422, "form_code_incorrect", "POST "+at+"/attempt_affiliation_verification", "code", "1")
	domain = alice.ok("POST "+at+"/attempt_affiliation_verification", "code", alice.code("alice@example.com"))
	want(t, "verification", domain.str("verification", "status"), "verified")
	want(t, "suggestions", bob.ok("GET /me/organization_suggestions?status=pending").at("total_count"), 0.0)
	alice.refused(422, "form_param_value_invalid", "POST "+at+"/update_enrollment_mode", "enrollment_mode", "any")
	alice.ok("POST "+at+"/update_enrollment_mode", "enrollment_mode", "automatic_suggestion")
	mine := bob.ok("GET /me/organization_suggestions?status=pending&status=accepted")
	id := mine.str("data", 0, "id")
	want(t, "organization", mine.str("data", 0, "public_organization_data", "id"), org)
	alice.refused(404, "resource_not_found", "POST /me/organization_suggestions/"+id+"/accept")
	want(t, "status", bob.ok("POST /me/organization_suggestions/"+id+"/accept").str("status"), "accepted")
	bob.refused(400, "organization_membership_request_not_pending", "POST /me/organization_suggestions/"+id+"/accept")
	requests := alice.ok("GET " + path + "/membership_requests?status=pending")
	want(t, "request", requests.str("data", 0, "public_user_data", "identifier"), "bob@example.com")
	alice.ok("POST " + path + "/membership_requests/" + id + "/accept")
	alice.refused(400, "organization_membership_request_not_pending", "POST "+path+"/membership_requests/"+id+"/reject")
	want(t, "bob's organizations", len(bob.ok("GET /me").list("organization_memberships")), 1)

	// A user who signs up later is invited, if the domain says so.
	alice.ok("POST "+at+"/update_enrollment_mode", "enrollment_mode", "automatic_invitation")
	carol := newFAPI(t, em)
	up := carol.ok("POST /client/sign_ups", "email_address", "carol+clerk_test@example.com", "password", password, "strategy", "email_code")
	up = carol.ok("POST /client/sign_ups/"+up.str("id")+"/attempt_verification", "strategy", "email_code", "code", "424242")
	carol.session = up.str("created_session_id")
	inv := carol.ok("GET /me/organization_invitations?status=pending")
	want(t, "invitations", inv.at("total_count"), 1.0)
	carol.ok("POST /me/organization_invitations/" + inv.str("data", 0, "id") + "/accept")
	carol.refused(403, "missing_organization_permission", "GET "+path+"/domains")
	want(t, "domains", alice.ok("GET "+path+"/domains?verified=true").at("total_count"), 1.0)
	alice.ok("DELETE " + at)
	alice.refused(404, "resource_not_found", "GET "+at)
}

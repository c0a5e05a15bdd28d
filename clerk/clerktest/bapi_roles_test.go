package clerktest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestRolesAndPermissions(t *testing.T) {
	em, api, alice := orgTest(t)
	org := api.ok("POST /organizations", `{"name":"Acme","created_by":"user_alice"}`).str("id")
	members := "/organizations/" + org + "/memberships"

	// Clerk's own permissions.
	system := api.ok("GET /organization_permissions?limit=100&order_by=key")
	want(t, "system permissions", system.at("total_count"), 9.0)
	want(t, "kind", system.str("data", 0, "type"), "system")
	manageMembers := api.ok("GET /organization_permissions?query=sys_memberships:manage").str("data", 0, "id")
	api.refused(403, "organization_system_permission_not_modifiable", "PATCH /organization_permissions/"+manageMembers, `{"name":"Mine"}`)
	api.refused(403, "organization_system_permission_not_modifiable", "DELETE /organization_permissions/"+manageMembers)

	p := api.ok("POST /organization_permissions", `{"name":"Make invoices","key":"org:invoices:create","description":"d"}`)
	has(t, p, "object id name key description type created_at updated_at")
	want(t, "kind", p.str("type"), "user")
	permission := "/organization_permissions/" + p.str("id")
	for body, code := range map[string]string{
		`{}`: "form_param_missing", `{"name":"x"}`: "form_param_missing", `{"name":"x","key":"org:x"}`: "form_param_format_invalid",
		`{"name":"x","key":"org:sys_x:y"}`: "form_param_format_invalid", `{"name":"x","key":"org:Ab:c"}`: "form_param_format_invalid",
		`{"name":"x","key":"org:invoices:create"}`: "form_identifier_exists", `{"name":"x","key":1}`: "form_param_type_invalid",
		`{"name":"` + strings.Repeat("x", 300) + `","key":"org:a:b"}`: "form_param_max_length_exceeded",
	} {
		api.refused(422, code, "POST /organization_permissions", body)
	}
	api.refused(404, "resource_not_found", "GET /organization_permissions/perm_none")

	// A role with it; members must wait until it is in the role set.
	r := api.ok("POST /organization_roles", fmt.Sprintf(`{"name":"Billing","key":"org:billing","description":"Money","permissions":[%q]}`, p.str("id")))
	has(t, r, "object id name key description is_creator_eligible permissions created_at updated_at")
	want(t, "permission", r.str("permissions", 0, "key"), "org:invoices:create")
	role := "/organization_roles/" + r.str("id")
	for body, code := range map[string]string{
		`{}`: "422 form_param_missing", `{"name":"x"}`: "422 form_param_missing", `{"name":"x","key":"billing"}`: "422 form_param_format_invalid",
		`{"name":"x","key":"org:Billing"}`: "422 form_param_format_invalid", `{"name":"x","key":"org:admin"}`: "422 form_identifier_exists",
		`{"name":"x","key":"org:x","permissions":["perm_none"]}`: "404 resource_not_found", `{"name":"x","key":"org:x","permissions":"p"}`: "422 form_param_type_invalid",
		`{"name":"x","key":"org:x","is_creator_eligible":true}`: "422 form_param_unknown",
	} {
		var status int
		var want string
		if _, err := fmt.Sscan(code, &status, &want); err != nil {
			t.Fatal(err)
		}
		api.refused(status, want, "POST /organization_roles", body)
	}
	api.refused(422, "form_param_value_invalid", "POST "+members, `{"user_id":"user_bob","role":"org:billing"}`)
	set := api.ok("POST /role_sets/role_set:default/roles", `{"role_keys":["org:billing"]}`)
	want(t, "roles", len(set.list("roles")), 3)
	api.ok("POST "+members, `{"user_id":"user_bob","role":"org:billing"}`)
	want(t, "for alice", alice.ok("GET "+members+"?role[]=org:billing").str("data", 0, "role_name"), "Billing")
	want(t, "roles for alice", alice.ok("GET /organizations/"+org+"/roles").at("total_count"), 3.0)
	bob := em.SignIn(clerktest.User{ID: "user_bob"}, clerktest.WithOrg(org, ""))
	if c := claimsOf(t, bob.Token()); !strings.Contains(string(c.Raw()), `"per":"create"`) {
		t.Errorf("the token lacks the permission: %s", c.Raw())
	}

	// Changes reach those who have it.
	other := api.ok("POST /organization_permissions", `{"name":"Read","key":"org:invoices:read"}`).str("id")
	want(t, "permissions", len(api.ok("POST "+role+"/permissions/"+other).list("permissions")), 2)
	api.refused(409, "organization_role_permission_association_exists", "POST "+role+"/permissions/"+other)
	api.refused(404, "resource_not_found", "POST "+role+"/permissions/perm_none")
	api.refused(404, "resource_not_found", "POST /organization_roles/role_none/permissions/"+other)
	want(t, "permissions", len(api.ok("DELETE "+role+"/permissions/"+p.str("id")).list("permissions")), 1)
	api.refused(404, "resource_not_found", "DELETE "+role+"/permissions/"+p.str("id"))
	if c := claimsOf(t, bob.Token()); !strings.Contains(string(c.Raw()), `"per":"read"`) {
		t.Errorf("the token has the wrong permissions: %s", c.Raw())
	}
	want(t, "renamed", api.ok("PATCH /organization_permissions/"+other, `{"key":"org:bills:read","description":""}`).str("key"), "org:bills:read")
	want(t, "in the role", api.ok("GET "+role).str("permissions", 0, "key"), "org:bills:read")
	api.refused(422, "form_identifier_exists", "PATCH /organization_permissions/"+other, `{"key":"org:invoices:create"}`)
	r = api.ok("PATCH "+role, `{"key":"org:accounting","name":"Accounting","description":null,"permissions":[]}`)
	want(t, "permissions", len(r.list("permissions")), 0)
	want(t, "description", r.at("description"), nil)
	want(t, "role", claimsOf(t, bob.Token()).OrgRole(), "org:accounting")
	api.refused(422, "form_identifier_exists", "PATCH "+role, `{"key":"org:member"}`)
	api.refused(404, "resource_not_found", "PATCH "+role, `{"permissions":["perm_none"]}`)

	// bob can manage members once his role says so.
	b := newFAPI(t, em)
	b.signIn("bob@example.com", password)
	b.refused(403, "missing_organization_permission", "POST "+members, "user_id", "user_carol", "role", "org:member")
	api.ok("POST " + role + "/permissions/" + manageMembers)
	b.ok("POST "+members, "user_id", "user_carol", "role", "org:member")

	// What is in use stays.
	api.refused(422, "organization_role_assigned_members", "DELETE "+role)
	api.refused(422, "organization_role_default_creator_role", "DELETE /organization_roles/"+roleID(api, "org:admin"))
	api.refused(422, "organization_role_domain_default_role", "DELETE /organization_roles/"+roleID(api, "org:member"))
	api.refused(422, "organization_missing_creator_role_permissions", "DELETE /organization_roles/"+roleID(api, "org:admin")+"/permissions/"+manageMembers)
	api.ok("PATCH "+members+"/user_bob", `{"role":"org:member"}`)
	inv := api.ok("POST /organizations/"+org+"/invitations", `{"email_address":"x@example.com","role":"org:accounting"}`).str("id")
	api.refused(422, "organization_role_exists_in_invitations", "DELETE "+role)
	api.ok("POST /organizations/" + org + "/invitations/" + inv + "/revoke")
	want(t, "deleted", api.ok("DELETE "+role).at("deleted"), true)
	for _, call := range []string{"GET " + role, "PATCH " + role, "DELETE " + role} {
		api.refused(404, "resource_not_found", call)
	}
	api.ok("DELETE " + permission)
	api.refused(404, "resource_not_found", "DELETE "+permission)

	for query, want := range map[string]string{
		"order_by=key": "org:admin org:member", "order_by=-name": "org:member org:admin", "": "org:member org:admin", "query=MEM": "org:member", "query=role_": "",
	} {
		if got := ids(api.ok("GET /organization_roles?"+query), "key"); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	for n := range 10 {
		api.ok("POST /organization_roles", fmt.Sprintf(`{"name":"R","key":"org:r%d"}`, n))
	}
	api.refused(403, "organization_instance_roles_quota_exceeded", "POST /organization_roles", `{"name":"R","key":"org:r11"}`)
}

func roleID(api *bapiCaller, key string) string {
	api.t.Helper()
	return api.ok("GET /organization_roles?limit=100&query="+key).str("data", 0, "id")
}

func TestRoleSets(t *testing.T) {
	_, api, alice := orgTest(t)
	owner := `{"name":"Owner","key":"org:owner","permissions":["perm_memberships_manage","perm_memberships_read","perm_profile_delete"]}`
	want(t, "eligible", api.ok("POST /organization_roles", owner).at("is_creator_eligible"), true)
	api.ok("POST /organization_roles", `{"name":"Guest","key":"org:guest"}`)
	set := api.ok("POST /role_sets", `{"name":"Big Customers","default_role_key":"org:guest","creator_role_key":"org:owner","roles":["org:owner","org:guest"]}`)
	has(t, set, "object id name key description roles default_role creator_role type role_set_migration created_at updated_at")
	has(t, set.at("creator_role").(map[string]any), "object id name key description members_count has_members created_at updated_at")
	want(t, "key", set.str("key"), "role_set:big_customers")
	want(t, "type", set.str("type"), "custom")
	for body, code := range map[string]string{
		`{}`: "422 form_param_missing",
		`{"name":"x","default_role_key":"org:guest","creator_role_key":"org:owner","roles":[]}`:                                           "422 form_param_missing",
		`{"name":"x","default_role_key":"org:guest","creator_role_key":"org:guest","roles":["org:guest"]}`:                                "422 organization_missing_creator_role_permissions",
		`{"name":"x","default_role_key":"org:member","creator_role_key":"org:owner","roles":["org:owner"]}`:                               "422 form_param_value_invalid",
		`{"name":"x","default_role_key":"org:none","creator_role_key":"org:owner","roles":["org:owner","org:none"]}`:                      "404 resource_not_found",
		`{"name":"x","default_role_key":"org:owner","creator_role_key":"org:owner","roles":["org:owner","org:owner"]}`:                    "422 form_param_duplicate",
		`{"name":"x","key":"big","default_role_key":"org:owner","creator_role_key":"org:owner","roles":["org:owner"]}`:                    "422 form_param_format_invalid",
		`{"name":"x","key":"role_set:big_customers","default_role_key":"org:owner","creator_role_key":"org:owner","roles":["org:owner"]}`: "422 form_identifier_exists",
		`{"name":"x","default_role_key":"org:owner","creator_role_key":"org:owner","roles":["org:owner"],"type":"main"}`:                  "422 form_param_value_invalid",
	} {
		var status int
		var want string
		if _, err := fmt.Sscan(code, &status, &want); err != nil {
			t.Fatal(err)
		}
		api.refused(status, want, "POST /role_sets", body)
	}

	// The creator gets the role that the organization's set says.
	o := api.ok("POST /organizations", `{"name":"Big","created_by":"user_alice","role_set_key":"role_set:big_customers"}`)
	org := "/organizations/" + o.str("id")
	want(t, "role", alice.ok("GET /me/organization_memberships").str("data", 0, "role"), "org:owner")
	want(t, "roles", ids(alice.ok("GET "+org+"/roles"), "key"), "org:guest org:owner")
	api.refused(422, "form_param_value_invalid", "POST "+org+"/memberships", `{"user_id":"user_bob","role":"org:member"}`)
	api.ok("POST "+org+"/memberships", `{"user_id":"user_bob","role":"org:guest"}`)
	set = api.ok("GET /role_sets/" + set.str("id"))
	want(t, "owners", set.at("roles", 0, "members_count"), 1.0)

	path := "/role_sets/role_set:big_customers"
	api.ok("POST "+path+"/roles", `{"role_keys":["org:member"],"default_role_key":"org:member"}`)
	api.refused(404, "resource_not_found", "POST "+path+"/roles", `{"role_keys":["org:none"]}`)
	api.refused(422, "form_param_duplicate", "POST "+path+"/roles", `{"role_keys":["org:member"]}`)
	api.refused(422, "form_param_missing", "POST "+path+"/roles", `{}`)
	set = api.ok("POST "+path+"/roles/replace", `{"role_key":"org:guest","to_role_key":"org:member"}`)
	want(t, "roles", len(set.list("roles")), 2)
	want(t, "bob", api.ok("GET "+org+"/memberships?user_id=user_bob").str("data", 0, "role"), "org:member")
	api.refused(404, "resource_not_found", "POST "+path+"/roles/replace", `{"role_key":"org:guest","to_role_key":"org:member"}`)
	api.refused(422, "organization_missing_creator_role_permissions", "POST "+path+"/roles/replace", `{"role_key":"org:owner","to_role_key":"org:member"}`)

	set = api.ok("PATCH "+path, `{"name":"Large","key":"role_set:large","type":"initial","description":"d"}`)
	want(t, "type", set.str("type"), "initial")
	want(t, "the other", api.ok("GET /role_sets/role_set:default").str("type"), "custom")
	want(t, "organization", api.ok("GET "+org).str("role_set_key"), "role_set:large")
	want(t, "settings", api.ok("GET /instance/organization_settings").str("initial_role_set_key"), "role_set:large")
	api.refused(422, "form_param_value_invalid", "PATCH /role_sets/role_set:large", `{"type":"custom"}`)
	api.refused(422, "form_identifier_exists", "PATCH /role_sets/role_set:large", `{"key":"role_set:default"}`)

	// Replacing it moves everybody.
	api.refused(422, "form_param_missing", "POST /role_sets/role_set:large/replace", `{"dest_role_set_key":"role_set:default"}`)
	api.refused(422, "form_param_value_invalid", "POST /role_sets/role_set:large/replace", `{"dest_role_set_key":"role_set:default","reassignment_mappings":{"org:owner":"org:guest"}}`)
	api.refused(422, "form_param_value_invalid", "POST /role_sets/role_set:large/replace", `{"dest_role_set_key":"role_set:large"}`)
	api.refused(404, "resource_not_found", "POST /role_sets/role_set:large/replace", `{"dest_role_set_key":"role_set:none"}`)
	api.refused(422, "form_param_missing", "POST /role_sets/role_set:large/replace", `{}`)
	want(t, "deleted", api.ok("POST /role_sets/role_set:large/replace", `{"dest_role_set_key":"role_set:default","reassignment_mappings":{"org:owner":"org:admin"}}`).at("deleted"), true)
	want(t, "alice", alice.ok("GET /me/organization_memberships").str("data", 0, "role"), "org:admin")
	want(t, "type", api.ok("GET /role_sets/role_set:default").str("type"), "initial")
	want(t, "sets", ids(api.ok("GET /role_sets?query=default&order_by=name"), "key"), "role_set:default")
	api.refused(404, "resource_not_found", "GET /role_sets/role_set:large")
}

func TestOrganizationDomainsBAPI(t *testing.T) {
	em, api, alice := orgTest(t)
	org := api.ok("POST /organizations", `{"name":"Acme","created_by":"user_alice"}`).str("id")
	path := "/organizations/" + org + "/domains"
	d := api.ok("POST "+path, `{"name":"Example.com","enrollment_mode":"automatic_suggestion"}`)
	has(t, d, "object id organization_id name enrollment_mode affiliation_email_address affiliation_verification ownership_verification verification "+
		"total_pending_invitations total_pending_suggestions public_organization_data created_at updated_at")
	want(t, "verification", d.str("affiliation_verification", "status"), "verified")
	want(t, "suggestions", d.at("total_pending_suggestions"), 2.0) // bob and carol
	bob := newFAPI(t, em)
	bob.signIn("bob@example.com", password)
	want(t, "bob's", bob.ok("GET /me/organization_suggestions").str("data", 0, "public_organization_data", "id"), org)
	want(t, "for alice", alice.ok("GET "+path).str("data", 0, "name"), "example.com")

	api.refused(422, "organization_domain_already_exists", "POST "+path, `{"name":"example.com"}`)
	api.refused(422, "form_param_missing", "POST "+path, `{}`)
	api.refused(422, "form_param_format_invalid", "POST "+path, `{"name":"nodot"}`)
	api.refused(422, "form_param_value_invalid", "POST "+path, `{"name":"a.example","enrollment_mode":"any"}`)
	api.refused(422, "form_param_unknown", "POST "+path, `{"name":"a.example","organization_id":"x"}`)
	api.refused(404, "resource_not_found", "POST /organizations/org_none/domains", `{"name":"a.example"}`)
	second := api.ok("POST "+path, `{"name":"other.example","enrollment_mode":"manual_invitation","verified":false}`)
	want(t, "verification", second.at("verification"), nil)
	at := path + "/" + second.str("id")
	want(t, "verified", api.ok("PATCH "+at, `{"verified":true}`).str("verification", "status"), "verified")
	owned := api.ok("POST " + at + "/verify_ownership")
	want(t, "ownership", owned.str("ownership_verification", "strategy"), "manual_override")
	em.Advance(1e9)
	want(t, "again", fmt.Sprint(api.ok("POST "+at+"/verify_ownership")), fmt.Sprint(owned))
	api.refused(422, "form_param_value_invalid", "PATCH "+at, `{"enrollment_mode":"any"}`)
	api.refused(404, "resource_not_found", "PATCH "+path+"/orgdmn_none", `{}`)

	for query, want := range map[string]string{
		"": "other.example example.com", "verified=true&enrollment_mode=-manual_invitation": "example.com", "verified=false": "", "enrollment_mode=manual_invitation": "other.example",
	} {
		if got := ids(api.ok("GET "+path+"?"+query), "name"); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	for query, want := range map[string]string{
		"order_by=name": "example.com other.example", "query=OTHER": "other.example", "query=" + org + "&limit=1": "other.example", "query=org_none": "",
		"domains=example.com": "example.com", "organization_id=org_none": "",
	} {
		if got := ids(api.ok("GET /organization_domains?"+query), "name"); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"verified=yes", "enrollment_mode=any", "query=+", "order_by=mode"} {
		api.refused(422, "form_param_value_invalid", "GET /organization_domains?"+query)
	}

	// Invitations that a domain makes are not in the lists of the organization.
	api.ok("PATCH "+path+"/"+d.str("id"), `{"enrollment_mode":"automatic_invitation"}`)
	want(t, "pending", api.ok("GET /organization_domains?domains=example.com").at("data", 0, "total_pending_invitations"), 2.0)
	want(t, "listed", api.ok("GET /organizations/"+org+"/invitations").at("total_count"), 0.0)
	want(t, "bob's", bob.ok("GET /me/organization_invitations").at("total_count"), 1.0)
	want(t, "deleted", api.ok("DELETE "+path+"/"+d.str("id")).at("deleted"), true)
	want(t, "bob's", bob.ok("GET /me/organization_invitations?status=pending").at("total_count"), 0.0)
	api.refused(404, "resource_not_found", "DELETE "+path+"/"+d.str("id"))
}

package clerktest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// environmentOf returns what clerk-js asks first.
func environmentOf(f *fapi) object { return f.ok("GET /environment") }

func TestInstanceSettings(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api, f := &bapiCaller{t, em}, newFAPI(t, em)
	has(t, api.ok("GET /instance"), "object id environment_type allowed_origins workspace_id")
	want(t, "id", api.ok("GET /instance").str("id"), em.KeyID())

	const extension = "chrome-extension://abcdef"
	preflight := func() string {
		resp, _ := do(t, em, "OPTIONS", "/v1/client", http.Header{"Origin": {extension}}, "")
		return resp.Header.Get("Access-Control-Allow-Origin")
	}
	want(t, "before", preflight(), "")
	api.ok("PATCH /instance", `{"test_mode":false,"hibp":true,"support_email":"help@example.com","clerk_js_version":"5","development_origin":"http://localhost:4000",
		"allowed_origins":["`+extension+`"],"cookieless_dev":null,"url_based_session_syncing":false,"preferred_sign_in_strategy_when_password_required":"otp"}`)
	want(t, "after", preflight(), extension)
	want(t, "origins", api.ok("GET /instance").str("allowed_origins", 0), extension)
	env := environmentOf(f)
	want(t, "support", env.str("display_config", "support_email"), "help@example.com")
	want(t, "version", env.str("display_config", "clerk_js_version"), "5")
	want(t, "strategy", env.str("display_config", "preferred_sign_in_strategy"), "otp")
	want(t, "syncing", env.at("auth_config", "url_based_session_syncing"), false)
	want(t, "test mode", env.at("auth_config", "test_mode"), false)
	// Without test mode nobody can guess the code of a test address.
	up := f.ok("POST /client/sign_ups", "email_address", "jane+clerk_test@example.com", "password", password)
	f.ok("POST /client/sign_ups/"+up.str("id")+"/prepare_verification", "strategy", "email_code")
	if code := f.code("jane+clerk_test@example.com"); code == "424242" {
		t.Error("the code of test addresses is good without test mode")
	}
	for body, code := range map[string]string{
		`{"support_email":"x"}`: "form_param_format_invalid", `{"development_origin":"localhost"}`: "form_param_format_invalid",
		`{"allowed_origins":["x"]}`: "form_param_format_invalid", `{"allowed_origins":"x"}`: "form_param_type_invalid",
		`{"preferred_sign_in_strategy_when_password_required":"sms"}`: "form_param_value_invalid", `{"test_mode":"no"}`: "form_param_type_invalid",
		`{"home_url":"https://example.com"}`: "form_param_unknown", `{"allowed_origins":["https://evil.example/\r\nX: y"]}`: "form_param_format_invalid",
	} {
		api.refused(422, code, "PATCH /instance", body)
	}
}

func TestInstanceParts(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api, f := &bapiCaller{t, em}, newFAPI(t, em)
	r := api.ok("PATCH /instance/restrictions", `{"allowlist":null,"block_email_subaddresses":true,"block_disposable_email_domains":false}`)
	has(t, r, "object allowlist blocklist allowlist_blocklist_disabled_on_sign_in block_email_subaddresses block_disposable_email_domains")
	want(t, "in the environment", environmentOf(f).at("user_settings", "restrictions", "block_email_subaddresses", "enabled"), true)
	api.refused(422, "form_param_type_invalid", "PATCH /instance/restrictions", `{"blocklist":1}`)

	has(t, api.ok("GET /instance/protect"), "object rules_enabled specter_enabled checks_bypassed")
	want(t, "rules", api.ok("PATCH /instance/protect", `{"rules_enabled":true}`).at("rules_enabled"), true)
	want(t, "rules", api.ok("GET /instance/protect").at("rules_enabled"), true)
	api.refused(422, "form_param_unknown", "PATCH /instance/protect", `{"all":true}`)

	want(t, "blocked", fmt.Sprint(api.ok("GET /instance/communication").at("blocked_country_codes")), "[]")
	want(t, "blocked", fmt.Sprint(api.ok("PATCH /instance/communication", `{"blocked_country_codes":["AQ","BV"]}`).at("blocked_country_codes")), "[AQ BV]")
	want(t, "blocked", fmt.Sprint(api.ok("PATCH /instance/communication", `{}`).at("blocked_country_codes")), "[AQ BV]")
	for _, bad := range []string{`["aq"]`, `["AQ1"]`, `[""]`} {
		api.refused(422, "form_param_value_invalid", "PATCH /instance/communication", `{"blocked_country_codes":`+bad+`}`)
	}
	api.refused(422, "duplicate_list_items_not_allowed", "PATCH /instance/communication", `{"blocked_country_codes":["AQ","AQ"]}`)

	b := api.ok("PATCH /beta_features/instance_settings", `{"restricted_to_allowlist":true,"from_email_address":"noreply","progressive_sign_up":true,"test_mode":true}`)
	has(t, b, "object id restricted_to_allowlist from_email_address progressive_sign_up enhanced_email_deliverability")
	want(t, "restricted", b.at("restricted_to_allowlist"), true)
	want(t, "from", b.str("from_email_address"), "noreply")
	api.refused(422, "form_param_format_invalid", "PATCH /beta_features/instance_settings", `{"from_email_address":"a@b"}`)
	api.refused(422, "form_param_unknown", "PATCH /beta_features/instance_settings", `{"x":1}`)
}

func TestOrganizationSettings(t *testing.T) {
	em, api, alice := orgTest(t)
	has(t, api.ok("GET /instance/organization_settings"), "object enabled max_allowed_memberships max_allowed_roles max_allowed_domains creator_role "+
		"admin_delete_enabled domains_enabled domains_enrollment_modes domains_default_role slug_disabled initial_role_set_key")
	em.AddRole("org:owner", "org:sys_memberships:manage", "org:sys_memberships:read", "org:sys_profile:delete")
	owner := roleID(api, "org:owner")
	set := api.ok("PATCH /instance/organization_settings", `{"max_allowed_memberships":2,"admin_delete_enabled":false,"domains_enabled":true,"slug_disabled":true,
		"domains_enrollment_modes":["automatic_invitation"],"creator_role_id":"`+owner+`"}`)
	want(t, "creator", set.str("creator_role"), "org:owner")
	want(t, "modes", fmt.Sprint(set.at("domains_enrollment_modes")), "[manual_invitation automatic_invitation]")
	env := environmentOf(alice)
	want(t, "creator", env.str("organization_settings", "creator_role"), "org:owner")
	want(t, "limit", env.at("organization_settings", "max_allowed_memberships"), 2.0)
	want(t, "slugs", env.at("organization_settings", "slug", "disabled"), true)

	// New organizations are by these settings.
	alice.refused(422, "form_param_unknown", "POST /organizations", "name", "Acme", "slug", "acme")
	o := alice.ok("POST /organizations", "name", "Acme")
	path := "/organizations/" + o.str("id")
	want(t, "limit", o.at("max_allowed_memberships"), 2.0)
	want(t, "role", alice.ok("GET /me/organization_memberships").str("data", 0, "role"), "org:owner")
	alice.refused(403, "organization_admin_delete_not_enabled", "DELETE "+path)
	api.refused(403, "organization_domain_enrollment_mode_not_enabled", "POST "+path+"/domains", `{"name":"a.example","enrollment_mode":"automatic_suggestion"}`)
	api.refused(422, "form_param_unknown", "PATCH "+path, `{"slug":"other"}`)
	api.refused(422, "organization_role_default_creator_role", "DELETE /organization_roles/"+owner)

	for body, code := range map[string]string{
		`{"creator_role_id":"role_none"}`: "404 resource_not_found", `{"domains_default_role_id":"role_none"}`: "404 resource_not_found",
		`{"creator_role_id":"` + roleID(api, "org:member") + `"}`: "422 organization_missing_creator_role_permissions",
		`{"max_allowed_memberships":-1}`:                          "422 form_param_value_invalid",
		`{"domains_enrollment_modes":["any"]}`:                    "422 form_param_value_invalid",
		`{"enabled":"no"}`:                                        "422 form_param_type_invalid",
	} {
		var status int
		var want string
		if _, err := fmt.Sscan(code, &status, &want); err != nil {
			t.Fatal(err)
		}
		api.refused(status, want, "PATCH /instance/organization_settings", body)
	}
	api.ok("PATCH /instance/organization_settings", `{"domains_enabled":false}`)
	api.refused(403, "organization_domains_not_enabled", "POST "+path+"/domains", `{"name":"a.example"}`)

	// And none are there when they are switched off.
	api.ok("PATCH /instance/organization_settings", `{"enabled":false}`)
	for _, call := range []string{"GET /organizations", "POST /organizations", "GET " + path, "GET /organization_memberships", "GET /role_sets"} {
		api.refused(403, "organization_not_enabled_in_instance", call)
	}
	alice.refused(403, "organization_not_enabled_in_instance", "GET "+path)
	alice.refused(403, "organization_not_enabled_in_instance", "POST /organizations", "name", "x")
	want(t, "enabled", environmentOf(alice).at("organization_settings", "enabled"), false)
	if !strings.HasPrefix(path, "/organizations/org_") {
		t.Error(path)
	}
}

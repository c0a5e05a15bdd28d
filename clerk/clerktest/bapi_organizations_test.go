package clerktest_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// orgTest is an emulator with three users, of whom alice is signed in.
func orgTest(t *testing.T) (em *clerktest.Emulator, api *bapiCaller, alice *fapi) {
	t.Helper()
	em = newEmulator(t, clerktest.Config{Settings: clerktest.Settings{MultiSession: true, OrganizationDomains: true}})
	for _, name := range []string{"alice", "bob", "carol"} {
		em.AddUser(clerktest.User{ID: "user_" + name, Email: name + "@example.com", FirstName: strings.ToUpper(name), Password: password, Username: name})
	}
	alice = newFAPI(t, em)
	alice.signIn("alice@example.com", password)
	return em, &bapiCaller{t, em}, alice
}

func TestOrganizationLife(t *testing.T) {
	em, api, alice := orgTest(t)
	o := api.ok("POST /organizations", `{"name":"Acme","created_by":"user_alice","public_metadata":{"a":{"b":1,"c":2}},"private_metadata":{"k":"v"},
		"max_allowed_memberships":3,"created_at":"2012-10-20T07:15:20.902Z"}`)
	id := o.str("id")
	path := "/organizations/" + id
	has(t, o, "object id name slug image_url has_image pending_invitations_count max_allowed_memberships admin_delete_enabled "+
		"public_metadata private_metadata created_by created_at updated_at role_set_key")
	want(t, "slug", o.str("slug"), "acme")
	want(t, "created_at", o.at("created_at"), 1350717320902.0)
	want(t, "limit", o.at("max_allowed_memberships"), 3.0)
	want(t, "private_metadata", o.str("private_metadata", "k"), "v")
	if _, counted := o["members_count"]; counted {
		t.Errorf("members are counted unasked: %v", o)
	}
	o = api.ok("GET /organizations/acme?include_members_count=true&include_missing_member_with_elevated_permissions=true")
	want(t, "members", o.at("members_count"), 1.0)
	want(t, "elevated", o.at("missing_member_with_elevated_permissions"), false)

	// The creator sees it, as its admin.
	mine := alice.ok("GET /me/organization_memberships")
	want(t, "role", mine.str("data", 0, "role"), "org:admin")
	want(t, "organization", mine.str("data", 0, "organization", "id"), id)

	// A name may be taken twice, a slug not.
	second := api.ok("POST /organizations", `{"name":"Acme","created_by":null,"slug":null,"max_allowed_memberships":null}`)
	if slug := second.str("slug"); !strings.HasPrefix(slug, "acme-") {
		t.Errorf("second slug %q", slug)
	}
	api.refused(422, "form_identifier_exists", "POST /organizations", `{"name":"Other","slug":"ACME"}`)
	api.refused(422, "form_identifier_exists", "PATCH /organizations/"+second.str("id"), `{"slug":"acme"}`)

	o = api.ok("PATCH "+path, `{"name":"Acme Two","slug":"acme-two","max_allowed_memberships":0,"admin_delete_enabled":false,"created_at":"2013-01-01T00:00:00Z"}`)
	want(t, "name", o.str("name"), "Acme Two")
	want(t, "created_at", o.at("created_at"), 1356998400000.0)
	want(t, "slug for alice", alice.ok("GET "+path).str("slug"), "acme-two")
	api.refused(404, "resource_not_found", "GET /organizations/acme")
	api.ok("PATCH "+path, `{"slug":"acme-two","name":null}`)
	alice.refused(403, "organization_admin_delete_not_enabled", "DELETE "+path)
	want(t, "renamed by alice", alice.ok("PATCH "+path, "name", "Acme Three").str("name"), "Acme Three")
	want(t, "name", api.ok("GET "+path).str("name"), "Acme Three")

	// Metadata.
	o = api.ok("PATCH "+path+"/metadata", `{"public_metadata":{"a":{"b":null,"d":3}},"private_metadata":{"k":null}}`)
	want(t, "merged", fmt.Sprint(o.at("public_metadata")), "map[a:map[c:2 d:3]]")
	want(t, "private", fmt.Sprint(o.at("private_metadata")), "map[]")
	o = api.ok("PUT "+path+"/metadata", `{"public_metadata":{"x":1}}`)
	want(t, "replaced", fmt.Sprint(o.at("public_metadata")), "map[x:1]")
	pub := alice.ok("GET " + path)
	want(t, "for alice", fmt.Sprint(pub.at("public_metadata")), "map[x:1]")
	if _, shown := pub["private_metadata"]; shown {
		t.Errorf("private metadata is in the Frontend API: %v", pub)
	}

	// Deleting takes all with it, and sessions go on without it.
	api.ok("POST "+path+"/invitations", `{"email_address":"new@example.com","role":"org:member"}`)
	m, _ := em.LastMessage("new@example.com")
	alice.ok("POST /client/sessions/"+alice.session+"/touch", "active_organization_id", id)
	gone := api.ok("DELETE " + path)
	want(t, "deleted", fmt.Sprint(gone), fmt.Sprintf("map[deleted:true id:%s object:organization slug:acme-two]", id))
	want(t, "active organization", alice.client().at("sessions", 0, "last_active_organization_id"), nil)
	want(t, "memberships", alice.ok("GET /me/organization_memberships").at("total_count"), 0.0)
	want(t, "invitations", api.ok("GET /organization_invitations").at("total_count"), 0.0)
	if resp, _ := alice.get(strings.TrimPrefix(m.URL, em.URL)); resp.StatusCode/100 != 4 {
		t.Errorf("an invitation of an organization that is gone: %d", resp.StatusCode)
	}
	for _, call := range []string{"GET " + path, "DELETE " + path, "GET " + path + "/memberships", "GET " + path + "/invitations", "GET " + path + "/domains"} {
		api.refused(404, "resource_not_found", call)
	}
}

func TestOrganizationErrors(t *testing.T) {
	_, api, _ := orgTest(t)
	id := api.ok("POST /organizations", `{"name":"Acme","slug":"acme"}`).str("id")
	big := `{"x":"` + strings.Repeat("x", 9<<10) + `"}`
	for body, code := range map[string]string{
		`{}`:                                  "422 form_param_missing",
		`{"name":" "}`:                        "422 form_param_nil",
		`{"name":5}`:                          "422 form_param_type_invalid",
		`{"name":"see https://evil.example"}`: "422 form_param_value_invalid",
		`{"name":"<b>x</b>"}`:                 "422 form_param_value_invalid",
		`{"name":"` + strings.Repeat("x", 257) + `"}`:         "422 form_param_max_length_exceeded",
		`{"name":"x","slug":"a b"}`:                           "422 form_param_format_invalid",
		`{"name":"x","slug":"a_b"}`:                           "422 form_param_format_invalid",
		`{"name":"x","slug":"acme"}`:                          "422 form_identifier_exists",
		`{"name":"x","created_by":"user_none"}`:               "400 organization_creator_not_found",
		`{"name":"x","max_allowed_memberships":-1}`:           "422 form_param_value_invalid",
		`{"name":"x","max_allowed_memberships":1.5}`:          "422 form_param_type_invalid",
		`{"name":"x","public_metadata":[]}`:                   "422 form_param_value_invalid",
		`{"name":"x","public_metadata":"{}"}`:                 "422 form_param_value_invalid",
		`{"name":"x","private_metadata":` + big + `}`:         "422 form_param_exceeds_allowed_size",
		`{"name":"x","created_at":"yesterday"}`:               "422 form_param_invalid_time",
		`{"name":"x","created_at":"2999-01-01T00:00:00Z"}`:    "422 form_disallow_future_date",
		`{"name":"x","role_set_key":"role_set:none"}`:         "404 resource_not_found",
		`{"name":"x","admin":true}`:                           "422 form_param_unknown",
		`[]`:                                                  "422 form_param_type_invalid",
		`{"name":"x"`:                                         "400 request_body_invalid",
		`{"name":"x"} {}`:                                     "400 request_body_invalid",
		`{"name":"` + strings.Repeat("x", 2<<20) + `"}`:       "413 request_body_too_large",
		strings.Repeat(`{"public_metadata":`, 20_000):         "400 request_body_invalid",
		`{"name":"x","public_metadata":{"a":` + "\x00" + `}}`: "400 request_body_invalid",
	} {
		var status int
		var want string
		if _, err := fmt.Sscanf(code, "%d %s", &status, &want); err != nil {
			t.Fatal(err)
		}
		api.refused(status, want, "POST /organizations", body)
	}
	want(t, "organizations", api.ok("GET /organizations").at("total_count"), 1.0)
	path := "/organizations/" + id
	api.refused(422, "form_param_unknown", "PATCH "+path, `{"public_metadata":{}}`)
	api.refused(422, "form_param_type_invalid", "PATCH "+path, `{"admin_delete_enabled":"yes"}`)
	api.refused(422, "form_param_value_invalid", "PATCH "+path, `{"max_allowed_memberships":-5}`)
	api.refused(422, "form_param_exceeds_allowed_size", "PATCH "+path+"/metadata", `{"public_metadata":`+big+`}`)
	api.refused(422, "form_param_value_invalid", "PUT "+path+"/metadata", `{"public_metadata":7}`)
	for _, query := range []string{"limit=0", "limit=501", "offset=-1", "order_by=slug", "order_by=--name"} {
		api.refused(422, "form_param_value_invalid", "GET /organizations?"+query)
	}
}

func TestOrganizationLists(t *testing.T) {
	em, api, _ := orgTest(t)
	for _, name := range []string{"b", "c", "a"} {
		em.AddOrganization(clerktest.Organization{ID: "org_" + name, Name: strings.ToUpper(name) + " Ltd"})
		em.AddMember("org_"+name, "user_alice", "org:admin")
	}
	em.AddMember("org_c", "user_bob", "org:member")
	for query, want := range map[string]string{
		"":                                     "org_a org_c org_b",
		"order_by=%2Bcreated_at":               "org_b org_c org_a",
		"order_by=name":                        "org_a org_b org_c",
		"order_by=-members_count&limit=1":      "org_c",
		"user_id=user_bob":                     "org_c",
		"user_id=-user_bob":                    "org_a org_b",
		"user_id=user_alice&user_id=-user_bob": "org_a org_b",
		"user_id=%2Buser_bob":                  "org_c",
		"user_id=user_none":                    "",
		"organization_id=org_a,org_b,org_none": "org_a org_b",
		"organization_id=-org_a":               "org_c org_b",
		"query=org_a":                          "org_a",
		"query=org_":                           "",
		"query=ltd&offset=1":                   "org_c org_b",
		"query=b+l":                            "org_b",
	} {
		if got := ids(api.ok("GET /organizations?"+query), "id"); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	all := api.ok("GET /organizations?include_members_count=true&include_missing_member_with_elevated_permissions=true&limit=2")
	want(t, "total", all.at("total_count"), 3.0)
	want(t, "members", all.at("data", 1, "members_count"), 2.0)
	want(t, "elevated", all.at("data", 1, "missing_member_with_elevated_permissions"), false)
}

func TestOrganizationLogo(t *testing.T) {
	em, api, alice := orgTest(t)
	id := api.ok("POST /organizations", `{"name":"Acme","created_by":"user_alice"}`).str("id")
	upload := func(name string, data []byte) (*http.Response, string) {
		t.Helper()
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormFile(name, "logo.png")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		header := bearer(em.SecretKey())
		header.Set("Content-Type", w.FormDataContentType())
		return do(t, em, "PUT", "/v1/organizations/"+id+"/logo", header, body.String())
	}
	png := []byte("\x89PNG\x0d\x0a\x1a\x0a" + strings.Repeat("x", 100))
	resp, body := upload("file", png)
	if resp.StatusCode != 200 || !strings.Contains(body, `"has_image":true`) || !strings.Contains(body, `"logo_url":`) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	want(t, "logo for alice", alice.ok("GET /organizations/"+id).at("has_image"), true)
	want(t, "after deletion", api.ok("DELETE /organizations/"+id+"/logo").at("has_image"), false)
	if resp, body = upload("file", []byte("<svg onload=alert(1)>")); resp.StatusCode/100 != 4 {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if resp, body = upload("other", png); resp.StatusCode/100 != 4 {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	api.refused(404, "resource_not_found", "DELETE /organizations/org_none/logo")
}

func TestMembershipsBAPI(t *testing.T) {
	em, api, alice := orgTest(t)
	id := api.ok("POST /organizations", `{"name":"Acme","created_by":"user_alice"}`).str("id")
	path := "/organizations/" + id + "/memberships"
	m := api.ok("POST "+path, `{"user_id":"user_bob","role":"org:member","public_metadata":{"desk":4},"private_metadata":{"pay":5}}`)
	has(t, m, "id object role role_name permissions public_metadata private_metadata organization public_user_data created_at updated_at")
	has(t, m.at("public_user_data").(map[string]any), "user_id first_name last_name profile_image_url image_url has_image identifier")
	want(t, "role", m.str("role_name"), "Member")
	want(t, "permissions", fmt.Sprint(m.at("permissions")), "[org:sys_memberships:read org:sys_billing:read]")
	want(t, "for alice", alice.ok("GET "+path+"?query=bob").at("data", 0, "public_metadata", "desk"), 4.0)
	api.refused(400, "already_a_member_in_organization", "POST "+path, `{"user_id":"user_bob","role":"org:member"}`)
	api.refused(404, "resource_not_found", "POST "+path, `{"user_id":"user_none","role":"org:member"}`)
	api.refused(404, "resource_not_found", "POST "+path, `{"user_id":"user_carol","role":"org:none"}`)
	api.refused(404, "resource_not_found", "POST /organizations/org_none/memberships", `{"user_id":"user_carol","role":"org:member"}`)
	api.refused(422, "form_param_missing", "POST "+path, `{"role":"org:member"}`)
	api.refused(422, "form_param_missing", "POST "+path, `{"user_id":"user_carol"}`)
	api.refused(422, "form_param_type_invalid", "POST "+path, `{"user_id":["user_carol"],"role":"org:member"}`)

	m = api.ok("PATCH "+path+"/user_bob/metadata", `{"public_metadata":{"desk":null,"floor":2}}`)
	want(t, "metadata", fmt.Sprint(m.at("public_metadata"), m.at("private_metadata")), "map[floor:2] map[pay:5]")
	api.refused(404, "resource_not_found", "PATCH "+path+"/user_carol/metadata", `{}`)
	api.refused(422, "form_param_unknown", "PATCH "+path+"/user_bob/metadata", `{"unsafe_metadata":{}}`)

	// Somebody must be able to manage the organization.
	api.refused(400, "organization_minimum_permissions_needed", "PATCH "+path+"/user_alice", `{"role":"org:member"}`)
	api.refused(400, "organization_minimum_permissions_needed", "DELETE "+path+"/user_alice")
	want(t, "role", api.ok("PATCH "+path+"/user_bob", `{"role":"org:admin"}`).str("role"), "org:admin")
	want(t, "role", api.ok("PATCH "+path+"/user_alice", `{"role":"org:member"}`).str("role"), "org:member")
	api.refused(404, "resource_not_found", "PATCH "+path+"/user_alice", `{"role":"org:none"}`)
	api.refused(422, "form_param_missing", "PATCH "+path+"/user_alice", `{}`)
	want(t, "token", claimsOf(t, em.SignIn(clerktest.User{ID: "user_bob"}, clerktest.WithOrg(id, "")).Token()).OrgRole(), "org:admin")

	em.AddOrganization(clerktest.Organization{ID: "org_other"})
	em.AddMember("org_other", "user_carol", "org:admin")
	for query, want := range map[string]string{
		"":                                     "user_bob user_alice",
		"order_by=created_at":                  "user_alice user_bob",
		"order_by=-first_name":                 "user_bob user_alice",
		"order_by=email_address":               "user_alice user_bob",
		"order_by=username&limit=1":            "user_alice",
		"role=org:admin":                       "user_bob",
		"user_id=-user_bob":                    "user_alice",
		"email_address=BOB@example.com":        "user_bob",
		"email_address_query=ALI":              "user_alice",
		"username=bob":                         "user_bob",
		"username_query=o":                     "user_bob",
		"name_query=alice":                     "user_alice",
		"phone_number=%2B12015550100":          "",
		"phone_number_query=555":               "",
		"web3_wallet=0x1":                      "",
		"query=example.com":                    "user_bob user_alice",
		"created_at_before=1000":               "",
		"created_at_after=1000&query=user_bob": "user_bob",
	} {
		if got := ids(api.ok("GET "+path+"?"+query), "public_user_data", "user_id"); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"order_by=role", "limit=x", "created_at_before=tomorrow", "last_active_at_after=-1"} {
		api.refused(422, "form_param_value_invalid", "GET "+path+"?"+query)
	}
	api.refused(422, "form_param_array_size_exceeded", "GET "+path+"?user_id="+strings.Repeat("u,", 101))
	want(t, "of all organizations", ids(api.ok("GET /organization_memberships?order_by=email_address"), "public_user_data", "user_id"), "user_alice user_bob user_carol")

	gone := api.ok("DELETE " + path + "/user_alice")
	want(t, "removed", gone.str("public_user_data", "user_id"), "user_alice")
	api.refused(404, "resource_not_found", "DELETE "+path+"/user_alice")
	want(t, "alice's", alice.ok("GET /me/organization_memberships").at("total_count"), 0.0)
}

func TestMembershipQuota(t *testing.T) {
	em, api, _ := orgTest(t)
	id := api.ok("POST /organizations", `{"name":"Acme","created_by":"user_alice","max_allowed_memberships":3}`).str("id")
	path := "/organizations/" + id
	inv := api.ok("POST "+path+"/invitations", `{"email_address":"bob@example.com","role":"org:member"}`)
	api.ok("POST "+path+"/invitations", `{"email_address":"dave@example.com","role":"org:member"}`)
	const quota = "organization_membership_quota_exceeded"
	api.refused(403, quota, "POST "+path+"/memberships", `{"user_id":"user_carol","role":"org:member"}`)
	api.refused(403, quota, "POST "+path+"/invitations", `{"email_address":"x@example.com","role":"org:member"}`)
	bob := newFAPI(t, em)
	bob.signIn("bob@example.com", password)
	bob.ok("POST /me/organization_invitations/" + inv.str("id") + "/accept") // there was room for it
	em.Advance(31 * 24 * time.Hour)                                          // dave did not come
	api.ok("POST "+path+"/memberships", `{"user_id":"user_carol","role":"org:member"}`)
	want(t, "members", api.ok("GET "+path+"?include_members_count=true").at("members_count"), 3.0)
}

func TestInvitationsBAPI(t *testing.T) {
	em, api, alice := orgTest(t)
	id := api.ok("POST /organizations", `{"name":"Acme","created_by":"user_alice"}`).str("id")
	path := "/organizations/" + id + "/invitations"
	inv := api.ok("POST "+path, `{"email_address":"New@example.com","inviter_user_id":"user_alice","role":"org:member","public_metadata":{"p":1},
		"private_metadata":{"q":2},"redirect_url":"http://localhost:3000/welcome","expires_in_days":2,"notify":true}`)
	has(t, inv, "object id email_address role role_name organization_id inviter_id public_inviter_data status public_metadata private_metadata url expires_at created_at updated_at")
	has(t, inv.at("public_inviter_data").(map[string]any), "user_id first_name last_name image_url has_image identifier")
	want(t, "inviter", inv.str("inviter_id"), "user_alice")
	want(t, "lifetime", inv.at("expires_at").(float64)-inv.at("created_at").(float64), float64(2*24*time.Hour.Milliseconds()))
	m, _ := em.LastMessage("new@example.com")
	want(t, "link", m.URL, inv.str("url"))
	want(t, "template", m.Template, "organization_invitation")
	want(t, "for alice", alice.ok("GET "+path).str("data", 0, "id"), inv.str("id"))
	want(t, "pending", api.ok("GET /organizations/"+id).at("pending_invitations_count"), 1.0)

	api.refused(400, "duplicate_record", "POST "+path, `{"email_address":"new@example.com","role":"org:member"}`)
	api.refused(400, "already_a_member_in_organization", "POST "+path, `{"email_address":"alice@example.com","role":"org:member"}`)
	api.refused(403, "not_a_member_in_organization", "POST "+path, `{"email_address":"x@example.com","role":"org:member","inviter_user_id":"user_bob"}`)
	api.refused(404, "resource_not_found", "POST "+path, `{"email_address":"x@example.com","role":"org:none"}`)
	api.refused(404, "resource_not_found", "POST /organizations/org_none/invitations", `{"email_address":"x@example.com","role":"org:member"}`)
	api.refused(422, "form_param_format_invalid", "POST "+path, `{"email_address":"x","role":"org:member"}`)
	api.refused(422, "form_param_missing", "POST "+path, `{"role":"org:member"}`)
	api.refused(422, "form_param_missing", "POST "+path, `{"email_address":"x@example.com"}`)
	api.refused(422, "form_param_value_invalid", "POST "+path, `{"email_address":"x@example.com","role":"org:member","expires_in_days":0}`)
	api.refused(422, "form_param_value_invalid", "POST "+path, `{"email_address":"x@example.com","role":"org:member","expires_in_days":366}`)
	api.refused(422, "form_param_format_invalid", "POST "+path, `{"email_address":"x@example.com","role":"org:member","redirect_url":"https://evil.example/"}`)

	// Several at once: all or none.
	api.refused(400, "duplicate_record", "POST "+path+"/bulk", `[{"email_address":"b1@example.com","role":"org:member"},{"email_address":"new@example.com","role":"org:member"}]`)
	api.refused(400, "duplicate_record", "POST "+path+"/bulk", `[{"email_address":"b1@example.com","role":"org:member"},{"email_address":"B1@example.com","role":"org:member"}]`)
	api.refused(422, "form_param_missing", "POST "+path+"/bulk", `[]`)
	api.refused(422, "form_param_type_invalid", "POST "+path+"/bulk", `{}`)
	api.refused(400, "bulk_size_exceeded", "POST "+path+"/bulk", "["+strings.TrimSuffix(strings.Repeat(`{"email_address":"x@example.com","role":"org:member"},`, 11), ",")+"]")
	want(t, "invitations", api.ok("GET "+path).at("total_count"), 1.0)
	bulk := api.ok("POST "+path+"/bulk", `[{"email_address":"b1@example.com","role":"org:member","notify":false},{"email_address":"b2@example.com","role":"org:admin"}]`)
	want(t, "made", bulk.at("total_count"), 2.0)
	if _, sent := em.LastMessage("b1@example.com"); sent {
		t.Error("a mail was sent although notify is false")
	}
	b1 := bulk.str("data", 0, "id")
	want(t, "role", api.ok("GET "+path+"/"+b1).str("role_name"), "Member")
	api.refused(404, "resource_not_found", "GET "+path+"/orginv_none")

	// Lists.
	want(t, "newest first", ids(api.ok("GET "+path), "email_address"), "b2@example.com b1@example.com new@example.com")
	want(t, "by address", ids(api.ok("GET "+path+"?order_by=email_address"), "email_address"), "b1@example.com b2@example.com new@example.com")
	want(t, "of an address", ids(api.ok("GET "+path+"?email_address=B1@example.com"), "email_address"), "b1@example.com")
	api.refused(422, "form_param_value_invalid", "GET "+path+"?status=lost")
	all := api.ok("GET /organization_invitations?query=b2")
	want(t, "organization", all.str("data", 0, "public_organization_data", "name"), "Acme")

	// Revoking.
	api.refused(403, "not_a_member_in_organization", "POST "+path+"/"+b1+"/revoke", `{"requesting_user_id":"user_bob"}`)
	revoked := api.ok("POST "+path+"/"+b1+"/revoke", `{"requesting_user_id":"user_alice"}`)
	want(t, "status", revoked.str("status"), "revoked")
	want(t, "url", revoked.at("url"), nil)
	api.refused(400, "organization_invitation_not_pending", "POST "+path+"/"+b1+"/revoke")
	want(t, "pending", ids(api.ok("GET "+path+"/pending"), "email_address"), "b2@example.com new@example.com")
	want(t, "revoked", ids(api.ok("GET "+path+"?status=revoked"), "email_address"), "b1@example.com")

	// A user who opens the link becomes a member, with the metadata.
	carol := newFAPI(t, em)
	resp, _ := carol.get(strings.TrimPrefix(m.URL, em.URL))
	back := location(t, resp)
	if !strings.HasPrefix(back.String(), "http://localhost:3000/welcome?") {
		t.Errorf("the link leads to %s", back)
	}
	up := carol.ok("POST /client/sign_ups", "strategy", "ticket", "ticket", back.Query().Get("__clerk_ticket"))
	want(t, "status", up.str("status"), "complete")
	member := api.ok("GET /organizations/" + id + "/memberships?email_address=new@example.com")
	want(t, "metadata", fmt.Sprint(member.at("data", 0, "public_metadata"), member.at("data", 0, "private_metadata")), "map[p:1] map[q:2]")
	want(t, "accepted", ids(api.ok("GET "+path+"?status=accepted"), "email_address"), "new@example.com")
	em.Advance(31 * 24 * time.Hour)
	want(t, "expired", ids(api.ok("GET "+path+"?status=expired"), "email_address"), "b2@example.com")
}

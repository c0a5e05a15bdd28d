package clerktest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// backend talks to the Backend API as a server does, with the secret key.
type backend struct {
	t       testing.TB
	em      *clerktest.Emulator
	version string // Clerk-API-Version
}

// do sends one call: "PATCH /users/user_1", with a body of JSON.
func (a *backend) do(call, body string) (*http.Response, object) {
	a.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	header := bearer(a.em.SecretKey())
	header.Set("Content-Type", "application/json")
	if a.version != "" {
		header.Set("Clerk-API-Version", a.version)
	}
	resp, text := do(a.t, a.em, method, "/v1"+path, header, body)
	out := object{}
	if strings.HasPrefix(text, "[") {
		text = `{"list":` + text + `}`
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		a.t.Fatalf("%s: %v in %s", call, err, text)
	}
	return resp, out
}

func (a *backend) ok(call string, body ...string) object {
	a.t.Helper()
	resp, out := a.do(call, strings.Join(body, ""))
	if resp.StatusCode != 200 {
		a.t.Fatalf("%s %q: %d %v", call, body, resp.StatusCode, out)
	}
	return out
}

func (a *backend) refused(status int, code, call string, body ...string) object {
	a.t.Helper()
	resp, out := a.do(call, strings.Join(body, ""))
	if resp.StatusCode != status || out.str("errors", 0, "code") != code {
		a.t.Errorf("%s %q: %d %v, want %d %s", call, body, resp.StatusCode, out, status, code)
	}
	if len(out.list("errors")) > 0 && (out.str("errors", 0, "message") == "" || out.str("errors", 0, "long_message") == "" || out.str("clerk_trace_id") == "") {
		a.t.Errorf("%s: the error says too little: %v", call, out)
	}
	return out
}

func TestUserLife(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api, f := &backend{t: t, em: em}, newFAPI(t, em)
	u := api.ok("POST /users", `{"email_address":["Ada@Example.com","ada@work.example"],"email_address_identification_status":["verified","reserved"],
		"phone_number":["+1 (201) 555-0100"],"username":"Ada_L","first_name":"Ada","last_name":"Lovelace","locale":"en-GB","external_id":"ext-1",
		"password":"analytical engine","public_metadata":{"n":12345678901234567890,"a":{"b":1,"c":2}},"private_metadata":{"p":true},"unsafe_metadata":{"u":1},
		"created_at":"2012-10-20T07:15:20.902Z","legal_accepted_at":"2012-10-21T07:15:20Z","create_organizations_limit":3,"delete_self_enabled":false}`)
	id := u.str("id")
	want(t, "created_at", u.at("created_at"), 1350717320902.0)
	want(t, "legal_accepted_at", u.at("legal_accepted_at"), 1350803720000.0)
	want(t, "limit", u.at("create_organizations_limit"), 3.0)
	want(t, "delete_self_enabled", u.at("delete_self_enabled"), false)
	want(t, "username", u.str("username"), "ada_l")
	want(t, "locale", u.str("locale"), "en-GB")
	want(t, "first address", u.str("email_addresses", 0, "verification", "strategy"), "admin")
	want(t, "second address", u.at("email_addresses", 1, "verification"), nil)
	want(t, "second address", u.at("email_addresses", 1, "reserved"), true)
	want(t, "primary", u.at("primary_email_address_id"), u.at("email_addresses", 0, "id"))
	want(t, "phone", u.str("phone_numbers", 0, "phone_number"), "+12015550100")
	if _, raw := get(t, em, "/v1/users/"+id, bearer(em.SecretKey())); !strings.Contains(raw, `"n":12345678901234567890`) {
		t.Errorf("a large number lost digits: %s", raw)
	}
	for _, identifier := range []string{"ada@example.com", "ada@work.example", "ADA_L", "+12015550100"} {
		newFAPI(t, em).signIn(identifier, "analytical engine")
	}
	f.signIn("ada@example.com", "analytical engine")
	f.refused(403, "authorization_invalid", "DELETE /me")
	for _, name := range []string{"One", "Two", "Three"} {
		f.ok("POST /organizations", "name", name)
	}
	f.refused(403, "organization_quota_exceeded", "POST /organizations", "name", "Four")
	api.ok("PATCH /users/"+id, `{"create_organization_enabled":false,"create_organizations_limit":null}`)
	f.refused(403, "authorization_invalid", "POST /organizations", "name", "Four")

	for _, body := range []string{`{"email_address":["ADA@example.com"]}`, `{"email_address":["ada@work.example"]}`, `{"phone_number":["+12015550100"]}`, `{"username":"ADA_l"}`, `{"external_id":"ext-1"}`} {
		api.refused(422, "form_identifier_exists", "POST /users", strings.TrimSuffix(body, "}")+`,"skip_password_requirement":true,"skip_user_requirement":true}`)
	}
	u = api.ok("PATCH /users/"+id, `{"first_name":null,"username":"","external_id":"ext-2","locale":null,"primary_email_address_id":"`+u.str("email_addresses", 0, "id")+`"}`)
	want(t, "first_name", u.at("first_name"), nil)
	want(t, "last_name", u.at("last_name"), "Lovelace")
	want(t, "username", u.at("username"), nil)
	want(t, "external_id", u.at("external_id"), "ext-2")
	want(t, "locale", u.at("locale"), nil)
	want(t, "seen by the Frontend API", f.ok("GET /me").at("external_id"), "ext-2")
	api.refused(422, "form_param_value_invalid", "PATCH /users/"+id, `{"primary_email_address_id":"`+u.str("email_addresses", 1, "id")+`"}`)
	api.refused(422, "form_resource_not_found", "PATCH /users/"+id, `{"primary_phone_number_id":"idn_x"}`)

	// Metadata merge deeply, null deletes, and a kind that is not named stays.
	u = api.ok("PATCH /users/"+id+"/metadata", `{"public_metadata":{"a":{"b":null,"d":[1]},"n":null}}`)
	want(t, "merged", fmt.Sprint(u.at("public_metadata")), "map[a:map[c:2 d:[1]]]")
	want(t, "private", fmt.Sprint(u.at("private_metadata")), "map[p:true]")
	u = api.ok("PUT /users/"+id+"/metadata", `{"public_metadata":{"x":1},"unsafe_metadata":{}}`)
	want(t, "replaced", fmt.Sprint(u.at("public_metadata"), u.at("unsafe_metadata"), u.at("private_metadata")), "map[x:1] map[] map[p:true]")
	api.refused(422, "form_param_unknown", "PATCH /users/"+id, `{"public_metadata":{"y":1}}`)
	old := &backend{t: t, em: em, version: "2025-11-10"}
	want(t, "replaced by an older version", fmt.Sprint(old.ok("PATCH /users/"+id, `{"public_metadata":{"y":1}}`).at("public_metadata")), "map[y:1]")

	gone := api.ok("DELETE /users/" + id)
	want(t, "deleted", fmt.Sprint(gone), "map[deleted:true external_id:ext-2 id:"+id+" object:user]")
	api.refused(404, "resource_not_found", "GET /users/"+id)
	api.refused(404, "resource_not_found", "DELETE /users/"+id)
	f.refused(401, "authentication_invalid", "GET /me")
	f.refused(422, "form_identifier_not_found", "POST /client/sign_ins", "identifier", "ada@example.com", "password", "analytical engine")
	api.ok("POST /users", `{"email_address":["ada@example.com"],"external_id":"ext-2","skip_password_requirement":true}`) // all is free again
}

func TestUserRefusals(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	u := em.AddUser(clerktest.User{Email: "a@example.com", Username: "taken", ExternalID: "ext", Password: "old password"})
	big := `{"k":"` + strings.Repeat("x", 8<<10) + `"}`
	const mail = `"email_address":["b@example.com"],"password":"correct horse"`
	for _, c := range []struct {
		status     int
		code, body string
	}{
		{422, "form_data_missing", ``}, {422, "form_data_missing", `{"email_address":["b@example.com"]}`}, {422, "form_data_missing", `{"password":"correct horse"}`},
		{422, "form_password_length_too_short", `{"email_address":["b@example.com"],"password":"short"}`},
		{422, "form_password_size_in_bytes_exceeded", `{"email_address":["b@example.com"],"password":"` + strings.Repeat("é", 40) + `"}`},
		{422, "form_password_pwned", `{"email_address":["b@example.com"],"password":"Password123"}`},
		{422, "form_param_format_invalid", `{"email_address":["b"],"password":"correct horse"}`},
		{422, "form_param_format_invalid", `{` + mail + `,"phone_number":["12"]}`},
		{422, "form_param_duplicate", `{"email_address":["b@example.com","B@example.com"],"password":"correct horse"}`},
		{422, "form_param_value_invalid", `{` + mail + `,"email_address_identification_status":[]` + `,"phone_number_identification_status":["verified"]}`},
		{422, "form_param_value_invalid", `{` + mail + `,"email_address_identification_status":["unverified"]}`},
		{422, "form_param_unknown", `{` + mail + `,"colour":"red"}`},
		{422, "form_param_unknown", `{` + mail + `,"web3_wallet":["0x0"]}`},
		{422, "form_param_type_invalid", `{"email_address":"b@example.com","password":"correct horse"}`},
		{422, "form_param_type_invalid", `{` + mail + `,"first_name":5}`},
		{422, "form_param_type_invalid", `{` + mail + `,"create_organizations_limit":1.5}`},
		{422, "form_param_value_invalid", `{` + mail + `,"create_organizations_limit":-1}`},
		{422, "form_param_value_invalid", `{` + mail + `,"public_metadata":[1]}`},
		{422, "form_param_value_invalid", `{` + mail + `,"unsafe_metadata":"x"}`},
		{422, "form_param_exceeds_allowed_size", `{` + mail + `,"private_metadata":` + big + `}`},
		{422, "form_param_max_length_exceeded", `{` + mail + `,"first_name":"` + strings.Repeat("x", 257) + `"}`},
		{422, "form_username_invalid_length", `{` + mail + `,"username":"abc"}`},
		{422, "form_username_invalid_character", `{` + mail + `,"username":"a b c d"}`},
		{422, "form_identifier_exists", `{` + mail + `,"username":"Taken"}`},
		{422, "form_param_invalid_time", `{` + mail + `,"created_at":"yesterday"}`},
		{422, "form_disallow_future_date", `{` + mail + `,"created_at":"2999-01-01T00:00:00Z"}`},
		{422, "form_param_invalid_time", `{` + mail + `,"legal_accepted_at":"1"}`},
		{422, "invalid_totp_secret_code", `{` + mail + `,"totp_secret":"not base32!"}`},
		{422, "form_param_value_invalid", `{` + mail + `,"backup_codes":[""]}`},
		{422, "form_conditional_param_disallowed", `{` + mail + `,"password_digest":"x","password_hasher":"md5"}`},
		{422, "form_conditional_param_missing", `{"email_address":["b@example.com"],"password_digest":"x"}`},
		{422, "form_conditional_param_missing", `{"email_address":["b@example.com"],"password_hasher":"md5"}`},
		{422, "form_password_digest_invalid_code", `{"email_address":["b@example.com"],"password_digest":"x","password_hasher":"md5"}`},
		{422, "form_param_value_invalid", `{"email_address":["b@example.com"],"password_digest":"x","password_hasher":"rot13"}`},
		{400, "request_body_invalid", `{`}, {400, "request_body_invalid", `{} {}`}, {422, "form_param_type_invalid", `[]`}, {422, "form_param_type_invalid", `"x"`},
		{413, "request_body_too_large", `{"first_name":"` + strings.Repeat("x", 2<<20) + `"}`},
	} {
		api.refused(c.status, c.code, "POST /users", c.body)
	}
	want(t, "users", api.ok("GET /users/count").at("total_count"), 1.0)
	for _, c := range []struct {
		status     int
		code, body string
	}{
		{422, "form_password_pwned", `{"password":"iloveyou"}`},
		{422, "form_param_unknown", `{"email_address":["x@example.com"]}`},
		{422, "form_resource_not_found", `{"primary_web3_wallet_id":"idn_1"}`},
		{404, "image_not_found", `{"profile_image_id":"img_1"}`},
	} {
		api.refused(c.status, c.code, "PATCH /users/"+u.ID, c.body)
	}
	for _, call := range []string{
		"PATCH /users/user_x", "DELETE /users/user_x", "POST /users/user_x/ban", "POST /users/user_x/unban", "POST /users/user_x/lock",
		"POST /users/user_x/unlock", "PATCH /users/user_x/metadata", "PUT /users/user_x/metadata", "DELETE /users/user_x/profile_image",
	} {
		api.refused(404, "resource_not_found", call, `{}`)
	}
	for _, method := range []string{"PATCH", "PUT"} {
		api.refused(422, "form_param_value_invalid", method+" /users/"+u.ID+"/metadata", `{"public_metadata":[]}`)
		api.refused(422, "form_param_exceeds_allowed_size", method+" /users/"+u.ID+"/metadata", `{"public_metadata":`+big+`}`)
		api.refused(422, "form_param_unknown", method+" /users/"+u.ID+"/metadata", `{"metadata":{}}`)
		api.refused(400, "request_body_invalid", method+" /users/"+u.ID+"/metadata", `{"public_metadata":{`)
	}
	// Each half is small enough, both together are not.
	half := strings.Repeat("x", 5<<10)
	api.ok("PATCH /users/"+u.ID+"/metadata", `{"public_metadata":{"a":"`+half+`"}}`)
	api.refused(422, "form_param_exceeds_allowed_size", "PATCH /users/"+u.ID+"/metadata", `{"public_metadata":{"b":"`+half+`"}}`)
	resp, body := do(t, em, "POST", "/v1/users", bearer("sk_test_emulatorwrong"), `{}`)
	wantError(t, resp, body, 401, "clerk_key_invalid")
	resp, body = do(t, em, "POST", "/v1/users", nil, `{}`)
	if resp.StatusCode != 401 {
		t.Errorf("without a key: %d %s", resp.StatusCode, body)
	}
}

func TestBanAndLock(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	a := em.AddUser(clerktest.User{Email: "a@example.com", Password: "password of a"})
	b := em.AddUser(clerktest.User{Email: "b@example.com", Password: "password of b"})
	s := em.SignIn(a)
	want(t, "banned", api.ok("POST /users/"+a.ID+"/ban").at("banned"), true)
	want(t, "session", s.Status(), "revoked")
	want(t, "listed", api.ok("GET /users?banned=true").str("list", 0, "id"), a.ID)
	f := newFAPI(t, em)
	f.refused(403, "user_banned", "POST /client/sign_ins", "identifier", "a@example.com", "password", "password of a")
	want(t, "unbanned", api.ok("POST /users/"+a.ID+"/unban").at("banned"), false)
	f.signIn("a@example.com", "password of a")

	both := `{"user_ids":["` + a.ID + `","` + b.ID + `","` + a.ID + `"]}`
	want(t, "banned at once", len(api.ok("POST /users/ban", both).list("list")), 2)
	f.refused(401, "authentication_invalid", "GET /me")
	api.refused(400, "resource_not_found", "POST /users/unban", `{"user_ids":["`+a.ID+`","user_x"]}`)
	want(t, "still banned", api.ok("GET /users/"+a.ID).at("banned"), true)
	api.ok("POST /users/unban", both)
	api.refused(422, "form_param_missing", "POST /users/ban", `{"user_ids":[]}`)
	api.refused(422, "form_param_type_invalid", "POST /users/ban", `{"user_ids":"`+a.ID+`"}`)

	locked := api.ok("POST /users/" + a.ID + "/lock")
	want(t, "locked", locked.at("locked"), true)
	want(t, "lockout", locked.at("lockout_expires_in_seconds"), 3600.0)
	f = newFAPI(t, em)
	e := f.refused(403, "user_locked", "POST /client/sign_ins", "identifier", "a@example.com", "password", "password of a")
	if left, _ := e.at("errors", 0, "meta", "lockout_expires_in_seconds").(float64); left < 3500 || left > 3600 {
		t.Errorf("lockout: %v", e)
	}
	want(t, "unlocked", api.ok("POST /users/"+a.ID+"/unlock").at("locked"), false)
	for range 10 {
		f.refused(422, "form_password_incorrect", "POST /client/sign_ins", "identifier", "b@example.com", "password", "wrong")
	}
	f.refused(403, "user_locked", "POST /client/sign_ins", "identifier", "b@example.com", "password", "password of b")
	em.Advance(time.Hour)
	want(t, "locked after an hour", api.ok("GET /users/"+b.ID).at("locked"), false)
	f.signIn("b@example.com", "password of b")

	x := api.ok("POST /users", `{"email_address":["x@example.com"],"password":"correct horse","banned":true,"locked":true}`)
	want(t, "banned and locked", fmt.Sprint(x.at("banned"), x.at("locked")), "true true")
}

// Pages neither repeat nor leave out a user, in whatever order, although all were
// made at the same time and most have the same name.
func TestUserPagesAreExact(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Now: clockAt(1_800_000_000), Deterministic: true})
	api := &backend{t: t, em: em}
	var ids []string
	for i := range 57 {
		ids = append(ids, em.AddUser(clerktest.User{FirstName: fmt.Sprint("N", i%3), Email: fmt.Sprintf("u%d@example.com", i)}).ID)
	}
	slices.Reverse(ids)
	walk := func(query, next string) (got []string) {
		for len(got) <= len(ids) {
			more := fmt.Sprintf("&offset=%d", len(got))
			if next != "" && len(got) > 0 {
				more = "&" + next + "=" + got[len(got)-1]
			} else if next != "" {
				more = ""
			}
			page := api.ok("GET /users?limit=10&" + query + more).list("list")
			for i := range page {
				got = append(got, object(page[i].(map[string]any)).str("id"))
			}
			if len(page) < 10 {
				break
			}
		}
		return got
	}
	if got := walk("", ""); !slices.Equal(got, ids) {
		t.Errorf("by offset: %v", got)
	}
	if got := walk("", "starting_after"); !slices.Equal(got, ids) {
		t.Errorf("by cursor: %v", got)
	}
	oldest := slices.Clone(ids)
	slices.Reverse(oldest)
	if got := walk("order_by=created_at", "starting_after"); !slices.Equal(got, oldest) {
		t.Errorf("by cursor, oldest first: %v", got)
	}
	for _, by := range []string{"first_name", "-first_name", "updated_at", "-last_active_at", "web3wallet", "-phone_number", "email_address"} {
		got := walk("order_by="+url.QueryEscape(by), "")
		unique := slices.Compact(slices.Sorted(slices.Values(got)))
		if len(got) != len(ids) || len(unique) != len(ids) {
			t.Errorf("%s: %d users, %d different ones", by, len(got), len(unique))
		}
	}
	for _, query := range []string{"order_by=first_name&starting_after=" + ids[0], "offset=1&starting_after=" + ids[0]} {
		api.refused(422, "form_conditional_param_disallowed", "GET /users?"+query)
	}
	api.refused(422, "form_resource_not_found", "GET /users?starting_after=user_x")
}

func TestUserFilters(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	a := em.AddUser(clerktest.User{Email: "anna@example.com", FirstName: "Ännä", LastName: "Li", Phone: "+12015550101", ExternalID: "x-a"})
	em.Advance(time.Hour)
	hour := em.Now().UnixMilli()
	em.Advance(time.Hour)
	b := em.AddUser(clerktest.User{Email: "bob@example.org", Username: "bobby", FirstName: "Bob", LastName: "McLi", ExternalID: "x-b"})
	em.SignIn(b)
	em.AddOrganization(clerktest.Organization{ID: "org_1"})
	em.AddMember("org_1", a.ID, "org:member")
	_, x := api.do("GET /users/"+a.ID, "")
	for query, want := range map[string]string{
		"user_id=%2B" + a.ID: "a", "user_id=-" + a.ID: "b", "external_id=-x-a": "b", "external_id=%2Bx-a,x-b": "ba",
		"organization_id=org_1": "a", "organization_id=-org_1": "b", "organization_id=%2Borg_1": "a",
		"phone_number=%2B1 201 555 0101": "a", "web3_wallet=0x0": "", "query=ÄNN": "a", "query=bob mcli": "b", "query=555010": "a",
		"query=" + strings.ToLower(b.ID): "b", "email_address_query=EXAMPLE": "ba", "phone_number_query=5501": "a", "username_query=BB": "b",
		"name_query=li": "ba", "name_query=bobby": "", "banned=false": "ba", "banned=true": "",
		fmt.Sprint("created_at_before=", hour): "a", fmt.Sprint("created_at_after=", hour): "b", fmt.Sprint("last_active_at_after=", hour): "b",
		fmt.Sprint("last_active_at_before=", hour): "", fmt.Sprint("last_active_at_since=", hour): "b", fmt.Sprint("last_sign_in_at_after=", hour): "b",
		fmt.Sprint("last_sign_in_at_before=", em.Now().UnixMilli()+1): "b", "provider=oauth_google&provider_user_id=1": "",
		"query=": "ba", "email_address=&email_address=bob@example.org": "b",
	} {
		query = strings.ReplaceAll(query, " ", "+")
		got := ""
		for _, u := range api.ok("GET /users?" + query).list("list") {
			got += map[string]string{a.ID: "a", b.ID: "b"}[object(u.(map[string]any)).str("id")]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
		if n := api.ok("GET /users/count?" + query).at("total_count"); n != float64(len(want)) {
			t.Errorf("%s: %v are counted", query, n)
		}
	}
	for query, code := range map[string]string{
		"banned=perhaps": "form_param_type_invalid", "created_at_after=yesterday": "form_param_invalid_date", "provider=oauth_google": "form_conditional_param_missing",
		"provider_user_id=1": "form_conditional_param_missing", "user_id=" + strings.Repeat("u,", 101): "form_param_array_size_exceeded",
	} {
		api.refused(422, code, "GET /users?"+query)
		api.refused(422, code, "GET /users/count?"+query)
	}
	want(t, "id", x.str("id"), a.ID)
}

package clerktest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestWaitlistByServers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{SignUpMode: "waitlist"}})
	api, f := &backend{t: t, em: em}, newFAPI(t, em)
	f.ok("POST /waitlist", "email_address", "fan@example.com")
	w := api.ok("POST /waitlist_entries", `{"email_address":"Quiet@example.com","notify":false}`)
	want(t, "entry", fmt.Sprint(w.at("email_address"), w.at("status"), w.at("invitation")), "quiet@example.compending<nil>")
	if _, ok := em.LastMessage("quiet@example.com"); ok {
		t.Error("a quiet entry was confirmed")
	}
	want(t, "again", api.ok("POST /waitlist_entries", `{"email_address":"quiet@example.com"}`).str("id"), w.str("id"))
	many := api.ok("POST /waitlist_entries/bulk", `[{"email_address":"b1@example.com"},{"email_address":"b2@example.com"}]`).list("list")
	want(t, "made", len(many), 2)
	for body, code := range map[string]string{`{}`: "form_param_missing", `{"email_address":"x"}`: "form_param_format_invalid", `{"mail":"x"}`: "form_param_unknown"} {
		api.refused(422, code, "POST /waitlist_entries", body)
	}
	api.refused(422, "form_param_duplicate", "POST /waitlist_entries/bulk", `[{"email_address":"b3@example.com"},{"email_address":"B3@example.com"}]`)
	api.refused(400, "bulk_size_exceeded", "POST /waitlist_entries/bulk", `[`+strings.Repeat(`{},`, 50)+`{}]`)
	list := api.ok("GET /waitlist_entries?order_by=email_address&limit=2")
	want(t, "page", fmt.Sprint(list.at("total_count"), list.at("data", 0, "email_address")), "4b1@example.com")

	f.refused(403, "sign_up_restricted_waitlist", "POST /client/sign_ups", "email_address", "quiet@example.com", "password", "correct horse")
	invited := api.ok("POST /waitlist_entries/" + w.str("id") + "/invite")
	want(t, "status", invited.str("status"), "invited")
	api.refused(409, "conflict", "POST /waitlist_entries/"+w.str("id")+"/invite")
	api.refused(409, "conflict", "DELETE /waitlist_entries/"+w.str("id"))
	link := invited.str("invitation", "url")
	if m, ok := em.LastMessage("quiet@example.com"); !ok || m.Template != "waitlist_invitation" || m.URL != link {
		t.Errorf("sent %+v", m)
	}
	ticket, err := url.QueryUnescape(link[strings.Index(link, "ticket=")+7:])
	if err != nil {
		t.Fatal(err)
	}
	up := f.ok("POST /client/sign_ups", "strategy", "ticket", "ticket", ticket)
	want(t, "signed up", up.str("status"), "complete")
	want(t, "completed", api.ok("GET /waitlist_entries?status=completed").str("data", 0, "id"), w.str("id"))
	api.refused(409, "conflict", "POST /waitlist_entries/"+w.str("id")+"/reject")

	fan := api.ok("GET /waitlist_entries?query=fan@").str("data", 0, "id")
	api.ok("POST /waitlist_entries/" + fan + "/invite")
	rejected := api.ok("POST /waitlist_entries/" + fan + "/reject")
	want(t, "rejected", rejected.str("status")+rejected.str("invitation", "status"), "rejectedrevoked")
	b1 := object(many[0].(map[string]any)).str("id")
	want(t, "deleted", api.ok("DELETE /waitlist_entries/"+b1).at("deleted"), true)
	for _, call := range []string{"DELETE /waitlist_entries/%s", "POST /waitlist_entries/%s/invite", "POST /waitlist_entries/%s/reject"} {
		api.refused(404, "resource_not_found", fmt.Sprintf(call, b1))
	}
	api.refused(422, "form_param_value_invalid", "GET /waitlist_entries?status=odd")
	api.refused(422, "form_param_value_invalid", "GET /waitlist_entries?order_by=odd")
}

func TestAllowlistAndBlocklist(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{OAuthProviders: []string{"google"}}})
	api := &backend{t: t, em: em}
	signUp := func(email, code string) {
		t.Helper()
		f := newFAPI(t, em)
		if code == "" {
			f.ok("POST /client/sign_ups", "email_address", email, "password", "correct horse")
		} else {
			e := f.refused(403, code, "POST /client/sign_ups", "email_address", email, "password", "correct horse")
			want(t, "meta", e.str("errors", 0, "meta", "identifiers", 0), email)
		}
	}
	b := api.ok("POST /blocklist_identifiers", `{"identifier":"Spam@example.com"}`)
	want(t, "blocked", b.str("identifier")+b.str("identifier_type"), "spam@example.comemail_address")
	api.ok("POST /blocklist_identifiers", `{"identifier":"evil.example"}`)
	signUp("spam@example.com", "not_allowed_access")
	signUp("spam+1@example.com", "not_allowed_access")
	signUp("who@evil.example", "not_allowed_access")
	signUp("ham@example.com", "")
	want(t, "list", api.ok("GET /blocklist_identifiers").at("total_count"), 2.0)
	api.refused(400, "duplicate_record", "POST /blocklist_identifiers", `{"identifier":"SPAM@example.com"}`)
	api.ok("DELETE /blocklist_identifiers/" + b.str("id"))
	api.refused(404, "resource_not_found", "DELETE /blocklist_identifiers/"+b.str("id"))
	signUp("spam@example.com", "")

	a := api.ok("POST /allowlist_identifiers", `{"identifier":"*@good.example","notify":true}`)
	want(t, "invited", a.at("invitation_id"), nil) // a domain cannot be
	one := api.ok("POST /allowlist_identifiers", `{"identifier":"friend@evil.example","notify":true}`)
	if m, ok := em.LastMessage("friend@evil.example"); !ok || m.Template != "invitation" || one.str("invitation_id") == "" {
		t.Errorf("sent %+v, %v", m, one)
	}
	signUp("you@good.example", "")
	signUp("friend@evil.example", "") // the allowlist goes first
	signUp("friend+2@evil.example", "not_allowed_access")
	signUp("ham@example.com", "not_allowed_access")
	want(t, "list", len(api.ok("GET /allowlist_identifiers").list("list")), 2)
	want(t, "page", api.ok("GET /allowlist_identifiers?paginated=true&limit=1").at("total_count"), 2.0)
	for body, code := range map[string]string{
		`{}`: "form_param_missing", `{"identifier":"nothing"}`: "form_param_format_invalid", `{"identifier":5}`: "form_param_type_invalid", `{"identifier":"a@b@c"}`: "form_param_format_invalid",
	} {
		api.refused(422, code, "POST /allowlist_identifiers", body)
		api.refused(422, code, "POST /blocklist_identifiers", body)
	}
	api.refused(422, "form_param_unknown", "POST /blocklist_identifiers", `{"identifier":"a@example.com","notify":true}`)
	want(t, "phone", api.ok("POST /allowlist_identifiers", `{"identifier":"+1 201 555 0100"}`).str("identifier_type"), "phone_number")
	want(t, "wallet", api.ok("POST /allowlist_identifiers", `{"identifier":"0x`+strings.Repeat("aB", 20)+`"}`).str("identifier_type"), "web3_wallet")
	api.ok("DELETE /allowlist_identifiers/" + a.str("id"))
	signUp("me@good.example", "not_allowed_access")
	api.refused(404, "resource_not_found", "DELETE /allowlist_identifiers/alid_x")
	// Nor does a provider's account get around them.
	f := newFAPI(t, em)
	in := f.ok("POST /client/sign_ups", "strategy", "oauth_google", "redirect_url", callback, "action_complete_redirect_url", "/done")
	f.provider(in.str("verifications", "external_account", "external_verification_redirect_url"), url.Values{"email_address": {"ham@example.com"}})
	want(t, "way through a provider", f.client().str("sign_up", "verifications", "external_account", "error", "code"), "not_allowed_access")
	want(t, "found", len(api.ok("GET /users?email_address=ham@example.com").list("list")), 0)
	// Servers are not bound by the lists.
	api.ok("POST /users", `{"email_address":["me@good.example"],"password":"correct horse"}`)
}

func TestSignUpsByServers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api, f := &backend{t: t, em: em}, newFAPI(t, em)
	em.AddUser(clerktest.User{ExternalID: "taken"})
	up := f.ok("POST /client/sign_ups", "email_address", "a@example.com", "password", "correct horse")
	path := "/sign_ups/" + up.str("id")
	out := api.ok("PATCH "+path, `{"external_id":"mine","custom_action":true}`)
	want(t, "changed", fmt.Sprint(out.at("external_id"), out.at("custom_action"), out.at("status")), "minetruemissing_requirements")
	if _, ok := out["has_password"]; ok {
		t.Errorf("what only components need: %v", out)
	}
	api.refused(422, "form_identifier_exists", "PATCH "+path, `{"external_id":"taken"}`)
	api.refused(422, "form_param_unknown", "PATCH "+path, `{"status":"complete"}`)
	f.ok("POST /client"+path+"/prepare_verification", "strategy", "email_code")
	done := f.ok("POST /client"+path+"/attempt_verification", "strategy", "email_code", "code", f.code("a@example.com"))
	want(t, "external id of the user", api.ok("GET /users/"+done.str("created_user_id")).str("external_id"), "mine")
	api.refused(403, "sign_up_cannot_be_updated", "PATCH "+path, `{"custom_action":false}`)
	want(t, "read", api.ok("GET "+path).str("status"), "complete")
	api.refused(404, "resource_not_found", "GET /sign_ups/sua_x")
	api.refused(404, "resource_not_found", "PATCH /sign_ups/sua_x", `{}`)
}

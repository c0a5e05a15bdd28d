package clerktest_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// What servers and people do to users and sessions is told to webhooks, once.
func TestEventsOfPeople(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{SignUpMode: "waitlist"}})
	api, f := &backend{t: t, em: em}, newFAPI(t, em)
	seen := 0
	expect := func(what string, kinds ...string) {
		t.Helper()
		var got []string
		all := em.WebhookMessages()
		for _, m := range all[seen:] {
			got = append(got, m.Type)
		}
		seen = len(all)
		slices.Sort(got)
		slices.Sort(kinds)
		if !slices.Equal(got, kinds) {
			t.Errorf("%s: %v, want %v", what, got, kinds)
		}
	}
	u := api.ok("POST /users", `{"email_address":["a@example.com"],"password":"correct horse","created_at":"2020-01-01T00:00:00Z"}`)
	path := "/users/" + u.str("id")
	expect("create", "user.created")
	api.ok("PATCH "+path, `{"first_name":"A"}`)
	expect("update", "user.updated")
	api.ok("PATCH "+path+"/metadata", `{"public_metadata":{"a":1}}`)
	expect("metadata", "user.updated")
	f.signIn("a@example.com", "correct horse")
	expect("sign-in", "session.created")
	f.ok("PATCH /me", "last_name", "B")
	expect("own update", "user.updated")
	f.ok("GET /me")
	f.ok("GET /client")
	expect("reading")
	f.refused(422, "form_param_max_length_exceeded", "PATCH /me", "last_name", strings.Repeat("x", 300))
	api.refused(422, "form_param_unknown", "PATCH "+path, `{"x":1}`)
	expect("refusals")
	f.ok("POST /client/sessions/" + f.session + "/end")
	expect("sign-out", "session.ended")
	f.signIn("a@example.com", "correct horse")
	expect("sign-in", "session.created")
	api.ok("POST " + path + "/ban")
	expect("ban", "session.revoked", "user.updated")
	api.ok("POST " + path + "/unban")
	expect("unban", "user.updated")
	f.signIn("a@example.com", "correct horse")
	f.ok("DELETE /client/sessions")
	expect("sign-in and removal", "session.created", "session.removed")
	api.ok("POST "+path+"/password/set_compromised", `{}`)
	expect("compromised", "user.updated")
	s := api.ok("POST /sessions", `{"user_id":"`+u.str("id")+`"}`)
	expect("session with a task", "session.pending")
	api.ok("PATCH "+path, `{"password":"battery staple"}`)
	expect("task done", "session.created", "user.updated")
	api.ok("POST /sessions/" + s.str("id") + "/revoke")
	expect("revoked", "session.revoked")
	api.ok("POST /sessions/" + s.str("id") + "/revoke")
	expect("revoked again")
	api.ok("POST " + path + "/remove_password")
	expect("password removed", "user.updated")
	api.ok("POST " + path + "/remove_password")
	expect("password removed again")
	e := api.ok("POST /email_addresses", `{"user_id":"`+u.str("id")+`","email_address":"b@example.com"}`)
	expect("address", "user.updated")
	api.ok("POST /email_addresses/" + e.str("id") + "/prepare_verification")
	expect("code", "email.created")
	api.ok("DELETE /email_addresses/" + e.str("id"))
	expect("address deleted", "user.updated")

	w := api.ok("POST /waitlist_entries", `{"email_address":"w@example.com"}`)
	expect("waitlist", "waitlistEntry.created", "email.created")
	api.ok("POST /waitlist_entries", `{"email_address":"w@example.com"}`)
	expect("waitlist again")
	link := api.ok("POST /waitlist_entries/"+w.str("id")+"/invite").str("invitation", "url")
	expect("invited", "waitlistEntry.updated", "email.created")
	ticket, err := url.QueryUnescape(link[strings.Index(link, "ticket=")+7:])
	if err != nil {
		t.Fatal(err)
	}
	g := newFAPI(t, em)
	up := g.ok("POST /client/sign_ups", "strategy", "ticket", "ticket", ticket)
	expect("signed up", "user.created", "session.created", "waitlistEntry.updated")
	g.session = up.str("created_session_id")
	g.ok("DELETE /me")
	expect("deleted oneself", "session.removed", "user.deleted")
	api.ok("DELETE " + path)
	expect("deleted", "user.deleted")
}

// Accounts at providers: found, their tokens, their addresses, and their end.
func TestAccountsOfUsers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api, f := &backend{t: t, em: em}, newFAPI(t, em)
	in := f.ok("POST /client/sign_ups", "strategy", "oauth_google", "redirect_url", callback, "action_complete_redirect_url", "/done")
	f.provider(in.str("verifications", "external_account", "external_verification_redirect_url"), url.Values{"email_address": {"a@example.com"}, "first_name": {"A"}})
	id := f.client().str("sessions", 0, "user", "id")
	u := api.ok("GET /users/" + id)
	account := object(u.list("external_accounts")[0].(map[string]any))
	query := "/users?provider=oauth_google&provider_user_id=" + account.str("provider_user_id")
	want(t, "found", api.ok("GET "+query).str("list", 0, "id"), id)
	want(t, "another provider", len(api.ok("GET "+strings.Replace(query, "google", "github", 1)).list("list")), 0)
	path := "GET /users/" + id + "/oauth_access_tokens/"
	tokens := api.ok(path + "oauth_google")
	want(t, "account", tokens.str("list", 0, "external_account_id"), account.str("id"))
	want(t, "provider", tokens.str("list", 0, "provider"), "oauth_google")
	if tokens.str("list", 0, "token") == "" || tokens.str("list", 0, "token") != api.ok(path+"google").str("list", 0, "token") {
		t.Errorf("tokens: %v", tokens)
	}
	want(t, "page", api.ok(path+"oauth_google?paginated=true").at("total_count"), 1.0)
	want(t, "none", len(api.ok(path+"oauth_github").list("list")), 0)
	api.refused(400, "oauth_unsupported_provider", path+"oauth_token_x")
	api.refused(404, "resource_not_found", "GET /users/user_x/oauth_access_tokens/oauth_google")
	address := "/email_addresses/" + u.str("email_addresses", 0, "id")
	api.refused(400, "delete_linked_identification_disallowed", "DELETE "+address)
	api.refused(400, "delete_linked_identification_disallowed", "PUT /users/"+id+"/email_address", `{"email_address":"b@example.com"}`)
	want(t, "deleted", api.ok("DELETE /users/"+id+"/external_accounts/"+account.str("id")).at("deleted"), true)
	api.refused(404, "resource_not_found", "DELETE /users/"+id+"/external_accounts/"+account.str("id"))
	want(t, "tokens", len(api.ok(path+"oauth_google").list("list")), 0)
	api.ok("PUT /users/"+id+"/email_address", `{"email_address":"b@example.com"}`)
}

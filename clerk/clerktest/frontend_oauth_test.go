package clerktest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

const callback = "http://localhost:3000/sso-callback"

// provider goes to the provider's page as a browser does, fills in its form, and
// comes back to the application.
func (f *fapi) provider(page string, form url.Values) (back string) {
	f.t.Helper()
	u, err := url.Parse(page)
	if err != nil || !strings.HasPrefix(page, f.em.URL+"/oauth-provider/") {
		f.t.Fatalf("provider's page %q: %v", page, err)
	}
	if resp, body := f.get(u.RequestURI()); resp.StatusCode != 200 || !strings.Contains(body, "plays the provider") {
		f.t.Fatalf("provider's page: %d %s", resp.StatusCode, body)
	}
	form.Set("state", u.Query().Get("state"))
	resp, body := f.post(u.Path, form)
	if resp.StatusCode != 303 {
		f.t.Fatalf("provider: %d %s", resp.StatusCode, body)
	}
	resp, body = f.get(location(f.t, resp).RequestURI())
	if resp.StatusCode != 303 {
		f.t.Fatalf("callback: %d %s", resp.StatusCode, body)
	}
	return location(f.t, resp).String()
}

func TestOAuthSignIn(t *testing.T) {
	em := newEmulator(t, multiSession)
	u := em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
	f := newFAPI(t, em)
	begin := func() string {
		t.Helper()
		in := f.ok("POST /client/sign_ins", "strategy", "oauth_google", "redirect_url", callback, "action_complete_redirect_url", "/done")
		want(t, "status", in.str("status"), "needs_identifier")
		return in.str("first_factor_verification", "external_verification_redirect_url")
	}
	f.refused(422, "form_param_missing", "POST /client/sign_ins", "strategy", "oauth_google")
	f.refused(422, "form_param_format_invalid", "POST /client/sign_ins", "strategy", "oauth_google", "redirect_url", "https://evil.example")
	for _, evil := range []string{"https://evil.example", "//evil.example", "javascript:alert(1)", `/\evil.example`} {
		f.refused(422, "form_param_format_invalid", "POST /client/sign_ins", "strategy", "oauth_google", "redirect_url", callback, "action_complete_redirect_url", evil)
	}

	// Refused by the person.
	want(t, "way back", f.provider(begin(), url.Values{"deny": {"true"}}), callback)
	client := f.client()
	want(t, "verification", client.str("sign_in", "first_factor_verification", "status"), "failed")
	want(t, "error", client.str("sign_in", "first_factor_verification", "error", "code"), "oauth_access_denied")

	// A user with that address: the account is linked.
	want(t, "way back", f.provider(begin(), url.Values{"email_address": {"A@example.com"}}), "http://localhost:3000/done")
	client = f.client()
	want(t, "status", client.str("sign_in", "status"), "complete")
	want(t, "user", client.str("sessions", 0, "user", "id"), u.ID)
	want(t, "account", client.str("sessions", 0, "user", "external_accounts", 0, "provider"), "oauth_google")
	f.session = client.str("sign_in", "created_session_id")
	f.ok("POST /client/sessions/"+f.session+"/touch", "active_organization_id", "")
	want(t, "sign-in afterwards", f.client().at("sign_in"), nil)

	// Once more, while signed in.
	f.provider(begin(), url.Values{"email_address": {"a@example.com"}})
	client = f.client()
	want(t, "error", client.str("sign_in", "first_factor_verification", "error", "code"), "identifier_already_signed_in")
	want(t, "session", client.str("sign_in", "first_factor_verification", "error", "meta", "session_id"), f.session)

	// Nobody with that address: the sign-in goes over into a sign-up.
	f.ok("DELETE /client/sessions")
	f.refused(400, "account_transfer_invalid", "POST /client/sign_ups", "transfer", "true")
	f.provider(begin(), url.Values{"email_address": {"new@example.com"}, "first_name": {"Nina"}})
	want(t, "verification", f.client().str("sign_in", "first_factor_verification", "status"), "transferable")
	up := f.ok("POST /client/sign_ups", "transfer", "true")
	want(t, "status", up.str("status"), "complete")
	want(t, "name", f.client().str("sessions", 0, "user", "first_name"), "Nina")
}

func TestOAuthSignUp(t *testing.T) {
	em := newEmulator(t, multiSession)
	u := em.AddUser(clerktest.User{Email: "a@example.com"})
	f := newFAPI(t, em)
	begin := func() string {
		t.Helper()
		up := f.ok("POST /client/sign_ups", "strategy", "oauth_custom_acme", "redirect_url", callback)
		want(t, "status", up.str("status"), "missing_requirements")
		return up.str("verifications", "external_account", "external_verification_redirect_url")
	}
	f.provider(begin(), url.Values{"email_address": {"new@example.com"}, "last_name": {"Ng"}})
	client := f.client()
	want(t, "status", client.str("sign_up", "status"), "complete")
	want(t, "name", client.str("sessions", 0, "user", "last_name"), "Ng")
	f.ok("DELETE /client/sessions")

	// Who has an account signs in by it.
	f.provider(begin(), url.Values{"email_address": {"a@example.com"}})
	client = f.client()
	want(t, "verification", client.str("sign_up", "verifications", "external_account", "status"), "transferable")
	want(t, "error", client.str("sign_up", "verifications", "external_account", "error", "code"), "external_account_exists")
	in := f.ok("POST /client/sign_ins", "transfer", "true")
	want(t, "status", in.str("status"), "complete")
	want(t, "user", f.client().str("sessions", 0, "user", "id"), u.ID)
}

func TestExternalAccounts(t *testing.T) {
	em := newEmulator(t, multiSession)
	em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
	em.AddUser(clerktest.User{Email: "b@example.com", Password: password})
	f := newFAPI(t, em)
	f.signIn("a@example.com", password)
	f.refused(422, "form_param_value_invalid", "POST /me/external_accounts", "strategy", "password", "redirect_url", callback)
	for _, evil := range []string{"https://evil.example/", "x", ""} {
		f.refused(422, map[bool]string{true: "form_param_missing", false: "form_param_format_invalid"}[evil == ""],
			"POST /me/external_accounts", "strategy", "oauth_github", "redirect_url", evil)
	}
	account := f.ok("POST /me/external_accounts", "strategy", "oauth_github", "redirect_url", "//evil.example/")
	back := f.provider(account.str("verification", "external_verification_redirect_url"), url.Values{"deny": {"true"}})
	want(t, "way back", back, "http://localhost:3000//evil.example/")
	account = f.ok("POST /me/external_accounts", "strategy", "oauth_github", "redirect_url", "/sso-callback")
	want(t, "status", account.str("verification", "status"), "unverified")
	back = f.provider(account.str("verification", "external_verification_redirect_url"), url.Values{"email_address": {"a@work.example"}})
	want(t, "way back", back, callback)
	me := f.ok("GET /me")
	want(t, "status", me.str("external_accounts", 0, "verification", "status"), "verified")
	want(t, "address", me.str("external_accounts", 0, "email_address"), "a@work.example")

	// The same account cannot be another user's too.
	g := newFAPI(t, em)
	g.signIn("b@example.com", password)
	account = g.ok("POST /me/external_accounts", "strategy", "oauth_github", "redirect_url", callback)
	g.provider(account.str("verification", "external_verification_redirect_url"), url.Values{"email_address": {"a@work.example"}})
	me = g.ok("GET /me")
	want(t, "error", me.str("external_accounts", 0, "verification", "error", "code"), "oauth_identification_claimed")
	g.refused(404, "resource_not_found", "DELETE /me/external_accounts/"+f.ok("GET /me").str("external_accounts", 0, "id"))

	// It signs in, whatever its address is.
	f.ok("DELETE /client/sessions")
	in := f.ok("POST /client/sign_ins", "strategy", "oauth_github", "redirect_url", callback)
	f.provider(in.str("first_factor_verification", "external_verification_redirect_url"), url.Values{"email_address": {"a@work.example"}})
	f.session = f.client().str("sign_in", "created_session_id")
	me = f.ok("GET /me")
	want(t, "user", me.str("email_addresses", 0, "email_address"), "a@example.com")
	id := me.str("external_accounts", 0, "id")
	again := f.ok("PATCH /me/external_accounts/"+id+"/reauthorize", "redirect_url", callback)
	f.provider(again.str("verification", "external_verification_redirect_url"), url.Values{"email_address": {"a@work.example"}})
	f.ok("DELETE /me/external_accounts/" + id)
	want(t, "accounts", len(f.ok("GET /me").list("external_accounts")), 0)
}

func TestOAuthHostile(t *testing.T) {
	em := newEmulator(t, multiSession)
	f := newFAPI(t, em)
	in := f.ok("POST /client/sign_ins", "strategy", "oauth_google", "redirect_url", callback)
	page, err := url.Parse(in.str("first_factor_verification", "external_verification_redirect_url"))
	if err != nil {
		t.Fatal(err)
	}
	state := page.Query().Get("state")
	for _, path := range []string{
		"/v1/oauth_callback", "/v1/oauth_callback?state=x&code=y", "/v1/oauth_callback?state=" + state, "/v1/oauth_callback?state=" + state + "&code=guess",
	} {
		resp, body := f.get(path)
		wantError(t, resp, body, 400, "oauth_callback_invalid")
	}
	for path, status := range map[string]int{
		"/oauth-provider/github?state=" + state: 400, "/oauth-provider/google?state=x": 400, "/oauth-provider/google": 400, page.RequestURI(): 200,
	} {
		if resp, _ := f.get(path); resp.StatusCode != status {
			t.Errorf("%s: %d, want %d", path, resp.StatusCode, status)
		}
	}
	resp, _ := f.send("POST", em.URL+page.Path, http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}, url.Values{"state": {state}, "email_address": {"a@example.com"}})
	if resp.StatusCode != 403 {
		t.Errorf("a form of another site: %d", resp.StatusCode)
	}
	if resp, body := f.post(page.Path, url.Values{"state": {state}, "email_address": {"<script>"}}); resp.StatusCode != 422 || strings.Contains(body, "<script>") {
		t.Errorf("a bad address: %d", resp.StatusCode)
	}
}

package clerktest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestOAuthOpaqueTokens(t *testing.T) {
	p := newProvider(t, clerktest.Config{}, clerktest.OAuthApplication{SkipConsent: true, Scopes: []string{"profile", "offline_access"}})
	b := newSecretKey(t, p.em)
	if got := b.call("PATCH", "/v1/instance/oauth_application_settings", `{"oauth_jwt_access_tokens":false}`, 200); got.at("oauth_jwt_access_tokens") != false || got.at("default_scopes", 0) != "profile" {
		t.Errorf("settings: %v", got)
	}
	p.signIn()
	tokens := func() (access, refresh string) {
		got := p.exchange(200, "grant_type", "authorization_code", "code", p.code(), "redirect_uri", clientURI)
		return str(got.at("access_token")), str(got.at("refresh_token"))
	}
	verify := func(token string) string { return fmt.Sprintf(`{"access_token":%q}`, token) }
	const verifyPath = "/oauth_applications/access_tokens/verify"
	access, refresh := tokens()
	got := b.call("POST", verifyPath, verify(access), 200)
	if !strings.HasPrefix(access, "oat_") || len(str(got.at("id"))) != len("oat_")+32 || got.at("subject") != p.user.ID || got.at("client_id") != p.client.ClientID ||
		got.at("scopes", 1) != "profile" || got.at("expiration").(float64) != got.at("created_at").(float64)+86400 {
		t.Errorf("verified: %v", got)
	}
	b.refused("POST", verifyPath, verify(refresh), 404, "resource_not_found")
	b.refused("POST", verifyPath, verify(str(got.at("id"))), 404, "resource_not_found")
	b.refused("POST", verifyPath, `{}`, 400, "form_param_value_invalid")
	if resp, body := do(t, p.em, "GET", "/oauth/userinfo", bearer(refresh), ""); resp.StatusCode != 401 {
		t.Errorf("a refresh token as an access token: %s", body)
	}
	p.endpoint("/oauth/token/revoke", 200, "token", refresh, "token_type_hint", "refresh_token")
	b.refused("POST", verifyPath, verify(access), 404, "resource_not_found")
	p.endpoint("/oauth/token/revoke", 200, "token", "no")
	p.endpoint("/oauth/token/revoke", 400)
	p.endpoint("/oauth/token/revoke", 400, "token", "a.b.c")

	var app object
	list := b.call("GET", "/v1/oauth_applications", "", 200)
	app, _ = list.at("data", 0).(map[string]any)
	access, _ = tokens()
	path := "/v1/oauth_applications/" + str(app.at("id"))
	b.refused("POST", path+"/revoke_token", `{"token":"no"}`, 404, "resource_not_found")
	b.refused("POST", path+"/revoke_token", `{}`, 422, "form_param_missing")
	b.call("POST", path+"/revoke_token", fmt.Sprintf(`{"token":%q}`, access), 204)
	b.refused("POST", verifyPath, verify(access), 404, "resource_not_found")

	access, _ = tokens()
	p.em.Advance(24 * time.Hour)
	b.refused("POST", verifyPath, verify(access), 404, "resource_not_found")
	p.signIn()
	access, _ = tokens()
	b.call("DELETE", path, "", 200)
	b.refused("POST", verifyPath, verify(access), 404, "resource_not_found")
}

func TestOAuthApplications(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newSecretKey(t, em)
	made := b.call("POST", "/v1/oauth_applications", `{"name":"app","redirect_uris":["https://a.example.com/","com.example.app:/cb","http://localhost:9/"],"scopes":"profile custom:x","public":null}`, 200)
	id, secret := str(made.at("id")), str(made.at("client_secret"))
	if secret == "" || made.at("consent_screen_enabled") != true || made.at("scopes") != "profile custom:x" || made.at("callback_url") != "https://a.example.com/" ||
		made.at("token_fetch_url") != em.URL+"/oauth/token" || made.at("dynamically_registered") != false {
		t.Errorf("application: %v", made)
	}
	path := "/v1/oauth_applications/" + id
	if got := b.call("PATCH", path, `{"name":"x","consent_screen_enabled":false,"pkce_required":true}`, 200); got.at("name") != "x" || got.at("pkce_required") != true || got.at("client_secret") != nil || got.at("redirect_uris", 2) != "http://localhost:9/" {
		t.Errorf("changed: %v", got)
	}
	if got := b.call("POST", path+"/rotate_secret", "", 200); str(got.at("client_secret")) == "" || got.at("client_secret") == secret {
		t.Errorf("rotated: %v", got)
	}
	if got := b.call("PATCH", path, `{"public":true}`, 200); got.at("public") != true {
		t.Errorf("public: %v", got)
	}
	if got := b.call("GET", "/v1/oauth_applications?name_query=X", "", 200); got.at("total_count") != 1.0 || got.at("data", 0, "id") != id {
		t.Errorf("list: %v", got)
	}
	for body, code := range map[string]string{
		`{}`:                                  "form_param_missing",
		`{"name":"x","redirect_uris":["/a"]}`: "form_param_format_invalid",
		`{"name":"x","redirect_uris":["http://evil.com/"]}`:    "form_param_format_invalid",
		`{"name":"x","redirect_uris":["https://a.test/#f"]}`:   "form_param_format_invalid",
		`{"name":"x","redirect_uris":["https://u:p@a.test/"]}`: "form_param_format_invalid",
		`{"name":"x","redirect_uris":["data:text/html,x"]}`:    "form_param_format_invalid",
		`{"name":"x","scopes":"a \"b"}`:                        "form_param_value_invalid",
		`{"name":"x","scopes":5}`:                              "form_param_type_invalid",
	} {
		b.refused("POST", "/v1/oauth_applications", body, 422, code)
	}
	b.refused("PUT", path+"/logo", "", 501, "not_implemented_in_emulator")
	b.call("DELETE", path, "", 200)
	b.refused("GET", path, "", 404, "resource_not_found")
}

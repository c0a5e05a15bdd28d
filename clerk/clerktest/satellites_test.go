package clerktest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestDomainsBAPI(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &bapiCaller{t, em}
	all := api.ok("GET /domains")
	want(t, "domains", all.at("total_count"), 1.0)
	want(t, "primary", all.at("data", 0, "is_satellite"), false)
	want(t, "origin", all.str("data", 0, "development_origin"), "http://localhost:3000")
	d := api.ok("POST /domains", `{"name":"Satellite.test:4000","is_satellite":true,"proxy_url":null}`)
	has(t, d, "object id name is_satellite frontend_api_url accounts_portal_url proxy_url development_origin cname_targets")
	want(t, "name", d.str("name"), "satellite.test:4000")
	want(t, "portal", d.at("accounts_portal_url"), nil)
	path := "/domains/" + d.str("id")
	for body, code := range map[string]string{
		`{}`: "form_param_missing", `{"name":"a.test"}`: "form_param_missing", `{"name":"a.test","is_satellite":false}`: "primary_domain_already_exists",
		`{"name":"satellite.test:4000","is_satellite":true}`: "form_already_exists", `{"name":"https://a.test","is_satellite":true}`: "form_param_format_invalid",
		`{"name":"www.example.com","is_satellite":true}`: "form_param_format_invalid", `{"name":"a.test/x","is_satellite":true}`: "form_param_format_invalid",
		`{"name":"a@b.test","is_satellite":true}`: "form_param_format_invalid", `{"name":"a.test","is_satellite":true,"proxy_url":"https://a.test/__clerk"}`: "form_param_unknown",
		`{"name":"a.test","is_satellite":"yes"}`: "form_param_type_invalid",
	} {
		api.refused(422, code, "POST /domains", body)
	}
	want(t, "renamed", api.ok("PATCH "+path, `{"name":"other.test"}`).str("name"), "other.test")
	api.refused(400, "domain_update_forbidden", "PATCH "+path, `{"proxy_url":"https://a.test/__clerk"}`)
	api.refused(404, "resource_not_found", "PATCH /domains/dmn_none", `{}`)
	api.refused(403, "operation_not_allowed_on_primary_domain", "DELETE /domains/dmn_primary")
	want(t, "deleted", api.ok("DELETE "+path).at("deleted"), true)
	api.refused(404, "resource_not_found", "DELETE "+path)

	live := newEmulator(t, clerktest.Config{Instance: clerk.Production, Origins: []string{"https://example.test"}})
	api = &bapiCaller{t, live}
	d = api.ok("POST /domains", `{"name":"satellite.test","is_satellite":true,"proxy_url":"https://satellite.test/__clerk"}`)
	want(t, "Frontend API", d.str("frontend_api_url"), "https://clerk.satellite.test")
	want(t, "proxy", api.ok("PATCH /domains/dmn_primary", `{"proxy_url":"https://example.test/__clerk"}`).str("proxy_url"), "https://example.test/__clerk")
	want(t, "proxy", api.ok("PATCH /domains/"+d.str("id"), `{"proxy_url":null}`).at("proxy_url"), nil)
	api.refused(422, "form_param_format_invalid", "POST /domains", `{"name":"localhost","is_satellite":true}`)
	check := api.ok("POST /proxy_checks", `{"domain_id":"`+d.str("id")+`","proxy_url":"https://satellite.test/__clerk"}`)
	has(t, check, "object id domain_id last_run_at proxy_url successful created_at updated_at")
	api.refused(422, "invalid_proxy_configuration", "POST /proxy_checks", `{"domain_id":"`+d.str("id")+`","proxy_url":"https://evil.example/__clerk"}`)
	api.refused(404, "resource_not_found", "POST /proxy_checks", `{"domain_id":"dmn_none","proxy_url":"https://satellite.test/__clerk"}`)
	api.refused(422, "form_param_missing", "POST /proxy_checks", `{}`)
}

// A browser that is signed in on the primary domain comes to a satellite of a
// development instance, whose server sends it to the sign-in page.
func TestDevelopmentSatellite(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	u := em.AddUser(clerktest.User{})
	cfg := em.AddSatellite("http://satellite.test:4000")
	if !cfg.IsSatellite || cfg.SignInURL != em.URL+"/sign-in" {
		t.Errorf("%+v", cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	b := newBrowser(t, em)
	b.post("/sign-in", url.Values{"user_id": {u.ID}})
	const page = "http://satellite.test:4000/p?x=1&__clerk_synced=false"
	resp, body := b.get("/sign-in?__clerk_redirect_url=" + url.QueryEscape(page))
	if resp.StatusCode != http.StatusTemporaryRedirect {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	back := location(t, resp)
	q := back.Query()
	if back.Host != "satellite.test:4000" || q.Get("__clerk_synced") != "true" || len(q["__clerk_synced"]) != 1 || q.Get("x") != "1" || q.Get("__clerk_db_jwt") == "" {
		t.Errorf("back to %s", back)
	}
	// The satellite's server asks by a handshake what the dev browser is.
	resp, body = get(t, em, "/v1/client/handshake?format=token&redirect_url="+url.QueryEscape(back.String())+"&__clerk_db_jwt="+q.Get("__clerk_db_jwt"), nil)
	if resp.StatusCode != http.StatusTemporaryRedirect {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if c := handshakeSession(t, location(t, resp).Query().Get("__clerk_handshake")); c.Subject() != u.ID || c.AuthorizedParty() != "http://satellite.test:4000" {
		t.Errorf("session: %s", c.Raw())
	}
	for _, target := range []string{"https://evil.example/", "http://other.test/", "javascript:1", "//satellite.test:4000"} {
		resp, body = b.get("/sign-in?__clerk_redirect_url=" + url.QueryEscape(target))
		wantError(t, resp, body, 422, "form_param_format_invalid")
	}
}

// handshakeSession reads the session token out of a handshake's result.
func handshakeSession(t *testing.T, token string) *clerk.Claims {
	t.Helper()
	_, text, _, _ := split(t, token)
	for _, d := range decode[struct{ Handshake []string }](t, text).Handshake {
		if rest, ok := strings.CutPrefix(d, "__session="); ok {
			value, _, _ := strings.Cut(rest, ";")
			return claimsOf(t, value)
		}
	}
	t.Fatalf("no session in %s", token)
	return nil
}

// In production the satellite's Frontend API asks the primary's.
func TestProductionSatellite(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Instance: clerk.Production, FrontendAPI: "clerk.primary.test", Origins: []string{"https://primary.test"}})
	u := em.AddUser(clerktest.User{})
	cfg := em.AddSatellite("https://satellite.test")
	if cfg.Domain != "satellite.test" || cfg.ProxyURL != "" || cfg.Validate() != nil {
		t.Errorf("%+v %v", cfg, cfg.Validate())
	}
	signedIn, _ := do(t, em, "POST", "/sign-in", http.Header{
		"Host": {"clerk.primary.test"}, "Content-Type": {"application/x-www-form-urlencoded"},
	}, "user_id="+u.ID+"&redirect_url=https%3A%2F%2Fprimary.test%2F")
	client := byName(t, signedIn.Header.Values("Set-Cookie"))["__client"].Value
	hop := func(rawURL, cookie string) (*http.Response, *url.URL) {
		t.Helper()
		u, err := url.Parse(rawURL)
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{"Host": {u.Host}}
		if cookie != "" {
			header.Set("Cookie", cookie)
		}
		resp, body := do(t, em, "GET", u.RequestURI(), header, "")
		if resp.StatusCode != http.StatusTemporaryRedirect {
			t.Fatalf("%s: %d %s", rawURL, resp.StatusCode, body)
		}
		return resp, location(t, resp)
	}
	const start = "https://clerk.satellite.test/v1/client/handshake?redirect_url=https%3A%2F%2Fsatellite.test%2Fp"
	_, sync := hop(start, "")
	if sync.Host != "clerk.primary.test" || sync.Path != "/v1/client/sync" || sync.Query().Get("link_domain") != "satellite.test" {
		t.Fatalf("to %s", sync)
	}
	// Signed out at the primary: back to the handshake, which ends there.
	_, back := hop(sync.String(), "")
	resp, page := hop(back.String(), "")
	if page.String() != "https://satellite.test/p" || len(resp.Cookies()) == 0 {
		t.Errorf("signed out: to %s %v", page, resp.Cookies())
	}
	// Signed in: the satellite gets the client, and a token of its own issuer.
	_, link := hop(sync.String(), "__client="+client)
	if link.Host != "clerk.satellite.test" || link.Path != "/v1/client/link" {
		t.Fatalf("to %s", link)
	}
	resp, back = hop(link.String(), "")
	got := byName(t, resp.Header.Values("Set-Cookie"))
	if got["__client"] == nil || got["__client"].Value != client {
		t.Fatalf("cookies %v", got)
	}
	resp, _ = hop(back.String(), "__client="+client)
	result := byName(t, resp.Header.Values("Set-Cookie"))["__clerk_handshake"]
	if c := handshakeSession(t, result.Value); c.Subject() != u.ID || c.Issuer() != "https://clerk.satellite.test" || c.AuthorizedParty() != "https://satellite.test" {
		t.Errorf("session: %s", c.Raw())
	}
	// A link is good once, and for its satellite alone.
	header := http.Header{"Host": {"clerk.satellite.test"}}
	r, body := do(t, em, "GET", link.RequestURI(), header, "")
	wantError(t, r, body, 400, "invalid_link_token")
	r, body = do(t, em, "GET", "/v1/client/link?__clerk_token=x", header, "")
	wantError(t, r, body, 400, "invalid_link_token")
	for query, code := range map[string]string{
		"link_domain=evil.example&redirect_url=https%3A%2F%2Fclerk.satellite.test%2Fv1%2Fclient%2Fhandshake": "form_param_value_invalid",
		"link_domain=satellite.test&redirect_url=https%3A%2F%2Fevil.example%2Fv1%2Fclient%2Fhandshake":       "form_param_format_invalid",
		"link_domain=satellite.test&redirect_url=https%3A%2F%2Fclerk.satellite.test%2Fother":                 "form_param_value_invalid",
		"link_domain=satellite.test&redirect_url=https%3A%2F%2Fprimary.test%2Fv1%2Fclient%2Fhandshake":       "form_param_value_invalid",
	} {
		r, body := do(t, em, "GET", "/v1/client/sync?"+query, http.Header{"Host": {"clerk.primary.test"}, "Cookie": {"__client=" + client}}, "")
		wantError(t, r, body, 422, code)
	}
}

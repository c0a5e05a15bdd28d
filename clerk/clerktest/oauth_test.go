package clerktest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

const (
	clientURI = "https://app.example.com/callback?x=1"
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// provider is an emulator with a user in a browser, and an OAuth client.
type provider struct {
	*browser
	user   clerktest.User
	client clerktest.OAuthApplication
}

func newProvider(t testing.TB, cfg clerktest.Config, app clerktest.OAuthApplication) *provider {
	t.Helper()
	em := newEmulator(t, cfg)
	app.RedirectURIs = []string{clientURI}
	return &provider{newBrowser(t, em), em.AddUser(clerktest.User{
		Email: "alice@example.com", FirstName: "Alice", LastName: "Li", Username: "alice",
		PublicMetadata: map[string]any{"a": 1}, PrivateMetadata: map[string]any{"b": 2},
	}), em.AddOAuthApplication(app)}
}

func (p *provider) signIn() {
	p.t.Helper()
	resp, body := p.post("/sign-in", url.Values{"user_id": {p.user.ID}})
	if resp.StatusCode != http.StatusSeeOther {
		p.t.Fatalf("sign-in: %d %s", resp.StatusCode, body)
	}
}

// request is an authorization request, with some parameters changed: "" leaves
// one out.
func (p *provider) request(over ...string) url.Values {
	v := url.Values{
		"response_type": {"code"}, "client_id": {p.client.ClientID}, "redirect_uri": {clientURI}, "state": {"state678"},
		"scope": {strings.Join(p.client.Scopes, " ")}, "nonce": {"n1"},
	}
	for i := 0; i+1 < len(over); i += 2 {
		if v.Set(over[i], over[i+1]); over[i+1] == "" {
			v.Del(over[i])
		}
	}
	return v
}

func (p *provider) authorize(over ...string) (*http.Response, string) {
	p.t.Helper()
	return p.get("/oauth/authorize?" + p.request(over...).Encode())
}

// answer reads what was sent to the client.
func (p *provider) answer(resp *http.Response) url.Values {
	p.t.Helper()
	to, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to.String(), clientURI+"&") {
		p.t.Fatalf("%d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	return to.Query()
}

// code goes through an authorization that needs no consent.
func (p *provider) code(over ...string) string {
	p.t.Helper()
	resp, _ := p.authorize(over...)
	got := p.answer(resp)
	if got.Get("code") == "" || got.Get("state") != "state678" {
		p.t.Fatalf("the client got %v", got)
	}
	return got.Get("code")
}

// exchange asks for tokens as the client does.
func (p *provider) exchange(status int, form ...string) object {
	p.t.Helper()
	return p.endpoint("/oauth/token", status, form...)
}

func (p *provider) endpoint(path string, status int, form ...string) object {
	p.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		v.Set(form[i], form[i+1])
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if !p.client.Public && !v.Has("client_id") {
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(p.client.ClientID+":"+p.client.ClientSecret)))
	}
	resp, body := do(p.t, p.em, "POST", path, header, v.Encode())
	if resp.StatusCode != status {
		p.t.Fatalf("%s %v: %d %s, want %d", path, v, resp.StatusCode, body, status)
	}
	if body == "" {
		return object{}
	}
	if resp.Header.Get("Cache-Control") != "no-store" {
		p.t.Error("an answer with tokens may be kept")
	}
	return decode[object](p.t, body)
}

var allScopes = []string{"openid", "profile", "email", "public_metadata", "private_metadata", "offline_access"}

// The whole way: sign-in page, consent page, code, tokens, user info, refresh.
func TestOAuthFlow(t *testing.T) {
	p := newProvider(t, clerktest.Config{}, clerktest.OAuthApplication{Name: "Reader <b>", Scopes: allScopes})
	resp, _ := p.authorize()
	to := resp.Header.Get("Location")
	if !strings.HasPrefix(to, p.em.URL+"/sign-in?redirect_url=") {
		t.Fatalf("signed out: %d %s", resp.StatusCode, to)
	}
	back, _ := url.Parse(to)
	resp, _ = p.post("/sign-in", url.Values{"user_id": {p.user.ID}, "redirect_url": {back.Query().Get("redirect_url")}})
	resp, _ = p.send("GET", resp.Header.Get("Location"), nil, nil)
	to = resp.Header.Get("Location")
	if !strings.HasPrefix(to, p.em.URL+"/oauth-consent?") {
		t.Fatalf("signed in: %d %s", resp.StatusCode, to)
	}
	resp, page := p.send("GET", to, nil, nil)
	if resp.StatusCode != 200 || !strings.Contains(page, "Reader &lt;b&gt;") || !strings.Contains(page, "See your e-mail address") || strings.Contains(page, "<b>") {
		t.Fatalf("consent page: %d %s", resp.StatusCode, page)
	}
	form := url.Values{"consented": {"true"}}
	for _, m := range regexp.MustCompile(`type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		form.Set(m[1], strings.ReplaceAll(m[2], "&#43;", "+"))
	}
	form.Set("redirect_uri", clientURI) // & is escaped in the page
	resp, _ = p.post("/oauth-consent", form)
	got := p.answer(resp)
	if got.Get("state") != "state678" || got.Get("x") != "1" {
		t.Errorf("the client got %v", got)
	}
	tokens := p.exchange(200, "grant_type", "authorization_code", "code", got.Get("code"), "redirect_uri", clientURI)
	if tokens.at("token_type") != "Bearer" || tokens.at("expires_in") != 86400.0 || str(tokens.at("refresh_token")) == "" {
		t.Errorf("tokens: %v", tokens)
	}
	header, claims := jwtOf(t, str(tokens.at("access_token")))
	if header["typ"] != "at+jwt" || header["cat"] != nil || claims["client_id"] != p.client.ClientID || claims["sub"] != p.user.ID || !strings.Contains(str(claims["scope"]), "profile") {
		t.Errorf("access token: %v %v", header, claims)
	}
	_, id := jwtOf(t, str(tokens.at("id_token")))
	if id["aud"] != p.client.ClientID || id["nonce"] != "n1" || id["email"] != "alice@example.com" || id["name"] != "Alice Li" || id["iss"] != p.em.Issuer() {
		t.Errorf("ID token: %v", id)
	}
	for _, method := range []string{"GET", "POST"} {
		resp, body := do(t, p.em, method, "/oauth/userinfo", bearer(str(tokens.at("access_token"))), "")
		info := decode[object](t, body)
		if resp.StatusCode != 200 || info.at("sub") != p.user.ID || info.at("email") != "alice@example.com" || info.at("private_metadata", "b") != 2.0 || info.at("given_name") != "Alice" {
			t.Errorf("user info: %d %s", resp.StatusCode, body)
		}
	}
	info := p.endpoint("/oauth/token_info", 200, "token", str(tokens.at("access_token")))
	if info.at("active") != true || info.at("sub") != p.user.ID {
		t.Errorf("token info: %v", info)
	}

	refresh := str(tokens.at("refresh_token"))
	next := p.exchange(200, "grant_type", "refresh_token", "refresh_token", refresh)
	if next.at("access_token") == tokens.at("access_token") || next.at("refresh_token") == refresh {
		t.Errorf("refreshed: %v", next)
	}
	// A second use of the old one means that it was stolen.
	p.exchange(400, "grant_type", "refresh_token", "refresh_token", refresh)
	p.exchange(400, "grant_type", "refresh_token", "refresh_token", str(next.at("refresh_token")))

	// The user is not asked twice.
	if resp, _ = p.authorize(); p.answer(resp).Get("code") == "" {
		t.Error("consent is not remembered")
	}
	if resp, _ = p.authorize("prompt", "consent"); !strings.Contains(resp.Header.Get("Location"), "/oauth-consent?") {
		t.Error("prompt=consent does not ask")
	}
	resp, _ = p.authorize("prompt", "login")
	to = resp.Header.Get("Location")
	if resp, page = p.send("GET", to, nil, nil); !strings.Contains(page, `name="password"`) || strings.Contains(to, "prompt%3Dlogin") {
		t.Errorf("prompt=login: %d %s", resp.StatusCode, to)
	}
	form.Set("consented", "false")
	if resp, _ = p.post("/oauth-consent", form); p.answer(resp).Get("error") != "access_denied" {
		t.Error("a refusal")
	}
	resp, body := p.send("POST", p.em.URL+"/oauth-consent", http.Header{"Sec-Fetch-Site": {"cross-site"}}, form)
	wantError(t, resp, body, 403, "cross_origin_form")
}

func TestOAuthPublicClient(t *testing.T) {
	p := newProvider(t, clerktest.Config{}, clerktest.OAuthApplication{Public: true, SkipConsent: true, Scopes: []string{"profile", "offline_access"}})
	if p.client.ClientSecret != "" {
		t.Error("a public client has a secret")
	}
	p.signIn()
	resp, _ := p.authorize()
	if p.answer(resp).Get("error") != "invalid_request" {
		t.Error("a public client without PKCE")
	}
	pkce := []string{"code_challenge", challengeOf(verifier), "code_challenge_method", "S256"}
	code := p.code(pkce...)
	with := func(over ...string) []string {
		return append([]string{"grant_type", "authorization_code", "client_id", p.client.ClientID, "code", code, "redirect_uri", clientURI, "code_verifier", verifier}, over...)
	}
	for _, bad := range [][]string{
		with("code_verifier", strings.Repeat("x", 43)), with("code_verifier", ""), with("code_verifier", challengeOf(verifier)),
		with("redirect_uri", "https://app.example.com/"), with("redirect_uri", ""), with("code", "no"),
	} {
		if got := p.exchange(400, bad...); got.at("error") != "invalid_grant" {
			t.Errorf("%v: %v", bad, got)
		}
	}
	if got := p.exchange(401, with("client_secret", "x")...); got.at("error") != "invalid_client" {
		t.Errorf("a secret: %v", got)
	}
	tokens := p.exchange(200, with()...)
	if tokens.at("id_token") != nil {
		t.Error("an ID token without openid")
	}
	// The code a second time ends what came from the first.
	p.exchange(400, with()...)
	p.exchange(400, "grant_type", "refresh_token", "client_id", p.client.ClientID, "refresh_token", str(tokens.at("refresh_token")))
	resp, body := do(t, p.em, "GET", "/oauth/userinfo", bearer(str(tokens.at("access_token"))), "")
	wantError(t, resp, body, 401, "oauth_invalid_access_token")

	code = p.code(pkce...)
	p.em.Advance(10 * time.Minute)
	p.exchange(400, with("code", code)...)
}

// A code of one client is none of another's.
func TestOAuthClientsApart(t *testing.T) {
	p := newProvider(t, clerktest.Config{}, clerktest.OAuthApplication{SkipConsent: true})
	p.signIn()
	mine := p.client
	code := p.code()
	p.client = p.em.AddOAuthApplication(clerktest.OAuthApplication{RedirectURIs: []string{clientURI}})
	p.exchange(400, "grant_type", "authorization_code", "code", code, "redirect_uri", clientURI)
	other := p.client
	p.client = mine
	tokens := p.exchange(200, "grant_type", "authorization_code", "code", code, "redirect_uri", clientURI)
	if tokens.at("refresh_token") != nil {
		t.Error("a refresh token without offline_access")
	}
	p.client = other
	if got := p.endpoint("/oauth/token_info", 200, "token", str(tokens.at("access_token"))); got.at("active") != false {
		t.Errorf("another's token: %v", got)
	}
	p.client.ClientSecret = "wrong"
	p.endpoint("/oauth/token_info", 401, "token", "x")
	p.exchange(401, "grant_type", "refresh_token")
	p.client = mine
	p.exchange(400)
	p.exchange(401, "grant_type", "password")
	p.exchange(401, "client_id", mine.ClientID, "grant_type", "refresh_token")
	p.exchange(400, "client_id", mine.ClientID, "client_secret", mine.ClientSecret, "grant_type", "refresh_token", "refresh_token", "x")
}

func TestOAuthBadRequests(t *testing.T) {
	p := newProvider(t, clerktest.Config{}, clerktest.OAuthApplication{})
	// Nobody is sent to a place that is not the client's.
	for _, c := range []struct {
		name, value string
		status      int
	}{
		{"client_id", "no", 401}, {"client_id", "", 401}, {"redirect_uri", "https://evil.example.com/", 400},
		{"redirect_uri", clientURI + "&y=2", 400}, {"redirect_uri", "javascript:alert(1)", 400},
	} {
		resp, body := p.authorize(c.name, c.value)
		if resp.StatusCode != c.status || resp.Header.Get("Location") != "" || str(decode[object](t, body).at("error")) == "" {
			t.Errorf("%s=%s: %d %s", c.name, c.value, resp.StatusCode, body)
		}
	}
	resp, _ := p.get("/oauth/authorize?" + p.request().Encode() + "&state=other")
	if resp.StatusCode != 400 {
		t.Errorf("state twice: %d", resp.StatusCode)
	}
	for _, c := range []struct {
		code string
		over []string
	}{
		{"unsupported_response_type", []string{"response_type", "token"}},
		{"unsupported_response_mode", []string{"response_mode", "fragment"}},
		{"invalid_state", []string{"state", ""}},
		{"invalid_state", []string{"state", "short"}},
		{"invalid_scope", []string{"scope", "private_metadata"}},
		{"invalid_request", []string{"code_challenge", challengeOf("x"), "code_challenge_method", "plain"}},
		{"invalid_request", []string{"code_challenge", "x", "code_challenge_method", "S256"}},
		{"invalid_request", []string{"prompt", "none login"}},
		{"login_required", []string{"prompt", "none"}},
	} {
		resp, _ := p.authorize(c.over...)
		if got := p.answer(resp); got.Get("error") != c.code || got.Get("error_description") == "" || got.Has("code") {
			t.Errorf("%v: %v", c.over, got)
		}
	}
	p.signIn()
	if resp, _ := p.authorize("prompt", "none"); p.answer(resp).Get("error") != "consent_required" {
		t.Error("consent without asking")
	}
	resp, page := p.authorize("response_mode", "form_post", "prompt", "none")
	if resp.StatusCode != 200 || !strings.Contains(page, `action="https://app.example.com/callback?x=1"`) || !strings.Contains(page, `name="error" value="consent_required"`) ||
		!strings.Contains(resp.Header.Get("Content-Security-Policy"), "script-src 'sha256-") {
		t.Errorf("form_post: %d %s", resp.StatusCode, page)
	}
}

// A consent page of the application's own, with an organization to choose.
func TestOAuthCustomConsent(t *testing.T) {
	p := newProvider(t, clerktest.Config{}, clerktest.OAuthApplication{Scopes: []string{"profile", "openid", "user:org:read"}})
	p.em.AddOrganization(clerktest.Organization{ID: "org_1"})
	p.em.AddMember("org_1", p.user.ID, "org:admin")
	path := "/v1/me/oauth/consent/" + p.client.ClientID
	resp, body := p.get(path)
	wantError(t, resp, body, 401, "authentication_invalid")
	p.signIn()
	_, body = p.get(path + "?scope=openid+profile&redirect_uri=" + url.QueryEscape(clientURI))
	got := decode[object](t, body)
	if got.at("oauth_application_name") != "clerktest" || got.at("redirect_domain") != "example.com" || got.at("scopes", 0, "scope") != "profile" || got.at("scopes", 1, "requires_consent") != false || got.at("scopes", 2) != nil {
		t.Errorf("consent: %s", body)
	}
	form := p.request("client_id", "", "scope", "profile openid user:org:read")
	form.Set("consented", "true")
	form.Set("organization_id", "org_2")
	resp, body = p.post(path, form)
	wantError(t, resp, body, 422, "form_param_value_invalid")
	form.Set("organization_id", "org_1")
	resp, _ = p.post(path, form)
	tokens := p.exchange(200, "grant_type", "authorization_code", "code", p.answer(resp).Get("code"), "redirect_uri", clientURI)
	if _, claims := jwtOf(t, str(tokens.at("access_token"))); claims["org_id"] != "org_1" {
		t.Errorf("claims: %v", claims)
	}
	if _, page := p.get("/oauth-consent?" + p.request().Encode()); !strings.Contains(page, `<option value="org_1">`) {
		t.Error("no organization to choose from")
	}
	resp, body = p.get("/v1/me/oauth/consent/no")
	wantError(t, resp, body, 404, "resource_not_found")
}

func TestOAuthMetadataAndRegistration(t *testing.T) {
	for _, cfg := range []clerktest.Config{{}, {Instance: clerk.Production}} {
		em := newEmulator(t, cfg)
		_, body := get(t, em, "/.well-known/openid-configuration", nil)
		oidc := decode[object](t, body)
		if oidc.at("issuer") != em.Issuer() || oidc.at("token_endpoint") != em.URL+"/oauth/token" || oidc.at("backchannel_logout_supported") != false {
			t.Errorf("%s", body)
		}
		_, body = get(t, em, "/.well-known/oauth-authorization-server", nil)
		if decode[object](t, body).at("registration_endpoint") != nil {
			t.Errorf("%s", body)
		}
		metadata := `{"client_name":"cli","redirect_uris":["http://127.0.0.1:5/cb"],"token_endpoint_auth_method":"none","software_id":"x"}`
		resp, body := do(t, em, "POST", "/oauth/register", nil, metadata)
		wantError(t, resp, body, 422, "dynamic_client_registration_disabled")
		newSecretKey(t, em).call("PATCH", "/v1/instance/oauth_application_settings", `{"dynamic_oauth_client_registration":true}`, 200)
		_, body = get(t, em, "/.well-known/oauth-authorization-server", nil)
		if decode[object](t, body).at("registration_endpoint") != em.URL+"/oauth/register" {
			t.Errorf("%s", body)
		}
		resp, body = do(t, em, "POST", "/oauth/register", nil, metadata)
		if got := decode[object](t, body); resp.StatusCode != 201 || str(got.at("client_id")) == "" || got.at("client_secret") != nil || got.at("scope") != "profile email" {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
		for _, bad := range []string{`{}`, `[]`, `{"redirect_uris":["http://evil.com/"]}`, `{"redirect_uris":["https://a.test/"],"scope":"nope"}`, `{"redirect_uris":["https://a.test/"],"token_endpoint_auth_method":"x"}`, `{"redirect_uris":["https://a.test/"],"logo_uri":"javascript:x"}`} {
			resp, body := do(t, em, "POST", "/oauth/register", nil, bad)
			if resp.StatusCode != 400 || !strings.HasPrefix(str(decode[object](t, body).at("error")), "invalid_") {
				t.Errorf("%s: %d %s", bad, resp.StatusCode, body)
			}
		}
	}
}

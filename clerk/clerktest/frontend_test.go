package clerktest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// answer is what the Frontend API wraps things in.
type answer struct {
	Response json.RawMessage
	Client   *clientAnswer
}

type clientAnswer struct {
	Object, ID string
	Sessions   []sessionAnswer
	LastActive *string `json:"last_active_session_id"`
}

type emailAnswer struct {
	Email string `json:"email_address"`
}

type sessionAnswer struct {
	Object, ID, Status string
	LastOrg            *string                       `json:"last_active_organization_id"`
	LastToken          *struct{ Object, JWT string } `json:"last_active_token"`
	FactorAges         []int                         `json:"factor_verification_age"`
	User               struct {
		ID          string
		Emails      []emailAnswer `json:"email_addresses"`
		Memberships []struct {
			Role         string
			Organization struct{ ID, Slug string }
		} `json:"organization_memberships"`
		Private json.RawMessage `json:"private_metadata"`
	}
}

func decode[T any](t testing.TB, body string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

// signedInDevBrowser signs a user in and returns the query that clerk-js adds.
func signedInDevBrowser(t testing.TB, em *clerktest.Emulator, b *browser, u clerktest.User) string {
	t.Helper()
	resp, body := b.post("/sign-in", url.Values{"user_id": {u.ID}})
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	return "?__clerk_db_jwt=" + location(t, resp).Query().Get("__clerk_db_jwt")
}

func TestFrontendAPI(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	u := em.AddUser(clerktest.User{Email: "alice@example.com", PrivateMetadata: map[string]any{"secret": 1}})
	em.AddOrganization(clerktest.Organization{ID: "org_1", Slug: "acme"})
	em.AddMember("acme", u.ID, "org:admin")
	em.AddOrganization(clerktest.Organization{ID: "org_2"})
	b := newBrowser(t, em)
	origin := http.Header{"Origin": {"http://localhost:3000"}}

	// Boot: dev browser, environment, a client that does not exist yet.
	resp, body := b.post("/v1/dev_browser?__clerk_api_version=2099-01-01", nil)
	id := decode[struct{ ID string }](t, body).ID
	if resp.StatusCode != 200 || !strings.HasPrefix(id, "dvb_") {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	resp, body = b.send("POST", em.URL+"/v1/environment?_method=PATCH&__clerk_db_jwt="+id, origin, url.Values{})
	if resp.StatusCode != 200 || !strings.Contains(body, `"display_config"`) ||
		resp.Header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" || resp.Header.Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("environment: %d %s %v", resp.StatusCode, body, resp.Header)
	}
	if _, body = b.get("/v1/client?__clerk_db_jwt=" + id); body != `{"response":null,"client":null}` {
		t.Errorf("client of a new browser: %s", body)
	}
	if _, body = b.post("/v1/client?_method=PUT&__clerk_db_jwt="+id, nil); !strings.Contains(body, `"sessions":[]`) {
		t.Errorf("a new client: %s", body)
	}
	resp, body = b.get("/v1/client?__clerk_db_jwt=dvb_unknown")
	wantError(t, resp, body, 401, "dev_browser_unauthenticated")

	// Signed in.
	q := signedInDevBrowser(t, em, b, u)
	resp, body = b.send("GET", em.URL+"/v1/client"+q, origin, nil)
	client := decode[clientAnswer](t, string(decode[answer](t, body).Response))
	if client.Object != "client" || len(client.Sessions) != 1 || client.LastActive == nil || *client.LastActive != client.Sessions[0].ID {
		t.Fatalf("client: %s", body)
	}
	s := client.Sessions[0]
	if s.Status != "active" || s.User.ID != u.ID || s.User.Emails[0].Email != "alice@example.com" || s.User.Private != nil ||
		len(s.User.Memberships) != 1 || s.User.Memberships[0].Organization.Slug != "acme" || s.FactorAges[1] != -1 {
		t.Errorf("session: %+v", s)
	}
	if c := claimsOf(t, s.LastToken.JWT); c.SessionID() != s.ID || c.AuthorizedParty() != "http://localhost:3000" {
		t.Errorf("last_active_token: %s", c.Raw())
	}
	if len(resp.Cookies()) != 1 || resp.Cookies()[0].Name != "__client" || !resp.Cookies()[0].HttpOnly {
		t.Errorf("cookies: %v", resp.Cookies())
	}

	path := "/v1/client/sessions/" + s.ID
	token := func(form url.Values) *clerk.Claims {
		t.Helper()
		resp, body := b.send("POST", em.URL+path+"/tokens"+q, origin, form)
		out := decode[struct{ Object, JWT string }](t, body)
		if resp.StatusCode != 200 || out.Object != "token" {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		return claimsOf(t, out.JWT)
	}
	if c := token(url.Values{}); c.OrgID() != "" || c.Subject() != u.ID {
		t.Errorf("token: %s", c.Raw())
	}
	if c := token(url.Values{"organization_id": {"org_1"}}); c.OrgID() != "org_1" {
		t.Errorf("token for an organization: %s", c.Raw())
	}
	resp, body = b.post(path+"/tokens"+q, url.Values{"organization_id": {"org_2"}})
	wantError(t, resp, body, 404, "resource_not_found")

	// touch changes the session's organization; an empty token request does not.
	_, body = b.post(path+"/touch"+q, url.Values{"active_organization_id": {"acme"}, "intent": {"select_org"}})
	touched := decode[answer](t, body)
	if got := decode[sessionAnswer](t, string(touched.Response)); got.LastOrg == nil || *got.LastOrg != "org_1" || touched.Client == nil {
		t.Errorf("touch: %s", body)
	}
	if c := token(url.Values{"organization_id": {""}}); c.OrgID() != "" {
		t.Errorf("token without organization: %s", c.Raw())
	}
	if c := token(url.Values{}); c.OrgRole() != "org:admin" {
		t.Errorf("token after touch: %s", c.Raw())
	}
	resp, body = b.post(path+"/touch"+q, url.Values{"active_organization_id": {"org_2"}})
	wantError(t, resp, body, 404, "resource_not_found")
	if _, body = b.post(path+"/touch"+q, url.Values{"active_organization_id": {""}}); !strings.Contains(body, `"last_active_organization_id":null`) {
		t.Errorf("touch without organization: %s", body)
	}
	if _, body = b.get(path + q); decode[sessionAnswer](t, string(decode[answer](t, body).Response)).ID != s.ID {
		t.Errorf("session: %s", body)
	}

	// Another browser has nothing to do with this session.
	resp, body = newBrowser(t, em).post(path+"/tokens", nil)
	wantError(t, resp, body, 401, "authentication_invalid")
	resp, body = b.post("/v1/client/sessions/sess_unknown/tokens"+q, nil)
	wantError(t, resp, body, 401, "authentication_invalid")

	// The end: every way of it.
	for _, end := range []struct{ path, status string }{
		{path + "/end", "ended"}, {"/remove", "removed"}, {"/v1/client/sessions?_method=DELETE", ""}, {"/v1/client?_method=DELETE", ""},
	} {
		q := signedInDevBrowser(t, em, b, u)
		_, body := b.get("/v1/client" + q)
		sid := *decode[clientAnswer](t, string(decode[answer](t, body).Response)).LastActive
		target := end.path + "&" + q[1:]
		if end.status != "" {
			target = "/v1/client/sessions/" + sid + end.path[strings.LastIndex(end.path, "/"):] + q
		}
		resp, body := b.post(target, nil)
		if resp.StatusCode != 200 || end.status != "" && decode[sessionAnswer](t, string(decode[answer](t, body).Response)).Status != end.status {
			t.Errorf("%s: %d %s", target, resp.StatusCode, body)
		}
		resp, body = b.post("/v1/client/sessions/"+sid+"/tokens"+q, nil)
		wantError(t, resp, body, 401, "authentication_invalid")
	}
	if b.cookie(em.URL, "__client") != "" {
		t.Error("a deleted client keeps its cookie")
	}
}

func TestFrontendProduction(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Instance: clerk.Production})
	b := newBrowser(t, em)
	resp, body := b.post("/v1/dev_browser", nil)
	wantError(t, resp, body, 400, "dev_browser_disabled")
	// A dev browser in the query means nothing here.
	if _, body = b.get("/v1/client?__clerk_db_jwt=dvb_x"); body != `{"response":null,"client":null}` {
		t.Errorf("client: %s", body)
	}
	u := em.AddUser(clerktest.User{})
	b.post("/sign-in", url.Values{"user_id": {u.ID}})
	resp, body = b.get("/v1/client")
	client := decode[clientAnswer](t, string(decode[answer](t, body).Response))
	if len(client.Sessions) != 1 {
		t.Fatalf("client: %s", body)
	}
	names := map[string]bool{}
	for _, c := range resp.Cookies() {
		names[c.Name] = true
	}
	if !names["__client"] || !names["__client_uat"] || !names[keyOf(t, em).SuffixedCookie("__client_uat")] {
		t.Errorf("cookies: %v", resp.Cookies())
	}
}

func TestCrossOrigin(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Origins: []string{"https://app.example"}})
	send := func(method, origin string) (*http.Response, string) {
		return do(t, em, method, "/v1/dev_browser", http.Header{"Origin": {origin}, "Content-Type": {"application/x-www-form-urlencoded"}}, "")
	}
	for origin, allowed := range map[string]bool{
		"https://app.example": true, "http://localhost:5173": true, "http://127.0.0.1:1": true,
		"https://evil.example": false, "null": false, "http://localhost.evil.example": false, "https://app.example.evil.com": false,
	} {
		resp, body := send("POST", origin)
		if got := resp.Header.Get("Access-Control-Allow-Origin"); (got == origin) != allowed || resp.Header.Get("Vary") != "Origin" {
			t.Errorf("%s: Access-Control-Allow-Origin is %q", origin, got)
		}
		if !allowed {
			wantError(t, resp, body, 400, "origin_invalid")
		}
		resp, _ = send("OPTIONS", origin)
		if resp.StatusCode != 204 || (resp.Header.Get("Access-Control-Allow-Origin") != "") != allowed {
			t.Errorf("preflight from %s: %d %v", origin, resp.StatusCode, resp.Header)
		}
	}
}

// Every operation of both APIs is there or says that it is not.
func TestUnknownOperations(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	for _, c := range []struct {
		method, path, name string
		key                bool
	}{
		{"POST", "/v1/me/passkeys", "postPasskey", false},
		{"GET", "/v1/me/web3_wallets", "getWeb3Wallets", false},
		{"POST", "/v1/me/passkeys/pk_1?_method=PATCH", "patchPasskey", false},
		{"GET", "/v1/saml/metadata/samlc_1.xml", "samlMetadata", false},
		{"GET", "/v1/organizations/org_1/billing/statements", "GetOrganizationStatements", false},
		{"GET", "/v1/users/user_1/billing/credits", "GetUserBillingCreditBalance", true},
		{"GET", "/v1/saml_connections", "ListSAMLConnections", true},
		{"POST", "/v1/users/user_1/billing/credits", "AdjustUserBillingCreditBalance", true},
		{"GET", "/v1/nothing/like/this", `GET \"/v1/nothing/like/this\"`, true},
		{"GET", "/v1/nothing/like/this", `GET \"/v1/nothing/like/this\"`, false},
		{"BREW", "/v1/users", `BREW \"/v1/users\"`, true},
	} {
		header := http.Header{}
		if c.key {
			header = bearer(em.SecretKey())
		}
		resp, body := do(t, em, c.method, c.path, header, "")
		wantError(t, resp, body, 501, "not_implemented_in_emulator")
		if !strings.Contains(strings.ReplaceAll(body, `\\`, ""), c.name) {
			t.Errorf("%s %s does not name %s: %s", c.method, c.path, c.name, body)
		}
	}
	resp, body := get(t, em, "/elsewhere", nil)
	wantError(t, resp, body, 404, "resource_not_found")
	resp, body = get(t, em, "/v1/me/passkeys/pk_1", bearer("wrong")) // FAPI has it, a Bearer credential or not
	wantError(t, resp, body, 501, "not_implemented_in_emulator")
}

func TestHostileBodies(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	u := em.AddUser(clerktest.User{})
	b := newBrowser(t, em)
	q := signedInDevBrowser(t, em, b, u)
	_, body := b.get("/v1/client" + q)
	sid := *decode[clientAnswer](t, string(decode[answer](t, body).Response)).LastActive
	const form = "application/x-www-form-urlencoded"
	for _, path := range []string{"/v1/client/sessions/" + sid + "/tokens" + q, "/v1/client/sessions/" + sid + "/touch" + q, "/sign-in", "/sign-out"} {
		for _, c := range []struct {
			kind, body string
			status     int
			code       string
		}{
			{form, "a=%zz", 400, "request_body_invalid"},
			{form, "a=b;c=d", 400, "request_body_invalid"},
			{"application/json", `{"organization_id":1}`, 415, "unsupported_content_type"},
			{"", "a=b", 415, "unsupported_content_type"},
			{"text/\x7f", "a=b", 415, "unsupported_content_type"},
			{form, strings.Repeat("a", 2<<20), 413, "request_body_too_large"},
		} {
			resp, body := do(t, em, "POST", path, http.Header{"Content-Type": {c.kind}}, c.body)
			wantError(t, resp, body, c.status, c.code)
		}
	}
}

func TestRequestsHaveMeaningAndNoSecrets(t *testing.T) {
	var log strings.Builder
	em := newEmulator(t, clerktest.Config{Logger: textLogger(&log)})
	u := em.AddUser(clerktest.User{Email: "alice@example.com", Password: "correct horse"})
	b := newBrowser(t, em)
	resp, _ := b.post("/sign-in", url.Values{"identifier": {"alice@example.com"}, "password": {"correct horse"}})
	dev := location(t, resp).Query().Get("__clerk_db_jwt")
	loc, directives := b.handshake(em.URL, "http://localhost:3000/?x=hidden", "nonce", url.Values{"__clerk_db_jwt": {dev}})
	b.post("/sign-in", url.Values{"identifier": {"alice@example.com"}, "password": {"wrong horse"}})
	get(t, em, "/v1/users", bearer("sk_test_emulatorWrong"))
	b.send("GET", em.URL+"/v1/client/handshake?redirect_url=http%3A%2F%2Flocalhost%3A3000%2F&__clerk_hs_reason=%3Cscript%3E", nil, nil)

	var got []string
	all := log.String()
	for _, r := range em.Requests() {
		got = append(got, r.API+" "+r.Operation+": "+r.Meaning)
		all += r.Path + r.Meaning
	}
	want := []string{
		"Pages SignIn: signed in as " + u.ID,
		"FAPI handshakeClient: handshake (dev-browser-missing): signed in, sent back as handshake_nonce",
		"BAPI GetHandshakePayload: handshake result fetched for its nonce",
		"BAPI GetHandshakePayload: refused: resource_not_found",
		"Pages SignIn: sign-in refused: form_password_incorrect",
		"BAPI GetUserList: refused: clerk_key_invalid",
		"FAPI handshakeClient: handshake: signed in, sent back as handshake",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	secrets := []string{"correct horse", "wrong horse", em.SecretKey(), "sk_test_emulatorWrong", dev, "hidden", "script",
		loc.Query().Get("__clerk_handshake_nonce"), b.cookie(em.URL, "__client"), byName(t, directives)["__session"].Value}
	for _, secret := range secrets {
		if secret == "" || strings.Contains(all, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if r := em.Requests()[0]; r.Status != 303 || r.Method != "POST" || r.Path != "/sign-in" || r.Time.IsZero() || r.Duration < 0 || r.Duration > time.Minute {
		t.Errorf("request is %+v", r)
	}
}

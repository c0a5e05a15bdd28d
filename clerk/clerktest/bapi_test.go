package clerktest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestSecretKeys(t *testing.T) {
	em, other := newEmulator(t, clerktest.Config{}), newEmulator(t, clerktest.Config{})
	for _, c := range []struct{ authorization, code string }{
		{"", "authorization_header_format_invalid"},
		{"Basic " + em.SecretKey(), "authorization_header_format_invalid"},
		{em.SecretKey(), "authorization_header_format_invalid"},
		{"bearer " + em.SecretKey(), "authorization_header_format_invalid"},
		{"Bearer ", "clerk_key_invalid"},
		{"Bearer " + other.SecretKey(), "clerk_key_invalid"},
		{"Bearer " + em.SecretKey() + " ", ""}, // net/http trims it
		{"Bearer  " + em.SecretKey(), "clerk_key_invalid"},
		{"Bearer sk_live_real", "clerk_key_invalid"},
		{"Bearer " + em.PublishableKey(), "clerk_key_invalid"},
	} {
		for _, path := range []string{"/v1/jwks", "/v1/users", "/v1/sessions/sess_1", "/v1/users/user_1", "/v1/m2m_tokens"} {
			if c.code == "" {
				continue
			}
			resp, body := get(t, em, path, http.Header{"Authorization": {c.authorization}})
			wantError(t, resp, body, 401, c.code)
			if strings.Contains(body, "sk_") {
				t.Errorf("the answer repeats the key: %s", body)
			}
		}
	}
}

type userAnswer struct {
	ID              string
	Email           *string         `json:"primary_email_address_id"`
	FirstName       *string         `json:"first_name"`
	ExternalID      *string         `json:"external_id"`
	PasswordEnabled bool            `json:"password_enabled"`
	Public          json.RawMessage `json:"public_metadata"`
	Private         json.RawMessage `json:"private_metadata"`
	CreatedAt       int64           `json:"created_at"`
}

func TestUsersBAPI(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	alice := em.AddUser(clerktest.User{
		Email: "Alice@Example.com", FirstName: "Alice", LastName: "Li", ExternalID: "x1", Password: "p",
		PublicMetadata: map[string]any{"a": 1}, PrivateMetadata: map[string]any{"b": 2},
	})
	bob := em.AddUser(clerktest.User{Username: "bob", FirstName: "Bob"})
	carol := em.AddUser(clerktest.User{Email: "carol@example.com"})
	em.AddOrganization(clerktest.Organization{ID: "org_1"})
	em.AddMember("org_1", bob.ID, "org:member")
	if alice.Email != "alice@example.com" {
		t.Errorf("address is %s", alice.Email)
	}

	_, body := get(t, em, "/v1/users/"+alice.ID, bearer(em.SecretKey()))
	u := decode[userAnswer](t, body)
	if u.ID != alice.ID || *u.FirstName != "Alice" || *u.ExternalID != "x1" || !u.PasswordEnabled || string(u.Public) != `{"a":1}` ||
		string(u.Private) != `{"b":2}` || u.CreatedAt != em.Now().UnixMilli() && em.Now().UnixMilli()-u.CreatedAt > 60_000 || strings.Contains(body, `"p"`) {
		t.Errorf("user: %s", body)
	}
	resp, body := get(t, em, "/v1/users/user_unknown", bearer(em.SecretKey()))
	wantError(t, resp, body, 404, "resource_not_found")

	for query, want := range map[string][]string{
		"":                                {carol.ID, bob.ID, alice.ID},
		"order_by=created_at":             {alice.ID, bob.ID, carol.ID},
		"order_by=%2Bcreated_at":          {alice.ID, bob.ID, carol.ID},
		"order_by=-first_name":            {bob.ID, alice.ID, carol.ID},
		"order_by=email_address":          {bob.ID, alice.ID, carol.ID},
		"order_by=created_at&limit=1":     {alice.ID},
		"order_by=created_at&offset=1":    {bob.ID, carol.ID},
		"limit=500&offset=1000":           {},
		"email_address=ALICE@example.com": {alice.ID},
		"email_address[]=alice@example.com&email_address[]=carol@example.com": {carol.ID, alice.ID},
		"user_id=" + bob.ID + "," + carol.ID:                                  {carol.ID, bob.ID},
		"username=bob":                                                        {bob.ID},
		"external_id=x1":                                                      {alice.ID},
		"organization_id=org_1":                                               {bob.ID},
		"organization_id=org_none":                                            {},
		"query=ALICE":                                                         {alice.ID},
		"query=example.com&order_by=-last_name":                               {alice.ID, carol.ID},
	} {
		_, body := get(t, em, "/v1/users?"+query, bearer(em.SecretKey()))
		users := decode[[]userAnswer](t, body)
		var got []string
		for _, u := range users {
			got = append(got, u.ID)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
	for _, query := range []string{"limit=0", "limit=501", "limit=x", "limit=-1", "offset=-1", "offset=99999999999", "order_by=password", "order_by=--created_at", "order_by=-"} {
		resp, body := get(t, em, "/v1/users?"+query, bearer(em.SecretKey()))
		wantError(t, resp, body, 422, "form_param_value_invalid")
	}
	if _, body = get(t, em, "/v1/users/count?query=example", bearer(em.SecretKey())); body != `{"object":"total_count","total_count":2}` {
		t.Errorf("count: %s", body)
	}
}

func TestOrganizationsBAPI(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	u := em.AddUser(clerktest.User{})
	acme := em.AddOrganization(clerktest.Organization{Name: "Acme & Söhne GmbH", PrivateMetadata: map[string]any{"k": "v"}})
	if acme.Slug != "acme-s-hne-gmbh" || !strings.HasPrefix(acme.ID, "org_") {
		t.Errorf("added %+v", acme)
	}
	em.AddOrganization(clerktest.Organization{Name: "Beta"})
	em.AddMember(acme.ID, u.ID, "org:admin")
	em.AddMember(acme.Slug, u.ID, "org:member") // changes the role
	for _, id := range []string{acme.ID, acme.Slug} {
		_, body := get(t, em, "/v1/organizations/"+id+"?include_members_count=true", bearer(em.SecretKey()))
		if !strings.Contains(body, `"members_count":1`) || !strings.Contains(body, `"private_metadata":{"k":"v"}`) {
			t.Errorf("organization: %s", body)
		}
	}
	resp, body := get(t, em, "/v1/organizations/org_unknown", bearer(em.SecretKey()))
	wantError(t, resp, body, 404, "resource_not_found")
	for query, want := range map[string]string{
		"": "Beta,Acme & Söhne GmbH", "order_by=name": "Acme & Söhne GmbH,Beta", "query=ACME": "Acme & Söhne GmbH",
		"user_id=" + u.ID: "Acme & Söhne GmbH", "user_id=user_x": "", "organization_id=" + acme.ID: "Acme & Söhne GmbH", "limit=1": "Beta",
	} {
		_, body := get(t, em, "/v1/organizations?"+query, bearer(em.SecretKey()))
		list := decode[struct {
			Data  []struct{ Name string }
			Total int `json:"total_count"`
		}](t, body)
		var names []string
		for _, o := range list.Data {
			names = append(names, o.Name)
		}
		if strings.Join(names, ",") != want || query == "limit=1" && list.Total != 2 {
			t.Errorf("%q: %s", query, body)
		}
	}
	for _, query := range []string{"limit=x", "order_by=slug"} {
		resp, body := get(t, em, "/v1/organizations?"+query, bearer(em.SecretKey()))
		wantError(t, resp, body, 422, "form_param_value_invalid")
	}
	if claims := claimsOf(t, em.SignIn(u, clerktest.WithOrg(acme.Slug, "")).Token()); claims.OrgRole() != "org:member" {
		t.Errorf("role is %s", claims.OrgRole())
	}
}

func TestSessionsBAPI(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	alice, bob := em.AddUser(clerktest.User{}), em.AddUser(clerktest.User{})
	a, b := em.SignIn(alice, clerktest.WithPending("setup-mfa")), em.SignIn(bob, clerktest.WithActor(alice.ID))
	list := func(query string) string {
		_, body := get(t, em, "/v1/sessions?"+query, bearer(em.SecretKey()))
		var ids []string
		for _, s := range decode[[]struct{ ID string }](t, body) {
			ids = append(ids, s.ID)
		}
		return strings.Join(ids, " ")
	}
	for query, want := range map[string]string{
		"": b.ID + " " + a.ID, "user_id=" + alice.ID: a.ID, "client_id=" + b.ClientID: b.ID, "status=pending": a.ID, "limit=1": b.ID, "offset=2": "",
	} {
		if got := list(query); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	if _, body := get(t, em, "/v1/sessions?paginated=true&limit=1", bearer(em.SecretKey())); !strings.Contains(body, `"total_count":2`) {
		t.Errorf("paginated: %s", body)
	}
	resp, body := get(t, em, "/v1/sessions?limit=x", bearer(em.SecretKey()))
	wantError(t, resp, body, 422, "form_param_value_invalid")
	_, body = get(t, em, "/v1/sessions/"+a.ID, bearer(em.SecretKey()))
	if !strings.Contains(body, `"tasks":[{"key":"setup-mfa"}]`) || !strings.Contains(body, `"user_id":"`+alice.ID) {
		t.Errorf("session: %s", body)
	}
	if _, body = get(t, em, "/v1/sessions/"+b.ID, bearer(em.SecretKey())); !strings.Contains(body, `"sub":"`+alice.ID) {
		t.Errorf("impersonated session: %s", body)
	}
	_, body = do(t, em, "POST", "/v1/sessions/"+b.ID+"/revoke", bearer(em.SecretKey()), "")
	if !strings.Contains(body, `"status":"revoked"`) || b.Status() != "revoked" {
		t.Errorf("revoked: %s", body)
	}
	for _, path := range []string{"GET /v1/sessions/sess_x", "POST /v1/sessions/sess_x/revoke"} {
		method, path, _ := strings.Cut(path, " ")
		resp, body := do(t, em, method, path, bearer(em.SecretKey()), "")
		wantError(t, resp, body, 404, "resource_not_found")
	}
}

func TestRefresh(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	key := keyOf(t, em)
	u := em.AddUser(clerktest.User{})
	b := newBrowser(t, em)
	b.post("/sign-in", url.Values{"user_id": {u.ID}})
	const origin = "http://localhost:3000"
	_, directives := b.handshake(em.URL, origin+"/", "", nil)
	cookies := byName(t, directives)
	token, refresh := cookies["__session"].Value, cookies[key.SuffixedCookie("__refresh")].Value
	sid := claimsOf(t, token).SessionID()
	em.Advance(2 * 60 * 60 * 1e9)

	send := func(id string, body any) (*http.Response, string) {
		t.Helper()
		raw, ok := body.(string)
		if !ok {
			encoded, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			raw = string(encoded)
		}
		return do(t, em, "POST", "/v1/sessions/"+id+"/refresh?suffixed_cookies=true", bearer(em.SecretKey()), raw)
	}
	good := func() map[string]any {
		return map[string]any{"expired_token": token, "refresh_token": refresh, "request_origin": origin,
			"request_headers": map[string][]string{"user-agent": {"x"}}, "format": "cookie"}
	}
	_, body := send(sid, good())
	out := decode[struct {
		Object  string
		Cookies []string
	}](t, body)
	fresh := byName(t, out.Cookies)
	if c := claimsOf(t, fresh["__session"].Value); out.Object != "cookies" || c.SessionID() != sid || c.AuthorizedParty() != origin ||
		!c.ExpiresAt().After(em.Now()) || fresh[key.SuffixedCookie("__session")] == nil || fresh[key.SuffixedCookie("__refresh")] == nil {
		t.Errorf("refreshed: %s", body)
	}
	in := good()
	in["format"] = "token"
	_, body = send(sid, in)
	if c := claimsOf(t, decode[struct{ JWT string }](t, body).JWT); c.Subject() != u.ID {
		t.Errorf("refreshed: %s", body)
	}

	other := em.SignIn(u)
	otherKey, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	claims := other.Claims()
	claims["sid"] = sid
	for _, c := range []struct {
		field string
		value any
		code  string
		want  int
	}{
		{"expired_token", "", "form_param_missing", 400},
		{"refresh_token", nil, "form_param_missing", 400},
		{"request_origin", "", "form_param_missing", 400},
		{"format", "xml", "form_param_value_invalid", 400},
		{"refresh_token", 5, "form_param_type_invalid", 422},
		{"expired_token", []string{token}, "form_param_type_invalid", 422},
		{"refresh_token", refresh + "x", "refresh_token_invalid", 401},
		{"request_origin", "https://evil.example", "origin_invalid", 401},
		{"request_origin", "javascript:1", "origin_invalid", 401},
		{"expired_token", "garbage", "expired_token_invalid", 401},
		{"expired_token", "a.b.c", "expired_token_invalid", 401},
		{"expired_token", "..", "expired_token_invalid", 401},
		{"expired_token", token + "AAAA", "expired_token_invalid", 401},
		{"expired_token", other.Token(), "expired_token_invalid", 401},
		{"expired_token", em.SignWith(otherKey, nil, claims), "expired_token_invalid", 401},
		{"expired_token", em.SignWith(nil, map[string]any{"alg": "none"}, claims), "expired_token_invalid", 401},
		{"expired_token", em.Sign(map[string]any{"cat": clerktest.CategoryTemplate}, claims), "expired_token_invalid", 401},
		{"expired_token", em.Sign(map[string]any{"kid": "ins_other"}, claims), "expired_token_invalid", 401},
		{"expired_token", em.Sign(nil, "[]"), "expired_token_invalid", 401},
	} {
		in := good()
		in[c.field] = c.value
		resp, body := send(sid, in)
		wantError(t, resp, body, c.want, c.code)
	}
	for _, raw := range []string{"", "{", "null x", "5", "[]", `"x"`, strings.Repeat("[", 100_000)} {
		resp, body := send(sid, raw)
		if resp.StatusCode < 400 || resp.StatusCode > 422 {
			t.Errorf("%.20q: %d %s", raw, resp.StatusCode, body)
		}
	}
	resp, body := send(sid, `{"x":"`+strings.Repeat("x", 2<<20)+`"}`)
	wantError(t, resp, body, 413, "request_body_too_large")
	resp, body = send("sess_unknown", good())
	wantError(t, resp, body, 401, "session_not_found")
	do(t, em, "POST", "/v1/sessions/"+sid+"/revoke", bearer(em.SecretKey()), "")
	resp, body = send(sid, good())
	wantError(t, resp, body, 401, "session_not_active")
}

func TestResourcesOfBothInstances(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Instance: clerk.Production})
	resp, body := get(t, em, "/v1/environment", nil)
	if resp.StatusCode != 200 || !strings.Contains(body, `"instance_environment_type":"production"`) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if resp, _ = get(t, em, "/v1/health", nil); resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("X-Clerk-Emulator") == "" {
		t.Errorf("health: %d", resp.StatusCode)
	}
}

// Whatever comes, the answer is never a 500 and never a panic.
func FuzzRequests(f *testing.F) {
	em := newEmulator(f, clerktest.Config{})
	sess := em.SignIn(em.AddUser(clerktest.User{ID: "user_1", Email: "a@example.com", Password: "p"}))
	f.Add("GET", "/v1/client?__clerk_db_jwt=x", "", "", false)
	f.Add("POST", "/v1/client/sessions/"+sess.ID+"/touch?_method=PATCH", "application/x-www-form-urlencoded", "a=b", false)
	f.Add("POST", "/v1/sessions/"+sess.ID+"/refresh", "application/json", `{"expired_token":"a.b.c","refresh_token":"x","request_origin":"http://localhost"}`, true)
	f.Add("GET", "/v1/users?limit=5&order_by=-created_at&query=a", "", "", true)
	f.Add("POST", "/sign-in", "application/x-www-form-urlencoded", "user_id=user_1&redirect_url=http://localhost:3000/", false)
	f.Add("POST", "/v1/machines", "application/json", `{"name":"x","default_token_ttl":1}`, true)
	f.Add("POST", "/m2m_tokens/verify", "application/json", `{"token":"mt_x"}`, true)
	f.Add("POST", "/api_keys", "application/json", `{"name":"key","subject":"user_1","claims":{"a":[1]},"seconds_until_expiration":1e9}`, true)
	f.Add("POST", "/v1/oauth_applications", "application/json", `{"name":"x","redirect_uris":["https://a.test/"]}`, true)
	f.Add("POST", "/oauth_applications/access_tokens/verify", "application/json", `{"access_token":"oat_x"}`, true)
	f.Add("GET", "/oauth/authorize?response_type=code&client_id=x&scope=a%20b&state=12345678&code_challenge=x", "", "", false)
	f.Add("POST", "/oauth/token", "application/x-www-form-urlencoded", "grant_type=authorization_code&client_id=x&code=y", false)
	f.Add("POST", "/oauth-consent", "application/x-www-form-urlencoded", "client_id=x&consented=true", false)
	f.Add("POST", "/oauth/register", "application/json", `{"redirect_uris":["https://a.test/"]}`, false)
	f.Add("GET", "/v1/%2f%00/../x", "", "", true)
	f.Add("OPTIONS", "/v1/{x}", "", "", false)
	f.Fuzz(func(t *testing.T, method, target, kind, body string, key bool) {
		if !strings.HasPrefix(target, "/") {
			return
		}
		req, err := http.NewRequest(method, em.URL+target, strings.NewReader(body))
		if err != nil || req.URL.Host != strings.TrimPrefix(em.URL, "http://") {
			return
		}
		req.Header.Set("Content-Type", kind)
		if key {
			req.Header.Set("Authorization", "Bearer "+em.SecretKey())
		}
		resp, err := em.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == 500 || resp.StatusCode < 200 {
			t.Errorf("%s %s: %d", method, target, resp.StatusCode)
		}
	})
}

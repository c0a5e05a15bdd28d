package clerktest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// secretKey calls the Backend API with a secret key.
type secretKey struct {
	t      testing.TB
	em     *clerktest.Emulator
	secret string
}

func newSecretKey(t testing.TB, em *clerktest.Emulator) secretKey {
	return secretKey{t, em, em.SecretKey()}
}

// as is the same with another key.
func (b secretKey) as(secret string) secretKey { return secretKey{b.t, b.em, secret} }

// call sends JSON, and wants a status.
func (b secretKey) call(method, path, body string, status int) object {
	b.t.Helper()
	header := bearer(b.secret)
	header.Set("Content-Type", "application/json")
	resp, text := do(b.t, b.em, method, path, header, body)
	if resp.StatusCode != status {
		b.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, resp.StatusCode, text, status)
	}
	answer := object{}
	if text != "" {
		answer = decode[object](b.t, text)
	}
	return answer
}

// refused wants an error of Clerk's.
func (b secretKey) refused(method, path, body string, status int, code string) {
	b.t.Helper()
	resp, text := do(b.t, b.em, method, path, bearer(b.secret), body)
	wantError(b.t, resp, text, status, code)
}

// str is a text of an answer.
func str(v any) string {
	s, _ := v.(string)
	return s
}

func TestMachines(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newSecretKey(t, em)
	api := b.call("POST", "/v1/machines", `{"name":"api"}`, 200)
	if api.at("default_token_ttl") != 3600.0 || !strings.HasPrefix(str(api.at("secret_key")), "ak_") || !strings.HasPrefix(str(api.at("id")), "mch_") {
		t.Errorf("machine: %v", api)
	}
	job := b.call("POST", "/v1/machines", fmt.Sprintf(`{"name":"job","default_token_ttl":60,"scoped_machines":[%q]}`, api.at("id")), 200)
	id, apiID := str(job.at("id")), str(api.at("id"))
	if job.at("scoped_machines", 0, "id") != apiID || job.at("scoped_machines", 0, "scoped_machines") != nil {
		t.Errorf("scopes: %v", job)
	}
	if got := b.call("GET", "/v1/machines/"+id, "", 200); got.at("name") != "job" || got.at("secret_key") != nil {
		t.Errorf("machine: %v", got)
	}
	if got := b.call("PATCH", "/v1/machines/"+id, `{"name":"worker"}`, 200); got.at("name") != "worker" || got.at("default_token_ttl") != 60.0 {
		t.Errorf("changed: %v", got)
	}
	for query, want := range map[string]string{
		"": "worker api", "?order_by=name": "api worker", "?query=API": "api", "?limit=1": "worker", "?query=" + id: "worker", "?query=no": "",
	} {
		var names []string
		got := b.call("GET", "/v1/machines"+query, "", 200)
		for i := 0; got.at("data", i) != nil; i++ {
			names = append(names, str(got.at("data", i, "name")))
		}
		if strings.Join(names, " ") != want {
			t.Errorf("%s: %v", query, names)
		}
	}

	b.refused("POST", "/v1/machines/"+id+"/scopes", fmt.Sprintf(`{"to_machine_id":%q}`, apiID), 409, "machine_scope_already_exists")
	b.refused("POST", "/v1/machines/"+id+"/scopes", fmt.Sprintf(`{"to_machine_id":%q}`, id), 422, "form_param_value_invalid")
	b.refused("POST", "/v1/machines/"+id+"/scopes", `{}`, 422, "form_param_missing")
	if got := b.call("DELETE", "/v1/machines/"+id+"/scopes/"+apiID, "", 200); got.at("deleted") != true {
		t.Errorf("scope deleted: %v", got)
	}
	b.refused("DELETE", "/v1/machines/"+id+"/scopes/"+apiID, "", 404, "resource_not_found")
	if got := b.call("POST", "/v1/machines/"+id+"/scopes", fmt.Sprintf(`{"to_machine_id":%q}`, apiID), 200); got.at("from_machine_id") != id {
		t.Errorf("scope: %v", got)
	}
	for body, code := range map[string]string{
		`{}`: "form_param_missing", `{"name":"x","default_token_ttl":0}`: "form_param_value_invalid", `{"name":5}`: "form_param_type_invalid",
		`{"name":"x","nope":1}`: "form_param_unknown", `{"name":"` + strings.Repeat("x", 256) + `"}`: "form_param_exceeds_maximum_length",
	} {
		b.refused("POST", "/v1/machines", body, 422, code)
	}
	b.refused("POST", "/v1/machines", `{"name":"x","scoped_machines":["mch_no"]}`, 422, "form_param_value_invalid")
	b.refused("GET", "/v1/machines/mch_no", "", 404, "resource_not_found")

	b.call("DELETE", "/v1/machines/"+apiID, "", 200)
	b.refused("DELETE", "/v1/machines/"+apiID, "", 404, "resource_not_found")
	if got := b.call("GET", "/v1/machines/"+id, "", 200); got.at("scoped_machines", 0) != nil {
		t.Errorf("a scope outlives its machine: %v", got)
	}
}

// The secret key of a machine opens what is about M2M tokens, and nothing else.
func TestMachineSecrets(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newSecretKey(t, em)
	m := em.AddMachine(clerktest.Machine{Name: "job"})
	own := b.as(m.SecretKey)
	own.call("POST", "/v1/m2m_tokens", `{}`, 201)
	own.call("POST", "/m2m_tokens", `{}`, 201) // as SDKs ask
	for _, path := range []string{"/v1/users", "/v1/machines", "/v1/jwks", "/v1/api_keys?subject=" + m.ID, "/v1/machines/" + m.ID + "/secret_key"} {
		own.refused("GET", path, "", 401, "clerk_key_invalid")
	}
	own.refused("POST", "/v1/api_keys/verify", `{"secret":"x"}`, 401, "clerk_key_invalid")
	own.refused("POST", "/oauth_applications/access_tokens/verify", `{"access_token":"x"}`, 401, "clerk_key_invalid")
	b.refused("POST", "/v1/m2m_tokens", `{}`, 403, "machine_secret_key_required")
	b.as("ak_no").refused("POST", "/v1/m2m_tokens", `{}`, 401, "clerk_key_invalid")
	b.as("").refused("POST", "/m2m_tokens", `{}`, 401, "clerk_key_invalid")
	b.as(em.APIKey(m.ID, clerktest.MachineToken{})).refused("POST", "/v1/m2m_tokens", `{}`, 401, "clerk_key_invalid")

	if got := b.call("GET", "/v1/machines/"+m.ID+"/secret_key", "", 200); got.at("secret") != m.SecretKey || got.at("object") != "machine_secret_key" {
		t.Errorf("secret: %v", got)
	}
	path := "/v1/machines/" + m.ID + "/secret_key/rotate"
	b.refused("POST", path, `{}`, 422, "form_param_missing")
	b.refused("POST", path, `{"previous_token_ttl":28801}`, 422, "form_param_value_invalid")
	next := b.as(str(b.call("POST", path, `{"previous_token_ttl":60}`, 200).at("secret")))
	next.call("POST", "/v1/m2m_tokens", `{}`, 201)
	own.call("POST", "/v1/m2m_tokens", `{}`, 201)
	em.Advance(time.Minute)
	own.refused("POST", "/v1/m2m_tokens", `{}`, 401, "clerk_key_invalid")
	last := b.as(str(b.call("POST", path, `{"previous_token_ttl":0}`, 200).at("secret")))
	next.refused("POST", "/v1/m2m_tokens", `{}`, 401, "clerk_key_invalid")
	last.call("POST", "/v1/m2m_tokens", `{}`, 201)
}

func TestM2MTokens(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newSecretKey(t, em)
	api := em.AddMachine(clerktest.Machine{Name: "api"})
	other := em.AddMachine(clerktest.Machine{Name: "other"})
	job := em.AddMachine(clerktest.Machine{Name: "job", Scopes: []string{api.ID}, TokenLifetime: time.Minute})
	own := b.as(job.SecretKey)
	// As @clerk/backend sends it.
	made := own.call("POST", "/m2m_tokens", `{"seconds_until_expiration":null,"claims":{"a":{"b":1}},"token_format":"opaque"}`, 201)
	token, id := str(made.at("token")), str(made.at("id"))
	if !strings.HasPrefix(token, "mt_") || len(id) != len("mt_")+32 || made.at("subject") != job.ID || made.at("scopes", 0) != api.ID ||
		made.at("expiration").(float64)-made.at("created_at").(float64) != 60_000 || made.at("claims", "a", "b") != 1.0 {
		t.Errorf("token: %v", made)
	}
	body := fmt.Sprintf(`{"token":%q}`, token)
	for _, by := range []secretKey{b, b.as(api.SecretKey)} {
		if got := by.call("POST", "/m2m_tokens/verify", body, 200); got.at("id") != id || got.at("token") != nil || got.at("expired") != false {
			t.Errorf("verified: %v", got)
		}
	}
	b.as(other.SecretKey).refused("POST", "/m2m_tokens/verify", body, 404, "resource_not_found")
	own.refused("POST", "/m2m_tokens/verify", body, 404, "resource_not_found")
	b.refused("POST", "/m2m_tokens/verify", `{"token":"mt_no"}`, 404, "resource_not_found")
	b.refused("POST", "/m2m_tokens/verify", `{}`, 400, "form_param_value_invalid")

	// Scopes are those of the moment when it was made.
	b.call("DELETE", "/v1/machines/"+job.ID+"/scopes/"+api.ID, "", 200)
	b.as(api.SecretKey).call("POST", "/m2m_tokens/verify", body, 200)

	list := func(by secretKey, query string) int {
		t.Helper()
		got := by.call("GET", "/m2m_tokens?subject="+job.ID+query, "", 200)
		n := 0
		for ; got.at("m2m_tokens", n) != nil; n++ {
		}
		return n
	}
	if list(own, "") != 1 || list(b, "") != 1 {
		t.Error("the list is not complete")
	}
	b.as(other.SecretKey).refused("GET", "/m2m_tokens?subject="+job.ID, "", 403, "authorization_invalid")
	b.refused("GET", "/m2m_tokens", "", 400, "form_param_value_invalid")
	b.refused("GET", "/m2m_tokens?subject="+job.ID+"&limit=101", "", 400, "form_param_value_invalid")
	b.as(other.SecretKey).refused("POST", "/m2m_tokens/"+id+"/revoke", `{}`, 404, "resource_not_found")
	if got := own.call("POST", "/m2m_tokens/"+id+"/revoke", `{"revocation_reason":"lost"}`, 200); got.at("revoked") != true || got.at("revocation_reason") != "lost" {
		t.Errorf("revoked: %v", got)
	}
	b.refused("POST", "/m2m_tokens/verify", body, 404, "resource_not_found")
	if list(own, "") != 0 || list(own, "&revoked=true") != 1 {
		t.Error("revoked tokens in the list")
	}

	second := str(own.call("POST", "/m2m_tokens", `{"seconds_until_expiration":0.5}`, 201).at("token"))
	b.call("POST", "/m2m_tokens/verify", fmt.Sprintf(`{"token":%q}`, second), 200)
	em.Advance(time.Second)
	b.refused("POST", "/m2m_tokens/verify", fmt.Sprintf(`{"token":%q}`, second), 404, "resource_not_found")
	if list(own, "") != 0 || list(own, "&expired=true") != 1 {
		t.Error("expired tokens in the list")
	}

	reuse := `{"claims":{"x":1},"min_remaining_ttl_seconds":%d}`
	one := own.call("POST", "/m2m_tokens", fmt.Sprintf(reuse, 30), 201)
	if two := own.call("POST", "/m2m_tokens", fmt.Sprintf(reuse, 30), 201); two.at("token") != one.at("token") {
		t.Error("the token was not used again")
	}
	if two := own.call("POST", "/m2m_tokens", `{"claims":{"x":2},"min_remaining_ttl_seconds":30}`, 201); two.at("token") == one.at("token") {
		t.Error("a token with other claims was used again")
	}
	em.Advance(31 * time.Second)
	if two := own.call("POST", "/m2m_tokens", fmt.Sprintf(reuse, 30), 201); two.at("token") == one.at("token") {
		t.Error("a token that soon expires was used again")
	}
	for _, bad := range []string{
		fmt.Sprintf(reuse, 60), `{"seconds_until_expiration":0}`, `{"seconds_until_expiration":-1}`, `{"token_format":"x"}`, `{"seconds_until_expiration":1e300}`,
		`{"token_format":"jwt","claims":[1]}`, `{"token_format":"jwt","claims":{"sub":"mch_x"}}`,
	} {
		own.refused("POST", "/m2m_tokens", bad, 400, "form_param_value_invalid")
	}
	b.call("DELETE", "/v1/machines/"+job.ID, "", 200)
	own.refused("POST", "/m2m_tokens", `{}`, 401, "clerk_key_invalid")
}

func TestM2MJWT(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newSecretKey(t, em)
	job := em.AddMachine(clerktest.Machine{Name: "job"})
	made := b.as(job.SecretKey).call("POST", "/m2m_tokens", `{"token_format":"jwt","claims":{"role":"x"},"seconds_until_expiration":90}`, 201)
	token := str(made.at("token"))
	header, claims := jwtOf(t, token)
	if header["cat"] != clerktest.CategoryM2M || header["kid"] != em.KeyID() || claims["sub"] != job.ID || claims["jti"] != made.at("id") ||
		claims["role"] != "x" || claims["iss"] != em.Issuer() || claims["exp"].(float64)-claims["iat"].(float64) != 90 || claims["scopes"] != nil {
		t.Errorf("%v %v", header, claims)
	}
	verify := func(token string) string { return fmt.Sprintf(`{"token":%q}`, token) }
	if got := b.call("POST", "/m2m_tokens/verify", verify(token), 200); got.at("subject") != job.ID || got.at("claims", "role") != "x" {
		t.Errorf("verified: %v", got)
	}
	if got := b.call("GET", "/m2m_tokens?subject="+job.ID, "", 200); got.at("total_count") != 0.0 {
		t.Errorf("a JWT is kept: %v", got)
	}
	for _, bad := range []string{token + "x", em.Sign(nil, claims), em.Sign(map[string]any{"cat": clerktest.CategoryM2M, "kid": "no"}, claims), "a.b.c"} {
		b.refused("POST", "/m2m_tokens/verify", verify(bad), 404, "resource_not_found")
	}
	em.Advance(90 * time.Second)
	b.refused("POST", "/m2m_tokens/verify", verify(token), 404, "resource_not_found")
}

func TestAPIKeys(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newSecretKey(t, em)
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	made := b.call("POST", "/api_keys", fmt.Sprintf(`{"name":"my key","subject":%q,"scopes":["read"],"claims":{"x":1},"description":"d","created_by":%[1]q,"seconds_until_expiration":60}`, alice.ID), 200)
	id, secret := str(made.at("id")), str(made.at("secret"))
	if len(id) != len("ak_")+32 || !strings.HasPrefix(secret, "ak_") || made.at("type") != "api_key" || made.at("created_by") != alice.ID || made.at("expired") != false {
		t.Errorf("key: %v", made)
	}
	verify := fmt.Sprintf(`{"secret":%q}`, secret)
	if got := b.call("POST", "/api_keys/verify", verify, 200); got.at("id") != id || got.at("subject") != alice.ID || got.at("scopes", 0) != "read" || got.at("claims", "x") != 1.0 || got.at("secret") != nil {
		t.Errorf("verified: %v", got)
	}
	if got := b.call("GET", "/v1/api_keys/"+id, "", 200); got.at("last_used_at") == nil || got.at("secret") != nil {
		t.Errorf("key: %v", got)
	}
	if got := b.call("GET", "/v1/api_keys/"+id+"/secret", "", 200); got.at("secret") != secret {
		t.Errorf("secret: %v", got)
	}
	if got := b.call("PATCH", "/v1/api_keys/"+id, `{"scopes":["a","b"],"description":null,"seconds_until_expiration":null}`, 200); got.at("scopes", 1) != "b" || got.at("description") != nil || got.at("expiration") != nil || got.at("claims", "x") != 1.0 {
		t.Errorf("changed: %v", got)
	}
	b.call("PATCH", "/v1/api_keys/"+id, `{"seconds_until_expiration":5}`, 200)
	em.Advance(5 * time.Second)
	b.refused("POST", "/api_keys/verify", verify, 404, "resource_not_found")
	total := func(query string) any {
		return b.call("GET", "/api_keys?subject="+alice.ID+query, "", 200).at("total_count")
	}
	if total("") != 0.0 || total("&include_invalid=true") != 1.0 || total("&include_invalid=true&query=KEY") != 1.0 || total("&include_invalid=true&type=other") != 0.0 {
		t.Error("list of keys")
	}
	b.call("PATCH", "/v1/api_keys/"+id, `{"seconds_until_expiration":null}`, 200)
	b.call("POST", "/api_keys/verify", verify, 200)
	if got := b.call("POST", "/v1/api_keys/"+id+"/revoke", `{"revocation_reason":"lost"}`, 200); got.at("revoked") != true {
		t.Errorf("revoked: %v", got)
	}
	b.call("POST", "/v1/api_keys/"+id+"/revoke", ``, 200)
	b.refused("POST", "/api_keys/verify", verify, 404, "resource_not_found")
	if got := b.call("DELETE", "/v1/api_keys/"+id, "", 200); got.at("deleted") != true {
		t.Errorf("deleted: %v", got)
	}
	b.refused("GET", "/v1/api_keys/"+id, "", 404, "resource_not_found")
	for body, code := range map[string]string{
		`{"name":"ab","subject":"` + alice.ID + `"}`: "form_param_value_invalid", `{"name":"abc","subject":"user_no"}`: "form_param_value_invalid",
		`{"name":"abc","subject":"x"}`: "form_param_value_invalid", `{"name":" abc","subject":"` + alice.ID + `"}`: "form_param_value_invalid",
		`{"name":"abc","subject":"` + alice.ID + `","seconds_until_expiration":0}`: "form_param_value_invalid",
	} {
		b.refused("POST", "/v1/api_keys", body, 400, code)
	}
	b.refused("POST", "/v1/api_keys", `{"name":"abc","secret":"x"}`, 400, "form_param_unknown")
	b.refused("GET", "/v1/api_keys", "", 400, "form_param_value_invalid")
	b.refused("POST", "/v1/api_keys/verify", "{}", 400, "form_param_value_invalid")
}

// A user makes keys of its own through the Frontend API, with a session token.
func TestOwnAPIKeys(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	bob := em.AddUser(clerktest.User{Email: "bob@example.com"})
	sess := em.SignIn(alice, clerktest.WithOrg("org_1", "org:admin"))
	own := newSecretKey(t, em).as(sess.Token())
	made := own.call("POST", "/api_keys", fmt.Sprintf(`{"name":"mine","subject":%q}`, alice.ID), 201)
	id := str(made.at("id"))
	newSecretKey(t, em).call("POST", "/api_keys/verify", fmt.Sprintf(`{"secret":%q}`, made.at("secret")), 200)
	own.call("POST", "/api_keys", `{"name":"ours","subject":"org_1"}`, 201)
	if got := own.call("GET", "/api_keys", "", 200); got.at("total_count") != 1.0 || got.at("data", 0, "created_by") != alice.ID {
		t.Errorf("keys: %v", got)
	}
	if got := own.call("PATCH", "/api_keys/"+id, `{"description":"d"}`, 200); got.at("description") != "d" {
		t.Errorf("changed: %v", got)
	}
	own.refused("POST", "/api_keys", fmt.Sprintf(`{"name":"mine","subject":%q}`, bob.ID), 400, "form_param_value_invalid")
	own.refused("GET", "/api_keys?subject="+bob.ID, "", 400, "form_param_value_invalid")
	own.refused("POST", "/api_keys", `{"name":"mine","scopes":["x"]}`, 400, "form_param_value_invalid")
	bobs := newSecretKey(t, em).as(em.SignIn(bob).Token())
	bobs.refused("POST", "/api_keys/"+id+"/revoke", `{}`, 404, "resource_not_found")
	own.call("POST", "/api_keys/"+id+"/revoke", `{"revocation_reason":"lost"}`, 200)
	own.as("a.b.c").refused("GET", "/api_keys", "", 401, "authentication_invalid")
	own.as(em.Sign(nil, map[string]any{"sub": alice.ID, "exp": em.Now().Unix() + 60})).refused("GET", "/api_keys", "", 401, "authentication_invalid")
	sess.Revoke()
	own.refused("GET", "/api_keys", "", 401, "authentication_invalid")
}

func TestMachineTestFunctions(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newSecretKey(t, em)
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	m := em.AddMachine(clerktest.Machine{ID: "mch_job"})
	if m.Name != "mch_job" || m.TokenLifetime != time.Hour {
		t.Errorf("machine: %+v", m)
	}
	key := em.APIKey(alice.ID, clerktest.MachineToken{Name: "ci run", Scopes: []string{"r"}, Claims: map[string]any{"x": 1}, Lifetime: time.Minute})
	if got := b.call("POST", "/api_keys/verify", fmt.Sprintf(`{"secret":%q}`, key), 200); got.at("name") != "ci run" || got.at("claims", "x") != 1.0 || got.at("scopes", 0) != "r" {
		t.Errorf("key: %v", got)
	}
	m2m := em.M2MToken(m, clerktest.MachineToken{Lifetime: time.Minute})
	b.call("POST", "/m2m_tokens/verify", fmt.Sprintf(`{"token":%q}`, m2m), 200)
	for _, jwt := range []bool{false, true} {
		token := em.OAuthToken(alice, clerktest.MachineToken{Scopes: []string{"profile"}, JWT: jwt, Lifetime: time.Minute})
		if got := b.call("POST", "/oauth_applications/access_tokens/verify", fmt.Sprintf(`{"access_token":%q}`, token), 200); got.at("subject") != alice.ID || got.at("scopes", 0) != "profile" {
			t.Errorf("OAuth token: %v", got)
		}
		em.Advance(time.Minute)
		b.refused("POST", "/oauth_applications/access_tokens/verify", fmt.Sprintf(`{"access_token":%q}`, token), 404, "resource_not_found")
	}
	b.refused("POST", "/api_keys/verify", fmt.Sprintf(`{"secret":%q}`, key), 404, "resource_not_found")
	mustPanic(t, "AddMachine", func() { em.AddMachine(clerktest.Machine{ID: "x"}) })
	mustPanic(t, "AddMachine", func() { em.AddMachine(m) })
	mustPanic(t, "AddMachine", func() { em.AddMachine(clerktest.Machine{Name: "x", TokenLifetime: time.Millisecond}) })
	mustPanic(t, "M2MToken", func() { em.M2MToken(clerktest.Machine{}, clerktest.MachineToken{}) })
	mustPanic(t, "M2MToken", func() {
		em.M2MToken(m, clerktest.MachineToken{JWT: true, Claims: map[string]any{"sub": "x"}})
	})
	mustPanic(t, "APIKey", func() { em.APIKey("user_no", clerktest.MachineToken{}) })
	mustPanic(t, "OAuthToken", func() { em.OAuthToken(clerktest.User{}, clerktest.MachineToken{}) })
	mustPanic(t, "OAuthToken", func() { em.OAuthToken(alice, clerktest.MachineToken{ClientID: "no"}) })
	mustPanic(t, "AddOAuthApplication", func() {
		em.AddOAuthApplication(clerktest.OAuthApplication{RedirectURIs: []string{"javascript:alert(1)"}})
	})
}

// jwtOf takes a JWT apart.
func jwtOf(t testing.TB, token string) (header, claims map[string]any) {
	t.Helper()
	header, payload, _, _ := split(t, token)
	return header, decode[map[string]any](t, payload)
}

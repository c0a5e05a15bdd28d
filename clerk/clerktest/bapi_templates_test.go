package clerktest_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestJWTTemplatesBAPI(t *testing.T) {
	em, api, alice := orgTest(t)
	tmpl := api.ok("POST /jwt_templates", `{"name":"backend","claims":{"mail":"{{user.primary_email_address}}"},"lifetime":120,"allowed_clock_skew":0}`)
	has(t, tmpl, "object id name claims lifetime allowed_clock_skew custom_signing_key signing_algorithm created_at updated_at")
	want(t, "skew", tmpl.at("allowed_clock_skew"), 0.0)
	path := "/jwt_templates/" + tmpl.str("id")
	token := func() (claims object, header map[string]any, input string, sig []byte) {
		t.Helper()
		header, payload, input, sig := split(t, alice.ok("POST /client/sessions/"+alice.session+"/tokens/backend").str("jwt"))
		return decode[object](t, payload), header, input, sig
	}
	claims, _, _, _ := token()
	want(t, "mail", claims.str("mail"), "alice@example.com")
	want(t, "lifetime", claims.at("exp").(float64)-claims.at("iat").(float64), 120.0)

	for body, code := range map[string]string{
		`{}`: "422 form_param_missing", `{"name":"x"}`: "422 form_param_missing", `{"name":"x","claims":null}`: "422 form_param_missing",
		`{"name":"a b","claims":{}}`: "422 form_param_format_invalid", `{"name":"x","claims":[]}`: "422 form_param_format_invalid",
		`{"name":"x","claims":{"sub":"y"}}`: "400 jwt_template_reserved_claim", `{"name":"backend","claims":{}}`: "422 form_identifier_exists",
		`{"name":"x","claims":{},"lifetime":29}`: "422 form_param_value_invalid", `{"name":"x","claims":{},"lifetime":315360001}`: "422 form_param_value_invalid",
		`{"name":"x","claims":{},"allowed_clock_skew":301}`: "422 form_param_value_invalid", `{"name":"x","claims":{},"custom_signing_key":true}`: "422 form_conditional_param_missing",
		`{"name":"x","claims":{},"custom_signing_key":true,"signing_algorithm":"none","signing_key":"k"}`:  "422 form_param_value_invalid",
		`{"name":"x","claims":{},"custom_signing_key":true,"signing_algorithm":"RS256","signing_key":"k"}`: "422 form_param_value_invalid",
		`{"name":"x","claims":{},"lifetime":"long"}`:                                                       "422 form_param_type_invalid",
	} {
		var status int
		var want string
		if _, err := fmt.Sscan(code, &status, &want); err != nil {
			t.Fatal(err)
		}
		api.refused(status, want, "POST /jwt_templates", body)
	}

	// Keys of the application's own.
	tmpl = api.ok("PATCH "+path, `{"name":"backend","claims":{"v":2},"custom_signing_key":true,"signing_algorithm":"HS512","signing_key":"secret-of-the-app"}`)
	want(t, "algorithm", tmpl.str("signing_algorithm"), "HS512")
	if _, shown := tmpl["signing_key"]; shown {
		t.Errorf("the key is shown: %v", tmpl)
	}
	claims, header, input, sig := token()
	mac := hmac.New(sha512.New, []byte("secret-of-the-app"))
	mac.Write([]byte(input))
	if header["alg"] != "HS512" || !hmac.Equal(mac.Sum(nil), sig) || claims.at("v") != 2.0 {
		t.Errorf("%v %v", header, claims)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	if err != nil {
		t.Fatal(err)
	}
	api.ok("PATCH "+path, `{"name":"backend","claims":{},"custom_signing_key":true,"signing_algorithm":"RS384","signing_key":`+string(text)+`}`)
	_, header, input, sig = token()
	h := crypto.SHA384.New()
	h.Write([]byte(input))
	if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA384, h.Sum(nil), sig); err != nil || header["alg"] != "RS384" {
		t.Errorf("%v %v", header, err)
	}
	want(t, "custom", api.ok("PATCH "+path, `{"name":"renamed","claims":{},"custom_signing_key":false}`).at("custom_signing_key"), false)
	alice.refused(404, "resource_not_found", "POST /client/sessions/"+alice.session+"/tokens/backend")

	em.AddJWTTemplate(clerktest.JWTTemplate{Name: "other"})
	want(t, "list", len(api.ok("GET /jwt_templates").list("list")), 2)
	want(t, "page", api.ok("GET /jwt_templates?paginated=true&limit=1").at("total_count"), 2.0)
	want(t, "one", api.ok("GET "+path).str("name"), "renamed")
	api.refused(422, "form_identifier_exists", "PATCH "+path, `{"name":"other","claims":{}}`)
	want(t, "deleted", api.ok("DELETE "+path).at("deleted"), true)
	for _, call := range []string{"GET " + path, "DELETE " + path} {
		api.refused(404, "resource_not_found", call)
	}
	api.refused(404, "resource_not_found", "PATCH "+path, `{"name":"x","claims":{}}`)
}

func TestRedirectURLs(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &bapiCaller{t, em}
	r := api.ok("POST /redirect_urls", `{"url":"my-app://oauth-callback"}`)
	has(t, r, "object id url created_at updated_at")
	api.ok("POST /redirect_urls", `{"url":"https://my-app.example/oauth"}`)
	want(t, "list", len(api.ok("GET /redirect_urls").list("list")), 2)
	want(t, "page", api.ok("GET /redirect_urls?paginated=true&offset=1").at("total_count"), 2.0)
	want(t, "one", api.ok("GET /redirect_urls/"+r.str("id")).str("url"), "my-app://oauth-callback")
	for body, code := range map[string]string{
		`{}`: "form_param_missing", `{"url":5}`: "form_param_type_invalid", `{"url":"my-app://oauth-callback"}`: "form_already_exists",
		`{"url":"/relative"}`: "form_param_format_invalid", `{"url":"javascript://x"}`: "form_param_format_invalid", `{"url":"http://example.com/"}`: "insecure_url",
		`{"url":"https://a@b.example/"}`: "form_param_format_invalid", `{"urls":[]}`: "form_param_unknown",
	} {
		api.refused(422, code, "POST /redirect_urls", body)
	}
	api.ok("DELETE /redirect_urls/" + r.str("id"))
	api.refused(404, "resource_not_found", "GET /redirect_urls/"+r.str("id"))
	api.refused(404, "resource_not_found", "DELETE /redirect_urls/"+r.str("id"))
}

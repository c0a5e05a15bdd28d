package clerktest_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// Digests of known passwords, each made with the tool that its hasher is named
// after.
func TestPasswordDigests(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	for i, c := range []struct{ hasher, digest, password string }{
		// From the test vectors of bcrypt's authors.
		{"bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
		{"bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"},
		{"bcrypt", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"},
		{"bcrypt", "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
		{"md5", "5f4dcc3b5aa765d61d8327deb882cf99", "password"},
		{"sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "test"},
		{"md5_salted", "salt$67a1e09bb1f83f5007dc119c14d663aa", "password"},
		{"sha256_salted", "salt$13601bda4ea78e55a07b98866d2be6be0744e3866f13c00c811cab608a28f322", "password"},
		{"ldap_ssha", "{SSHA}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0", "password"},
		{"sha512_symfony", "sha512_symfony$5000$pepper$wEJtpYOn82wIkMh4IPLc/NgVDSzFjKDBtHJwwcPeVfbc2lpu1vgCw5l2IunB2bUc5IWrWE3in6t+MGRORnHYQw==", "password"},
		{"bcrypt_peppered", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK$*", "U*U"},
		// RFC 6070 and its likes for SHA-2.
		{"pbkdf2_sha1", "pbkdf2_sha1$4096$salt$4b007901b765489abead49d926f721d065a429c1$20", "password"},
		{"pbkdf2_sha1", "pbkdf2_sha1$1$73616c74$0c60c80f961f0e71f3a9b524af6012062fe037a6$20", "password"},
		{"pbkdf2_sha256", "pbkdf2_sha256$4096$c2FsdA==$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o=", "password"},
		{"pbkdf2_sha256_django", "pbkdf2_sha256$4096$salt$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o=", "password"},
		{"pbkdf2_sha512", "pbkdf2_sha512$1$salt$867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce", "password"},
		{"pbkdf2_sha512_hex", "pbkdf2_sha512_hex$1$73616c74$867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce", "password"},
	} {
		mail := fmt.Sprintf("u%d@example.com", i)
		u := api.ok("POST /users", fmt.Sprintf(`{"email_address":[%q],"password_digest":%q,"password_hasher":%q}`, mail, c.digest, c.hasher))
		want(t, "password_enabled", u.at("password_enabled"), true)
		path := "POST /users/" + u.str("id") + "/verify_password"
		api.refused(422, "incorrect_password", path, `{"password":"wrong"}`)
		if resp, out := api.do(path, fmt.Sprintf(`{"password":%q}`, c.password)); resp.StatusCode != 200 {
			t.Errorf("%s: %v", c.hasher, out)
			continue
		}
		newFAPI(t, em).signIn(mail, c.password)
		newFAPI(t, em).signIn(mail, c.password) // once more, when the emulator has a digest of its own
	}
	for hasher, digest := range map[string]string{
		"bcrypt": "$2a$05$short", "md5": strings.Repeat("z", 32), "sha256": "00", "pbkdf2_sha256": "pbkdf2_sha256$0$c2FsdA==$xeR4", "ldap_ssha": "{SSHA}AAAA",
		"pbkdf2_sha1": "pbkdf2_sha1$1$salt$0c60$20", "sha512_symfony": "sha512_symfony$1$salt$AAAA", "bcrypt_sha256_django": "bcrypt_sha256$x",
		"pbkdf2_sha512": "pbkdf2_sha512$99999999999$salt$00", "md5_salted": "nosalt", "bcrypt_peppered": "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW$p",
	} {
		api.refused(422, "form_password_digest_invalid_code", "POST /users",
			fmt.Sprintf(`{"email_address":["x@example.com"],"password_digest":%q,"password_hasher":%q}`, digest, hasher))
	}
	api.refused(422, "form_param_value_invalid", "POST /users", `{"email_address":["x@example.com"],"password_digest":"$argon2id$v=19$m=64,t=4,p=8$Z2li$iGXE","password_hasher":"argon2id"}`)
}

func TestPasswordsOfUsers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api, f := &backend{t: t, em: em}, newFAPI(t, em)
	u := em.AddUser(clerktest.User{Email: "a@example.com", Password: "first password"})
	path := "/users/" + u.ID
	f.signIn("a@example.com", "first password")
	want(t, "verified", api.ok("POST "+path+"/verify_password", `{"password":"first password"}`).at("verified"), true)
	api.refused(422, "form_param_missing", "POST "+path+"/verify_password")
	api.refused(404, "resource_not_found", "POST /users/user_x/verify_password", `{"password":"x"}`)

	api.ok("PATCH "+path, `{"password":"second password","sign_out_of_other_sessions":true}`)
	f.refused(401, "authentication_invalid", "GET /me")
	f.refused(422, "form_password_incorrect", "POST /client/sign_ins", "identifier", "a@example.com", "password", "first password")
	f.signIn("a@example.com", "second password")
	api.ok("PATCH "+path, `{"password":"12345678","skip_password_checks":true}`)
	api.refused(422, "form_password_pwned", "PATCH "+path, `{"password":"12345678"}`)

	// A compromised password signs nobody in who has another way, which leads to a
	// session with the task to set a new one.
	api.ok("POST "+path+"/password/set_compromised", `{"revoke_all_sessions":true}`)
	f.refused(401, "authentication_invalid", "GET /me")
	f.refused(422, "form_password_compromised", "POST /client/sign_ins", "identifier", "a@example.com", "password", "12345678")
	a := f.ok("POST /client/sign_ins", "identifier", "a@example.com", "strategy", "email_code")
	a = f.ok("POST /client/sign_ins/"+a.str("id")+"/attempt_first_factor", "strategy", "email_code", "code", f.code("a@example.com"))
	f.session = a.str("created_session_id")
	s := f.client()
	want(t, "status", s.str("sessions", 0, "status"), "pending")
	want(t, "task", s.str("sessions", 0, "tasks", 0, "key"), "reset-password")
	f.ok("POST /me/change_password", "current_password", "12345678", "new_password", "third password")
	s = f.client()
	want(t, "status", s.str("sessions", 0, "status"), "active")
	want(t, "tasks", s.at("sessions", 0, "tasks"), nil)
	api.ok("POST " + path + "/password/set_compromised")
	api.ok("POST " + path + "/password/unset_compromised")
	newFAPI(t, em).signIn("a@example.com", "third password")

	out := api.ok("POST "+path+"/remove_password", `{"sign_out_of_other_sessions":true}`)
	want(t, "password_enabled", out.at("password_enabled"), false)
	f.refused(401, "authentication_invalid", "GET /me")
	api.ok("POST " + path + "/remove_password")
	api.refused(400, "no_password_set", "POST "+path+"/verify_password", `{"password":"x"}`)
	api.refused(400, "no_password_set", "POST "+path+"/password/set_compromised")
	api.refused(422, "form_param_unknown", "POST "+path+"/remove_password", `{"x":1}`)

	// Who has a user name alone can go on, and has the task all the same.
	b := em.AddUser(clerktest.User{Username: "bobby", Password: "password of b"})
	api.ok("POST /users/" + b.ID + "/password/set_compromised")
	g := newFAPI(t, em)
	g.signIn("bobby", "password of b")
	want(t, "task", g.client().str("sessions", 0, "tasks", 0, "key"), "reset-password")
}

func TestSecondFactorsOfUsers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	const base32 = "JBSWY3DPEHPK3PXP"
	u := api.ok("POST /users", `{"email_address":["a@example.com"],"password":"correct horse","phone_number":["+12015550100"],"totp_secret":"`+base32+`",
		"backup_codes":["plain-code","$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"]}`)
	path := "/users/" + u.str("id")
	want(t, "second factor", fmt.Sprint(u.at("two_factor_enabled"), u.at("totp_enabled"), u.at("backup_code_enabled")), "true true true")
	want(t, "since", u.at("mfa_enabled_at") != nil, true)
	verify := func(code string) object {
		return api.ok("POST "+path+"/verify_totp", `{"code":"`+code+`"}`)
	}
	want(t, "kind", verify(em.TOTPCode(base32)).str("code_type"), "totp")
	want(t, "kind", verify("plain-code").str("code_type"), "backup_code")
	api.refused(422, "totp_incorrect_code", "POST "+path+"/verify_totp", `{"code":"plain-code"}`)
	want(t, "kind", verify("U*U").str("code_type"), "backup_code")
	api.refused(422, "totp_incorrect_code", "POST "+path+"/verify_totp", `{"code":"000000"}`)
	api.refused(422, "form_param_missing", "POST "+path+"/verify_totp", `{}`)

	api.ok("PATCH "+path, `{"backup_codes":["c1","c2"]}`)
	want(t, "answer", fmt.Sprint(api.ok("DELETE "+path+"/backup_code")), "map[user_id:"+u.str("id")+"]")
	want(t, "backup codes", api.ok("GET "+path).at("backup_code_enabled"), false)
	api.ok("DELETE " + path + "/totp")
	api.refused(400, "totp_disabled", "POST "+path+"/verify_totp", `{"code":"123456"}`)
	phone := api.ok("PATCH /phone_numbers/"+u.str("phone_numbers", 0, "id"), `{"reserved_for_second_factor":true}`)
	want(t, "default", phone.at("default_second_factor"), true)
	want(t, "second factor", api.ok("GET "+path).at("two_factor_enabled"), true)
	api.ok("DELETE " + path + "/mfa")
	after := api.ok("GET " + path)
	want(t, "second factor", after.at("two_factor_enabled"), false)
	want(t, "until", after.at("mfa_disabled_at") != nil && after.at("mfa_enabled_at") != nil, true)
	newFAPI(t, em).signIn("a@example.com", "correct horse")
	for _, call := range []string{"DELETE %s/mfa", "DELETE %s/totp", "DELETE %s/backup_code", "GET %s/trusted_devices"} {
		api.refused(404, "resource_not_found", fmt.Sprintf(call, "/users/user_x"))
	}
	want(t, "trusted devices", fmt.Sprint(api.ok("GET "+path+"/trusted_devices")), "map[data:[] total_count:0]")
	for _, call := range []string{"/passkeys/idn_1", "/web3_wallets/idn_1", "/trusted_devices/td_1", "/external_accounts/eac_1"} {
		api.refused(404, "resource_not_found", "DELETE "+path+call)
	}
}

var png = []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 64))

func upload(t *testing.T, em *clerktest.Emulator, path, field string, data []byte) (*http.Response, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile(field, "picture.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	header := bearer(em.SecretKey())
	header.Set("Content-Type", w.FormDataContentType())
	return do(t, em, "POST", path, header, body.String())
}

func TestProfileImages(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	u := em.AddUser(clerktest.User{Email: "a@example.com"})
	path := "/v1/users/" + u.ID + "/profile_image"
	resp, body := upload(t, em, path, "file", png)
	if resp.StatusCode != 200 {
		t.Fatal(resp.StatusCode, body)
	}
	with := decode[object](t, body)
	want(t, "has_image", with.at("has_image"), true)
	picture, data := get(t, em, strings.TrimPrefix(with.str("image_url"), em.URL), nil)
	if data != string(png) || picture.Header.Get("Content-Type") != "image/png" || picture.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("served %q as %s", data, picture.Header.Get("Content-Type"))
	}
	for name, c := range map[string]struct {
		field  string
		data   []byte
		status int
		code   string
	}{
		"script":     {"file", []byte("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), 422, "form_param_value_invalid"},
		"html":       {"file", []byte("<html>"), 422, "form_param_value_invalid"},
		"empty":      {"file", nil, 400, "form_param_missing"},
		"elsewhere":  {"image", png, 400, "form_param_missing"},
		"too large":  {"file", append(bytes.Clone(png), make([]byte, 11<<20)...), 413, "image_too_large"},
		"just so":    {"file", append(bytes.Clone(png), make([]byte, 10<<20-len(png)+1)...), 413, "image_too_large"},
		"still fits": {"file", append(bytes.Clone(png), make([]byte, 2<<20)...), 200, ""},
	} {
		resp, body := upload(t, em, path, c.field, c.data)
		if c.status == 200 && resp.StatusCode == 200 {
			continue
		}
		t.Log(name)
		wantError(t, resp, body, c.status, c.code)
	}
	resp, body = upload(t, em, "/v1/users/user_x/profile_image", "file", png)
	wantError(t, resp, body, 404, "resource_not_found")
	header := bearer(em.SecretKey())
	header.Set("Content-Type", "multipart/form-data") // without a boundary
	resp, body = do(t, em, "POST", path, header, "x")
	wantError(t, resp, body, 400, "request_body_invalid")
	want(t, "has_image", api.ok("DELETE /users/"+u.ID+"/profile_image").at("has_image"), false)
	api.refused(404, "image_not_found", "DELETE /users/"+u.ID+"/profile_image")
	resp, body = get(t, em, strings.TrimPrefix(with.str("image_url"), em.URL), nil)
	wantError(t, resp, body, 404, "image_not_found")
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Error(err)
	}
}

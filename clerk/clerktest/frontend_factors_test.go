package clerktest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

const (
	password = "correct horse 1"
	secret   = "JBSWY3DPEHPK3PXP"
)

// RFC 6238 appendix B, SHA-1, the last six of its eight digits.
func TestTOTPCodes(t *testing.T) {
	const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // 12345678901234567890
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		em, err := clerktest.New(clerktest.Config{Now: clockAt(at)})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "code", em.TOTPCode(rfcSecret), code)
	}
}

func TestSecondFactor(t *testing.T) {
	em := newEmulator(t, multiSession)
	em.AddUser(clerktest.User{
		Email: "a@example.com", Phone: "+12015550100", Password: password, TOTPSecret: secret, BackupCodes: []string{"backup-1", "backup-2"},
	})
	f := newFAPI(t, em)
	start := func() string {
		t.Helper()
		in := f.ok("POST /client/sign_ins", "identifier", "a@example.com", "password", password)
		want(t, "status", in.str("status"), "needs_second_factor")
		want(t, "session", in.at("created_session_id"), nil)
		want(t, "second factors", len(in.list("supported_second_factors")), 2)
		return "POST /client/sign_ins/" + in.str("id")
	}
	path := start()
	f.refused(400, "sign_in_state_invalid", path+"/attempt_first_factor", "strategy", "password", "password", password)
	f.refused(422, "strategy_for_user_invalid", path+"/attempt_second_factor", "strategy", "password", "password", password)
	f.refused(422, "form_param_nil", path+"/attempt_second_factor", "strategy", "totp")
	f.refused(422, "form_code_incorrect", path+"/attempt_second_factor", "strategy", "totp", "code", "000000")
	in := f.ok(path+"/attempt_second_factor", "strategy", "totp", "code", em.TOTPCode(secret))
	want(t, "status", in.str("status"), "complete")
	want(t, "ages", f.client().at("sessions", 0, "factor_verification_age", 1), 0.0)

	path = start()
	f.ok(path+"/attempt_second_factor", "strategy", "backup_code", "code", "backup-1")
	path = start()
	f.refused(422, "form_code_incorrect", path+"/attempt_second_factor", "strategy", "backup_code", "code", "backup-1")
	for range 2 {
		f.refused(422, "form_code_incorrect", path+"/attempt_second_factor", "strategy", "totp", "code", "1")
	}
	f.refused(400, "verification_failed", path+"/attempt_second_factor", "strategy", "totp", "code", em.TOTPCode(secret))

	// The phone becomes a second factor, and is no first one any more.
	f.session = f.client().str("sessions", 0, "id")
	phone := f.ok("GET /me").str("phone_numbers", 0, "id")
	f.ok("PATCH /me/phone_numbers/"+phone, "reserved_for_second_factor", "true", "default_second_factor", "true")
	in = f.ok("POST /client/sign_ins", "identifier", "a@example.com", "password", password)
	path = "POST /client/sign_ins/" + in.str("id")
	f.refused(400, "verification_missing", path+"/attempt_second_factor", "strategy", "phone_code", "code", "424242")
	in = f.ok(path+"/prepare_second_factor", "strategy", "phone_code", "phone_number_id", phone)
	want(t, "verification", in.str("second_factor_verification", "strategy"), "phone_code")
	want(t, "status", f.ok(path+"/attempt_second_factor", "strategy", "phone_code", "code", "424242").str("status"), "complete")
}

func TestManageSecondFactor(t *testing.T) {
	em := newEmulator(t, multiSession)
	em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
	f := newFAPI(t, em)
	f.signIn("a@example.com", password)
	f.refused(400, "backup_codes_not_available", "POST /me/backup_codes")
	f.refused(404, "resource_not_found", "POST /me/totp/attempt_verification", "code", "1")
	app := f.ok("POST /me/totp")
	if uri, err := url.Parse(app.str("uri")); err != nil || uri.Query().Get("secret") != app.str("secret") || uri.Scheme != "otpauth" {
		t.Errorf("uri %q", app.str("uri"))
	}
	want(t, "two factors", f.ok("GET /me").at("two_factor_enabled"), false)
	f.refused(422, "form_code_incorrect", "POST /me/totp/attempt_verification", "code", "000000")
	done := f.ok("POST /me/totp/attempt_verification", "code", em.TOTPCode(app.str("secret")))
	want(t, "secret afterwards", done.at("secret"), nil)
	if len(done.list("backup_codes")) != 10 {
		t.Errorf("backup codes: %v", done.at("backup_codes"))
	}
	f.refused(400, "totp_already_enabled", "POST /me/totp")
	codes := f.ok("POST /me/backup_codes")
	in := f.ok("POST /client/sign_ins", "identifier", "a@example.com", "password", password)
	path := "POST /client/sign_ins/" + in.str("id") + "/attempt_second_factor"
	f.refused(422, "form_code_incorrect", path, "strategy", "backup_code", "code", done.str("backup_codes", 0))
	f.ok(path, "strategy", "backup_code", "code", codes.str("codes", 0))
	f.ok("DELETE /me/totp")
	me := f.ok("GET /me")
	want(t, "two factors", me.at("two_factor_enabled"), false)
	want(t, "backup codes", me.at("backup_code_enabled"), false)
}

func TestResetPassword(t *testing.T) {
	em := newEmulator(t, multiSession)
	a := em.AddUser(clerktest.User{Email: "a@example.com", Phone: "+12015550100", Password: password})
	other := em.SignIn(a)
	f := newFAPI(t, em)
	in := f.ok("POST /client/sign_ins", "strategy", "reset_password_email_code", "identifier", "a@example.com")
	path := "POST /client/sign_ins/" + in.str("id")
	f.refused(400, "sign_in_state_invalid", path+"/reset_password", "password", "new password")
	in = f.ok(path+"/attempt_first_factor", "strategy", "reset_password_email_code", "code", f.code("a@example.com"))
	want(t, "status", in.str("status"), "needs_new_password")
	f.refused(422, "form_password_length_too_short", path+"/reset_password", "password", "short")
	in = f.ok(path+"/reset_password", "password", "new password", "sign_out_of_other_sessions", "true")
	want(t, "status", in.str("status"), "complete")
	want(t, "the other session", other.Status(), "revoked")
	f.ok("DELETE /client/sessions")
	f.refused(422, "form_password_incorrect", "POST /client/sign_ins", "identifier", "a@example.com", "password", password)
	f.signIn("+12015550100", "new password")

	in = f.ok("POST /client/sign_ins", "strategy", "reset_password_phone_code", "identifier", "+12015550100")
	in = f.ok("POST /client/sign_ins/"+in.str("id")+"/attempt_first_factor", "strategy", "reset_password_phone_code", "code", "424242")
	want(t, "status", in.str("status"), "needs_new_password")
}

func TestEmailLink(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{MultiSession: true, EmailLink: true}})
	em.AddUser(clerktest.User{Email: "a@example.com"})
	f := newFAPI(t, em)
	open := func(to string) url.Values {
		t.Helper()
		m, _ := em.LastMessage(to)
		link := strings.TrimPrefix(m.URL, em.URL)
		resp, body := newBrowser(t, em).get(link) // another browser: the mail was read there
		if resp.StatusCode != 303 {
			t.Fatalf("link %q: %d %s", m.URL, resp.StatusCode, body)
		}
		return location(t, resp).Query()
	}
	const back = "http://localhost:3000/verify?x=1"
	in := f.ok("POST /client/sign_ins", "identifier", "a@example.com")
	path := "/client/sign_ins/" + in.str("id")
	f.refused(422, "form_param_missing", "POST "+path+"/prepare_first_factor", "strategy", "email_link")
	f.refused(422, "form_param_format_invalid", "POST "+path+"/prepare_first_factor", "strategy", "email_link", "redirect_url", "https://evil.example/")
	f.ok("POST "+path+"/prepare_first_factor", "strategy", "email_link", "redirect_url", back)
	q := open("a@example.com")
	want(t, "status", q.Get("__clerk_status"), "verified")
	want(t, "what the application had", q.Get("x"), "1")
	in = f.ok("GET " + path)
	want(t, "status", in.str("status"), "complete")
	want(t, "session", in.str("created_session_id"), q.Get("__clerk_created_session"))
	want(t, "once more", open("a@example.com").Get("__clerk_status"), "failed")
	f.ok("DELETE /client/sessions")

	in = f.ok("POST /client/sign_ins", "identifier", "a@example.com")
	f.ok("POST /client/sign_ins/"+in.str("id")+"/prepare_first_factor", "strategy", "email_link", "redirect_url", back)
	em.Advance(11 * 60 * 1e9)
	want(t, "too late", open("a@example.com").Get("__clerk_status"), "expired")

	up := f.ok("POST /client/sign_ups", "email_address", "b@example.com", "password", password)
	f.ok("POST /client/sign_ups/"+up.str("id")+"/prepare_verification", "strategy", "email_link", "redirect_url", back)
	q = open("b@example.com")
	up = f.ok("GET /client/sign_ups/" + up.str("id"))
	want(t, "status", up.str("status"), "complete")
	f.session = up.str("created_session_id")
	want(t, "session", f.session, q.Get("__clerk_created_session"))

	mail := f.ok("POST /me/email_addresses", "email_address", "c@example.com")
	f.ok("POST /me/email_addresses/"+mail.str("id")+"/prepare_verification", "strategy", "email_link", "redirect_url", back)
	want(t, "status", open("c@example.com").Get("__clerk_status"), "verified")
	want(t, "address", f.ok("GET /me/email_addresses/"+mail.str("id")).str("verification", "status"), "verified")

	resp, body := newBrowser(t, em).get("/v1/verify?token=nothing")
	if resp.StatusCode != 400 || !strings.Contains(body, "does not work") {
		t.Errorf("unknown link: %d %s", resp.StatusCode, body)
	}

	// An instance that has not switched them on offers none, and sends none.
	em = newEmulator(t, multiSession)
	em.AddUser(clerktest.User{Email: "a@example.com"})
	f = newFAPI(t, em)
	in = f.ok("POST /client/sign_ins", "identifier", "a@example.com")
	for i := range in.list("supported_first_factors") {
		if in.str("supported_first_factors", i, "strategy") == "email_link" {
			t.Error("links are offered")
		}
	}
	f.refused(422, "strategy_for_user_invalid", "POST /client/sign_ins/"+in.str("id")+"/prepare_first_factor", "strategy", "email_link", "redirect_url", back)
}

func TestReverification(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{Reverification: true}})
	em.AddUser(clerktest.User{Email: "a@example.com", Password: password, TOTPSecret: secret})
	f := newFAPI(t, em)
	in := f.ok("POST /client/sign_ins", "identifier", "a@example.com", "password", password)
	f.session = f.ok("POST /client/sign_ins/"+in.str("id")+"/attempt_second_factor", "strategy", "totp", "code", em.TOTPCode(secret)).str("created_session_id")
	f.ok("POST /me/email_addresses", "email_address", "b@example.com")
	em.Advance(11 * 60 * 1e9)
	f.refused(403, "session_reverification_required", "POST /me/email_addresses", "email_address", "c@example.com")
	verify := "POST /client/sessions/" + f.session + "/verify"
	f.refused(400, "session_reverification_state_invalid", verify+"/attempt_first_factor", "strategy", "password", "password", password)
	f.refused(422, "form_param_value_invalid", verify, "level", "none")
	r := f.ok(verify, "level", "multi_factor")
	want(t, "status", r.str("status"), "needs_first_factor")
	f.refused(422, "strategy_for_user_invalid", verify+"/prepare_first_factor", "strategy", "reset_password_email_code")
	f.ok(verify+"/prepare_first_factor", "strategy", "email_code")
	f.refused(422, "form_password_incorrect", verify+"/attempt_first_factor", "strategy", "password", "password", "wrong")
	r = f.ok(verify+"/attempt_first_factor", "strategy", "password", "password", password)
	want(t, "status", r.str("status"), "needs_second_factor")
	r = f.ok(verify+"/attempt_second_factor", "strategy", "totp", "code", em.TOTPCode(secret))
	want(t, "status", r.str("status"), "complete")
	want(t, "age", r.at("session", "factor_verification_age", 1), 0.0)
	f.ok("POST /me/email_addresses", "email_address", "c@example.com")
}

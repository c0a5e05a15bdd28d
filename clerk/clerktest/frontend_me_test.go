package clerktest_test

import (
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestProfile(t *testing.T) {
	em := newEmulator(t, multiSession)
	em.AddUser(clerktest.User{Email: "a@example.com", Password: password, UnsafeMetadata: map[string]any{"keep": 1, "drop": 2}})
	em.AddUser(clerktest.User{Username: "taken"})
	f := newFAPI(t, em)
	f.signIn("a@example.com", password)
	me := f.ok("PATCH /me", "first_name", "Ann", "last_name", "", "username", "annie")
	want(t, "name", me.str("first_name"), "Ann")
	want(t, "last name", me.at("last_name"), nil)
	f.refused(422, "form_identifier_exists", "PATCH /me", "username", "taken")
	f.refused(422, "form_username_invalid_length", "PATCH /me", "username", "x")
	f.refused(422, "form_username_invalid_character", "PATCH /me", "username", "a b c d")
	f.refused(422, "form_param_format_invalid", "PATCH /me", "unsafe_metadata", "[1]")
	f.refused(422, "form_param_format_invalid", "PATCH /me", "unsafe_metadata", "null")
	f.refused(422, "form_param_max_length_exceeded", "PATCH /me", "unsafe_metadata", `{"x":"`+strings.Repeat("x", 9000)+`"}`)
	f.refused(422, "form_param_value_invalid", "PATCH /me", "primary_email_address_id", "idn_foreign")
	me = f.ok("PATCH /me/metadata", "unsafe_metadata", `{"drop":null,"deep":{"x":1}}`)
	want(t, "kept", me.at("unsafe_metadata", "keep"), 1.0)
	want(t, "dropped", me.at("unsafe_metadata", "drop"), nil)
	want(t, "merged", me.at("unsafe_metadata", "deep", "x"), 1.0)

	f.refused(422, "form_password_incorrect", "POST /me/change_password", "current_password", "wrong", "new_password", "another one")
	f.refused(422, "form_param_nil", "POST /me/change_password", "new_password", "another one")
	f.refused(422, "form_password_length_too_short", "POST /me/change_password", "current_password", password, "new_password", "short")
	f.refused(422, "form_password_size_in_bytes_exceeded", "POST /me/change_password", "current_password", password, "new_password", strings.Repeat("x", 73))
	f.ok("POST /me/change_password", "current_password", password, "new_password", "another one")
	f.refused(400, "form_param_missing", "POST /me/profile_image")
	resp, body := upload(t, em, "/v1/me/profile_image?__clerk_db_jwt="+f.dev+"&_clerk_session_id="+f.session, "file", png)
	if resp.StatusCode != 200 {
		t.Errorf("upload: %d %s", resp.StatusCode, body)
	}
	want(t, "picture", f.ok("GET /me").at("has_image"), true)
	if picture := f.ok("GET /me").str("image_url"); picture != decode[object](t, body).str("response", "public_url") {
		t.Errorf("picture is at %s, not %s", picture, body)
	}
	f.ok("DELETE /me/profile_image")
	want(t, "picture", f.ok("GET /me").at("has_image"), false)

	// Sessions of the user, also in other browsers.
	g := newFAPI(t, em)
	g.signIn("annie", "another one")
	_, out := f.do("GET /me/sessions/active")
	if len(out.list("list")) != 2 || out.str("list", 0, "latest_activity", "object") != "session_activity" {
		t.Errorf("sessions: %v", out)
	}
	f.refused(404, "resource_not_found", "POST /me/sessions/sess_none/revoke")
	f.ok("POST /me/sessions/" + g.session + "/revoke")
	g.refused(401, "authentication_invalid", "GET /me")

	f.refused(422, "form_password_incorrect", "POST /me/remove_password", "current_password", password)
	f.ok("POST /me/remove_password", "current_password", "another one")
	f.refused(400, "no_password_set", "POST /me/remove_password", "current_password", "another one")
	del := f.ok("DELETE /me")
	want(t, "deleted", del.at("deleted"), true)
	f.refused(401, "authentication_invalid", "GET /me")
	f.refused(422, "form_identifier_not_found", "POST /client/sign_ins", "identifier", "a@example.com")
}

func TestIdentifiers(t *testing.T) {
	em := newEmulator(t, multiSession)
	em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
	em.AddUser(clerktest.User{Email: "b@example.com", Phone: "+12015550111", Password: password})
	f, g := newFAPI(t, em), newFAPI(t, em)
	f.signIn("a@example.com", password)
	g.signIn("b@example.com", password)

	f.refused(422, "form_param_missing", "POST /me/email_addresses")
	f.refused(422, "form_param_format_invalid", "POST /me/email_addresses", "email_address", "no address")
	f.refused(422, "form_identifier_exists", "POST /me/email_addresses", "email_address", "B@example.com")
	f.refused(422, "form_identifier_exists", "POST /me/phone_numbers", "phone_number", "+1 201 555 0111")
	f.refused(422, "form_param_format_invalid", "POST /me/phone_numbers", "phone_number", "12015550111")

	mail := f.ok("POST /me/email_addresses", "email_address", "c@example.com")
	id := mail.str("id")
	want(t, "verification", mail.at("verification"), nil)
	f.refused(400, "verification_missing", "POST /me/email_addresses/"+id+"/attempt_verification", "code", "1")
	f.refused(422, "form_param_value_invalid", "PATCH /me", "primary_email_address_id", id)
	f.refused(422, "strategy_for_user_invalid", "POST /me/email_addresses/"+id+"/prepare_verification", "strategy", "phone_code")
	f.ok("POST /me/email_addresses/"+id+"/prepare_verification", "strategy", "email_code")
	g.refused(404, "resource_not_found", "POST /me/email_addresses/"+id+"/attempt_verification", "code", f.code("c@example.com"))
	for range 2 {
		f.refused(422, "form_code_incorrect", "POST /me/email_addresses/"+id+"/attempt_verification", "code", "1")
	}
	mail = f.ok("POST /me/email_addresses/"+id+"/attempt_verification", "code", f.code("c@example.com"))
	want(t, "verification", mail.str("verification", "status"), "verified")
	f.refused(400, "verification_already_verified", "POST /me/email_addresses/"+id+"/prepare_verification", "strategy", "email_code")
	me := f.ok("PATCH /me", "primary_email_address_id", id)
	want(t, "primary", me.str("primary_email_address_id"), id)
	f.ok("GET /me/email_addresses")
	first := me.str("email_addresses", 0, "id")
	g.refused(404, "resource_not_found", "DELETE /me/email_addresses/"+first)
	f.ok("DELETE /me/email_addresses/" + first)
	f.refused(400, "identification_deletion_failed", "DELETE /me/email_addresses/"+id)
	f.refused(404, "resource_not_found", "GET /me/email_addresses/"+first)

	// An unverified address keeps nobody from having it, and is lost to who is
	// quicker.
	x := f.ok("POST /me/email_addresses", "email_address", "x@example.com").str("id")
	y := g.ok("POST /me/email_addresses", "email_address", "x@example.com").str("id")
	f.ok("POST /me/email_addresses/"+x+"/prepare_verification", "strategy", "email_code")
	codeOfF := f.code("x@example.com")
	g.ok("POST /me/email_addresses/"+y+"/prepare_verification", "strategy", "email_code")
	g.ok("POST /me/email_addresses/"+y+"/attempt_verification", "code", g.code("x@example.com"))
	f.refused(422, "form_identifier_exists", "POST /me/email_addresses/"+x+"/attempt_verification", "code", codeOfF)

	phone := f.ok("POST /me/phone_numbers", "phone_number", "+12015550122")
	id = phone.str("id")
	f.refused(400, "phone_number_not_verified", "PATCH /me/phone_numbers/"+id, "reserved_for_second_factor", "true")
	f.ok("POST /me/phone_numbers/"+id+"/prepare_verification", "strategy", "phone_code")
	f.ok("POST /me/phone_numbers/"+id+"/attempt_verification", "code", "424242")
	f.ok("GET /me/phone_numbers/" + id)
	f.ok("DELETE /me/phone_numbers/" + id)
	in := g.ok("POST /client/sign_ins", "identifier", "+12015550111")
	g.ok("POST /client/sign_ins/"+in.str("id")+"/prepare_first_factor", "strategy", "phone_code")
	want(t, "status", g.ok("POST /client/sign_ins/"+in.str("id")+"/attempt_first_factor", "strategy", "phone_code", "code", "424242").str("status"), "complete")
}

func TestSignUpModes(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{SignUpMode: "waitlist"}})
	f := newFAPI(t, em)
	f.refused(403, "sign_up_restricted_waitlist", "POST /client/sign_ups", "email_address", "a@example.com")
	f.refused(422, "form_param_format_invalid", "POST /waitlist", "email_address", "nobody")
	first := f.ok("POST /waitlist", "email_address", "a@example.com")
	want(t, "once more", f.ok("POST /waitlist", "email_address", "A@example.com").str("id"), first.str("id"))
	if m, ok := em.LastMessage("a@example.com"); !ok || m.Template != "waitlist_confirmation" {
		t.Errorf("message: %+v", m)
	}
	g := newFAPI(t, newEmulator(t, clerktest.Config{Settings: clerktest.Settings{SignUpMode: "restricted"}}))
	g.refused(403, "sign_up_mode_restricted", "POST /client/sign_ups", "email_address", "a@example.com")
	g.refused(403, "waitlist_disabled", "POST /waitlist", "email_address", "a@example.com")
}

func TestSignUpFields(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{Username: "required", Password: "on"}})
	em.AddUser(clerktest.User{Email: "taken@example.com", Username: "taken"})
	f := newFAPI(t, em)
	f.refused(422, "form_identifier_exists", "POST /client/sign_ups", "email_address", "taken@example.com")
	f.refused(422, "form_identifier_exists", "POST /client/sign_ups", "username", "taken")
	f.refused(422, "form_param_unknown", "POST /client/sign_ups", "phone_number", "+12015550100")
	f.refused(422, "form_param_format_invalid", "POST /client/sign_ups", "email_address", "x")
	f.refused(422, "form_param_format_invalid", "POST /client/sign_ups", "unsafe_metadata", "{")
	f.refused(422, "form_password_length_too_short", "POST /client/sign_ups", "password", "x")
	f.refused(422, "form_param_value_invalid", "POST /client/sign_ups", "strategy", "nonsense")
	f.refused(422, "form_param_max_length_exceeded", "POST /client/sign_ups", "first_name", strings.Repeat("x", 300))
	up := f.ok("POST /client/sign_ups", "email_address", "a@example.com", "first_name", "", "phone_number", "")
	want(t, "missing", up.at("missing_fields", 0), "username")
	path := "/client/sign_ups/" + up.str("id")
	f.ok("POST "+path+"/prepare_verification", "strategy", "email_code")
	up = f.ok("POST "+path+"/attempt_verification", "strategy", "email_code", "code", f.code("a@example.com"))
	want(t, "status", up.str("status"), "missing_requirements")
	up = f.ok("PATCH "+path, "username", "annie", "unsafe_metadata", `{"x":1}`, "legal_accepted", "true")
	want(t, "status", up.str("status"), "complete")
	f.refused(400, "sign_up_state_invalid", "PATCH "+path, "username", "other")
	f.session = up.str("created_session_id")
	want(t, "metadata", f.ok("GET /me").at("unsafe_metadata", "x"), 1.0)
}

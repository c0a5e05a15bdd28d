package clerktest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestEmailAddressesOfUsers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	u := em.AddUser(clerktest.User{Email: "a@example.com", Password: "correct horse"})
	other := em.AddUser(clerktest.User{Email: "taken@example.com"})
	create := func(body string) object {
		return api.ok("POST /email_addresses", `{"user_id":"`+u.ID+`",`+body+`}`)
	}
	b := create(`"email_address":"B@example.com","verified":true,"primary":true,"notify_primary_email_address_changed":true`)
	want(t, "address", b.str("email_address"), "b@example.com")
	want(t, "strategy", b.str("verification", "strategy"), "admin")
	want(t, "primary", api.ok("GET /users/"+u.ID).at("primary_email_address_id"), b.at("id"))
	if m, ok := em.LastMessage("a@example.com"); !ok || m.Template != "primary_email_address_changed" {
		t.Errorf("the old address was sent %+v", m)
	}
	c := create(`"email_address":"c@example.com"`)
	want(t, "unverified", c.at("verification"), nil)
	newFAPI(t, em).refused(422, "form_identifier_not_found", "POST /client/sign_ins", "identifier", "c@example.com", "password", "correct horse")
	want(t, "read", fmt.Sprint(api.ok("GET /email_addresses/"+c.str("id"))), fmt.Sprint(c))

	for body, want := range map[string]struct {
		status int
		code   string
	}{
		`{"email_address":"d@example.com"}`:                                  {422, "form_param_missing"},
		`{"user_id":"` + u.ID + `"}`:                                         {422, "form_param_missing"},
		`{"user_id":"user_x","email_address":"d@example.com"}`:               {404, "resource_not_found"},
		`{"user_id":"` + u.ID + `","email_address":"taken@example.com"}`:     {422, "form_identifier_exists"},
		`{"user_id":"` + u.ID + `","email_address":"c@example.com"}`:         {422, "form_identifier_exists"},
		`{"user_id":"` + u.ID + `","email_address":"nope"}`:                  {422, "form_param_format_invalid"},
		`{"user_id":"` + u.ID + `","phone_number":"+12015550100"}`:           {422, "form_param_unknown"},
		`{"user_id":1,"email_address":"d@example.com"}`:                      {422, "form_param_type_invalid"},
		`{"user_id":"` + u.ID + `","email_address":"d@x.example","x":"no"}`:  {422, "form_param_unknown"},
		`{"user_id":"` + u.ID + `","email_address":"d@x.example","verified"`: {400, "request_body_invalid"},
	} {
		api.refused(want.status, want.code, "POST /email_addresses", body)
	}
	path := "/email_addresses/" + c.str("id")
	api.refused(422, "form_param_value_invalid", "PATCH "+path, `{"primary":true}`)
	c = api.ok("PATCH "+path, `{"verified":true,"primary":true}`)
	want(t, "verified", c.str("verification", "status"), "verified")
	newFAPI(t, em).signIn("c@example.com", "correct horse")
	want(t, "primary", api.ok("GET /users/"+u.ID).at("primary_email_address_id"), c.at("id"))
	want(t, "no longer verified", api.ok("PATCH "+path, `{"verified":false}`).at("verification"), nil)
	want(t, "deleted", fmt.Sprint(api.ok("DELETE "+path)), "map[deleted:true id:"+c.str("id")+" object:email_address]")
	for _, call := range []string{"GET ", "PATCH ", "DELETE "} {
		api.refused(404, "resource_not_found", call+path)
	}
	if p := api.ok("GET /users/" + u.ID).str("primary_email_address_id"); p == "" || p == c.str("id") {
		t.Errorf("primary after the deletion: %q", p)
	}
	only := api.ok("GET /users/" + other.ID)
	api.refused(400, "last_required_identification_deletion_failed", "DELETE /email_addresses/"+only.str("email_addresses", 0, "id"))

	// One in place of all.
	put := "PUT /users/" + u.ID + "/email_address"
	n := api.ok(put, `{"email_address":"new@example.com","identification_status":"reserved"}`)
	want(t, "reserved", n.at("reserved"), true)
	after := api.ok("GET /users/" + u.ID)
	want(t, "addresses", len(after.list("email_addresses")), 1)
	want(t, "primary", after.at("primary_email_address_id"), n.at("id"))
	newFAPI(t, em).signIn("new@example.com", "correct horse")
	api.refused(422, "form_identifier_exists", put, `{"email_address":"taken@example.com"}`)
	api.refused(422, "form_param_value_invalid", put, `{"email_address":"x@example.com","identification_status":"maybe"}`)
	api.refused(422, "form_param_missing", put, `{}`)
	api.refused(422, "form_param_format_invalid", put, `{"email_address":"x"}`)
	api.refused(404, "resource_not_found", "PUT /users/user_x/email_address", `{"email_address":"x@example.com"}`)
	n = api.ok(put, `{"email_address":"new@example.com","identification_status":"unverified"}`)
	want(t, "primary", api.ok("GET /users/"+u.ID).at("primary_email_address_id"), n.at("id"))
	api.ok("POST /email_addresses", `{"user_id":"`+other.ID+`","email_address":"new@example.com","verified":true}`) // nobody holds it
	api.refused(422, "form_identifier_exists", "PATCH /email_addresses/"+n.str("id"), `{"verified":true}`)
}

func TestPhoneNumbersOfUsers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	u := em.AddUser(clerktest.User{Email: "a@example.com", Phone: "+12015550101"})
	p := api.ok("POST /phone_numbers", `{"user_id":"`+u.ID+`","phone_number":"+1 201 555 0102","verified":true,"reserved_for_second_factor":true}`)
	want(t, "number", p.str("phone_number"), "+12015550102")
	want(t, "second factor", fmt.Sprint(p.at("reserved_for_second_factor"), p.at("default_second_factor")), "true true")
	want(t, "of the user", api.ok("GET /users/"+u.ID).at("two_factor_enabled"), true)
	api.refused(400, "identification_create_second_factor_unverified", "POST /phone_numbers", `{"user_id":"`+u.ID+`","phone_number":"+12015550103","reserved_for_second_factor":true}`)
	q := api.ok("POST /phone_numbers", `{"user_id":"`+u.ID+`","phone_number":"+12015550103"}`)
	api.refused(400, "identification_update_second_factor_unverified", "PATCH /phone_numbers/"+q.str("id"), `{"reserved_for_second_factor":true}`)
	api.refused(422, "form_param_unknown", "PATCH /phone_numbers/"+q.str("id"), `{"notify_primary_email_address_changed":true}`)
	api.refused(422, "form_param_format_invalid", "POST /phone_numbers", `{"user_id":"`+u.ID+`","phone_number":"201"}`)
	api.ok("DELETE /phone_numbers/" + q.str("id"))
	n := api.ok("PUT /users/"+u.ID+"/phone_number", `{"phone_number":"+12015550109"}`)
	want(t, "second factor", n.at("reserved_for_second_factor"), false)
	after := api.ok("GET /users/" + u.ID)
	want(t, "numbers", len(after.list("phone_numbers")), 1)
	want(t, "of the user", after.at("two_factor_enabled"), false)
	api.refused(422, "form_param_unknown", "PUT /users/"+u.ID+"/phone_number", `{"email_address":"x@example.com"}`)
	api.refused(404, "resource_not_found", "GET /phone_numbers/"+p.str("id"))
}

// A server verifies addresses by codes, in a flow of its own.
func TestCodeChecks(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	u := em.AddUser(clerktest.User{Email: "a@example.com"})
	e := api.ok("POST /email_addresses", `{"user_id":"`+u.ID+`","email_address":"b@example.com"}`)
	path := "POST /email_addresses/" + e.str("id")
	v := api.ok(path + "/prepare_verification")
	want(t, "status", v.str("status")+v.str("strategy"), "unverifiedemail_code")
	attempt := func(id, code string) object {
		return api.ok(path+"/attempt_verification", `{"verification_id":"`+id+`","code":"`+code+`"}`)
	}
	wrong := attempt(v.str("id"), "nonsense")
	want(t, "wrong", fmt.Sprint(wrong.at("status"), wrong.at("attempts")), "unverified1")
	m, _ := em.LastMessage("b@example.com")
	want(t, "right", attempt(v.str("id"), m.Code).str("status"), "verified")
	want(t, "address", api.ok("GET /email_addresses/"+e.str("id")).str("verification", "status"), "verified")
	api.refused(400, "verification_already_verified", path+"/attempt_verification", `{"verification_id":"`+v.str("id")+`","code":"`+m.Code+`"}`)
	v = api.ok(path + "/prepare_verification")
	for range 3 {
		wrong = attempt(v.str("id"), "nonsense")
	}
	want(t, "too often", wrong.str("status"), "failed")
	v = api.ok(path + "/prepare_verification")
	em.Advance(11 * time.Minute)
	m, _ = em.LastMessage("b@example.com")
	want(t, "too late", attempt(v.str("id"), m.Code).str("status"), "expired")
	want(t, "sessions", len(api.ok("GET /sessions").list("list")), 0)

	p := api.ok("POST /phone_numbers", `{"user_id":"`+u.ID+`","phone_number":"+12015550100"}`)
	phone := "POST /phone_numbers/" + p.str("id")
	v = api.ok(phone + "/prepare_verification")
	want(t, "channel", v.str("channel"), "sms")
	want(t, "verified", api.ok(phone+"/attempt_verification", `{"verification_id":"`+v.str("id")+`","code":"424242"}`).str("status"), "verified")
	api.refused(404, "resource_not_found", path+"/attempt_verification", `{"verification_id":"`+v.str("id")+`","code":"424242"}`) // of another address
	api.refused(422, "form_param_missing", path+"/attempt_verification", `{"code":"424242"}`)
	api.refused(422, "form_param_missing", path+"/attempt_verification", `{"verification_id":"x"}`)
	api.refused(404, "resource_not_found", "POST /email_addresses/idn_x/prepare_verification")
	api.refused(404, "resource_not_found", "POST /phone_numbers/idn_x/attempt_verification", `{"verification_id":"x","code":"1"}`)
}

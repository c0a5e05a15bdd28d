package clerktest_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

var multiSession = clerktest.Config{Settings: clerktest.Settings{MultiSession: true}}

// The life cycle of a user in one browser, call by call as clerk-js makes it.
func TestLifeCycle(t *testing.T) {
	em := newEmulator(t, multiSession)
	bob := em.AddUser(clerktest.User{Email: "b@example.com", Password: "pw-b-123456", FirstName: "Bee"})
	em.AddJWTTemplate(clerktest.JWTTemplate{Name: "hasura", Claims: []byte(`{"role":"{{user.public_metadata.role || 'guest'}}","mail":"{{user.primary_email_address}}","n":{"x":["{{user.email_verified}}"]}}`)})
	f := newFAPI(t, em)

	up := f.ok("POST /client/sign_ups", "email_address", "A@Example.com", "password", "correct horse 1", "locale", "en-US")
	want(t, "status", up.str("status"), "missing_requirements")
	want(t, "unverified", up.at("unverified_fields", 0), "email_address")
	want(t, "strategy before it is prepared", up.at("verifications", "email_address", "strategy"), nil)
	want(t, "the client's sign-up", f.client().str("sign_up", "id"), up.str("id"))
	path := "POST /client/sign_ups/" + up.str("id")
	f.refused(400, "verification_missing", path+"/attempt_verification", "strategy", "email_code", "code", "424242")
	up = f.ok(path+"/prepare_verification", "strategy", "email_code")
	want(t, "strategy", up.str("verifications", "email_address", "strategy"), "email_code")
	f.refused(422, "form_code_incorrect", path+"/attempt_verification", "strategy", "email_code", "code", "00000")
	up = f.ok(path+"/attempt_verification", "strategy", "email_code", "code", f.code("a@example.com"))
	want(t, "status", up.str("status"), "complete")
	client := f.client()
	want(t, "sign-up of the client", client.at("sign_up"), nil)
	sid := up.str("created_session_id")
	want(t, "session", client.str("sessions", 0, "id"), sid)
	want(t, "user", client.str("sessions", 0, "user", "id"), up.str("created_user_id"))
	want(t, "verified address", client.str("sessions", 0, "user", "email_addresses", 0, "verification", "status"), "verified")
	f.session = sid

	touched := f.ok("POST /client/sessions/"+sid+"/touch", "active_organization_id", "", "intent", "select_session")
	want(t, "touched", touched.str("status"), "active")
	if c := claimsOf(t, f.ok("POST /client/sessions/"+sid+"/tokens?debug=skip_cache", "organization_id", "", "tab_state", "focused").str("jwt")); c.Subject() != up.str("created_user_id") {
		t.Errorf("token: %s", c.Raw())
	}
	token := f.ok("POST /client/sessions/" + sid + "/tokens/hasura").str("jwt")
	header, payload, _, _ := split(t, token)
	want(t, "category", header["cat"], clerktest.CategoryTemplate)
	c := decode[object](t, payload)
	want(t, "role", c.str("role"), "guest")
	want(t, "mail", c.str("mail"), "a@example.com")
	want(t, "nested", c.at("n", "x", 0), true)
	f.refused(404, "resource_not_found", "POST /client/sessions/"+sid+"/tokens/none")

	org := f.ok("POST /organizations", "name", "Acme")
	want(t, "slug", org.str("slug"), "acme")
	list := f.ok("GET /me/organization_memberships?paginated=true&limit=10&offset=0")
	want(t, "organization", list.str("data", 0, "organization", "id"), org.str("id"))
	want(t, "role", list.str("data", 0, "role"), "org:admin")
	want(t, "total", list.at("total_count"), 1.0)
	want(t, "me", f.ok("GET /me").str("organization_memberships", 0, "organization", "name"), "Acme")
	touched = f.ok("POST /client/sessions/"+sid+"/touch", "active_organization_id", org.str("id"), "intent", "select_org")
	want(t, "organization", touched.str("last_active_organization_id"), org.str("id"))
	want(t, "role in the token", claimsOf(t, touched.str("last_active_token", "jwt")).OrgRole(), "org:admin")
	f.ok("POST /client/sessions/"+sid+"/touch", "active_organization_id", "")
	f.ok("DELETE /client/sessions")
	want(t, "sessions", len(f.sessions()), 0)
	f.refused(401, "authentication_invalid", "GET /me")

	f.refused(422, "form_password_incorrect", "POST /client/sign_ins", "identifier", "a@example.com", "password", "nope")
	f.refused(422, "form_identifier_not_found", "POST /client/sign_ins", "identifier", "zz@example.com")
	want(t, "sign-in of the client", f.client().at("sign_in"), nil)
	f.signIn("a@example.com", "correct horse 1")

	// A second session by e-mail code, beside the first.
	in := f.ok("POST /client/sign_ins", "identifier", "b@example.com", "locale", "en-US")
	want(t, "status", in.str("status"), "needs_first_factor")
	var strategies []string
	var emailID string
	for i := range in.list("supported_first_factors") {
		strategies = append(strategies, in.str("supported_first_factors", i, "strategy"))
		if id := in.str("supported_first_factors", i, "email_address_id"); id != "" {
			emailID = id
		}
	}
	if len(strategies) != 3 || strategies[0] != "password" || strategies[1] != "email_code" || emailID == "" {
		t.Errorf("first factors: %q %s", strategies, emailID)
	}
	path = "POST /client/sign_ins/" + in.str("id")
	f.refused(422, "form_param_value_invalid", path+"/prepare_first_factor", "strategy", "email_code", "email_address_id", "idn_other")
	in = f.ok(path+"/prepare_first_factor", "strategy", "email_code", "email_address_id", emailID)
	want(t, "verification", in.str("first_factor_verification", "status"), "unverified")
	in = f.ok(path+"/attempt_first_factor", "strategy", "email_code", "code", f.code("b@example.com"))
	want(t, "status", in.str("status"), "complete")
	want(t, "sessions", len(f.sessions()), 2)
	f.refused(400, "sign_in_state_invalid", path+"/attempt_first_factor", "strategy", "email_code", "code", f.code("b@example.com"))

	// Two steps with a password.
	in = f.ok("POST /client/sign_ins", "identifier", "b@example.com")
	in = f.ok("POST /client/sign_ins/"+in.str("id")+"/attempt_first_factor", "strategy", "password", "password", "pw-b-123456")
	want(t, "status", in.str("status"), "complete")

	f.ok("POST /client/sessions/" + f.session + "/remove")
	want(t, "sessions", len(f.sessions()), 2)
	f.ok("DELETE /client/sessions")

	ticket := em.SignInToken(bob)
	in = f.ok("POST /client/sign_ins", "strategy", "ticket", "ticket", ticket)
	want(t, "status", in.str("status"), "complete")
	f.ok("DELETE /client/sessions")
	f.refused(400, "sign_in_token_already_used_code", "POST /client/sign_ins", "strategy", "ticket", "ticket", ticket)
	f.refused(422, "ticket_invalid_code", "POST /client/sign_ins", "strategy", "ticket", "ticket", "x")
}

func TestTestAddresses(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{PhoneNumber: "required"}})
	f := newFAPI(t, em)
	up := f.ok("POST /client/sign_ups", "email_address", "jane+clerk_test@example.com", "password", "correct horse 1", "phone_number", "+1 (201) 555-0100")
	path := "POST /client/sign_ups/" + up.str("id")
	f.ok(path+"/prepare_verification", "strategy", "phone_code")
	f.ok(path+"/prepare_verification", "strategy", "email_code")
	up = f.ok(path+"/attempt_verification", "strategy", "phone_code", "code", "424242")
	want(t, "status", up.str("status"), "missing_requirements")
	up = f.ok(path+"/attempt_verification", "strategy", "email_code", "code", "424242")
	want(t, "status", up.str("status"), "complete")
	if n := len(em.Outbox()); n != 2 {
		t.Errorf("%d messages in the outbox", n)
	}
	// Everybody else has a code that nobody can guess.
	g := newFAPI(t, em)
	up = g.ok("POST /client/sign_ups", "email_address", "jane@example.com", "password", "correct horse 1", "phone_number", "+12015550199")
	g.ok("POST /client/sign_ups/"+up.str("id")+"/prepare_verification", "strategy", "email_code")
	if code := g.code("jane@example.com"); len(code) != 6 || code == "424242" {
		t.Errorf("code %q", code)
	}
}

// One session at a time is the default: who is signed in cannot start again.
func TestSessionExists(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	em.AddUser(clerktest.User{Email: "a@example.com", Password: "correct horse 1"})
	f := newFAPI(t, em)
	f.signIn("a@example.com", "correct horse 1")
	f.refused(400, "session_exists", "POST /client/sign_ins", "identifier", "a@example.com")
	f.refused(400, "session_exists", "POST /client/sign_ups", "email_address", "b@example.com")
}

// What one browser starts no other can see or go on with.
func TestAttemptsBelongToOneBrowser(t *testing.T) {
	em := newEmulator(t, multiSession)
	em.AddUser(clerktest.User{Email: "a@example.com", Password: "correct horse 1"})
	f, g := newFAPI(t, em), newFAPI(t, em)
	in := f.ok("POST /client/sign_ins", "identifier", "a@example.com").str("id")
	up := f.ok("POST /client/sign_ups", "email_address", "b@example.com").str("id")
	for _, call := range []string{
		"GET /client/sign_ins/" + in, "POST /client/sign_ins/" + in + "/attempt_first_factor", "POST /client/sign_ins/" + in + "/prepare_first_factor",
		"POST /client/sign_ins/" + in + "/reset_password", "POST /client/sign_ins/" + in + "/attempt_second_factor",
		"GET /client/sign_ups/" + up, "PATCH /client/sign_ups/" + up, "POST /client/sign_ups/" + up + "/prepare_verification",
		"POST /client/sign_ups/" + up + "/attempt_verification",
	} {
		g.refused(404, "resource_not_found", call, "strategy", "password", "password", "correct horse 1")
	}
	f.signIn("a@example.com", "correct horse 1")
	g.session = f.session
	for _, call := range []string{
		"GET /me", "PATCH /me", "GET /client/sessions/" + f.session, "POST /client/sessions/" + f.session + "/verify",
		"GET /me/email_addresses", "GET /me/organization_memberships", "POST /organizations", "POST /me/totp", "DELETE /me",
	} {
		g.refused(401, "authentication_invalid", call)
	}
}

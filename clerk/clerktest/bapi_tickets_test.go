package clerktest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestSessionsByServers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	em.AddJWTTemplate(clerktest.JWTTemplate{Name: "tpl", Claims: []byte(`{"role":"x"}`)})
	api := &backend{t: t, em: em}
	u := em.AddUser(clerktest.User{Email: "a@example.com"})
	em.AddOrganization(clerktest.Organization{ID: "org_1"})
	em.AddMember("org_1", u.ID, "org:admin")
	s := api.ok("POST /sessions", `{"user_id":"`+u.ID+`","active_organization_id":"org_1"}`)
	want(t, "status", s.str("status"), "active")
	want(t, "organization", s.str("last_active_organization_id"), "org_1")
	path := "POST /sessions/" + s.str("id") + "/tokens"
	c := claimsOf(t, api.ok(path).str("jwt"))
	if c.SessionID() != s.str("id") || c.Subject() != u.ID || c.OrgID() != "org_1" || c.AuthorizedParty() != "" || c.ExpiresAt().Sub(c.IssuedAt()) != time.Minute {
		t.Errorf("token: %s", c.Raw())
	}
	c = claimsOf(t, api.ok(path, `{"expires_in_seconds":3600}`).str("jwt"))
	want(t, "lifetime", c.ExpiresAt().Sub(c.IssuedAt()), time.Hour)
	_, payload, _, _ := split(t, api.ok(path+"/tpl", `{"expires_in_seconds":300}`).str("jwt"))
	p := decode[object](t, payload)
	want(t, "lifetime", p.at("exp").(float64)-p.at("iat").(float64), 300.0)
	want(t, "claim", p.str("role"), "x")
	for body, code := range map[string]string{
		`{"expires_in_seconds":29}`: "form_param_value_invalid", `{"expires_in_seconds":"60"}`: "form_param_type_invalid", `{"x":1}`: "form_param_unknown",
	} {
		api.refused(422, code, path, body)
		api.refused(422, code, path+"/tpl", body)
	}
	api.refused(404, "resource_not_found", path+"/none")
	api.refused(404, "resource_not_found", "POST /sessions/sess_x/tokens")
	api.ok("POST /sessions/" + s.str("id") + "/revoke")
	api.refused(404, "resource_not_found", path)
	api.refused(404, "resource_not_found", path+"/tpl")
	api.refused(404, "resource_not_found", "POST /sessions", `{"user_id":"user_x"}`)
	api.refused(404, "resource_not_found", "POST /sessions", `{"user_id":"`+u.ID+`","active_organization_id":"org_x"}`)
	api.refused(422, "form_param_missing", "POST /sessions", `{}`)
	api.refused(422, "form_param_value_invalid", "GET /sessions?status=odd")
	live := newEmulator(t, clerktest.Config{Instance: clerk.Production})
	(&backend{t: t, em: live}).refused(400, "request_invalid_for_environment", "POST /sessions", `{"user_id":"`+u.ID+`"}`)

	memberships := api.ok("GET /users/" + u.ID + "/organization_memberships")
	want(t, "memberships", fmt.Sprint(memberships.at("total_count"), memberships.str("data", 0, "organization", "id"), memberships.str("data", 0, "role")), "1org_1org:admin")
	want(t, "invitations", fmt.Sprint(api.ok("GET /users/"+u.ID+"/organization_invitations?status=pending")), "map[data:[] total_count:0]")
	api.refused(404, "resource_not_found", "GET /users/user_x/organization_memberships")
	api.refused(404, "resource_not_found", "GET /users/user_x/organization_invitations")
	api.refused(422, "form_param_value_invalid", "GET /users/"+u.ID+"/organization_invitations?status=odd")
}

func TestClientsByServers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	a, b := em.SignIn(em.AddUser(clerktest.User{})), em.SignIn(em.AddUser(clerktest.User{}))
	list := api.ok("GET /clients")
	want(t, "newest", list.str("list", 0, "id"), b.ClientID)
	want(t, "session", list.str("list", 1, "session_ids", 0), a.ID)
	page := api.ok("GET /clients?paginated=true&limit=1&offset=1")
	want(t, "page", fmt.Sprint(page.at("total_count"), page.str("data", 0, "id")), "2"+a.ClientID)
	c := api.ok("GET /clients/" + a.ClientID)
	want(t, "session", c.str("sessions", 0, "user_id"), a.UserID)
	want(t, "active", c.str("last_active_session_id"), a.ID)
	api.refused(404, "resource_not_found", "GET /clients/client_x")
	api.refused(422, "form_param_value_invalid", "GET /clients?limit=0")

	f := newFAPI(t, em)
	em.AddUser(clerktest.User{Email: "c@example.com", Password: "correct horse"})
	f.signIn("c@example.com", "correct horse")
	token := f.cookie(em.URL, "__client")
	want(t, "by cookie", api.ok("POST /clients/verify", `{"token":"`+token+`"}`).str("sessions", 0, "id"), f.session)
	api.refused(404, "resource_not_found", "POST /clients/verify", `{"token":"x"}`)
	api.refused(400, "form_param_missing", "POST /clients/verify", `{}`)
}

func TestTicketsByServers(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	api := &backend{t: t, em: em}
	u := em.AddUser(clerktest.User{Email: "a@example.com"})
	admin := em.AddUser(clerktest.User{Email: "admin@example.com"})
	em.AddOrganization(clerktest.Organization{ID: "org_1"})
	em.AddOrganization(clerktest.Organization{ID: "org_2"})
	em.AddMember("org_1", u.ID, "org:member")
	redeem := func(ticket string) (*fapi, object) {
		f := newFAPI(t, em)
		in := f.ok("POST /client/sign_ins", "strategy", "ticket", "ticket", ticket)
		want(t, "sign-in", in.str("status"), "complete")
		return f, f.client()
	}
	s := api.ok("POST /sign_in_tokens", `{"user_id":"`+u.ID+`","org_id":"org_1","expires_in_seconds":60}`)
	want(t, "status", s.str("status"), "pending")
	f, client := redeem(s.str("token"))
	want(t, "organization", client.str("sessions", 0, "last_active_organization_id"), "org_1")
	f.refused(400, "session_exists", "POST /client/sign_ins", "strategy", "ticket", "ticket", s.str("token"))
	newFAPI(t, em).refused(400, "sign_in_token_already_used_code", "POST /client/sign_ins", "strategy", "ticket", "ticket", s.str("token"))
	api.refused(400, "sign_in_token_cannot_be_revoked_code", "POST /sign_in_tokens/"+s.str("id")+"/revoke")
	s = api.ok("POST /sign_in_tokens", `{"user_id":"`+u.ID+`"}`)
	revoked := api.ok("POST /sign_in_tokens/" + s.str("id") + "/revoke")
	want(t, "revoked", fmt.Sprint(revoked.at("status"), revoked.at("token")), "revoked<nil>")
	newFAPI(t, em).refused(400, "sign_in_token_revoked_code", "POST /client/sign_ins", "strategy", "ticket", "ticket", s.str("token"))
	s = api.ok("POST /sign_in_tokens", `{"user_id":"`+u.ID+`","expires_in_seconds":60}`)
	em.Advance(time.Minute)
	newFAPI(t, em).refused(400, "ticket_expired_code", "POST /client/sign_ins", "strategy", "ticket", "ticket", s.str("token"))
	for body, code := range map[string]string{
		`{}`: "form_param_missing", `{"user_id":"` + u.ID + `","expires_in_seconds":0}`: "form_param_value_invalid",
		`{"user_id":"` + u.ID + `","org_id":"org_2"}`: "form_resource_not_found", `{"user_id":"` + u.ID + `","x":1}`: "form_param_unknown",
	} {
		api.refused(422, code, "POST /sign_in_tokens", body)
	}
	api.refused(404, "resource_not_found", "POST /sign_in_tokens", `{"user_id":"user_x"}`)
	api.refused(404, "resource_not_found", "POST /sign_in_tokens/sit_x/revoke")

	a := api.ok("POST /actor_tokens", `{"user_id":"`+u.ID+`","actor":{"sub":"`+admin.ID+`","why":"support"},"session_max_duration_in_seconds":600}`)
	f, client = redeem(a.str("token"))
	c := claimsOf(t, client.str("sessions", 0, "last_active_token", "jwt"))
	if act, ok := c.Actor(); !ok || act.Subject != admin.ID {
		t.Errorf("actor: %s", c.Raw())
	}
	want(t, "why", client.str("sessions", 0, "actor", "why"), "support")
	em.Advance(10 * time.Minute)
	f.session = client.str("sessions", 0, "id")
	f.refused(401, "authentication_invalid", "GET /me") // impersonations are short
	for body, code := range map[string]string{
		`{"user_id":"` + u.ID + `"}`: "form_param_missing", `{"user_id":"` + u.ID + `","actor":{}}`: "form_param_value_invalid",
		`{"user_id":"` + u.ID + `","actor":"x"}`: "form_param_value_invalid", `{"user_id":"user_x","actor":{"sub":"user_y"}}`: "form_resource_not_found",
		`{"user_id":"` + u.ID + `","actor":{"sub":"x"},"expires_in_seconds":-1}`: "form_param_value_invalid",
	} {
		api.refused(422, code, "POST /actor_tokens", body)
	}
	a = api.ok("POST /actor_tokens", `{"user_id":"`+u.ID+`","actor":{"sub":"`+admin.ID+`"}}`)
	api.refused(404, "resource_not_found", "POST /sign_in_tokens/"+a.str("id")+"/revoke")
	api.ok("POST /actor_tokens/" + a.str("id") + "/revoke")
	api.refused(400, "actor_token_cannot_be_revoked_code", "POST /actor_tokens/"+a.str("id")+"/revoke")

	// Who is banned keeps the ticket, and cannot use it.
	s = api.ok("POST /sign_in_tokens", `{"user_id":"`+u.ID+`"}`)
	api.ok("POST /users/" + u.ID + "/ban")
	newFAPI(t, em).refused(403, "user_banned", "POST /client/sign_ins", "strategy", "ticket", "ticket", s.str("token"))
	api.refused(403, "user_banned", "POST /sessions", `{"user_id":"`+u.ID+`"}`)
	api.ok("POST /users/" + u.ID + "/unban")
	redeem(s.str("token"))

	testing := api.ok("POST /testing_tokens")
	want(t, "object", testing.str("object"), "testing_token")
	want(t, "expires", testing.at("expires_at"), float64(em.Now().Add(time.Hour).Unix()))
	if q := newFAPI(t, em); q.ok("GET /environment?__clerk_testing_token="+testing.str("token")) == nil {
		t.Error("the testing token is in the way")
	}
}

// Where everybody must have an organization, a sign-in begins with the one that
// was active last, as long as the user is a member of it. Elsewhere it begins with
// none.
func TestOrganizationOfSignIns(t *testing.T) {
	for _, forced := range []bool{false, true} {
		em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{ForceOrganizationSelection: forced}})
		u := em.AddUser(clerktest.User{Email: "a@example.com", Password: "correct horse"})
		em.AddOrganization(clerktest.Organization{ID: "org_1"})
		em.AddOrganization(clerktest.Organization{ID: "org_2"})
		em.AddMember("org_1", u.ID, "org:member")
		em.AddMember("org_2", u.ID, "org:member")
		again := func() (status string, organization any) {
			f := newFAPI(t, em)
			f.signIn("a@example.com", "correct horse")
			s := f.client()
			return s.str("sessions", 0, "status"), s.at("sessions", 0, "last_active_organization_id")
		}
		status, organization := again()
		want(t, "organization at first", organization, nil)
		want(t, "pending", status == "pending", forced)
		f := newFAPI(t, em)
		f.signIn("a@example.com", "correct horse")
		f.ok("POST /client/sessions/"+f.session+"/touch", "active_organization_id", "org_2")
		status, organization = again()
		want(t, "status", status, "active")
		want(t, "organization later", organization == "org_2", forced)
		(&backend{t: t, em: em}).ok("DELETE /organizations/org_2/memberships/" + u.ID)
		status, organization = again()
		want(t, "organization at last", organization, nil)
		want(t, "pending", status == "pending", forced)
	}
}

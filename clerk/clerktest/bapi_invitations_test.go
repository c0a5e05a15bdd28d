package clerktest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestApplicationInvitations(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{SignUpMode: "restricted"}})
	api, f := &backend{t: t, em: em}, newFAPI(t, em)
	em.AddUser(clerktest.User{Email: "here@example.com"})
	i := api.ok("POST /invitations", `{"email_address":"New@example.com","public_metadata":{"plan":"gold"},"redirect_url":"http://localhost:3000/join","expires_in_days":2}`)
	want(t, "status", i.str("status"), "pending")
	want(t, "expires", i.at("expires_at").(float64)-i.at("created_at").(float64), 2*24*3600*1000.0)
	if m, ok := em.LastMessage("new@example.com"); !ok || m.URL != i.str("url") || m.Template != "invitation" {
		t.Errorf("sent %+v", m)
	}
	e := api.refused(400, "duplicate_record", "POST /invitations", `{"email_address":"new@example.com"}`)
	want(t, "meta", e.str("errors", 0, "meta", "email_addresses", 0), "new@example.com")
	api.refused(422, "form_identifier_exists", "POST /invitations", `{"email_address":"here@example.com"}`)
	api.ok("POST /invitations", `{"email_address":"here@example.com","ignore_existing":true,"notify":false}`)
	for body, code := range map[string]string{
		`{}`: "form_param_missing", `{"email_address":"x"}`: "form_param_format_invalid", `{"email_address":"x@example.com","expires_in_days":0}`: "form_param_value_invalid",
		`{"email_address":"x@example.com","template_slug":"y"}`: "form_param_value_invalid", `{"email_address":"x@example.com","redirect_url":"/x"}`: "form_param_format_invalid",
		`{"email_address":"x@example.com","public_metadata":1}`: "form_param_value_invalid", `{"email_address":"x@example.com","role":"admin"}`: "form_param_unknown",
	} {
		api.refused(422, code, "POST /invitations", body)
	}
	f.refused(403, "sign_up_mode_restricted", "POST /client/sign_ups", "email_address", "new@example.com", "password", "correct horse")
	ticket := i.str("url")[strings.Index(i.str("url"), "ticket=")+7:]
	ticket, _ = url.QueryUnescape(ticket)
	up := f.ok("POST /client/sign_ups", "strategy", "ticket", "ticket", ticket)
	want(t, "signed up", up.str("status"), "complete")
	u := api.ok("GET /users/" + up.str("created_user_id"))
	want(t, "metadata of the invitation", fmt.Sprint(u.at("public_metadata")), "map[plan:gold]")
	want(t, "accepted", api.ok("GET /invitations?status=accepted").str("list", 0, "id"), i.str("id"))
	api.refused(400, "invitation_already_accepted", "POST /invitations/"+i.str("id")+"/revoke")

	many := api.ok("POST /invitations/bulk", `[{"email_address":"m1@example.com"},{"email_address":"m2@example.com","notify":false}]`)
	want(t, "made", len(many.list("list")), 2)
	api.refused(400, "duplicate_record", "POST /invitations/bulk", `[{"email_address":"m3@example.com"},{"email_address":"m2@example.com"}]`)
	api.refused(400, "duplicate_record", "POST /invitations/bulk", `[{"email_address":"m3@example.com"},{"email_address":"m3@example.com"}]`)
	api.refused(422, "form_identifier_exists", "POST /invitations/bulk", `[{"email_address":"here@example.com","ignore_existing":true}]`)
	api.refused(400, "bulk_size_exceeded", "POST /invitations/bulk", `[`+strings.TrimSuffix(strings.Repeat(`{"email_address":"z@example.com"},`, 11), ",")+`]`)
	api.refused(422, "form_param_type_invalid", "POST /invitations/bulk", `{"email_address":"z@example.com"}`)
	if _, ok := em.LastMessage("m3@example.com"); ok {
		t.Error("half of a refused bulk was sent")
	}
	revoked := api.ok("POST /invitations/" + many.str("list", 0, "id") + "/revoke")
	want(t, "revoked", fmt.Sprint(revoked.at("revoked"), revoked.at("status")), "truerevoked")
	api.refused(400, "invitation_already_revoked", "POST /invitations/"+many.str("list", 0, "id")+"/revoke")
	api.refused(404, "resource_not_found", "POST /invitations/inv_x/revoke")
	gone := many.str("list", 0, "id")
	deleted := api.ok("DELETE /invitations/" + gone)
	want(t, "deleted", fmt.Sprint(deleted.at("id"), deleted.at("object"), deleted.at("deleted")), gone+"invitationtrue")
	api.refused(404, "resource_not_found", "DELETE /invitations/"+gone)
	api.refused(404, "resource_not_found", "POST /invitations/"+gone+"/revoke")
	if m, ok := em.LastMessage("m1@example.com"); ok {
		t.Errorf("the deleted invitation's email stays: %+v", m)
	}
	want(t, "revoked ones", len(api.ok("GET /invitations?status=revoked").list("list")), 0)
	page := api.ok("GET /invitations?paginated=true&order_by=email_address&limit=2")
	want(t, "all but revoked ones", page.at("total_count"), 3.0)
	want(t, "first", page.str("data", 0, "email_address"), "here@example.com")
	want(t, "found", len(api.ok("GET /invitations?query=M2@").list("list")), 1)
	api.refused(422, "form_param_value_invalid", "GET /invitations?status=open")
	api.refused(422, "form_param_value_invalid", "GET /invitations?order_by=colour")
	em.Advance(31 * 24 * time.Hour)
	want(t, "expired", len(api.ok("GET /invitations?status=expired").list("list")), 2)
}

// A deleted invitation lets nobody in, and whom it let in stays.
func TestDeletedInvitation(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{SignUpMode: "restricted"}})
	api := &backend{t: t, em: em}
	invite := func(email string) (id, ticket string) {
		i := api.ok("POST /invitations", `{"email_address":"`+email+`"}`)
		_, ticket, _ = strings.Cut(i.str("url"), "ticket=")
		ticket, _ = url.QueryUnescape(ticket)
		return i.str("id"), ticket
	}
	id, ticket := invite("late@example.com")
	api.ok("DELETE /invitations/" + id)
	newFAPI(t, em).refused(422, "ticket_invalid_code", "POST /client/sign_ups", "strategy", "ticket", "ticket", ticket)

	id, ticket = invite("in@example.com")
	up := newFAPI(t, em).ok("POST /client/sign_ups", "strategy", "ticket", "ticket", ticket)
	want(t, "signed up", up.str("status"), "complete")
	api.ok("DELETE /invitations/" + id)
	api.ok("GET /users/" + up.str("created_user_id"))
	want(t, "left", len(api.ok("GET /invitations?status=accepted").list("list")), 0)
}

// TestInvitationDeletedDuringSignUp: the sign-up that has begun with it cannot be
// completed, and leaves no user behind.
func TestInvitationDeletedDuringSignUp(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{SignUpMode: "restricted", Username: "required"}})
	api, f := &backend{t: t, em: em}, newFAPI(t, em)
	i := api.ok("POST /invitations", `{"email_address":"begun@example.com"}`)
	_, ticket, _ := strings.Cut(i.str("url"), "ticket=")
	ticket, _ = url.QueryUnescape(ticket)
	up := f.ok("POST /client/sign_ups", "strategy", "ticket", "ticket", ticket)
	want(t, "begun", up.str("status"), "missing_requirements")
	api.ok("DELETE /invitations/" + i.str("id"))
	f.refused(422, "ticket_invalid_code", "PATCH /client/sign_ups/"+up.str("id"), "username", "begun")
	want(t, "users", len(api.ok("GET /users").list("list")), 0)
}

package clerktest_test

import (
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestMessageTemplates(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{ApplicationName: "A & B"}})
	api, f := &bapiCaller{t, em}, newFAPI(t, em)
	all := api.ok("GET /templates/email?limit=100").list("list")
	if len(all) < 10 || len(api.ok("GET /templates/sms").list("list")) != 2 {
		t.Errorf("%d templates", len(all))
	}
	want(t, "page", api.ok("GET /templates/email?paginated=true&limit=2").at("total_count"), float64(len(all)))
	const path = "/templates/email/verification_code"
	tmpl := api.ok("GET " + path)
	has(t, tmpl, "object instance_id resource_type template_type name slug position can_revert can_delete can_edit_body can_toggle subject markup body "+
		"available_variables required_variables from_email_name reply_to_email_name delivered_by_clerk enabled flagged_as_suspicious updated_at created_at")
	want(t, "kind", tmpl.str("resource_type"), "system")
	api.refused(400, "template_revert_error", "POST "+path+"/revert")
	api.refused(400, "template_type_unsupported", "GET /templates/letter")
	api.refused(404, "resource_not_found", "GET /templates/email/none")
	for body, code := range map[string]string{
		`{"body":"no code"}`: "required_variable_missing", `{"body":"{{otp_code}} {{"}`: "invalid_template_body", `{"body":"{{otp_code}}","subject":"{{x y}}"}`: "invalid_template_body",
		`{"from_email_name":"a@b"}`: "form_param_format_invalid", `{"body":5}`: "form_param_type_invalid", `{"text":"x"}`: "form_param_unknown",
		`{"subject":"` + strings.Repeat("x", 300) + `"}`: "form_param_max_length_exceeded",
	} {
		api.refused(422, code, "PUT "+path, body)
	}
	tmpl = api.ok("PUT "+path, `{"name":"Mine","subject":"{{otp_code}} for {{app.name}}","body":"<b>{{ otp_code }}</b> {{app.name}} {{user.nothing || 'x'}}","from_email_name":"hello","delivered_by_clerk":false}`)
	want(t, "kind", tmpl.str("resource_type"), "user")
	want(t, "revert", tmpl.at("can_revert"), true)
	preview := api.ok("POST "+path+"/preview", `{"subject":"S {{otp_code}}"}`)
	want(t, "subject", preview.str("subject"), "S 123456")
	want(t, "body", preview.str("body"), "<b>123456</b> A &amp; B x")
	api.refused(422, "required_variable_missing", "POST "+path+"/preview", `{"body":"x"}`)

	// Applications that send the mails themselves get these words.
	up := f.ok("POST /client/sign_ups", "email_address", "jane@example.com", "password", password)
	f.ok("POST /client/sign_ups/"+up.str("id")+"/prepare_verification", "strategy", "email_code")
	messages := em.WebhookMessages()
	mail := decode[object](t, string(messages[len(messages)-1].Payload))
	code := f.code("jane@example.com")
	want(t, "type", mail.str("type"), "email.created")
	want(t, "subject", mail.str("data", "subject"), code+" for A & B")
	want(t, "body", mail.str("data", "body"), "<b>"+code+"</b> A &amp; B x")
	want(t, "from", mail.str("data", "from_email_name"), "hello")
	want(t, "delivered by Clerk", mail.at("data", "delivered_by_clerk"), false)

	want(t, "toggled", api.ok("POST "+path+"/toggle_delivery", `{"delivered_by_clerk":true}`).at("delivered_by_clerk"), true)
	api.refused(422, "form_param_missing", "POST "+path+"/toggle_delivery", `{}`)
	want(t, "reverted", api.ok("POST "+path+"/revert").str("resource_type"), "system")
}

package clerktest

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"
)

// messageTemplate is what the application made of one of Clerk's templates of
// messages.
type messageTemplate struct {
	Channel, Slug, Name   string
	Subject, Markup, Body string
	From, ReplyTo         string // local parts
	Changed               bool   // its words are the application's
	NotByClerk            bool   // the application delivers it
	Created               made
	UpdatedAt             time.Time
}

// builtInTemplate is one of Clerk's own. Its words are the emulator's.
type builtInTemplate struct {
	channel, slug, name, subject, body string
	required                           []string // variables that the body must have
}

var builtInTemplates = []builtInTemplate{
	{"email", "verification_code", "Verification code", "{{otp_code}} is your verification code", "<p>{{otp_code}} is your verification code for {{app.name}}.</p>", []string{"otp_code"}},
	{"email", "reset_password_code", "Reset password code", "{{otp_code}} is your code to reset your password", "<p>{{otp_code}} is your code to reset your password for {{app.name}}.</p>", []string{"otp_code"}},
	{"email", "affiliation_code", "Affiliation code", "{{otp_code}} is your verification code", "<p>{{otp_code}} is your verification code for {{app.name}}.</p>", []string{"otp_code"}},
	{"email", "magic_link_sign_in", "E-mail link to sign in", "Sign in to {{app.name}}", "<p>Open this link to go on to {{app.name}}: {{magic_link}}</p>", []string{"magic_link"}},
	{"email", "magic_link_sign_up", "E-mail link to sign up", "Sign up to {{app.name}}", "<p>Open this link to go on to {{app.name}}: {{magic_link}}</p>", []string{"magic_link"}},
	{"email", "magic_link_user_profile", "E-mail link to verify an address", "Verify your address for {{app.name}}", "<p>Open this link to go on to {{app.name}}: {{magic_link}}</p>", []string{"magic_link"}},
	{"email", "invitation", "Invitation", "Your invitation to {{app.name}}", "<p>You are invited to {{app.name}}: {{action_url}}</p>", []string{"action_url"}},
	{"email", "organization_invitation", "Organization invitation", "Your invitation to {{app.name}}", "<p>You are invited to {{app.name}}: {{action_url}}</p>", []string{"action_url"}},
	{"email", "waitlist_confirmation", "Waitlist confirmation", "You are on the waitlist of {{app.name}}", "<p>You are on the waitlist of {{app.name}}.</p>", nil},
	{"email", "waitlist_invitation", "Waitlist invitation", "Your invitation to {{app.name}}", "<p>You are invited to {{app.name}}: {{action_url}}</p>", []string{"action_url"}},
	{"email", "primary_email_address_changed", "Primary e-mail address changed", "Your e-mail address at {{app.name}} has changed", "<p>Your primary e-mail address at {{app.name}} has changed.</p>", nil},
	{"sms", "verification_code", "Verification code", "", "{{otp_code}} is your verification code for {{app.name}}.", []string{"otp_code"}},
	{"sms", "reset_password_code", "Reset password code", "", "{{otp_code}} is your code to reset your password for {{app.name}}.", []string{"otp_code"}},
}

// variables are what a body may refer to.
func (b *builtInTemplate) variables() []string {
	out := []string{"app.name", "app.url", "app.domain_name", "app.logo_url", "requested_at", "user.public_metadata"}
	return append(out, b.required...)
}

func builtInText(channel, slug string) (*builtInTemplate, error) {
	if channel != "email" && channel != "sms" {
		return nil, errBadRequest("template_type_unsupported", "Template type "+quoted(channel)+" is not supported")
	}
	for i := range builtInTemplates {
		if b := &builtInTemplates[i]; b.channel == channel && b.slug == slug {
			return b, nil
		}
	}
	return nil, errNotFound("template with slug " + quoted(slug))
}

// messageTemplate is a template as it is now.
func (tx *stateTx) messageTemplate(b *builtInTemplate) messageTemplate {
	if t := tx.MessageTexts[b.channel+"/"+b.slug]; t != nil {
		return *t
	}
	return messageTemplate{
		Channel: b.channel, Slug: b.slug, Name: b.name, Subject: b.subject, Body: b.body, From: tx.Instance.FromEmailAddress,
		Created: made{At: builtInAt}, UpdatedAt: builtInAt,
	}
}

// changeMessageTemplate changes a template; change says what is wrong with it.
func (s *store) changeMessageTemplate(b *builtInTemplate, change func(*stateTx, *messageTemplate) error) (messageTemplate, error) {
	return with2(s, func(tx *stateTx) (messageTemplate, error) {
		t := tx.messageTemplate(b)
		if err := change(tx, &t); err != nil {
			return messageTemplate{}, err
		}
		t.UpdatedAt = tx.now()
		tx.MessageTexts[b.channel+"/"+b.slug] = &t
		return t, nil
	})
}

// check refuses a body that cannot be rendered, or lacks what the message is
// about.
func (b *builtInTemplate) check(t *messageTemplate) error {
	for _, p := range []struct{ param, text string }{{"body", t.Body}, {"subject", t.Subject}} {
		if rest := shortcode.ReplaceAllString(p.text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			return &apiError{
				http.StatusUnprocessableEntity, "invalid_template_body", "Invalid template body",
				"This template body is invalid and cannot be rendered successfully, please check for syntax errors", p.param, nil,
			}
		}
	}
	used := shortcode.FindAllStringSubmatch(t.Body, -1)
	for _, name := range b.required {
		if !slices.ContainsFunc(used, func(m []string) bool { return m[1] == name }) {
			return errParam("body", "required_variable_missing", "Body should contain the {{"+name+"}} variable")
		}
	}
	return nil
}

// renderMessage fills a template in. In HTML, values are text.
func renderMessage(text string, data map[string]any, inHTML bool) string {
	return shortcode.ReplaceAllStringFunc(text, func(match string) string {
		var value string
		switch v := lookup(shortcode.FindStringSubmatch(match), data).(type) {
		case nil:
		case string:
			value = v
		case json.RawMessage:
			value = string(v)
		default:
			value = fmt.Sprint(v)
		}
		if inHTML {
			value = html.EscapeString(value)
		}
		return value
	})
}

// ownWords returns the application's template for a message, if it has one, and
// whether Clerk delivers it.
func (s *store) ownWords(m *Message) (t messageTemplate, own, byClerk bool) {
	return with3(s, func(tx *stateTx) (t messageTemplate, own, byClerk bool) {
		if found := tx.MessageTexts[m.Channel+"/"+m.Template]; found != nil {
			return *found, found.Changed, !found.NotByClerk
		}
		return messageTemplate{}, false, true
	})
}

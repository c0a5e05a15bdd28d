package state

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

var Shortcode = regexp.MustCompile(`\{\{\s*([a-z0-9_.]+)(?:\s*\|\|\s*'([^']*)')?\s*\}\}`)

func Lookup(match []string, values map[string]any) any {
	var v any = values
	for part := range strings.SplitSeq(match[1], ".") {
		m, _ := v.(map[string]any)
		v = m[part]
	}
	if p, ok := v.(*string); ok {
		if p == nil {
			v = nil
		} else {
			v = *p
		}
	}
	if v == nil && match[2] != "" {
		return match[2]
	}
	return v
}

// MessageTemplate is what the application made of one of Clerk's templates of
// messages.
type MessageTemplate struct {
	Channel, Slug, Name   string
	Subject, Markup, Body string
	From, ReplyTo         string // local parts
	Changed               bool   // its words are the application's
	NotByClerk            bool   // the application delivers it
	Created               Made
	UpdatedAt             time.Time
}

// BuiltInTemplate is one of Clerk's own. Its words are the emulator's.
type BuiltInTemplate struct {
	Channel, Slug, Name, Subject, Body string
	Required                           []string // variables that the body must have
}

var BuiltInTemplates = []BuiltInTemplate{
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

// Variables are what a body may refer to.
func (b *BuiltInTemplate) Variables() []string {
	out := []string{"app.name", "app.url", "app.domain_name", "app.logo_url", "requested_at", "user.public_metadata"}
	return append(out, b.Required...)
}

func BuiltInText(channel, slug string) (*BuiltInTemplate, error) {
	if channel != "email" && channel != "sms" {
		return nil, refusal.BadRequest("template_type_unsupported", "Template type "+refusal.Quoted(channel)+" is not supported")
	}
	for i := range BuiltInTemplates {
		if b := &BuiltInTemplates[i]; b.Channel == channel && b.Slug == slug {
			return b, nil
		}
	}
	return nil, refusal.NotFound("template with slug " + refusal.Quoted(slug))
}

// MessageTemplate is a template as it is now.
func (tx *Tx) MessageTemplate(b *BuiltInTemplate) MessageTemplate {
	if t := tx.MessageTexts[b.Channel+"/"+b.Slug]; t != nil {
		return *t
	}
	return MessageTemplate{
		Channel: b.Channel, Slug: b.Slug, Name: b.Name, Subject: b.Subject, Body: b.Body, From: tx.Instance.FromEmailAddress,
		Created: Made{At: builtInAt}, UpdatedAt: builtInAt,
	}
}

// ChangeMessageTemplate changes a template; change says what is wrong with it.
func (s *Store) ChangeMessageTemplate(b *BuiltInTemplate, change func(*Tx, *MessageTemplate) error) (MessageTemplate, error) {
	return With2(s, func(tx *Tx) (MessageTemplate, error) {
		t := tx.MessageTemplate(b)
		if err := change(tx, &t); err != nil {
			return MessageTemplate{}, err
		}
		t.UpdatedAt = tx.Now()
		tx.MessageTexts[b.Channel+"/"+b.Slug] = &t
		return t, nil
	})
}

// Check refuses a body that cannot be rendered, or lacks what the message is
// about.
func (b *BuiltInTemplate) Check(t *MessageTemplate) error {
	for _, p := range []struct{ param, text string }{{"body", t.Body}, {"subject", t.Subject}} {
		if rest := Shortcode.ReplaceAllString(p.text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			return &refusal.Error{
				Kind: refusal.KindInvalid, Code: "invalid_template_body", Message: "Invalid template body",
				Long: "This template body is invalid and cannot be rendered successfully, please check for syntax errors", Param: p.param, Meta: nil,
			}
		}
	}
	used := Shortcode.FindAllStringSubmatch(t.Body, -1)
	for _, name := range b.Required {
		if !slices.ContainsFunc(used, func(m []string) bool { return m[1] == name }) {
			return refusal.Param("body", "required_variable_missing", "Body should contain the {{"+name+"}} variable")
		}
	}
	return nil
}

// RenderMessage fills a template in. In HTML, values are text.
func RenderMessage(text string, data map[string]any, inHTML bool) string {
	return Shortcode.ReplaceAllStringFunc(text, func(match string) string {
		var value string
		switch v := Lookup(Shortcode.FindStringSubmatch(match), data).(type) {
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

// OwnWords returns the application's template for a message, if it has one, and
// whether Clerk delivers it.
func (s *Store) OwnWords(m *Message) (t MessageTemplate, own, byClerk bool) {
	return With3(s, func(tx *Tx) (t MessageTemplate, own, byClerk bool) {
		if found := tx.MessageTexts[m.Channel+"/"+m.Template]; found != nil {
			return *found, found.Changed, !found.NotByClerk
		}
		return MessageTemplate{}, false, true
	})
}

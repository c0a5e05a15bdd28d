package instance

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type messageTemplateResource struct {
	Object      string   `json:"object"`
	Resource    string   `json:"resource_type"`
	InstanceID  *string  `json:"instance_id"`
	Type        string   `json:"template_type"`
	Name        string   `json:"name"`
	Slug        string   `json:"slug"`
	Position    int      `json:"position"`
	CanRevert   bool     `json:"can_revert"`
	CanDelete   bool     `json:"can_delete"`
	CanEditBody bool     `json:"can_edit_body"`
	CanToggle   bool     `json:"can_toggle"`
	Subject     *string  `json:"subject"`
	Markup      string   `json:"markup"`
	Body        string   `json:"body"`
	Available   []string `json:"available_variables"`
	Required    []string `json:"required_variables"`
	From        string   `json:"from_email_name"`
	ReplyTo     string   `json:"reply_to_email_name"`
	ByClerk     bool     `json:"delivered_by_clerk"`
	Enabled     bool     `json:"enabled"`
	Suspicious  bool     `json:"flagged_as_suspicious"`
	UpdatedAt   int64    `json:"updated_at"`
	CreatedAt   int64    `json:"created_at"`
}

func (e *API) describeMessageTemplate(b *state.BuiltInTemplate, t *state.MessageTemplate) messageTemplateResource {
	r := messageTemplateResource{
		Object: "template", Resource: "system", Type: b.Channel, Name: t.Name, Slug: b.Slug, CanRevert: t.Changed, CanEditBody: true,
		Subject: wire.OptString(t.Subject), Markup: t.Markup, Body: t.Body, Available: b.Variables(), Required: append([]string{}, b.Required...),
		From: t.From, ReplyTo: t.ReplyTo, ByClerk: !t.NotByClerk, Enabled: true,
		UpdatedAt: wire.Millis(t.UpdatedAt), CreatedAt: wire.Millis(t.Created.At),
	}
	if t.Changed {
		id := e.InstanceID()
		r.Resource, r.InstanceID = "user", &id
	}
	for i := range state.BuiltInTemplates {
		if &state.BuiltInTemplates[i] == b {
			r.Position = i
		}
	}
	return r
}

func (e *API) listMessageTemplates(c *wire.Call) error {
	channel, query := c.Param(0), c.R.URL.Query()
	if _, err := state.BuiltInText(channel, "verification_code"); err != nil {
		return err
	}
	var all []*state.BuiltInTemplate
	for i := range state.BuiltInTemplates {
		if b := &state.BuiltInTemplates[i]; b.Channel == channel {
			all = append(all, b)
		}
	}
	cut, err := wire.Page(all, query)
	if err != nil {
		return err
	}
	out := make([]messageTemplateResource, len(cut))
	for i, b := range cut {
		var t state.MessageTemplate
		e.Store.View(func(tx *state.Tx) {
			t = tx.MessageTemplate(b)
		})
		out[i] = e.describeMessageTemplate(b, &t)
	}
	c.Note("templates of messages")
	return c.OkList(query, out, len(all))
}

// onMessageTemplate works on the template of the path; nil only looks.
func (e *API) onMessageTemplate(c *wire.Call, change func(*state.Tx, *state.BuiltInTemplate, *state.MessageTemplate) error) error {
	b, err := state.BuiltInText(c.Param(0), c.Param(1))
	if err != nil {
		return err
	}
	var t state.MessageTemplate
	if change == nil {
		e.Store.View(func(tx *state.Tx) {
			t = tx.MessageTemplate(b)
		})
	} else if t, err = e.Store.ChangeMessageTemplate(b, func(tx *state.Tx, t *state.MessageTemplate) error { return change(tx, b, t) }); err != nil {
		return err
	}
	c.Note("template " + b.Slug + " of messages")
	return c.OK(e.describeMessageTemplate(b, &t))
}

func (e *API) getMessageTemplate(c *wire.Call) error { return e.onMessageTemplate(c, nil) }

// messageTexts are the words in a body.
type messageTexts struct {
	Subject wire.Field[string] `json:"subject"`
	Body    wire.Field[string] `json:"body"`
	From    wire.Field[string] `json:"from_email_name"`
	ReplyTo wire.Field[string] `json:"reply_to_email_name"`
}

// maxMessageText bounds a template.
const maxMessageText = 256 << 10

func (in *messageTexts) apply(b *state.BuiltInTemplate, t *state.MessageTemplate) error {
	for _, p := range []struct {
		param string
		from  wire.Field[string]
		to    *string
		max   int
	}{
		{"subject", in.Subject, &t.Subject, state.MaxName}, {"body", in.Body, &t.Body, maxMessageText},
		{"from_email_name", in.From, &t.From, 64}, {"reply_to_email_name", in.ReplyTo, &t.ReplyTo, 64},
	} {
		if len(p.from.Value) > p.max {
			return refusal.Param(p.param, "form_param_max_length_exceeded", p.param+" is too long")
		}
		if wire.Given(p.from) {
			*p.to = p.from.Value
		}
	}
	for param, name := range map[string]string{"from_email_name": t.From, "reply_to_email_name": t.ReplyTo} {
		if name != "" && !state.ValidEmail(name+"@example.com") {
			return refusal.Param(param, "form_param_format_invalid", param+" is not what stands before the @ of an address")
		}
	}
	return b.Check(t)
}

func (e *API) upsertMessageTemplate(c *wire.Call) error {
	var in struct {
		messageTexts
		Name    wire.Field[string] `json:"name"`
		Markup  wire.Field[string] `json:"markup"`
		ByClerk wire.Field[bool]   `json:"delivered_by_clerk"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if len(in.Name.Value) > state.MaxName || len(in.Markup.Value) > maxMessageText {
		return refusal.Param("name", "form_param_max_length_exceeded", "name or markup is too long")
	}
	return e.onMessageTemplate(c, func(_ *state.Tx, b *state.BuiltInTemplate, t *state.MessageTemplate) error {
		if wire.Given(in.Name) {
			t.Name = in.Name.Value
		}
		in.Markup.Into(&t.Markup)
		if wire.Given(in.ByClerk) {
			t.NotByClerk = !in.ByClerk.Value
		}
		t.Changed = true
		return in.apply(b, t)
	})
}

func (e *API) revertMessageTemplate(c *wire.Call) error {
	return e.onMessageTemplate(c, func(tx *state.Tx, b *state.BuiltInTemplate, t *state.MessageTemplate) error {
		if !t.Changed {
			return refusal.BadRequest("template_revert_error", "Template with slug "+b.Slug+" can't be reverted")
		}
		t.Name, t.Subject, t.Markup, t.Body, t.From, t.ReplyTo, t.Changed = b.Name, b.Subject, "", b.Body, tx.Instance.FromEmailAddress, "", false
		return nil
	})
}

func (e *API) toggleMessageDelivery(c *wire.Call) error {
	var in struct {
		ByClerk wire.Field[bool] `json:"delivered_by_clerk"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if !wire.Given(in.ByClerk) {
		return refusal.Missing("delivered_by_clerk")
	}
	return e.onMessageTemplate(c, func(_ *state.Tx, _ *state.BuiltInTemplate, t *state.MessageTemplate) error {
		t.NotByClerk = !in.ByClerk.Value
		return nil
	})
}

// previewMessageTemplate shows what a message would look like, with made-up
// values.
func (e *API) previewMessageTemplate(c *wire.Call) error {
	var in messageTexts
	if err := c.Decode(&in); err != nil {
		return err
	}
	b, err := state.BuiltInText(c.Param(0), c.Param(1))
	if err != nil {
		return err
	}
	var t state.MessageTemplate
	e.Store.View(func(tx *state.Tx) {
		t = tx.MessageTemplate(b)
	})
	if err := in.apply(b, &t); err != nil {
		return err
	}
	link := e.FaceURL() + "/sign-in"
	data := map[string]any{
		"app":      map[string]any{"name": e.Settings().ApplicationName, "url": e.Config.Origins[0], "domain_name": e.Config.FrontendAPI},
		"otp_code": "123456", "magic_link": link, "action_url": link, "requested_at": e.Now().UTC().Format("02 January 2006, 15:04 MST"),
	}
	c.Note("preview of template " + b.Slug)
	return c.OK(map[string]any{
		"subject": state.RenderMessage(t.Subject, data, false), "body": state.RenderMessage(t.Body, data, b.Channel == "email"),
		"from_email_address": t.From + "@" + e.PrimaryName(), "reply_to_email_address": wire.OptString(t.ReplyTo),
	})
}

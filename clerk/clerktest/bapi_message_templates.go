package clerktest

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

func (e *Emulator) describeMessageTemplate(b *builtInTemplate, t *messageTemplate) messageTemplateResource {
	r := messageTemplateResource{
		Object: "template", Resource: "system", Type: b.channel, Name: t.Name, Slug: b.slug, CanRevert: t.Changed, CanEditBody: true,
		Subject: optString(t.Subject), Markup: t.Markup, Body: t.Body, Available: b.variables(), Required: append([]string{}, b.required...),
		From: t.From, ReplyTo: t.ReplyTo, ByClerk: !t.NotByClerk, Enabled: true,
		UpdatedAt: millis(t.UpdatedAt), CreatedAt: millis(t.Created.At),
	}
	if t.Changed {
		id := e.instanceID()
		r.Resource, r.InstanceID = "user", &id
	}
	for i := range builtInTemplates {
		if &builtInTemplates[i] == b {
			r.Position = i
		}
	}
	return r
}

func (e *Emulator) listMessageTemplates(c *call) error {
	channel, query := c.param(0), c.r.URL.Query()
	if _, err := builtInText(channel, "verification_code"); err != nil {
		return err
	}
	var all []*builtInTemplate
	for i := range builtInTemplates {
		if b := &builtInTemplates[i]; b.channel == channel {
			all = append(all, b)
		}
	}
	cut, err := page(all, query)
	if err != nil {
		return err
	}
	out := make([]messageTemplateResource, len(cut))
	for i, b := range cut {
		var t messageTemplate
		e.store.View(func(tx *stateTx) {
			t = tx.messageTemplate(b)
		})
		out[i] = e.describeMessageTemplate(b, &t)
	}
	c.note("templates of messages")
	return c.okList(query, out, len(all))
}

// onMessageTemplate works on the template of the path; nil only looks.
func (e *Emulator) onMessageTemplate(c *call, change func(*stateTx, *builtInTemplate, *messageTemplate) error) error {
	b, err := builtInText(c.param(0), c.param(1))
	if err != nil {
		return err
	}
	var t messageTemplate
	if change == nil {
		e.store.View(func(tx *stateTx) {
			t = tx.messageTemplate(b)
		})
	} else if t, err = e.store.changeMessageTemplate(b, func(tx *stateTx, t *messageTemplate) error { return change(tx, b, t) }); err != nil {
		return err
	}
	c.note("template " + b.slug + " of messages")
	return c.ok(e.describeMessageTemplate(b, &t))
}

func (e *Emulator) getMessageTemplate(c *call) error { return e.onMessageTemplate(c, nil) }

// messageTexts are the words in a body.
type messageTexts struct {
	Subject field[string] `json:"subject"`
	Body    field[string] `json:"body"`
	From    field[string] `json:"from_email_name"`
	ReplyTo field[string] `json:"reply_to_email_name"`
}

// maxMessageText bounds a template.
const maxMessageText = 256 << 10

func (in *messageTexts) apply(b *builtInTemplate, t *messageTemplate) error {
	for _, p := range []struct {
		param string
		from  field[string]
		to    *string
		max   int
	}{
		{"subject", in.Subject, &t.Subject, maxName}, {"body", in.Body, &t.Body, maxMessageText},
		{"from_email_name", in.From, &t.From, 64}, {"reply_to_email_name", in.ReplyTo, &t.ReplyTo, 64},
	} {
		if len(p.from.Value) > p.max {
			return errParam(p.param, "form_param_max_length_exceeded", p.param+" is too long")
		}
		if given(p.from) {
			*p.to = p.from.Value
		}
	}
	for param, name := range map[string]string{"from_email_name": t.From, "reply_to_email_name": t.ReplyTo} {
		if name != "" && !validEmail(name+"@example.com") {
			return errParam(param, "form_param_format_invalid", param+" is not what stands before the @ of an address")
		}
	}
	return b.check(t)
}

func (e *Emulator) upsertMessageTemplate(c *call) error {
	var in struct {
		messageTexts
		Name    field[string] `json:"name"`
		Markup  field[string] `json:"markup"`
		ByClerk field[bool]   `json:"delivered_by_clerk"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if len(in.Name.Value) > maxName || len(in.Markup.Value) > maxMessageText {
		return errParam("name", "form_param_max_length_exceeded", "name or markup is too long")
	}
	return e.onMessageTemplate(c, func(_ *stateTx, b *builtInTemplate, t *messageTemplate) error {
		if given(in.Name) {
			t.Name = in.Name.Value
		}
		in.Markup.into(&t.Markup)
		if given(in.ByClerk) {
			t.NotByClerk = !in.ByClerk.Value
		}
		t.Changed = true
		return in.apply(b, t)
	})
}

func (e *Emulator) revertMessageTemplate(c *call) error {
	return e.onMessageTemplate(c, func(tx *stateTx, b *builtInTemplate, t *messageTemplate) error {
		if !t.Changed {
			return errBadRequest("template_revert_error", "Template with slug "+b.slug+" can't be reverted")
		}
		t.Name, t.Subject, t.Markup, t.Body, t.From, t.ReplyTo, t.Changed = b.name, b.subject, "", b.body, tx.Instance.FromEmailAddress, "", false
		return nil
	})
}

func (e *Emulator) toggleMessageDelivery(c *call) error {
	var in struct {
		ByClerk field[bool] `json:"delivered_by_clerk"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if !given(in.ByClerk) {
		return errMissing("delivered_by_clerk")
	}
	return e.onMessageTemplate(c, func(_ *stateTx, _ *builtInTemplate, t *messageTemplate) error {
		t.NotByClerk = !in.ByClerk.Value
		return nil
	})
}

// previewMessageTemplate shows what a message would look like, with made-up
// values.
func (e *Emulator) previewMessageTemplate(c *call) error {
	var in messageTexts
	if err := c.decode(&in); err != nil {
		return err
	}
	b, err := builtInText(c.param(0), c.param(1))
	if err != nil {
		return err
	}
	var t messageTemplate
	e.store.View(func(tx *stateTx) {
		t = tx.messageTemplate(b)
	})
	if err := in.apply(b, &t); err != nil {
		return err
	}
	link := e.faceURL() + "/sign-in"
	data := map[string]any{
		"app":      map[string]any{"name": e.settings().ApplicationName, "url": e.cfg.Origins[0], "domain_name": e.cfg.FrontendAPI},
		"otp_code": "123456", "magic_link": link, "action_url": link, "requested_at": e.Now().UTC().Format("02 January 2006, 15:04 MST"),
	}
	c.note("preview of template " + b.slug)
	return c.ok(map[string]any{
		"subject": renderMessage(t.Subject, data, false), "body": renderMessage(t.Body, data, b.channel == "email"),
		"from_email_address": t.From + "@" + e.primaryName(), "reply_to_email_address": optString(t.ReplyTo),
	})
}

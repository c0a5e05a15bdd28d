package clerktest

import (
	"net/http"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// controlWebhooks lists endpoints and messages. A browser that comes from the
// URL that the Backend API calls the dashboard of webhooks gets the inspector.
func (e *Emulator) controlWebhooks(c *call) error {
	if strings.Contains(c.r.Header.Get("Accept"), "text/html") {
		c.redirect(http.StatusSeeOther, "/_emulator/#webhooks")
		return nil
	}
	messages := e.WebhookMessages()
	if messages == nil {
		messages = []WebhookMessage{}
	}
	return c.ok(map[string]any{"endpoints": e.Webhooks(), "messages": messages})
}

func (e *Emulator) controlAddWebhook(c *call) error {
	var in struct {
		URL    string   `json:"url"`
		Secret string   `json:"secret"`
		Events []string `json:"events"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.URL == "" {
		return refusal.Missing("url")
	}
	added, err := e.hooks.addEndpoint(WebhookEndpoint{URL: in.URL, Secret: in.Secret, Events: in.Events})
	if err != nil {
		return refusal.Param("url", "form_param_value_invalid", err.Error())
	}
	c.note("webhook endpoint added")
	return c.ok(added)
}

func (e *Emulator) controlRemoveWebhook(c *call) error {
	if err := e.hooks.removeEndpoint(c.param(0)); err != nil {
		return err
	}
	c.note("webhook endpoint removed")
	return c.ok(map[string]bool{"removed": true})
}

func (e *Emulator) controlReplay(c *call) error {
	if err := c.decode(&struct{}{}); err != nil {
		return err
	}
	if err := e.hooks.replay(c.param(0)); err != nil {
		return err
	}
	c.note("webhook replayed")
	return c.ok(map[string]bool{"replayed": true})
}

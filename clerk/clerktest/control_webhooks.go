package clerktest

import (
	"net/http"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// controlWebhooks lists endpoints and messages. A browser that comes from the
// URL that the Backend API calls the dashboard of webhooks gets the inspector.
func (e *Emulator) controlWebhooks(c *wire.Call) error {
	if strings.Contains(c.R.Header.Get("Accept"), "text/html") {
		c.Redirect(http.StatusSeeOther, "/_emulator/#webhooks")
		return nil
	}
	messages := e.WebhookMessages()
	if messages == nil {
		messages = []WebhookMessage{}
	}
	return c.OK(map[string]any{"endpoints": e.Webhooks(), "messages": messages})
}

func (e *Emulator) controlAddWebhook(c *wire.Call) error {
	var in struct {
		URL    string   `json:"url"`
		Secret string   `json:"secret"`
		Events []string `json:"events"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.URL == "" {
		return refusal.Missing("url")
	}
	added, err := e.hooks.addEndpoint(WebhookEndpoint{URL: in.URL, Secret: in.Secret, Events: in.Events})
	if err != nil {
		return refusal.Param("url", "form_param_value_invalid", err.Error())
	}
	c.Note("webhook endpoint added")
	return c.OK(added)
}

func (e *Emulator) controlRemoveWebhook(c *wire.Call) error {
	if err := e.hooks.removeEndpoint(c.Param(0)); err != nil {
		return err
	}
	c.Note("webhook endpoint removed")
	return c.OK(map[string]bool{"removed": true})
}

func (e *Emulator) controlReplay(c *wire.Call) error {
	if err := c.Decode(&struct{}{}); err != nil {
		return err
	}
	if err := e.hooks.replay(c.Param(0)); err != nil {
		return err
	}
	c.Note("webhook replayed")
	return c.OK(map[string]bool{"replayed": true})
}

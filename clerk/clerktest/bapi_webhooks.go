package clerktest

import (
	"net/http"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// The Svix app of the instance is the emulator itself: it stands for whether there
// is one.

func errNoSvixApp() *refusal.Error {
	return refusal.BadRequest("svix_app_missing", "This instance has no Svix app.")
}

func (e *Emulator) createSvixApp(c *wire.Call) error {
	if !e.hooks.setApp(true) {
		return refusal.BadRequest("svix_app_exists", "This instance has a Svix app already.")
	}
	c.Note("webhooks switched on")
	return e.answerSvixURL(c)
}

// deleteSvixApp takes all endpoints away.
func (e *Emulator) deleteSvixApp(c *wire.Call) error {
	if !e.hooks.setApp(false) {
		return errNoSvixApp()
	}
	for _, ep := range e.hooks.list() {
		_ = e.hooks.removeEndpoint(ep.ID) // somebody else may have
	}
	c.Note("webhooks switched off")
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}

func (e *Emulator) svixURL(c *wire.Call) error {
	if !e.hooks.hasApp() {
		return errNoSvixApp()
	}
	c.Note("where webhooks are managed")
	return e.answerSvixURL(c)
}

// answerSvixURL leads to the inspector, which shows what Svix's pages would.
func (e *Emulator) answerSvixURL(c *wire.Call) error {
	return c.OK(map[string]string{"svix_url": e.server.URL + "/_emulator/webhooks"})
}

// setApp says whether there is an app, and reports whether that is new.
func (h *webhooks) setApp(there bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	changed := h.app != there
	h.app = there
	return changed
}

func (h *webhooks) hasApp() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.app
}

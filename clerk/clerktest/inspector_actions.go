package clerktest

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// inspectorButton is a button of the inspector.
type inspectorButton struct {
	did string // what the page says afterwards
	do  func(e *Emulator, form url.Values) error
}

// inspectorActions are the buttons by the value of action.
var inspectorActions = map[string]inspectorButton{
	"advance": {"The clock moved ahead.", func(e *Emulator, form url.Values) error {
		seconds, err := strconv.ParseFloat(form.Get("seconds"), 64)
		if err != nil {
			return refusal.Param("seconds", "form_param_value_invalid", "seconds is no number")
		}
		return e.advance(seconds)
	}},
	"rotate": {"A new key signs. The old ones are not published any more.", func(e *Emulator, _ url.Values) error {
		_, err := e.server.Keys.Rotate(false)
		return err
	}},
	"rotate-keep": {"A new key signs. The old ones stay published.", func(e *Emulator, _ url.Values) error {
		_, err := e.server.Keys.Rotate(true)
		return err
	}},
	"reset": {"The instance is as it was at the start.", func(e *Emulator, _ url.Values) error { return e.reset() }},
	"clear-faults": {"No request fails any more.", func(e *Emulator, _ url.Values) error {
		e.ClearFaults()
		return nil
	}},
	"fail-jwks": {"The next request for the keys fails with 503.", func(e *Emulator, _ url.Values) error {
		_, err := e.server.Faults.Add(wire.FaultSpec{Path: "/v1/jwks", Status: http.StatusServiceUnavailable, Times: 1})
		return err
	}},
	"rate-limits": {"The rate limits were switched.", func(e *Emulator, form url.Values) error {
		e.SetRateLimits(form.Get("on") == "true")
		return nil
	}},
	"revoke": {"The session was revoked.", func(e *Emulator, form url.Values) error {
		_, err := e.sessionOver(form.Get("session"), state.StatusRevoked)
		return err
	}},
	"expire": {"The session expired.", func(e *Emulator, form url.Values) error {
		_, err := e.sessionOver(form.Get("session"), state.StatusExpired)
		return err
	}},
	"replay": {"The webhook is delivered again.", func(e *Emulator, form url.Values) error {
		return e.hooks.replay(form.Get("message"))
	}},
	"add-webhook": {"Webhooks are delivered there.", func(e *Emulator, form url.Values) error {
		if form.Get("url") == "" {
			return refusal.Missing("url")
		}
		if _, err := e.hooks.addEndpoint(WebhookEndpoint{URL: form.Get("url")}); err != nil {
			return refusal.Param("url", "form_param_value_invalid", err.Error())
		}
		return nil
	}},
	"add-user": {"The user was added.", func(e *Emulator, form url.Values) error {
		_, err := e.server.Store.AddUser(state.UserSeed{Email: form.Get("email_address"), FirstName: form.Get("first_name")})
		return err
	}},
}

// inspectorAction does what a button says and shows the page again.
func (e *Emulator) inspectorAction(c *wire.Call) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	name := form.Get("action")
	button, ok := inspectorActions[name]
	if !ok {
		return refusal.Param("action", "form_param_value_invalid", "action "+refusal.Quoted(name)+" does not exist")
	}
	if err := button.do(e, form); err != nil {
		return err
	}
	c.Note("inspector: " + name)
	c.Redirect(http.StatusSeeOther, "/_emulator/?did="+url.QueryEscape(name))
	return nil
}

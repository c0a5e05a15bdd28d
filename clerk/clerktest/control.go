package clerktest

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// controlRoutes are the test functions over HTTP, for tests in other languages,
// and the inspector. Bodies are JSON objects; an unknown field is an error.
// docs/emulator.md describes each.
var controlRoutes = []operation{
	{Method: "GET", Pattern: "/_emulator", Operation: "InspectorRedirect", Handler: (*Emulator).inspectorRedirect},
	{Method: "GET", Pattern: "/_emulator/", Operation: "Inspector", Handler: (*Emulator).inspector},
	{Method: "POST", Pattern: "/_emulator/", Operation: "InspectorAction", Handler: (*Emulator).inspectorAction},
	{Method: "GET", Pattern: "/_emulator/inspector.css", Operation: "InspectorStyle", Handler: (*Emulator).inspectorStyle},
	{Method: "GET", Pattern: "/_emulator/icon.svg", Operation: "InspectorIcon", Handler: inFrontend["InspectorIcon"]},
	{Method: "GET", Pattern: "/_emulator/inspector.js", Operation: "InspectorScript", Handler: (*Emulator).inspectorScript},

	{Method: "GET", Pattern: "/_emulator/state", Operation: "GetState", Handler: (*Emulator).controlState},
	{Method: "GET", Pattern: "/_emulator/users", Operation: "ListUsers", Handler: (*Emulator).controlUsers},
	{Method: "POST", Pattern: "/_emulator/users", Operation: "AddUser", Handler: (*Emulator).controlAddUser},
	{Method: "POST", Pattern: "/_emulator/seed", Operation: "LoadSeed", Handler: (*Emulator).controlSeed},

	{Method: "GET", Pattern: "/_emulator/sessions", Operation: "ListSessions", Handler: (*Emulator).controlSessions},
	{Method: "POST", Pattern: "/_emulator/sessions", Operation: "SignIn", Handler: (*Emulator).controlSignIn},
	{Method: "POST", Pattern: "/_emulator/sessions/{session_id}/token", Operation: "SessionToken", Handler: (*Emulator).controlToken},
	{Method: "POST", Pattern: "/_emulator/sessions/{session_id}/revoke", Operation: "RevokeSession", Handler: (*Emulator).controlRevoke},
	{Method: "POST", Pattern: "/_emulator/sessions/{session_id}/end", Operation: "EndSession", Handler: (*Emulator).controlEnd},
	{Method: "POST", Pattern: "/_emulator/sessions/{session_id}/expire", Operation: "ExpireSession", Handler: (*Emulator).controlExpire},
	{Method: "POST", Pattern: "/_emulator/tokens", Operation: "SignToken", Handler: (*Emulator).controlSign},

	{Method: "GET", Pattern: "/_emulator/clock", Operation: "GetClock", Handler: (*Emulator).controlClock},
	{Method: "POST", Pattern: "/_emulator/clock/advance", Operation: "AdvanceClock", Handler: (*Emulator).controlAdvance},
	{Method: "GET", Pattern: "/_emulator/keys", Operation: "ListKeys", Handler: (*Emulator).controlKeys},
	{Method: "POST", Pattern: "/_emulator/keys/rotate", Operation: "RotateKeys", Handler: (*Emulator).controlRotate},

	{Method: "GET", Pattern: "/_emulator/faults", Operation: "ListFaults", Handler: (*Emulator).controlFaults},
	{Method: "POST", Pattern: "/_emulator/faults", Operation: "AddFault", Handler: (*Emulator).controlAddFault},
	{Method: "DELETE", Pattern: "/_emulator/faults", Operation: "ClearFaults", Handler: (*Emulator).controlClearFaults},
	{Method: "DELETE", Pattern: "/_emulator/faults/{fault_id}", Operation: "RemoveFault", Handler: (*Emulator).controlRemoveFault},
	{Method: "GET", Pattern: "/_emulator/rate_limits", Operation: "GetRateLimits", Handler: (*Emulator).controlRateLimits},
	{Method: "PUT", Pattern: "/_emulator/rate_limits", Operation: "SetRateLimits", Handler: (*Emulator).controlSetRateLimits},

	{Method: "GET", Pattern: "/_emulator/webhooks", Operation: "ListWebhooks", Handler: (*Emulator).controlWebhooks},
	{Method: "POST", Pattern: "/_emulator/webhooks", Operation: "AddWebhook", Handler: (*Emulator).controlAddWebhook},
	{Method: "DELETE", Pattern: "/_emulator/webhooks/{endpoint_id}", Operation: "RemoveWebhook", Handler: (*Emulator).controlRemoveWebhook},
	{Method: "POST", Pattern: "/_emulator/webhooks/messages/{message_id}/replay", Operation: "ReplayWebhook", Handler: (*Emulator).controlReplay},

	{Method: "GET", Pattern: "/_emulator/outbox", Operation: "ListMessages", Handler: (*Emulator).controlOutbox},
	{Method: "GET", Pattern: "/_emulator/requests", Operation: "ListRequests", Handler: (*Emulator).controlRequests},
	{Method: "GET", Pattern: "/_emulator/settings", Operation: "GetSettings", Handler: (*Emulator).controlSettings},
	{Method: "PATCH", Pattern: "/_emulator/settings", Operation: "UpdateSettings", Handler: (*Emulator).controlSetSettings},

	{Method: "GET", Pattern: "/_emulator/snapshot", Operation: "GetSnapshot", Handler: (*Emulator).controlSnapshot},
	{Method: "PUT", Pattern: "/_emulator/snapshot", Operation: "RestoreSnapshot", Handler: (*Emulator).controlRestore},
	{Method: "POST", Pattern: "/_emulator/reset", Operation: "Reset", Handler: (*Emulator).controlReset},
}

// clockAnswer is the emulator's time.
type clockAnswer struct {
	Now    time.Time `json:"now"`
	Offset float64   `json:"offset_seconds"` // what the clock was moved ahead
}

func (e *Emulator) clock() clockAnswer {
	return clockAnswer{e.server.Now().UTC(), time.Duration(e.server.Offset.Load()).Seconds()}
}

func (e *Emulator) controlState(c *wire.Call) error {
	var counts map[string]int
	e.server.Store.View(func(tx *state.Tx) {
		counts = map[string]int{
			"users": len(tx.Users), "organizations": len(tx.Organizations), "sessions": len(tx.Sessions), "messages": len(tx.Outbox),
		}
	})
	return c.OK(map[string]any{
		"instance": e.server.Config.Instance, "url": e.server.URL, "issuer": e.server.Issuer(), "publishable_key": e.PublishableKey(), "secret_key": e.SecretKey(),
		"origins": e.server.Config.Origins, "key_id": e.server.Keys.Current().ID, "clock": e.clock(), "counts": counts, "requests": e.RequestCount(),
		"faults": len(e.server.Faults.InForce()), "rate_limits": e.server.Limits.IsOn(),
	})
}

func (e *Emulator) controlClock(c *wire.Call) error { return c.OK(e.clock()) }

// maxAdvance is far enough for every test, and far from the end of time.
const maxAdvance = 20 * 365 * 24 * time.Hour

func (e *Emulator) controlAdvance(c *wire.Call) error {
	var in struct {
		Seconds float64 `json:"seconds"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if err := e.advance(in.Seconds); err != nil {
		return err
	}
	c.Note("clock moved ahead by " + time.Duration(in.Seconds*float64(time.Second)).String())
	return c.OK(e.clock())
}

// advance moves the clock ahead by what came from outside.
func (e *Emulator) advance(seconds float64) error {
	d := time.Duration(seconds * float64(time.Second))
	if !(seconds > 0) || seconds > maxAdvance.Seconds() || time.Duration(e.server.Offset.Load())+d > maxAdvance {
		return refusal.Param("seconds", "form_param_value_invalid", "seconds must be more than 0, and all in all at most 20 years")
	}
	e.Advance(d)
	return nil
}

func (e *Emulator) controlKeys(c *wire.Call) error { return c.OK(e.server.Keys.JWKS()) }

func (e *Emulator) controlRotate(c *wire.Call) error {
	var in struct {
		KeepOld bool `json:"keep_old"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	kid, err := e.server.Keys.Rotate(in.KeepOld)
	if err != nil {
		return err
	}
	c.Note("signing key rotated")
	return c.OK(map[string]string{"kid": kid})
}

func (e *Emulator) controlSettings(c *wire.Call) error { return c.OK(e.Settings()) }

// controlSetSettings changes the settings that are there.
func (e *Emulator) controlSetSettings(c *wire.Call) error {
	set := e.Settings()
	if err := c.Decode(&set); err != nil {
		return err
	}
	_, bad := state.Settings(set).WithDefaults()
	if len(bad) > 0 {
		return refusal.Param(snake(bad[0]), "form_param_value_invalid", "is not one of the values that it can have")
	}
	if err := e.SetSettings(set); err != nil {
		return err
	}
	c.Note("settings changed")
	return c.OK(e.Settings())
}

// snake is a Go name as JSON has it: SignUpMode, sign_up_mode.
func snake(name string) string {
	var out []byte
	for i := range len(name) {
		ch := name[i]
		if 'A' <= ch && ch <= 'Z' {
			if i > 0 && ('a' <= name[i-1] && name[i-1] <= 'z') {
				out = append(out, '_')
			}
			ch += 'a' - 'A'
		}
		out = append(out, ch)
	}
	return string(out)
}

func (e *Emulator) controlRateLimits(c *wire.Call) error {
	return c.OK(map[string]bool{"enabled": e.server.Limits.IsOn()})
}

func (e *Emulator) controlSetRateLimits(c *wire.Call) error {
	var in struct {
		Enabled wire.Field[bool] `json:"enabled"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if !in.Enabled.Set || in.Enabled.Null {
		return refusal.Missing("enabled")
	}
	e.SetRateLimits(in.Enabled.Value)
	c.Note("rate limits: " + map[bool]string{true: "on", false: "off"}[in.Enabled.Value])
	return e.controlRateLimits(c)
}

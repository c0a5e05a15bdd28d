package clerktest

import (
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// controlRoutes are the test functions over HTTP, for tests in other languages,
// and the inspector. Bodies are JSON objects; an unknown field is an error.
// docs/emulator.md describes each.
var controlRoutes = []route{
	{"GET", "/_emulator", "InspectorRedirect", (*Emulator).inspectorRedirect},
	{"GET", "/_emulator/", "Inspector", (*Emulator).inspector},
	{"POST", "/_emulator/", "InspectorAction", (*Emulator).inspectorAction},
	{"GET", "/_emulator/inspector.css", "InspectorStyle", (*Emulator).inspectorStyle},
	{"GET", "/_emulator/icon.svg", "InspectorIcon", (*Emulator).avatar},
	{"GET", "/_emulator/inspector.js", "InspectorScript", (*Emulator).inspectorScript},

	{"GET", "/_emulator/state", "GetState", (*Emulator).controlState},
	{"GET", "/_emulator/users", "ListUsers", (*Emulator).controlUsers},
	{"POST", "/_emulator/users", "AddUser", (*Emulator).controlAddUser},
	{"POST", "/_emulator/seed", "LoadSeed", (*Emulator).controlSeed},

	{"GET", "/_emulator/sessions", "ListSessions", (*Emulator).controlSessions},
	{"POST", "/_emulator/sessions", "SignIn", (*Emulator).controlSignIn},
	{"POST", "/_emulator/sessions/{session_id}/token", "SessionToken", (*Emulator).controlToken},
	{"POST", "/_emulator/sessions/{session_id}/revoke", "RevokeSession", (*Emulator).controlRevoke},
	{"POST", "/_emulator/sessions/{session_id}/end", "EndSession", (*Emulator).controlEnd},
	{"POST", "/_emulator/sessions/{session_id}/expire", "ExpireSession", (*Emulator).controlExpire},
	{"POST", "/_emulator/tokens", "SignToken", (*Emulator).controlSign},

	{"GET", "/_emulator/clock", "GetClock", (*Emulator).controlClock},
	{"POST", "/_emulator/clock/advance", "AdvanceClock", (*Emulator).controlAdvance},
	{"GET", "/_emulator/keys", "ListKeys", (*Emulator).controlKeys},
	{"POST", "/_emulator/keys/rotate", "RotateKeys", (*Emulator).controlRotate},

	{"GET", "/_emulator/faults", "ListFaults", (*Emulator).controlFaults},
	{"POST", "/_emulator/faults", "AddFault", (*Emulator).controlAddFault},
	{"DELETE", "/_emulator/faults", "ClearFaults", (*Emulator).controlClearFaults},
	{"DELETE", "/_emulator/faults/{fault_id}", "RemoveFault", (*Emulator).controlRemoveFault},
	{"GET", "/_emulator/rate_limits", "GetRateLimits", (*Emulator).controlRateLimits},
	{"PUT", "/_emulator/rate_limits", "SetRateLimits", (*Emulator).controlSetRateLimits},

	{"GET", "/_emulator/webhooks", "ListWebhooks", (*Emulator).controlWebhooks},
	{"POST", "/_emulator/webhooks", "AddWebhook", (*Emulator).controlAddWebhook},
	{"DELETE", "/_emulator/webhooks/{endpoint_id}", "RemoveWebhook", (*Emulator).controlRemoveWebhook},
	{"POST", "/_emulator/webhooks/messages/{message_id}/replay", "ReplayWebhook", (*Emulator).controlReplay},

	{"GET", "/_emulator/outbox", "ListMessages", (*Emulator).controlOutbox},
	{"GET", "/_emulator/requests", "ListRequests", (*Emulator).controlRequests},
	{"GET", "/_emulator/settings", "GetSettings", (*Emulator).controlSettings},
	{"PATCH", "/_emulator/settings", "UpdateSettings", (*Emulator).controlSetSettings},

	{"GET", "/_emulator/snapshot", "GetSnapshot", (*Emulator).controlSnapshot},
	{"PUT", "/_emulator/snapshot", "RestoreSnapshot", (*Emulator).controlRestore},
	{"POST", "/_emulator/reset", "Reset", (*Emulator).controlReset},
}

// guardControl keeps pages of other origins away from the test functions, which
// need no key. They cannot change anything (cross-site request forgery), and they
// cannot read anything: there are no CORS headers, and answers are not to be had
// as scripts or pictures either. A browser may go to the pages. Names of the
// internet that lead here (DNS rebinding) were refused before. Programs that are
// no browser send neither Origin nor Sec-Fetch-Site, and may do everything.
func (e *Emulator) guardControl(c *call) error {
	h := c.w.Header()
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	if c.method != http.MethodGet {
		if err := c.sameOrigin(); err != nil {
			return errForeignPage()
		}
		return nil
	}
	switch c.r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	if c.r.Header.Get("Sec-Fetch-Mode") == "navigate" && c.r.Header.Get("Sec-Fetch-Dest") == "document" {
		return nil
	}
	return errForeignPage()
}

func errForeignPage() *refusal.Error {
	return &refusal.Error{
		Kind: refusal.KindNotAllowed, Code: "origin_invalid", Message: "Forbidden", Long: "Pages of other origins may not use the emulator's test functions.", Param: "", Meta: nil,
	}
}

// clockAnswer is the emulator's time.
type clockAnswer struct {
	Now    time.Time `json:"now"`
	Offset float64   `json:"offset_seconds"` // what the clock was moved ahead
}

func (e *Emulator) clock() clockAnswer {
	return clockAnswer{e.Now().UTC(), time.Duration(e.offset.Load()).Seconds()}
}

func (e *Emulator) controlState(c *call) error {
	var counts map[string]int
	e.store.View(func(tx *state.Tx) {
		counts = map[string]int{
			"users": len(tx.Users), "organizations": len(tx.Organizations), "sessions": len(tx.Sessions), "messages": len(tx.Outbox),
		}
	})
	return c.ok(map[string]any{
		"instance": e.cfg.Instance, "url": e.URL, "issuer": e.Issuer(), "publishable_key": e.PublishableKey(), "secret_key": e.SecretKey(),
		"origins": e.cfg.Origins, "key_id": e.KeyID(), "clock": e.clock(), "counts": counts, "requests": e.RequestCount(),
		"faults": len(e.faults.inForce()), "rate_limits": e.limits.on.Load(),
	})
}

func (e *Emulator) controlClock(c *call) error { return c.ok(e.clock()) }

// maxAdvance is far enough for every test, and far from the end of time.
const maxAdvance = 20 * 365 * 24 * time.Hour

func (e *Emulator) controlAdvance(c *call) error {
	var in struct {
		Seconds float64 `json:"seconds"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := e.advance(in.Seconds); err != nil {
		return err
	}
	c.note("clock moved ahead by " + time.Duration(in.Seconds*float64(time.Second)).String())
	return c.ok(e.clock())
}

// advance moves the clock ahead by what came from outside.
func (e *Emulator) advance(seconds float64) error {
	d := time.Duration(seconds * float64(time.Second))
	if !(seconds > 0) || seconds > maxAdvance.Seconds() || time.Duration(e.offset.Load())+d > maxAdvance {
		return refusal.Param("seconds", "form_param_value_invalid", "seconds must be more than 0, and all in all at most 20 years")
	}
	e.Advance(d)
	return nil
}

func (e *Emulator) controlKeys(c *call) error { return c.ok(e.keys.JWKS()) }

func (e *Emulator) controlRotate(c *call) error {
	var in struct {
		KeepOld bool `json:"keep_old"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	kid, err := e.keys.Rotate(in.KeepOld)
	if err != nil {
		return err
	}
	c.note("signing key rotated")
	return c.ok(map[string]string{"kid": kid})
}

func (e *Emulator) controlSettings(c *call) error { return c.ok(e.Settings()) }

// controlSetSettings changes the settings that are there.
func (e *Emulator) controlSetSettings(c *call) error {
	set := e.Settings()
	if err := c.decode(&set); err != nil {
		return err
	}
	_, bad := state.Settings(set).WithDefaults()
	if len(bad) > 0 {
		return refusal.Param(snake(bad[0]), "form_param_value_invalid", "is not one of the values that it can have")
	}
	if err := e.SetSettings(set); err != nil {
		return err
	}
	c.note("settings changed")
	return c.ok(e.Settings())
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

func (e *Emulator) controlRateLimits(c *call) error {
	return c.ok(map[string]bool{"enabled": e.limits.on.Load()})
}

func (e *Emulator) controlSetRateLimits(c *call) error {
	var in struct {
		Enabled field[bool] `json:"enabled"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if !in.Enabled.Set || in.Enabled.Null {
		return refusal.Missing("enabled")
	}
	e.SetRateLimits(in.Enabled.Value)
	c.note("rate limits: " + map[bool]string{true: "on", false: "off"}[in.Enabled.Value])
	return e.controlRateLimits(c)
}

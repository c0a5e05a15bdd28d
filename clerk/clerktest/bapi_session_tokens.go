package clerktest

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// createSessionBAPI signs a user in without any proof, for tests.
func (e *Emulator) createSessionBAPI(c *call) error {
	if e.cfg.Instance != clerk.Development {
		return &refusal.Error{
			Kind: refusal.KindBadRequest, Code: "request_invalid_for_environment", Message: "Invalid request for environment",
			Long: "Request only valid for development instances.", Param: "", Meta: nil,
		}
	}
	var in struct {
		UserID       field[string] `json:"user_id"`
		Organization field[string] `json:"active_organization_id"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.UserID.Value == "" {
		return refusal.Missing("user_id")
	}
	var rec state.Session
	var err error
	e.store.Apply(func(tx *state.Tx) {
		err = error(refusal.NotFound("user with id " + refusal.Quoted(in.UserID.Value)))
		if u := tx.Users[in.UserID.Value]; u != nil {
			if err = refusal.OrNil(u.MayEnter(tx.Now())); err == nil {
				rec, err = tx.SignIn(state.SignIn{UserID: u.ID, Organization: in.Organization.Value, SecondFactor: -1})
			}
		}
	})
	if err != nil {
		return err
	}
	c.note("session of " + rec.UserID + " created")
	return c.ok(e.backendSession(&rec))
}

// Bounds of expires_in_seconds of a token.
const (
	minTokenSeconds = 30
	maxTokenSeconds = 315_360_000
)

// tokenLifetime reads how long a token is to live, 0 for the default.
func (c *call) tokenLifetime() (time.Duration, error) {
	var in struct {
		Seconds field[int] `json:"expires_in_seconds"`
	}
	if err := c.decode(&in); err != nil {
		return 0, err
	}
	if in.Seconds.Set && !in.Seconds.Null && (in.Seconds.Value < minTokenSeconds || in.Seconds.Value > maxTokenSeconds) {
		return 0, refusal.Param("expires_in_seconds", "form_param_value_invalid", "expires_in_seconds is not a number from 30 to 315360000")
	}
	return time.Duration(in.Seconds.Value) * time.Second, nil
}

// createSessionTokenBAPI makes a session token. It has no azp: no browser asked.
func (e *Emulator) createSessionTokenBAPI(c *call) error {
	lifetime, err := c.tokenLifetime()
	if err != nil {
		return err
	}
	if err := e.liveSession(c.param(0)); err != nil {
		return err
	}
	token, err := e.sessionToken(c.param(0), tokenRequest{lifetime: lifetime})
	if err != nil {
		return err
	}
	c.note("session token")
	return c.ok(tokenResource{"token", token})
}

func (e *Emulator) createTemplateTokenBAPI(c *call) error {
	lifetime, err := c.tokenLifetime()
	if err != nil {
		return err
	}
	if err := e.liveSession(c.param(0)); err != nil {
		return err
	}
	token, err := e.templateToken(c.param(0), c.param(1), "", lifetime)
	if err != nil {
		return err
	}
	c.note("token of template " + refusal.Quoted(c.param(1)))
	return c.ok(tokenResource{"token", token})
}

// liveSession refuses sessions that are over: they are not found any more.
func (e *Emulator) liveSession(id string) error {
	if s, err := e.store.Session(id); err != nil || !s.Live() {
		return refusal.NotFound("session with id " + refusal.Quoted(id))
	}
	return nil
}

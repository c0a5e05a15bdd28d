package clerktest

import (
	"net/http"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
)

// createSessionBAPI signs a user in without any proof, for tests.
func (e *Emulator) createSessionBAPI(c *call) error {
	if e.cfg.Instance != clerk.Development {
		return &apiError{
			http.StatusBadRequest, "request_invalid_for_environment", "Invalid request for environment",
			"Request only valid for development instances.", "", nil,
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
		return errMissing("user_id")
	}
	var rec session
	var err error
	e.store.Apply(func(tx *stateTx) {
		err = error(errNotFound("user with id " + quoted(in.UserID.Value)))
		if u := tx.Users[in.UserID.Value]; u != nil {
			if err = orNil(u.mayEnter(tx.now())); err == nil {
				rec, err = tx.signIn(signIn{userID: u.ID, organization: in.Organization.Value, secondFactor: -1})
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
		return 0, errParam("expires_in_seconds", "form_param_value_invalid", "expires_in_seconds is not a number from 30 to 315360000")
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
	c.note("token of template " + quoted(c.param(1)))
	return c.ok(tokenResource{"token", token})
}

// liveSession refuses sessions that are over: they are not found any more.
func (e *Emulator) liveSession(id string) error {
	if s, err := e.store.session(id); err != nil || !s.live() {
		return errNotFound("session with id " + quoted(id))
	}
	return nil
}

package sessions

import (
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// createSessionBAPI signs a user in without any proof, for tests.
func (e *API) createSessionBAPI(c *wire.Call) error {
	if e.Config.Instance != clerk.Development {
		return &refusal.Error{
			Kind: refusal.KindBadRequest, Code: "request_invalid_for_environment", Message: "Invalid request for environment",
			Long: "Request only valid for development instances.", Param: "", Meta: nil,
		}
	}
	var in struct {
		UserID       wire.Field[string] `json:"user_id"`
		Organization wire.Field[string] `json:"active_organization_id"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.UserID.Value == "" {
		return refusal.Missing("user_id")
	}
	var rec state.Session
	var err error
	e.Store.Apply(func(tx *state.Tx) {
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
	c.Note("session of " + rec.UserID + " created")
	return c.OK(e.answers.BackendSession(&rec))
}

// Bounds of expires_in_seconds of a token.
const (
	minTokenSeconds = 30
	MaxTokenSeconds = 315_360_000
)

// tokenLifetime reads how long a token is to live, 0 for the default.
func tokenLifetime(c *wire.Call) (time.Duration, error) {
	var in struct {
		Seconds wire.Field[int] `json:"expires_in_seconds"`
	}
	if err := c.Decode(&in); err != nil {
		return 0, err
	}
	if in.Seconds.Set && !in.Seconds.Null && (in.Seconds.Value < minTokenSeconds || in.Seconds.Value > MaxTokenSeconds) {
		return 0, refusal.Param("expires_in_seconds", "form_param_value_invalid", "expires_in_seconds is not a number from 30 to 315360000")
	}
	return time.Duration(in.Seconds.Value) * time.Second, nil
}

// createSessionTokenBAPI makes a session token. It has no azp: no browser asked.
func (e *API) createSessionTokenBAPI(c *wire.Call) error {
	lifetime, err := tokenLifetime(c)
	if err != nil {
		return err
	}
	if err := e.liveSession(c.Param(0)); err != nil {
		return err
	}
	token, err := e.tokens.SessionToken(c.Param(0), tokens.TokenRequest{Lifetime: lifetime})
	if err != nil {
		return err
	}
	c.Note("session token")
	return c.OK(answers.TokenResource{Object: "token", JWT: token})
}

func (e *API) createTemplateTokenBAPI(c *wire.Call) error {
	lifetime, err := tokenLifetime(c)
	if err != nil {
		return err
	}
	if err := e.liveSession(c.Param(0)); err != nil {
		return err
	}
	token, err := e.TemplateToken(c.Param(0), c.Param(1), "", lifetime)
	if err != nil {
		return err
	}
	c.Note("token of template " + refusal.Quoted(c.Param(1)))
	return c.OK(answers.TokenResource{Object: "token", JWT: token})
}

// liveSession refuses sessions that are over: they are not found any more.
func (e *API) liveSession(id string) error {
	if s, err := e.Store.Session(id); err != nil || !s.Live() {
		return refusal.NotFound("session with id " + refusal.Quoted(id))
	}
	return nil
}

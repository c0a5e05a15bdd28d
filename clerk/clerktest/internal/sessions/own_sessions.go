package sessions

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// OwnSession recognizes the browser and finds the session of the path among its
// own. Foreign sessions are as good as none.
func (e *API) OwnSession(c *wire.Call) (state.Browser, state.SessionState, error) {
	b, err := e.Browser(c)
	if err != nil {
		return b, state.SessionState{}, err
	}
	s, err := e.Store.SessionOf(b.ClientID, c.Param(0))
	return b, s, err
}

func (e *API) getSession(c *wire.Call) error {
	b, s, err := e.OwnSession(c)
	if err != nil {
		return err
	}
	c.Note("session")
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.FrontendSession(&s, ""))
}

// touchSession makes the session the browser's active one and may change its
// organization.
func (e *API) touchSession(c *wire.Call) error {
	b, s, err := e.OwnSession(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	var organization *string
	if form.Has("active_organization_id") {
		id := form.Get("active_organization_id")
		organization = &id
	}
	if err := e.Store.Activate(b.ClientID, s.Session.ID, organization); err != nil {
		return err
	}
	if s, err = e.Store.SessionOf(b.ClientID, s.Session.ID); err != nil {
		return err
	}
	token, err := e.tokens.SessionToken(s.Session.ID, tokens.TokenRequest{Origin: e.RequestOrigin(c)})
	if err != nil {
		return err
	}
	c.Note("session made active")
	if organization != nil && *organization != "" {
		c.Note("session made active with organization " + s.Session.OrganizationID)
	}
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.FrontendSession(&s, token))
}

func (e *API) endOwnSession(c *wire.Call) error { return e.closeOwnSession(c, state.StatusEnded) }

func (e *API) removeOwnSession(c *wire.Call) error {
	return e.closeOwnSession(c, state.StatusRemoved)
}

func (e *API) closeOwnSession(c *wire.Call, status string) error {
	b, s, err := e.OwnSession(c)
	if err != nil {
		return err
	}
	if s.Session, err = e.Store.EndSession(s.Session.ID, status); err != nil {
		return err
	}
	c.Note("session " + status)
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.FrontendSession(&s, ""))
}

// createSessionToken answers with a token alone: clerk-js does not take it
// wrapped. organization_id, if there, is for this token only.
func (e *API) createSessionToken(c *wire.Call) error {
	_, s, err := e.OwnSession(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	req := tokens.TokenRequest{Origin: e.RequestOrigin(c)}
	if form.Has("organization_id") {
		id := form.Get("organization_id")
		req.Organization = &id
	}
	token, err := e.tokens.SessionToken(s.Session.ID, req)
	if err != nil {
		return err
	}
	c.Note("fresh session token for " + s.User.ID)
	return c.OK(answers.TokenResource{Object: "token", JWT: token})
}

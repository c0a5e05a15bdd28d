package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// ownSession recognizes the browser and finds the session of the path among its
// own. Foreign sessions are as good as none.
func (e *Emulator) ownSession(c *wire.Call) (state.Browser, state.SessionState, error) {
	b, err := e.server.Browser(c)
	if err != nil {
		return b, state.SessionState{}, err
	}
	s, err := e.server.Store.SessionOf(b.ClientID, c.Param(0))
	return b, s, err
}

func (e *Emulator) getSession(c *wire.Call) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	c.Note("session")
	return e.answerWrapped(c, b.ClientID, e.frontendSession(&s, ""))
}

// touchSession makes the session the browser's active one and may change its
// organization.
func (e *Emulator) touchSession(c *wire.Call) error {
	b, s, err := e.ownSession(c)
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
	if err := e.server.Store.Activate(b.ClientID, s.Session.ID, organization); err != nil {
		return err
	}
	if s, err = e.server.Store.SessionOf(b.ClientID, s.Session.ID); err != nil {
		return err
	}
	token, err := e.sessionToken(s.Session.ID, tokenRequest{origin: e.server.RequestOrigin(c)})
	if err != nil {
		return err
	}
	c.Note("session made active")
	if organization != nil && *organization != "" {
		c.Note("session made active with organization " + s.Session.OrganizationID)
	}
	return e.answerWrapped(c, b.ClientID, e.frontendSession(&s, token))
}

func (e *Emulator) endOwnSession(c *wire.Call) error { return e.closeOwnSession(c, state.StatusEnded) }

func (e *Emulator) removeOwnSession(c *wire.Call) error {
	return e.closeOwnSession(c, state.StatusRemoved)
}

func (e *Emulator) closeOwnSession(c *wire.Call, status string) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	if s.Session, err = e.server.Store.EndSession(s.Session.ID, status); err != nil {
		return err
	}
	c.Note("session " + status)
	return e.answerWrapped(c, b.ClientID, e.frontendSession(&s, ""))
}

// createSessionToken answers with a token alone: clerk-js does not take it
// wrapped. organization_id, if there, is for this token only.
func (e *Emulator) createSessionToken(c *wire.Call) error {
	_, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	req := tokenRequest{origin: e.server.RequestOrigin(c)}
	if form.Has("organization_id") {
		id := form.Get("organization_id")
		req.organization = &id
	}
	token, err := e.sessionToken(s.Session.ID, req)
	if err != nil {
		return err
	}
	c.Note("fresh session token for " + s.User.ID)
	return c.OK(tokenResource{"token", token})
}

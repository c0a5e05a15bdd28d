package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// ownSession recognizes the browser and finds the session of the path among its
// own. Foreign sessions are as good as none.
func (e *Emulator) ownSession(c *call) (state.Browser, state.SessionState, error) {
	b, err := e.browser(c)
	if err != nil {
		return b, state.SessionState{}, err
	}
	s, err := e.store.SessionOf(b.ClientID, c.param(0))
	return b, s, err
}

func (e *Emulator) getSession(c *call) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	c.note("session")
	return e.answerWrapped(c, b.ClientID, e.frontendSession(&s, ""))
}

// touchSession makes the session the browser's active one and may change its
// organization.
func (e *Emulator) touchSession(c *call) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	var organization *string
	if form.Has("active_organization_id") {
		id := form.Get("active_organization_id")
		organization = &id
	}
	if err := e.store.Activate(b.ClientID, s.Session.ID, organization); err != nil {
		return err
	}
	if s, err = e.store.SessionOf(b.ClientID, s.Session.ID); err != nil {
		return err
	}
	token, err := e.sessionToken(s.Session.ID, tokenRequest{origin: e.requestOrigin(c)})
	if err != nil {
		return err
	}
	c.note("session made active")
	if organization != nil && *organization != "" {
		c.note("session made active with organization " + s.Session.OrganizationID)
	}
	return e.answerWrapped(c, b.ClientID, e.frontendSession(&s, token))
}

func (e *Emulator) endOwnSession(c *call) error { return e.closeOwnSession(c, state.StatusEnded) }

func (e *Emulator) removeOwnSession(c *call) error { return e.closeOwnSession(c, state.StatusRemoved) }

func (e *Emulator) closeOwnSession(c *call, status string) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	if s.Session, err = e.store.EndSession(s.Session.ID, status); err != nil {
		return err
	}
	c.note("session " + status)
	return e.answerWrapped(c, b.ClientID, e.frontendSession(&s, ""))
}

// createSessionToken answers with a token alone: clerk-js does not take it
// wrapped. organization_id, if there, is for this token only.
func (e *Emulator) createSessionToken(c *call) error {
	_, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	req := tokenRequest{origin: e.requestOrigin(c)}
	if form.Has("organization_id") {
		id := form.Get("organization_id")
		req.organization = &id
	}
	token, err := e.sessionToken(s.Session.ID, req)
	if err != nil {
		return err
	}
	c.note("fresh session token for " + s.User.ID)
	return c.ok(tokenResource{"token", token})
}

package clerktest

// ownSession recognizes the browser and finds the session of the path among its
// own. Foreign sessions are as good as none.
func (e *Emulator) ownSession(c *call) (browser, sessionState, error) {
	b, err := e.browser(c)
	if err != nil {
		return b, sessionState{}, err
	}
	s, err := e.store.sessionOf(b.clientID, c.param(0))
	return b, s, err
}

func (e *Emulator) getSession(c *call) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	c.note("session")
	return e.answerWrapped(c, b.clientID, e.frontendSession(&s, ""))
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
	if err := e.store.activate(b.clientID, s.session.ID, organization); err != nil {
		return err
	}
	if s, err = e.store.sessionOf(b.clientID, s.session.ID); err != nil {
		return err
	}
	token, err := e.sessionToken(s.session.ID, tokenRequest{origin: e.requestOrigin(c)})
	if err != nil {
		return err
	}
	c.note("session made active")
	if organization != nil && *organization != "" {
		c.note("session made active with organization " + s.session.OrganizationID)
	}
	return e.answerWrapped(c, b.clientID, e.frontendSession(&s, token))
}

func (e *Emulator) endOwnSession(c *call) error    { return e.closeOwnSession(c, statusEnded) }
func (e *Emulator) removeOwnSession(c *call) error { return e.closeOwnSession(c, statusRemoved) }

func (e *Emulator) closeOwnSession(c *call, status string) error {
	b, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	if s.session, err = e.store.endSession(s.session.ID, status); err != nil {
		return err
	}
	c.note("session " + status)
	return e.answerWrapped(c, b.clientID, e.frontendSession(&s, ""))
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
	token, err := e.sessionToken(s.session.ID, req)
	if err != nil {
		return err
	}
	c.note("fresh session token for " + s.user.ID)
	return c.ok(tokenResource{"token", token})
}

package clerktest

func (e *Emulator) createMembership(c *call) error {
	var in struct {
		metadataBody
		UserID string `json:"user_id"`
		Role   string `json:"role"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	switch {
	case in.UserID == "":
		return errMissing("user_id")
	case in.Role == "":
		return errMissing("role")
	}
	o, err := e.store.organization(c.param(0))
	if err != nil {
		return err
	}
	m := membership{Key: membershipKey{o.ID, in.UserID}, Role: in.Role}
	if err := in.apply(replaceMetadata, &m.Public, &m.Private); err != nil {
		return err
	}
	joined, err := e.store.join(m)
	return e.answerMembership(c, &joined, err, "made a member")
}

func (e *Emulator) updateMembership(c *call) error {
	var in struct {
		Role string `json:"role"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Role == "" {
		return errMissing("role")
	}
	o, err := e.store.organization(c.param(0))
	if err != nil {
		return err
	}
	m, err := e.store.changeRole(o.ID, c.param(1), in.Role)
	return e.answerMembership(c, &m, err, "has another role")
}

func (e *Emulator) updateMembershipMetadata(c *call) error {
	in, err := c.metadata()
	if err != nil {
		return err
	}
	o, err := e.store.organization(c.param(0))
	if err != nil {
		return err
	}
	m, err := e.store.changeMember(o.ID, c.param(1), func(_ *stateTx, m *membership) error { return in.apply(mergeField, &m.Public, &m.Private) })
	return e.answerMembership(c, &m, err, "has other metadata")
}

func (e *Emulator) deleteMembership(c *call) error {
	o, err := e.store.organization(c.param(0))
	if err != nil {
		return err
	}
	m, err := e.store.removeMember(o.ID, c.param(1))
	return e.answerMembership(c, &m, err, "is no member any more")
}

func (e *Emulator) answerMembership(c *call, m *member, err error, what string) error {
	if err != nil {
		return err
	}
	c.note(m.user.ID + " " + what + " of " + m.organization.ID)
	return c.ok(e.backendMembership(&m.memberOf, &m.user))
}

func (e *Emulator) listMemberships(c *call) error {
	o, err := e.store.organization(c.param(0))
	if err != nil {
		return err
	}
	return e.answerMemberships(c, o.ID)
}

func (e *Emulator) listAllMemberships(c *call) error { return e.answerMemberships(c, "") }

func (e *Emulator) answerMemberships(c *call, organizationID string) error {
	page, total, err := e.store.listMembers(c.r.URL.Query(), organizationID, "-created_at")
	if err != nil {
		return err
	}
	c.note("list of memberships")
	return c.ok(listed{e.backendMemberships(page), total})
}

package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

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
		return refusal.Missing("user_id")
	case in.Role == "":
		return refusal.Missing("role")
	}
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	m := state.Membership{Key: state.MembershipKey{Organization: o.ID, User: in.UserID}, Role: in.Role}
	if err := in.apply(replaceMetadata, &m.Public, &m.Private); err != nil {
		return err
	}
	joined, err := e.store.Join(m)
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
		return refusal.Missing("role")
	}
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	m, err := e.store.ChangeRole(o.ID, c.param(1), in.Role)
	return e.answerMembership(c, &m, err, "has another role")
}

func (e *Emulator) updateMembershipMetadata(c *call) error {
	in, err := c.metadata()
	if err != nil {
		return err
	}
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	m, err := e.store.ChangeMember(o.ID, c.param(1), func(_ *state.Tx, m *state.Membership) error { return in.apply(mergeField, &m.Public, &m.Private) })
	return e.answerMembership(c, &m, err, "has other metadata")
}

func (e *Emulator) deleteMembership(c *call) error {
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	m, err := e.store.RemoveMember(o.ID, c.param(1))
	return e.answerMembership(c, &m, err, "is no member any more")
}

func (e *Emulator) answerMembership(c *call, m *state.Member, err error, what string) error {
	if err != nil {
		return err
	}
	c.note(m.User.ID + " " + what + " of " + m.Organization.ID)
	return c.ok(e.backendMembership(&m.MemberOf, &m.User))
}

func (e *Emulator) listMemberships(c *call) error {
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	return e.answerMemberships(c, o.ID)
}

func (e *Emulator) listAllMemberships(c *call) error { return e.answerMemberships(c, "") }

func (e *Emulator) answerMemberships(c *call, organizationID string) error {
	page, total, err := listMembers(e.store, c.r.URL.Query(), organizationID, "-created_at")
	if err != nil {
		return err
	}
	c.note("list of memberships")
	return c.ok(listed{e.backendMemberships(page), total})
}

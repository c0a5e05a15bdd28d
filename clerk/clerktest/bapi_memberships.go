package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func (e *Emulator) createMembership(c *wire.Call) error {
	var in struct {
		wire.MetadataBody
		UserID string `json:"user_id"`
		Role   string `json:"role"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	switch {
	case in.UserID == "":
		return refusal.Missing("user_id")
	case in.Role == "":
		return refusal.Missing("role")
	}
	o, err := e.server.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	m := state.Membership{Key: state.MembershipKey{Organization: o.ID, User: in.UserID}, Role: in.Role}
	if err := in.Apply(wire.ReplaceMetadata, &m.Public, &m.Private); err != nil {
		return err
	}
	joined, err := e.server.Store.Join(m)
	return e.answerMembership(c, &joined, err, "made a member")
}

func (e *Emulator) updateMembership(c *wire.Call) error {
	var in struct {
		Role string `json:"role"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.Role == "" {
		return refusal.Missing("role")
	}
	o, err := e.server.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	m, err := e.server.Store.ChangeRole(o.ID, c.Param(1), in.Role)
	return e.answerMembership(c, &m, err, "has another role")
}

func (e *Emulator) updateMembershipMetadata(c *wire.Call) error {
	in, err := c.Metadata()
	if err != nil {
		return err
	}
	o, err := e.server.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	m, err := e.server.Store.ChangeMember(o.ID, c.Param(1), func(_ *state.Tx, m *state.Membership) error { return in.Apply(wire.MergeField, &m.Public, &m.Private) })
	return e.answerMembership(c, &m, err, "has other metadata")
}

func (e *Emulator) deleteMembership(c *wire.Call) error {
	o, err := e.server.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	m, err := e.server.Store.RemoveMember(o.ID, c.Param(1))
	return e.answerMembership(c, &m, err, "is no member any more")
}

func (e *Emulator) answerMembership(c *wire.Call, m *state.Member, err error, what string) error {
	if err != nil {
		return err
	}
	c.Note(m.User.ID + " " + what + " of " + m.Organization.ID)
	return c.OK(e.backendMembership(&m.MemberOf, &m.User))
}

func (e *Emulator) listMemberships(c *wire.Call) error {
	o, err := e.server.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	return e.answerMemberships(c, o.ID)
}

func (e *Emulator) listAllMemberships(c *wire.Call) error { return e.answerMemberships(c, "") }

func (e *Emulator) answerMemberships(c *wire.Call, organizationID string) error {
	page, total, err := listMembers(e.server.Store, c.R.URL.Query(), organizationID, "-created_at")
	if err != nil {
		return err
	}
	c.Note("list of memberships")
	return c.OK(wire.Listed{Data: e.backendMemberships(page), Total: total})
}

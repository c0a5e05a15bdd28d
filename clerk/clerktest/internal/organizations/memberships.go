package organizations

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func (e *API) createMembership(c *wire.Call) error {
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
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	m := state.Membership{Key: state.MembershipKey{Organization: o.ID, User: in.UserID}, Role: in.Role}
	if err := in.Apply(wire.ReplaceMetadata, &m.Public, &m.Private); err != nil {
		return err
	}
	joined, err := e.Store.Join(m)
	return e.answerMembership(c, &joined, err, "made a member")
}

func (e *API) updateMembership(c *wire.Call) error {
	var in struct {
		Role string `json:"role"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.Role == "" {
		return refusal.Missing("role")
	}
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	m, err := e.Store.ChangeRole(o.ID, c.Param(1), in.Role)
	return e.answerMembership(c, &m, err, "has another role")
}

func (e *API) updateMembershipMetadata(c *wire.Call) error {
	in, err := c.Metadata()
	if err != nil {
		return err
	}
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	m, err := e.Store.ChangeMember(o.ID, c.Param(1), func(_ *state.Tx, m *state.Membership) error { return in.Apply(wire.MergeField, &m.Public, &m.Private) })
	return e.answerMembership(c, &m, err, "has other metadata")
}

func (e *API) deleteMembership(c *wire.Call) error {
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	m, err := e.Store.RemoveMember(o.ID, c.Param(1))
	return e.answerMembership(c, &m, err, "is no member any more")
}

func (e *API) answerMembership(c *wire.Call, m *state.Member, err error, what string) error {
	if err != nil {
		return err
	}
	c.Note(m.User.ID + " " + what + " of " + m.Organization.ID)
	return c.OK(e.answers.BackendMembership(&m.MemberOf, &m.User))
}

func (e *API) listMemberships(c *wire.Call) error {
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	return e.answerMemberships(c, o.ID)
}

func (e *API) listAllMemberships(c *wire.Call) error { return e.answerMemberships(c, "") }

func (e *API) answerMemberships(c *wire.Call, organizationID string) error {
	page, total, err := listMembers(e.Store, c.R.URL.Query(), organizationID, "-created_at")
	if err != nil {
		return err
	}
	c.Note("list of memberships")
	return c.OK(wire.Listed{Data: e.answers.BackendMemberships(page), Total: total})
}

package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// listUserMemberships answers with the organizations of a user.
func (e *Emulator) listUserMemberships(c *wire.Call) error {
	u, err := e.server.Store.User(c.Param(0))
	if err != nil {
		return err
	}
	all := e.server.Store.MembershipsOf(u.ID)
	total := len(all)
	if all, err = wire.Page(all, c.R.URL.Query()); err != nil {
		return err
	}
	out := make([]membershipResource, len(all))
	for i := range all {
		out[i] = e.backendMembership(&all[i], &u)
	}
	c.Note("organizations of " + u.ID)
	return c.OK(map[string]any{"data": out, "total_count": total})
}

// listUserInvitations answers with the invitations to organizations that a user's
// addresses have.
func (e *Emulator) listUserInvitations(c *wire.Call) error {
	u, err := e.server.Store.User(c.Param(0))
	if err != nil {
		return err
	}
	query, now := c.R.URL.Query(), e.server.Now()
	status := query.Get("status")
	if err := checkInvitationStatus(status); err != nil {
		return err
	}
	all := e.server.Store.ListInvitations(func(i *state.Invitation) bool {
		return i.OrganizationID != "" && invitedBy(&u, i) && (status == "" || i.State(now) == status)
	})
	total := len(all)
	if all, err = wire.Page(all, query); err != nil {
		return err
	}
	out := e.backendInvitations(all)
	for i := range out {
		out[i].Organization = e.publicOrganization(out[i].OrganizationID)
	}
	c.Note("invitations of " + u.ID)
	return c.OK(map[string]any{"data": out, "total_count": total})
}

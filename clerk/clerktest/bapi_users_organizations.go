package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// listUserMemberships answers with the organizations of a user.
func (e *Emulator) listUserMemberships(c *call) error {
	u, err := e.store.User(c.param(0))
	if err != nil {
		return err
	}
	all := e.store.MembershipsOf(u.ID)
	total := len(all)
	if all, err = page(all, c.r.URL.Query()); err != nil {
		return err
	}
	out := make([]membershipResource, len(all))
	for i := range all {
		out[i] = e.backendMembership(&all[i], &u)
	}
	c.note("organizations of " + u.ID)
	return c.ok(map[string]any{"data": out, "total_count": total})
}

// listUserInvitations answers with the invitations to organizations that a user's
// addresses have.
func (e *Emulator) listUserInvitations(c *call) error {
	u, err := e.store.User(c.param(0))
	if err != nil {
		return err
	}
	query, now := c.r.URL.Query(), e.Now()
	status := query.Get("status")
	if err := checkInvitationStatus(status); err != nil {
		return err
	}
	all := e.store.ListInvitations(func(i *state.Invitation) bool {
		return i.OrganizationID != "" && invitedBy(&u, i) && (status == "" || i.State(now) == status)
	})
	total := len(all)
	if all, err = page(all, query); err != nil {
		return err
	}
	out := e.backendInvitations(all)
	for i := range out {
		out[i].Organization = e.publicOrganization(out[i].OrganizationID)
	}
	c.note("invitations of " + u.ID)
	return c.ok(map[string]any{"data": out, "total_count": total})
}

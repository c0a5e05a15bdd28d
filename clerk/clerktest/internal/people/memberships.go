package people

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/organizations"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// listUserMemberships answers with the organizations of a user.
func (e *API) listUserMemberships(c *wire.Call) error {
	u, err := e.Store.User(c.Param(0))
	if err != nil {
		return err
	}
	all := e.Store.MembershipsOf(u.ID)
	total := len(all)
	if all, err = wire.Page(all, c.R.URL.Query()); err != nil {
		return err
	}
	out := make([]answers.MembershipResource, len(all))
	for i := range all {
		out[i] = e.answers.BackendMembership(&all[i], &u)
	}
	c.Note("organizations of " + u.ID)
	return c.OK(map[string]any{"data": out, "total_count": total})
}

// listUserInvitations answers with the invitations to organizations that a user's
// addresses have.
func (e *API) listUserInvitations(c *wire.Call) error {
	u, err := e.Store.User(c.Param(0))
	if err != nil {
		return err
	}
	query, now := c.R.URL.Query(), e.Now()
	status := query.Get("status")
	if err := checkInvitationStatus(status); err != nil {
		return err
	}
	all := e.Store.ListInvitations(func(i *state.Invitation) bool {
		return i.OrganizationID != "" && organizations.InvitedBy(&u, i) && (status == "" || i.State(now) == status)
	})
	total := len(all)
	if all, err = wire.Page(all, query); err != nil {
		return err
	}
	out := e.organizations.BackendInvitations(all)
	for i := range out {
		out[i].Organization = e.organizations.PublicOrganization(out[i].OrganizationID)
	}
	c.Note("invitations of " + u.ID)
	return c.OK(map[string]any{"data": out, "total_count": total})
}

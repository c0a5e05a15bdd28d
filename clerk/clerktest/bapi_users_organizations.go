package clerktest

import "encoding/json"

// listUserMemberships answers with the organizations of a user.
func (e *Emulator) listUserMemberships(c *call) error {
	u, err := e.store.user(c.param(0))
	if err != nil {
		return err
	}
	all := e.store.membershipsOf(u.ID)
	total := len(all)
	if all, err = page(all, c.r.URL.Query()); err != nil {
		return err
	}
	out := make([]membershipResource, len(all))
	for i := range all {
		out[i] = e.membershipResource(&all[i], &u)
	}
	c.note("organizations of " + u.ID)
	return c.ok(map[string]any{"data": out, "total_count": total})
}

// userInvitationResource is an invitation of a user to an organization (schema
// OrganizationInvitationWithPublicOrganizationData).
type userInvitationResource struct {
	Object          string              `json:"object"`
	ID              string              `json:"id"`
	EmailAddress    string              `json:"email_address"`
	Role            string              `json:"role"`
	RoleName        string              `json:"role_name"`
	OrganizationID  string              `json:"organization_id"`
	InviterID       *string             `json:"inviter_id"`
	Inviter         *inviterResource    `json:"public_inviter_data"`
	Status          string              `json:"status"`
	PublicMetadata  json.RawMessage     `json:"public_metadata"`
	PrivateMetadata json.RawMessage     `json:"private_metadata"`
	URL             *string             `json:"url"`
	ExpiresAt       *int64              `json:"expires_at"`
	CreatedAt       int64               `json:"created_at"`
	UpdatedAt       int64               `json:"updated_at"`
	Organization    *publicOrganization `json:"public_organization_data"`
}

type inviterResource struct {
	UserID     string  `json:"user_id"`
	FirstName  *string `json:"first_name"`
	LastName   *string `json:"last_name"`
	ImageURL   string  `json:"image_url"`
	HasImage   bool    `json:"has_image"`
	Identifier string  `json:"identifier"`
}

func (e *Emulator) userInvitationResource(i *invitation) userInvitationResource {
	r := userInvitationResource{
		Object: "organization_invitation", ID: i.ID, EmailAddress: i.Email, Role: i.Role, RoleName: e.store.roleName(i.Role), OrganizationID: i.OrganizationID,
		InviterID: optString(i.InviterID), Status: i.state(e.Now()), PublicMetadata: i.Public, PrivateMetadata: i.Private,
		URL: optString(i.URL), ExpiresAt: optMillis(i.ExpireAt), CreatedAt: millis(i.Created.At), UpdatedAt: millis(i.UpdatedAt),
		Organization: e.publicOrganization(i.OrganizationID),
	}
	if u, err := e.store.user(i.InviterID); err == nil {
		r.Inviter = &inviterResource{
			u.ID, optString(u.FirstName), optString(u.LastName), e.pictureURL(u.ImageID), u.ImageID != "", u.identifier(),
		}
	}
	return r
}

// listUserInvitations answers with the invitations to organizations that a user's
// addresses have.
func (e *Emulator) listUserInvitations(c *call) error {
	u, err := e.store.user(c.param(0))
	if err != nil {
		return err
	}
	query, now := c.r.URL.Query(), e.Now()
	status := query.Get("status")
	if err := checkInvitationStatus(status); err != nil {
		return err
	}
	all := e.store.listInvitations(func(i *invitation) bool {
		return i.OrganizationID != "" && u.invitedBy(i) && (status == "" || i.state(now) == status)
	})
	total := len(all)
	if all, err = page(all, query); err != nil {
		return err
	}
	out := make([]userInvitationResource, len(all))
	for i := range all {
		out[i] = e.userInvitationResource(&all[i])
	}
	c.note("invitations of " + u.ID)
	return c.ok(map[string]any{"data": out, "total_count": total})
}

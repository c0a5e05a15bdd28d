package clerktest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// listMembers lists the members of an organization, filtered by text and role.
func (e *Emulator) listMembers(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayReadMembers)
	if err != nil {
		return err
	}
	query := c.r.URL.Query()
	roles := listParam(query, "role")
	text := query.Get("query")
	all := e.store.membersIn(m.organization.ID)
	all = slices.DeleteFunc(all, func(m member) bool {
		u := &m.user
		return len(roles) > 0 && !slices.Contains(roles, m.role.Key) ||
			text != "" && !holds(text, u.ID, u.Email, u.Phone, u.Username, u.FirstName+" "+u.LastName)
	})
	return answerList(e, c, b, all, func(m *member) any { return e.membershipResource(&m.memberOf, &m.user) })
}

// member is a membership with its user.
type member struct {
	memberOf
	user user
}

func (s *store) membersIn(organizationID string) []member {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.Organizations[organizationID]
	if o == nil {
		return nil
	}
	var out []member
	for key, m := range s.Memberships {
		if u := s.Users[key.User]; u != nil && key.Organization == organizationID {
			out = append(out, member{memberOf{*m, *o, *s.Roles[m.Role], s.members[organizationID]}, *u})
		}
	}
	slices.SortFunc(out, func(a, b member) int { return a.membership.Created.compare(b.membership.Created) })
	return out
}

// memberIn describes one member after a change.
func (e *Emulator) memberIn(organizationID, userID string) (any, error) {
	for _, m := range e.store.membersIn(organizationID) {
		if m.user.ID == userID {
			return e.membershipResource(&m.memberOf, &m.user), nil
		}
	}
	return nil, errNotFound("membership of " + quoted(userID))
}

func (e *Emulator) createMember(c *call) error {
	b, _, m, form, err := e.organizationCall(c, mayManageMembers)
	if err != nil {
		return err
	}
	userID, role := form.Get("user_id"), form.Get("role")
	if _, err := e.store.authorize(m.organization.ID, userID, ""); err == nil {
		return errParam("user_id", "already_a_member_in_organization", "This user is already a member of the organization.")
	}
	if err := e.store.addMember(m.organization.ID, userID, role); err != nil {
		return err
	}
	r, err := e.memberIn(m.organization.ID, userID)
	if err != nil {
		return err
	}
	c.note("member added")
	return e.answerWrapped(c, b.clientID, r)
}

func (e *Emulator) updateMember(c *call) error {
	b, _, m, form, err := e.organizationCall(c, mayManageMembers)
	if err != nil {
		return err
	}
	if err := e.store.changeRole(m.organization.ID, c.param(1), form.Get("role")); err != nil {
		return err
	}
	r, err := e.memberIn(m.organization.ID, c.param(1))
	if err != nil {
		return err
	}
	c.note("role changed")
	return e.answerWrapped(c, b.clientID, r)
}

func (e *Emulator) removeMemberFAPI(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayManageMembers)
	if err != nil {
		return err
	}
	r, err := e.memberIn(m.organization.ID, c.param(1))
	if err != nil {
		return err
	}
	if _, err := e.store.removeMember(m.organization.ID, c.param(1)); err != nil {
		return err
	}
	c.note("member removed")
	return e.answerWrapped(c, b.clientID, r)
}

// changeRole gives a member another role.
func (s *store) changeRole(organizationID, userID, role string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := membershipKey{organizationID, userID}
	if s.Memberships[key] == nil {
		return errNotFound("membership of " + quoted(userID))
	}
	if r := s.Roles[role]; r != nil && !slices.Contains(r.systemPermissions(), mayManageMembers) {
		if err := s.lastManagerLocked(key); err != nil {
			return err
		}
	}
	return s.addMemberLocked(organizationID, userID, role)
}

// removeMember ends a membership; the organization may be named by slug.
func (s *store) removeMember(organization, userID string) (memberOf, error) {
	m, err := s.authorize(organization, userID, "")
	if err != nil {
		return m, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.lastManagerLocked(m.membership.Key); err != nil {
		return m, err
	}
	s.removeMemberLocked(m.membership.Key)
	return m, nil
}

// lastManagerLocked refuses to take away the last member who can manage others.
func (s *store) lastManagerLocked(key membershipKey) error {
	manages := func(m *membership) bool {
		return m != nil && slices.Contains(s.Roles[m.Role].systemPermissions(), mayManageMembers)
	}
	if !manages(s.Memberships[key]) {
		return nil
	}
	for other, m := range s.Memberships {
		if other.Organization == key.Organization && other != key && manages(m) {
			return nil
		}
	}
	return &apiError{
		http.StatusBadRequest, "organization_minimum_permissions_needed", "Minimum permissions needed",
		"There has to be at least one member with the permissions to manage the organization.", "", nil,
	}
}

type invitationResource struct {
	Object         string              `json:"object"`
	ID             string              `json:"id"`
	EmailAddress   string              `json:"email_address"`
	Role           string              `json:"role"`
	RoleName       string              `json:"role_name"`
	OrganizationID string              `json:"organization_id,omitempty"`
	Organization   *publicOrganization `json:"public_organization_data,omitempty"`
	Status         string              `json:"status"`
	PublicMetadata json.RawMessage     `json:"public_metadata"`
	URL            *string             `json:"url"`
	ExpiresAt      *int64              `json:"expires_at"`
	CreatedAt      int64               `json:"created_at"`
	UpdatedAt      int64               `json:"updated_at"`
}

type publicOrganization struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Slug     string `json:"slug"`
	ImageURL string `json:"image_url"`
	HasImage bool   `json:"has_image"`
}

func (e *Emulator) publicOrganization(id string) *publicOrganization {
	o, err := e.store.organization(id)
	if err != nil {
		return nil
	}
	return &publicOrganization{o.ID, o.Name, o.Slug, e.imageURL(), false}
}

// invitationResource describes an invitation, to the one who is invited with
// what it shows of the organization.
func (e *Emulator) invitationResource(i *invitation, invited bool) invitationResource {
	r := invitationResource{
		Object: "organization_invitation", ID: i.ID, EmailAddress: i.Email, Role: i.Role, RoleName: e.store.roleName(i.Role),
		OrganizationID: i.OrganizationID, Status: i.state(e.Now()), PublicMetadata: i.Public, URL: optString(i.URL),
		ExpiresAt: optMillis(i.ExpireAt), CreatedAt: millis(i.Created.At), UpdatedAt: millis(i.UpdatedAt),
	}
	if invited {
		r.Organization, r.URL = e.publicOrganization(i.OrganizationID), nil
	}
	return r
}

func (s *store) roleName(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.Roles[key]; r != nil {
		return r.Name
	}
	return key
}

func (e *Emulator) listOrganizationInvitations(c *call) error {
	statuses := listParam(c.r.URL.Query(), "status")
	return e.answerInvitations(c, statuses)
}

func (e *Emulator) listPendingInvitations(c *call) error {
	return e.answerInvitations(c, []string{invitePending})
}

func (e *Emulator) answerInvitations(c *call, statuses []string) error {
	b, _, m, _, err := e.organizationCall(c, mayReadMembers)
	if err != nil {
		return err
	}
	now := e.Now()
	all := e.store.listInvitations(func(i *invitation) bool {
		return i.OrganizationID == m.organization.ID && oneOf(statuses, i.state(now))
	})
	return answerList(e, c, b, all, func(i *invitation) any { return e.invitationResource(i, false) })
}

// inviteTo is where an invitation leads: the application that it was made in.
func (e *Emulator) inviteTo(c *call) string {
	if origin := e.requestOrigin(c); origin != "" {
		return origin + "/"
	}
	return ""
}

func (e *Emulator) createOrganizationInvitation(c *call) error {
	b, s, m, form, err := e.organizationCall(c, mayManageMembers)
	if err != nil {
		return err
	}
	i, err := e.invite(invitation{
		OrganizationID: m.organization.ID, Email: form.Get("email_address"), Role: form.Get("role"), InviterID: s.user.ID,
		Redirect: e.inviteTo(c),
	}, form.Get("notify") == "false")
	if err != nil {
		return err
	}
	c.note("invited")
	return e.answerWrapped(c, b.clientID, e.invitationResource(&i, false))
}

// createOrganizationInvitations invites several; clerk-js repeats the parameter.
func (e *Emulator) createOrganizationInvitations(c *call) error {
	b, s, m, form, err := e.organizationCall(c, mayManageMembers)
	if err != nil {
		return err
	}
	var emails []string
	for _, value := range append(form["email_address"], form["email_address[]"]...) {
		emails = append(emails, strings.Split(value, ",")...)
	}
	if len(emails) == 0 {
		return errMissing("email_address")
	}
	if len(emails) > 100 {
		return errParam("email_address", "form_param_max_length_exceeded", "At most 100 at a time can be invited.")
	}
	out := []invitationResource{}
	for _, email := range emails {
		i, err := e.invite(invitation{
			OrganizationID: m.organization.ID, Email: email, Role: form.Get("role"), InviterID: s.user.ID, Redirect: e.inviteTo(c),
		}, form.Get("notify") == "false")
		if err != nil {
			return err
		}
		out = append(out, e.invitationResource(&i, false))
	}
	c.note("invited")
	return e.answerWrapped(c, b.clientID, out)
}

func (e *Emulator) revokeOrganizationInvitation(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayManageMembers)
	if err != nil {
		return err
	}
	i, err := e.store.revokeInvitation(m.organization.ID, c.param(1))
	if err != nil {
		return err
	}
	c.note("invitation revoked")
	return e.answerWrapped(c, b.clientID, e.invitationResource(&i, false))
}

// invitedBy tells the invitations to a user's verified addresses.
func (u *user) invitedBy(i *invitation) bool {
	return i.OrganizationID != "" && slices.ContainsFunc(u.EmailList, func(a identification) bool { return a.verified() && a.Value == i.Email })
}

func (e *Emulator) myInvitations(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	statuses, now := listParam(c.r.URL.Query(), "status"), e.Now()
	all := e.store.listInvitations(func(i *invitation) bool { return s.user.invitedBy(i) && oneOf(statuses, i.state(now)) })
	return answerList(e, c, b, all, func(i *invitation) any { return e.invitationResource(i, true) })
}

func (e *Emulator) acceptMyInvitation(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	e.store.mu.Lock()
	i := e.store.Invitations[c.param(0)]
	var accepted invitation
	switch {
	case i == nil || !s.user.invitedBy(i):
		err = errNotFound("invitation with id " + quoted(c.param(0)))
	default:
		err = e.store.acceptLocked(i, s.user.ID)
		accepted = *i
	}
	e.store.mu.Unlock()
	if err != nil {
		return err
	}
	c.note("invitation accepted")
	return e.answerWrapped(c, b.clientID, e.invitationResource(&accepted, true))
}

package clerktest

import (
	"encoding/json"
	"net/url"
	"slices"
	"time"
)

// States of an invitation.
const (
	invitePending  = "pending"
	inviteAccepted = "accepted"
	inviteRevoked  = "revoked"
)

// invitationLifetime is how long an invitation is open, as at Clerk.
const invitationLifetime = 30 * 24 * time.Hour

// invitation asks somebody into an organization, or into the application where
// organizationID is "".
type invitation struct {
	ID, OrganizationID string
	Email, Role        string
	InviterID          string
	Status             string
	Ticket, URL        string
	Redirect           string
	Public, Private    json.RawMessage
	Created            made
	UpdatedAt          time.Time
	ExpireAt           time.Time
}

// state is the status now: time changes it too.
func (i *invitation) state(now time.Time) string {
	if i.Status == invitePending && !now.Before(i.ExpireAt) {
		return gone
	}
	return i.Status
}

// invite makes an invitation, and sends it unless quiet.
func (e *Emulator) invite(i invitation, quiet bool) (invitation, error) {
	i.Email = emailKind.normalize(i.Email)
	if !validEmail(i.Email) {
		return i, errParam("email_address", "form_param_format_invalid", "email_address "+quoted(i.Email)+" is not an e-mail address")
	}
	kind, template := ticketInvitation, "invitation"
	if i.OrganizationID != "" {
		kind, template = ticketOrganization, "organization_invitation"
	}
	t, err := e.newTicket(ticket{Kind: kind}, invitationLifetime)
	if err != nil {
		return i, err
	}
	s := e.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mayInviteLocked(&i); err != nil {
		delete(s.Tickets, t.Token)
		return i, err
	}
	i.ID, i.Status, i.Ticket = t.ID, invitePending, t.Token
	i.URL = e.faceURL() + "/v1/tickets/accept?ticket=" + url.QueryEscape(t.Token)
	i.Created = s.madeLocked()
	i.UpdatedAt, i.ExpireAt = i.Created.At, i.Created.At.Add(invitationLifetime)
	if i.Public == nil {
		i.Public = json.RawMessage("{}")
	}
	if i.Private == nil {
		i.Private = json.RawMessage("{}")
	}
	s.Invitations[i.ID] = &i
	s.Tickets[t.Token].InvitationID = i.ID
	if !quiet {
		s.sendLocked(Message{Channel: "email", To: i.Email, Template: template, URL: i.URL})
	}
	return i, nil
}

func (s *store) mayInviteLocked(i *invitation) error {
	if i.OrganizationID == "" {
		return s.mayInviteToApplicationLocked(i, true)
	}
	if s.Organizations[i.OrganizationID] == nil {
		return errNotFound("organization " + quoted(i.OrganizationID))
	}
	if s.Roles[i.Role] == nil {
		return errNotFound("role " + quoted(i.Role))
	}
	if u := s.emails[i.Email]; u != "" && s.Memberships[membershipKey{i.OrganizationID, u}] != nil {
		return errParam("email_address", "already_a_member_in_organization", i.Email+" is already a member of the organization.")
	}
	for _, other := range s.Invitations {
		if other.OrganizationID == i.OrganizationID && other.Email == i.Email && other.state(s.now()) == invitePending {
			return errParam("email_address", "duplicate_record", "There is a pending invitation for "+i.Email+" already.")
		}
	}
	return nil
}

// acceptLocked accepts an invitation for a user.
func (s *store) acceptLocked(i *invitation, userID string) error {
	switch i.state(s.now()) {
	case invitePending:
	case inviteAccepted:
		return errBadRequest("organization_invitation_already_accepted", "This invitation has already been accepted.")
	default:
		return errBadRequest("organization_invitation_not_pending", "This invitation is not pending any more.")
	}
	if i.OrganizationID != "" && s.Memberships[membershipKey{i.OrganizationID, userID}] == nil {
		if err := s.addMemberLocked(i.OrganizationID, userID, i.Role); err != nil {
			return err
		}
	}
	i.Status, i.UpdatedAt = inviteAccepted, s.now()
	if i.OrganizationID == "" {
		emitLocked(s, "invitation.accepted", i)
	}
	if t := s.Tickets[i.Ticket]; t != nil {
		t.Status = "accepted"
	}
	return nil
}

// invitationsLocked returns invitations, newest first as Clerk does.
func (s *store) listInvitations(keep func(*invitation) bool) []invitation {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := list(s.Invitations, func(i *invitation) made { return i.Created }, keep)
	slices.Reverse(all)
	return all
}

// revokeInvitation ends an invitation of an organization.
func (s *store) revokeInvitation(organizationID, id string) (invitation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.Invitations[id]
	if i == nil || i.OrganizationID != organizationID {
		return invitation{}, errNotFound("invitation with id " + quoted(id))
	}
	if i.state(s.now()) != invitePending {
		return invitation{}, errBadRequest("organization_invitation_not_pending", "This invitation is not pending any more.")
	}
	i.Status, i.UpdatedAt = inviteRevoked, s.now()
	if t := s.Tickets[i.Ticket]; t != nil {
		t.Status = "revoked"
	}
	return *i, nil
}

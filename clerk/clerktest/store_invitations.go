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
	id, organizationID string
	email, role        string
	inviterID          string
	status             string
	ticket, url        string
	redirect           string
	public, private    json.RawMessage
	created            made
	updatedAt          time.Time
	expireAt           time.Time
}

// state is the status now: time changes it too.
func (i *invitation) state(now time.Time) string {
	if i.status == invitePending && !now.Before(i.expireAt) {
		return gone
	}
	return i.status
}

// invite makes an invitation, and sends it unless quiet.
func (e *Emulator) invite(i invitation, quiet bool) (invitation, error) {
	i.email = emailKind.normalize(i.email)
	if !validEmail(i.email) {
		return i, errParam("email_address", "form_param_format_invalid", "email_address "+quoted(i.email)+" is not an e-mail address")
	}
	kind, template := ticketInvitation, "invitation"
	if i.organizationID != "" {
		kind, template = ticketOrganization, "organization_invitation"
	}
	t, err := e.newTicket(ticket{kind: kind}, invitationLifetime)
	if err != nil {
		return i, err
	}
	s := e.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mayInviteLocked(&i); err != nil {
		delete(s.tickets, t.token)
		return i, err
	}
	i.id, i.status, i.ticket = t.id, invitePending, t.token
	i.url = e.faceURL() + "/v1/tickets/accept?ticket=" + url.QueryEscape(t.token)
	i.created = s.madeLocked()
	i.updatedAt, i.expireAt = i.created.at, i.created.at.Add(invitationLifetime)
	if i.public == nil {
		i.public = json.RawMessage("{}")
	}
	if i.private == nil {
		i.private = json.RawMessage("{}")
	}
	s.invitations[i.id] = &i
	s.tickets[t.token].invitationID = i.id
	if !quiet {
		s.sendLocked(Message{Channel: "email", To: i.email, Template: template, URL: i.url})
	}
	return i, nil
}

func (s *store) mayInviteLocked(i *invitation) error {
	if i.organizationID == "" {
		return nil
	}
	if s.organizations[i.organizationID] == nil {
		return errNotFound("organization " + quoted(i.organizationID))
	}
	if s.roles[i.role] == nil {
		return errNotFound("role " + quoted(i.role))
	}
	if u := s.emails[i.email]; u != "" && s.memberships[membershipKey{i.organizationID, u}] != nil {
		return errParam("email_address", "already_a_member_in_organization", i.email+" is already a member of the organization.")
	}
	for _, other := range s.invitations {
		if other.organizationID == i.organizationID && other.email == i.email && other.state(s.now()) == invitePending {
			return errParam("email_address", "duplicate_record", "There is a pending invitation for "+i.email+" already.")
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
	if i.organizationID != "" && s.memberships[membershipKey{i.organizationID, userID}] == nil {
		if err := s.addMemberLocked(i.organizationID, userID, i.role); err != nil {
			return err
		}
	}
	i.status, i.updatedAt = inviteAccepted, s.now()
	if t := s.tickets[i.ticket]; t != nil {
		t.status = "accepted"
	}
	return nil
}

// invitationsLocked returns invitations, newest first as Clerk does.
func (s *store) listInvitations(keep func(*invitation) bool) []invitation {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := list(s.invitations, func(i *invitation) made { return i.created }, keep)
	slices.Reverse(all)
	return all
}

// revokeInvitation ends an invitation of an organization.
func (s *store) revokeInvitation(organizationID, id string) (invitation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.invitations[id]
	if i == nil || i.organizationID != organizationID {
		return invitation{}, errNotFound("invitation with id " + quoted(id))
	}
	if i.state(s.now()) != invitePending {
		return invitation{}, errBadRequest("organization_invitation_not_pending", "This invitation is not pending any more.")
	}
	i.status, i.updatedAt = inviteRevoked, s.now()
	if t := s.tickets[i.ticket]; t != nil {
		t.status = "revoked"
	}
	return *i, nil
}

// waitlistEntry is somebody who waits to be let in.
type waitlistEntry struct {
	id, email, status string
	created           made
	updatedAt         time.Time
}

// joinWaitlist puts an address on the waitlist, once.
func (s *store) joinWaitlist(email string) (waitlistEntry, error) {
	email = emailKind.normalize(email)
	if !validEmail(email) {
		return waitlistEntry{}, errParam("email_address", "form_param_format_invalid", "email_address "+quoted(email)+" is not an e-mail address")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.waitlist[email]; w != nil {
		return *w, nil
	}
	w := &waitlistEntry{id: s.ids.next("wle"), email: email, status: "pending", created: s.madeLocked()}
	w.updatedAt = w.created.at
	s.waitlist[email] = w
	s.sendLocked(Message{Channel: "email", To: email, Template: "waitlist_confirmation"})
	return *w, nil
}

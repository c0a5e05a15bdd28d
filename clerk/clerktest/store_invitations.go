package clerktest

import (
	"encoding/json"
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
	DomainID           string // of an invitation that a domain made
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

// accept accepts an invitation for a user.
func (tx *stateTx) accept(i *invitation, userID string) error {
	switch i.state(tx.now()) {
	case invitePending:
	case inviteAccepted:
		return errBadRequest("organization_invitation_already_accepted", "This invitation has already been accepted.")
	default:
		return errBadRequest("organization_invitation_not_pending", "This invitation is not pending any more.")
	}
	if i.OrganizationID != "" && tx.Memberships[membershipKey{i.OrganizationID, userID}] == nil {
		if err := tx.room(tx.Organizations[i.OrganizationID], 0); err != nil {
			return err
		}
		tx.putMember(membership{
			Key: membershipKey{i.OrganizationID, userID}, Role: i.Role, Public: i.Public, Private: i.Private,
		})
	}
	i.Status, i.UpdatedAt = inviteAccepted, tx.now()
	if i.OrganizationID == "" {
		emit(tx, "invitation.accepted", i)
	} else {
		emit(tx, "organizationInvitation.accepted", i)
	}
	if t := tx.Tickets[i.Ticket]; t != nil {
		t.Status = "accepted"
	}
	return nil
}

// invitations returns invitations, newest first as Clerk does.
func (s *store) listInvitations(keep func(*invitation) bool) []invitation {
	return with(s, func(tx *stateTx) []invitation {
		all := list(tx.Invitations, func(i *invitation) made { return i.Created }, keep)
		slices.Reverse(all)
		return all
	})
}

// revokeInvitation ends an invitation of an organization.
func (s *store) revokeInvitation(organizationID, id string) (invitation, error) {
	return with2(s, func(tx *stateTx) (invitation, error) {
		i := tx.Invitations[id]
		if i == nil || i.OrganizationID != organizationID {
			return invitation{}, errNotFound("invitation with id " + quoted(id))
		}
		if i.state(tx.now()) != invitePending {
			return invitation{}, errBadRequest("organization_invitation_not_pending", "This invitation is not pending any more.")
		}
		i.Status, i.UpdatedAt = inviteRevoked, tx.now()
		if i.OrganizationID != "" {
			emit(tx, "organizationInvitation.revoked", i)
		}
		if t := tx.Tickets[i.Ticket]; t != nil {
			t.Status = "revoked"
		}
		return *i, nil
	})
}

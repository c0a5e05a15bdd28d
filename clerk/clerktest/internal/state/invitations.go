package state

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// States of an invitation.
const (
	InvitePending  = "pending"
	InviteAccepted = "accepted"
	InviteRevoked  = "revoked"
)

// InvitationLifetime is how long an invitation is open, as at Clerk.
const InvitationLifetime = 30 * 24 * time.Hour

// Invitation asks somebody into an organization, or into the application where
// organizationID is "".
type Invitation struct {
	ID, OrganizationID string
	Email, Role        string
	InviterID          string
	DomainID           string // of an invitation that a domain made
	Status             string
	Ticket, URL        string
	Redirect           string
	Public, Private    json.RawMessage
	Created            Made
	UpdatedAt          time.Time
	ExpireAt           time.Time
}

// State is the status now: time changes it too.
func (i *Invitation) State(now time.Time) string {
	if i.Status == InvitePending && !now.Before(i.ExpireAt) {
		return Gone
	}
	return i.Status
}

// Accept accepts an invitation for a user.
func (tx *Tx) Accept(i *Invitation, userID string) error {
	switch i.State(tx.Now()) {
	case InvitePending:
	case InviteAccepted:
		return refusal.BadRequest("organization_invitation_already_accepted", "This invitation has already been accepted.")
	default:
		return refusal.BadRequest("organization_invitation_not_pending", "This invitation is not pending any more.")
	}
	if i.OrganizationID != "" && tx.Memberships[MembershipKey{i.OrganizationID, userID}] == nil {
		if err := tx.room(tx.Organizations[i.OrganizationID], 0); err != nil {
			return err
		}
		tx.putMember(Membership{
			Key: MembershipKey{i.OrganizationID, userID}, Role: i.Role, Public: i.Public, Private: i.Private,
		})
	}
	i.Status, i.UpdatedAt = InviteAccepted, tx.Now()
	if i.OrganizationID == "" {
		Emit(tx, "invitation.accepted", i)
	} else {
		Emit(tx, "organizationInvitation.accepted", i)
	}
	if t := tx.Tickets[i.Ticket]; t != nil {
		t.Status = "accepted"
	}
	return nil
}

// invitations returns invitations, newest first as Clerk does.
func (s *Store) ListInvitations(keep func(*Invitation) bool) []Invitation {
	return With(s, func(tx *Tx) []Invitation {
		all := List(tx.Invitations, func(i *Invitation) Made { return i.Created }, keep)
		slices.Reverse(all)
		return all
	})
}

// RevokeInvitation ends an invitation of an organization.
func (s *Store) RevokeInvitation(organizationID, id string) (Invitation, error) {
	return With2(s, func(tx *Tx) (Invitation, error) {
		i := tx.Invitations[id]
		if i == nil || i.OrganizationID != organizationID {
			return Invitation{}, refusal.NotFound("invitation with id " + refusal.Quoted(id))
		}
		if i.State(tx.Now()) != InvitePending {
			return Invitation{}, refusal.BadRequest("organization_invitation_not_pending", "This invitation is not pending any more.")
		}
		i.Status, i.UpdatedAt = InviteRevoked, tx.Now()
		if i.OrganizationID != "" {
			Emit(tx, "organizationInvitation.revoked", i)
		}
		if t := tx.Tickets[i.Ticket]; t != nil {
			t.Status = "revoked"
		}
		return *i, nil
	})
}

package state

import (
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// ApplicationInvitation is what makes an invitation to the application.
type ApplicationInvitation struct {
	Invitation
	Lifetime time.Duration // 0 for Clerk's 30 days
	Template string
	Quiet    bool // no e-mail
	Again    bool // although there is a pending one
	Claimed  bool // although somebody has the address
}

func ErrDuplicateInvitations(emails []string) *refusal.Error {
	return &refusal.Error{
		Kind: refusal.KindBadRequest, Code: "duplicate_record", Message: "duplicate invitation",
		Long: "There are already pending invitations for the following email addresses: " + strings.Join(emails, ", "), Param: "",
		Meta: map[string]any{"email_addresses": emails},
	}
}

// PendingToApplication finds an open invitation of an address.
func (tx *Tx) PendingToApplication(email string) *Invitation {
	for _, i := range tx.Invitations {
		if i.OrganizationID == "" && i.Email == email && i.State(tx.Now()) == InvitePending {
			return i
		}
	}
	return nil
}

// RevokeApplicationInvitation ends an open invitation to the application.
func (s *Store) RevokeApplicationInvitation(id string) (Invitation, error) {
	return With2(s, func(tx *Tx) (Invitation, error) {
		i := tx.Invitations[id]
		if i == nil || i.OrganizationID != "" {
			return Invitation{}, refusal.NotFound("invitation with id " + refusal.Quoted(id))
		}
		switch i.Status {
		case InviteAccepted:
			return Invitation{}, refusal.BadRequest("invitation_already_accepted", "Invitation is already accepted, try signing in instead.")
		case InviteRevoked:
			return Invitation{}, refusal.BadRequest("invitation_already_revoked", "Invitation is already revoked.")
		}
		tx.Revoke(i)
		return *i, nil
	})
}

// DeleteApplicationInvitation forgets an invitation to the application with its ticket, and
// the emails that carried its link. A user who has accepted it stays.
func (s *Store) DeleteApplicationInvitation(id string) error {
	return s.Update(func(tx *Tx) error {
		i := tx.Invitations[id]
		if i == nil || i.OrganizationID != "" {
			return refusal.NotFound("invitation with id " + refusal.Quoted(id))
		}
		delete(tx.Invitations, id)
		delete(tx.Tickets, i.Ticket)
		tx.forgetMessages(i.URL)
		return nil
	})
}

func (tx *Tx) Revoke(i *Invitation) {
	i.Status, i.UpdatedAt = InviteRevoked, tx.Now()
	if t := tx.Tickets[i.Ticket]; t != nil {
		t.Status, t.UpdatedAt = "revoked", i.UpdatedAt
	}
}

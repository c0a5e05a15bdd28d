package state

import (
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// OrganizationInvite is one invitation to make.
type OrganizationInvite struct {
	Invitation
	Quiet bool // send no mail
	Days  int  // how long it is open, 0 for the ordinary time
}

func (i *OrganizationInvite) Lifetime() time.Duration {
	if i.Days == 0 {
		return InvitationLifetime
	}
	return time.Duration(i.Days) * 24 * time.Hour
}

// PutInvitation adds a pending invitation of an organization that has its
// id.
func (tx *Tx) PutInvitation(i *Invitation, lifetime time.Duration) {
	i.Status, i.Created = InvitePending, tx.Made()
	i.UpdatedAt, i.ExpireAt = i.Created.At, i.Created.At.Add(lifetime)
	i.Public, i.Private = OrEmpty(i.Public), OrEmpty(i.Private)
	tx.Invitations[i.ID] = i
	Emit(tx, "organizationInvitation.created", i)
}

func (s *Store) MayInviteAll(all []OrganizationInvite) error {
	return s.Update(func(tx *Tx) error {
		return tx.MayInviteAll(all)
	})
}

func (tx *Tx) MayInviteAll(all []OrganizationInvite) error {
	o := tx.Organizations[all[0].OrganizationID]
	if o == nil {
		return refusal.NotFound("organization " + refusal.Quoted(all[0].OrganizationID))
	}
	seen := map[string]bool{}
	var duplicates []string
	for n := range all {
		i := &all[n]
		if _, err := tx.assignable(o, i.Role); err != nil {
			return err
		}
		if u := tx.Emails[i.Email]; u != "" && tx.Memberships[MembershipKey{o.ID, u}] != nil {
			return errAlreadyMember(i.Email)
		}
		if seen[i.Email] || tx.invited(o.ID, i.Email) {
			duplicates = append(duplicates, i.Email)
		}
		seen[i.Email] = true
	}
	if len(duplicates) > 0 {
		return &refusal.Error{
			Kind: refusal.KindBadRequest, Code: "duplicate_record", Message: "duplicate invitation",
			Long: "There are already pending invitations for the following email addresses: " + strings.Join(duplicates, ", "), Param: "",
			Meta: map[string]any{"email_addresses": duplicates},
		}
	}
	return tx.room(o, len(all))
}

// invited reports whether an address has a pending invitation.
func (tx *Tx) invited(organizationID, email string) bool {
	now := tx.Now()
	for _, i := range tx.Invitations {
		if i.OrganizationID == organizationID && i.Email == email && i.State(now) == InvitePending {
			return true
		}
	}
	return false
}

package state

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// offer tells all users of a domain's organization.
func (tx *Tx) offer(d *OrganizationDomain) {
	if d.Proof.Status != Verified || d.Mode == ModeManual {
		return
	}
	for _, u := range tx.Users {
		tx.OfferDomains(u)
	}
}

// Enrollment modes of a domain.
const (
	ModeManual     = "manual_invitation"
	modeInvite     = "automatic_invitation"
	modeSuggestion = "automatic_suggestion"
)

var EnrollmentModes = []string{ModeManual, modeInvite, modeSuggestion}

// OrganizationDomain is a domain of an organization. Once an address in it was
// verified, its users may be let in.
type OrganizationDomain struct {
	ID, OrganizationID string
	Name, Mode         string
	Affiliation        string
	Proof              Verification // of an address in it
	OwnedAt            time.Time    // when it was told that the organization owns it
	Created            Made
	UpdatedAt          time.Time
}

// States of a MembershipRequest.
const (
	RequestSuggested = "suggested" // the user was told of the organization
	RequestPending   = "pending"   // the user asked
	RequestAccepted  = "accepted"
	RequestRejected  = "rejected"
)

// MembershipRequest is a suggestion to a user, and what came of it.
type MembershipRequest struct {
	ID, OrganizationID, UserID string
	DomainID                   string
	Status                     string
	Created                    Made
	UpdatedAt                  time.Time
}

func validDomain(name string) bool {
	return ValidEmail("x@"+name) && strings.Contains(name, ".") && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".")
}

// AddDomain adds a domain, verified or not.
func (s *Store) AddDomain(organizationID, name, mode string, proof Verification) (OrganizationDomain, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if mode == "" {
		mode = ModeManual
	}
	if !validDomain(name) {
		return OrganizationDomain{}, refusal.Param("name", "form_param_format_invalid", "name "+refusal.Quoted(name)+" is not a domain")
	}
	return With2(s, func(tx *Tx) (OrganizationDomain, error) {
		if err := tx.CheckMode(mode); err != nil {
			return OrganizationDomain{}, err
		}
		mine := 0
		for _, d := range tx.Domains {
			if d.OrganizationID == organizationID {
				mine++
			}
			if d.Name == name && (d.OrganizationID == organizationID || d.Proof.Status == Verified) {
				return OrganizationDomain{}, refusal.Param("name", "organization_domain_already_exists", "That domain is taken. Please try another.")
			}
		}
		if mine >= MaxDomains {
			return OrganizationDomain{}, &refusal.Error{
				Kind: refusal.KindNotAllowed, Code: "organization_domain_quota_exceeded", Message: "organization domains quota exceeded",
				Long: fmt.Sprintf("You have reached your limit of %d domains per organization.", MaxDomains), Param: "", Meta: nil,
			}
		}
		d := &OrganizationDomain{
			ID: tx.IDs.Next("orgdmn"), OrganizationID: organizationID, Name: name, Mode: mode, Proof: proof, Created: tx.Made(),
		}
		d.UpdatedAt = d.Created.At
		tx.Domains[d.ID] = d
		Emit(tx, "organizationDomain.created", d)
		tx.offer(d)
		return *d, nil
	})
}

// MaxDomains is how many domains an organization can have.
const MaxDomains = 10

// CheckMode wants an enrollment mode that the instance offers.
func (tx *Tx) CheckMode(mode string) error {
	switch {
	case !slices.Contains(EnrollmentModes, mode):
		return refusal.Param("enrollment_mode", "form_param_value_invalid", "enrollment_mode "+refusal.Quoted(mode)+" does not exist")
	case !tx.Instance.offers(mode):
		return &refusal.Error{
			Kind: refusal.KindNotAllowed, Code: "organization_domain_enrollment_mode_not_enabled", Message: "organization enrollment mode not enabled",
			Long: "Enrollment mode " + mode + " is not enabled for this instance's organizations.", Param: "", Meta: nil,
		}
	}
	return nil
}

// WithDomain changes a domain of an organization. What change does before it
// fails stays, so that wrong guesses count.
func (s *Store) WithDomain(organizationID, id string, change func(*Tx, *OrganizationDomain) error) (OrganizationDomain, error) {
	return With2(s, func(tx *Tx) (OrganizationDomain, error) {
		d := tx.Domains[id]
		if d == nil || d.OrganizationID != organizationID {
			return OrganizationDomain{}, refusal.NotFound("organization domain with id " + refusal.Quoted(id))
		}
		if err := change(tx, d); err != nil {
			return OrganizationDomain{}, err
		}
		d.UpdatedAt = tx.Now()
		Emit(tx, "organizationDomain.updated", d)
		tx.offer(d)
		return *d, nil
	})
}

// DeleteDomain removes a domain of an organization, and what it offered.
func (s *Store) DeleteDomain(organizationID, id string) (OrganizationDomain, error) {
	return With2(s, func(tx *Tx) (OrganizationDomain, error) {
		d := tx.Domains[id]
		if d == nil || d.OrganizationID != organizationID {
			return OrganizationDomain{}, refusal.NotFound("organization domain with id " + refusal.Quoted(id))
		}
		for _, i := range tx.Invitations {
			if i.DomainID == id && i.Status == InvitePending {
				i.Status, i.UpdatedAt = InviteRevoked, tx.Now()
				Emit(tx, "organizationInvitation.revoked", i)
			}
		}
		for k, r := range tx.Requests {
			if r.DomainID == id && r.Status == RequestSuggested {
				delete(tx.Requests, k)
			}
		}
		delete(tx.Domains, id)
		Emit(tx, "organizationDomain.deleted", d)
		return *d, nil
	})
}

// OfferDomains tells a user of the organizations whose domains its verified
// addresses are in.
func (tx *Tx) OfferDomains(u *User) {
	for _, d := range tx.Domains {
		if d.Proof.Status != Verified || d.Mode == ModeManual || tx.Memberships[MembershipKey{d.OrganizationID, u.ID}] != nil {
			continue
		}
		in := func(i Identification) bool { return i.Verified() && strings.HasSuffix(i.Value, "@"+d.Name) }
		n := slices.IndexFunc(u.EmailList, in)
		if n < 0 {
			continue
		}
		if d.Mode == modeSuggestion {
			tx.suggest(d, u.ID)
		} else {
			tx.inviteByDomain(d, u.EmailList[n].Value)
		}
	}
}

func (tx *Tx) suggest(d *OrganizationDomain, userID string) {
	for _, r := range tx.Requests {
		if r.OrganizationID == d.OrganizationID && r.UserID == userID {
			return
		}
	}
	r := &MembershipRequest{
		ID: tx.IDs.Next("orgsug"), OrganizationID: d.OrganizationID, DomainID: d.ID, UserID: userID,
		Status: RequestSuggested, Created: tx.Made(),
	}
	r.UpdatedAt = r.Created.At
	tx.Requests[r.ID] = r
}

// inviteByDomain makes an invitation that no mail is about: the user finds
// it among its own.
func (tx *Tx) inviteByDomain(d *OrganizationDomain, email string) {
	o := tx.Organizations[d.OrganizationID]
	if tx.invited(o.ID, email) || tx.room(o, 1) != nil {
		return
	}
	tx.PutInvitation(&Invitation{
		ID: tx.IDs.Next("orginv"), OrganizationID: o.ID, DomainID: d.ID, Email: email, Role: tx.RoleSet(o).Default,
	}, InvitationLifetime)
}

// SettleRequest moves a request on; from is the state that it must be in.
func (s *Store) SettleRequest(id string, mine func(*MembershipRequest) bool, from, to string) (MembershipRequest, error) {
	return With2(s, func(tx *Tx) (MembershipRequest, error) {
		r := tx.Requests[id]
		if r == nil || !mine(r) {
			return MembershipRequest{}, refusal.NotFound("membership request with id " + refusal.Quoted(id))
		}
		if r.Status != from {
			return MembershipRequest{}, refusal.BadRequest("organization_membership_request_not_pending", "This request has been answered already.")
		}
		if o := tx.Organizations[r.OrganizationID]; to == RequestAccepted && o != nil {
			if err := tx.room(o, 1); err != nil {
				return MembershipRequest{}, err
			}
			if key := (MembershipKey{o.ID, r.UserID}); tx.Memberships[key] == nil {
				if tx.Users[r.UserID] == nil {
					return MembershipRequest{}, refusal.NotFound("user with id " + refusal.Quoted(r.UserID))
				}
				tx.putMember(Membership{Key: key, Role: tx.RoleSet(o).Default})
			}
		}
		r.Status, r.UpdatedAt = to, tx.Now()
		return *r, nil
	})
}

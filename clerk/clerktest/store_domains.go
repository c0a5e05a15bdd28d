package clerktest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Enrollment modes of a domain.
const (
	modeManual     = "manual_invitation"
	modeInvite     = "automatic_invitation"
	modeSuggestion = "automatic_suggestion"
)

var enrollmentModes = []string{modeManual, modeInvite, modeSuggestion}

// organizationDomain is a domain of an organization. Once an address in it was
// verified, its users may be let in.
type organizationDomain struct {
	ID, OrganizationID string
	Name, Mode         string
	Affiliation        string
	Proof              verification // of an address in it
	OwnedAt            time.Time    // when it was told that the organization owns it
	Created            made
	UpdatedAt          time.Time
}

// States of a membershipRequest.
const (
	requestSuggested = "suggested" // the user was told of the organization
	requestPending   = "pending"   // the user asked
	requestAccepted  = "accepted"
	requestRejected  = "rejected"
)

// membershipRequest is a suggestion to a user, and what came of it.
type membershipRequest struct {
	ID, OrganizationID, UserID string
	DomainID                   string
	Status                     string
	Created                    made
	UpdatedAt                  time.Time
}

func validDomain(name string) bool {
	return validEmail("x@"+name) && strings.Contains(name, ".") && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".")
}

// addDomain adds a domain, verified or not.
func (s *store) addDomain(organizationID, name, mode string, proof verification) (organizationDomain, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if mode == "" {
		mode = modeManual
	}
	if !validDomain(name) {
		return organizationDomain{}, errParam("name", "form_param_format_invalid", "name "+quoted(name)+" is not a domain")
	}
	return with2(s, func(tx *stateTx) (organizationDomain, error) {
		if err := tx.checkMode(mode); err != nil {
			return organizationDomain{}, err
		}
		mine := 0
		for _, d := range tx.Domains {
			if d.OrganizationID == organizationID {
				mine++
			}
			if d.Name == name && (d.OrganizationID == organizationID || d.Proof.Status == verified) {
				return organizationDomain{}, errParam("name", "organization_domain_already_exists", "That domain is taken. Please try another.")
			}
		}
		if mine >= maxDomains {
			return organizationDomain{}, &apiError{
				http.StatusForbidden, "organization_domain_quota_exceeded", "organization domains quota exceeded",
				fmt.Sprintf("You have reached your limit of %d domains per organization.", maxDomains), "", nil,
			}
		}
		d := &organizationDomain{
			ID: tx.ids.next("orgdmn"), OrganizationID: organizationID, Name: name, Mode: mode, Proof: proof, Created: tx.made(),
		}
		d.UpdatedAt = d.Created.At
		tx.Domains[d.ID] = d
		emit(tx, "organizationDomain.created", d)
		tx.offer(d)
		return *d, nil
	})
}

// maxDomains is how many domains an organization can have.
const maxDomains = 10

// checkMode wants an enrollment mode that the instance offers.
func (tx *stateTx) checkMode(mode string) error {
	switch {
	case !slices.Contains(enrollmentModes, mode):
		return errParam("enrollment_mode", "form_param_value_invalid", "enrollment_mode "+quoted(mode)+" does not exist")
	case !tx.Instance.offers(mode):
		return &apiError{
			http.StatusForbidden, "organization_domain_enrollment_mode_not_enabled", "organization enrollment mode not enabled",
			"Enrollment mode " + mode + " is not enabled for this instance's organizations.", "", nil,
		}
	}
	return nil
}

// withDomain changes a domain of an organization. What change does before it
// fails stays, so that wrong guesses count.
func (s *store) withDomain(organizationID, id string, change func(*stateTx, *organizationDomain) error) (organizationDomain, error) {
	return with2(s, func(tx *stateTx) (organizationDomain, error) {
		d := tx.Domains[id]
		if d == nil || d.OrganizationID != organizationID {
			return organizationDomain{}, errNotFound("organization domain with id " + quoted(id))
		}
		if err := change(tx, d); err != nil {
			return organizationDomain{}, err
		}
		d.UpdatedAt = tx.now()
		emit(tx, "organizationDomain.updated", d)
		tx.offer(d)
		return *d, nil
	})
}

// deleteDomain removes a domain of an organization, and what it offered.
func (s *store) deleteDomain(organizationID, id string) (organizationDomain, error) {
	return with2(s, func(tx *stateTx) (organizationDomain, error) {
		d := tx.Domains[id]
		if d == nil || d.OrganizationID != organizationID {
			return organizationDomain{}, errNotFound("organization domain with id " + quoted(id))
		}
		for _, i := range tx.Invitations {
			if i.DomainID == id && i.Status == invitePending {
				i.Status, i.UpdatedAt = inviteRevoked, tx.now()
				emit(tx, "organizationInvitation.revoked", i)
			}
		}
		for k, r := range tx.Requests {
			if r.DomainID == id && r.Status == requestSuggested {
				delete(tx.Requests, k)
			}
		}
		delete(tx.Domains, id)
		emit(tx, "organizationDomain.deleted", d)
		return *d, nil
	})
}

// offerDomains tells a user of the organizations whose domains its verified
// addresses are in.
func (tx *stateTx) offerDomains(u *user) {
	for _, d := range tx.Domains {
		if d.Proof.Status != verified || d.Mode == modeManual || tx.Memberships[membershipKey{d.OrganizationID, u.ID}] != nil {
			continue
		}
		in := func(i identification) bool { return i.verified() && strings.HasSuffix(i.Value, "@"+d.Name) }
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

func (tx *stateTx) suggest(d *organizationDomain, userID string) {
	for _, r := range tx.Requests {
		if r.OrganizationID == d.OrganizationID && r.UserID == userID {
			return
		}
	}
	r := &membershipRequest{
		ID: tx.ids.next("orgsug"), OrganizationID: d.OrganizationID, DomainID: d.ID, UserID: userID,
		Status: requestSuggested, Created: tx.made(),
	}
	r.UpdatedAt = r.Created.At
	tx.Requests[r.ID] = r
}

// inviteByDomain makes an invitation that no mail is about: the user finds
// it among its own.
func (tx *stateTx) inviteByDomain(d *organizationDomain, email string) {
	o := tx.Organizations[d.OrganizationID]
	if tx.invited(o.ID, email) || tx.room(o, 1) != nil {
		return
	}
	tx.putInvitation(&invitation{
		ID: tx.ids.next("orginv"), OrganizationID: o.ID, DomainID: d.ID, Email: email, Role: tx.roleSet(o).Default,
	}, invitationLifetime)
}

// pickRequests lists suggestions and requests.
func (s *store) pickRequests(query url.Values, keep func(*membershipRequest) bool) ([]membershipRequest, int, error) {
	return pick(s, func(tx *stateTx) map[string]*membershipRequest { return tx.Requests }, query, listing[membershipRequest]{
		made: func(r *membershipRequest) made { return r.Created }, by: "created_at", keep: func(_ *stateTx, r *membershipRequest) bool { return keep(r) },
	})
}

// settleRequest moves a request on; from is the state that it must be in.
func (s *store) settleRequest(id string, mine func(*membershipRequest) bool, from, to string) (membershipRequest, error) {
	return with2(s, func(tx *stateTx) (membershipRequest, error) {
		r := tx.Requests[id]
		if r == nil || !mine(r) {
			return membershipRequest{}, errNotFound("membership request with id " + quoted(id))
		}
		if r.Status != from {
			return membershipRequest{}, errBadRequest("organization_membership_request_not_pending", "This request has been answered already.")
		}
		if o := tx.Organizations[r.OrganizationID]; to == requestAccepted && o != nil {
			if err := tx.room(o, 1); err != nil {
				return membershipRequest{}, err
			}
			if key := (membershipKey{o.ID, r.UserID}); tx.Memberships[key] == nil {
				if tx.Users[r.UserID] == nil {
					return membershipRequest{}, errNotFound("user with id " + quoted(r.UserID))
				}
				tx.putMember(membership{Key: key, Role: tx.roleSet(o).Default})
			}
		}
		r.Status, r.UpdatedAt = to, tx.now()
		return *r, nil
	})
}

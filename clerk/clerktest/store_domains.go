package clerktest

import (
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
	Proof              verification
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
	Status                     string
	Created                    made
	UpdatedAt                  time.Time
}

func validDomain(name string) bool {
	return validEmail("x@"+name) && strings.Contains(name, ".") && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".")
}

func (s *store) addDomain(organizationID, name, mode string) (organizationDomain, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if mode == "" {
		mode = modeManual
	}
	switch {
	case !validDomain(name):
		return organizationDomain{}, errParam("name", "form_param_format_invalid", "name "+quoted(name)+" is not a domain")
	case !slices.Contains(enrollmentModes, mode):
		return organizationDomain{}, errParam("enrollment_mode", "form_param_value_invalid", "enrollment_mode "+quoted(mode)+" does not exist")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.Domains {
		if d.Name == name && (d.OrganizationID == organizationID || d.Proof.Status == verified) {
			return organizationDomain{}, errParam("name", "form_identifier_exists", "That domain is taken. Please try another.")
		}
	}
	d := &organizationDomain{
		ID: s.ids.next("orgdmn"), OrganizationID: organizationID, Name: name, Mode: mode,
		Proof: verification{Status: unverified}, Created: s.madeLocked(),
	}
	d.UpdatedAt = d.Created.At
	s.Domains[d.ID] = d
	return *d, nil
}

// withDomain changes a domain of an organization.
func (s *store) withDomain(organizationID, id string, change func(*organizationDomain) error) (organizationDomain, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.Domains[id]
	if d == nil || d.OrganizationID != organizationID {
		return organizationDomain{}, errNotFound("organization domain with id " + quoted(id))
	}
	if err := change(d); err != nil {
		return organizationDomain{}, err
	}
	d.UpdatedAt = s.now()
	return *d, nil
}

// offerDomainsLocked tells a user of the organizations whose domains its verified
// addresses are in.
func (s *store) offerDomainsLocked(u *user) {
	for _, d := range s.Domains {
		if d.Proof.Status != verified || d.Mode == modeManual || s.Memberships[membershipKey{d.OrganizationID, u.ID}] != nil {
			continue
		}
		in := func(i identification) bool { return i.verified() && strings.HasSuffix(i.Value, "@"+d.Name) }
		n := slices.IndexFunc(u.EmailList, in)
		if n < 0 {
			continue
		}
		if d.Mode == modeSuggestion {
			s.suggestLocked(d.OrganizationID, u.ID)
		} else {
			s.inviteByDomainLocked(d.OrganizationID, u.EmailList[n].Value)
		}
	}
}

func (s *store) suggestLocked(organizationID, userID string) {
	for _, r := range s.Requests {
		if r.OrganizationID == organizationID && r.UserID == userID {
			return
		}
	}
	r := &membershipRequest{ID: s.ids.next("orgsug"), OrganizationID: organizationID, UserID: userID, Status: requestSuggested, Created: s.madeLocked()}
	r.UpdatedAt = r.Created.At
	s.Requests[r.ID] = r
}

// inviteByDomainLocked makes an invitation that no mail is about: the user finds
// it among its own.
func (s *store) inviteByDomainLocked(organizationID, email string) {
	i := &invitation{OrganizationID: organizationID, Email: email, Role: "org:member", Public: []byte("{}"), Private: []byte("{}")}
	if s.mayInviteLocked(i) != nil {
		return // there is one
	}
	i.ID, i.Status, i.Created = s.ids.next("orginv"), invitePending, s.madeLocked()
	i.UpdatedAt, i.ExpireAt = i.Created.At, i.Created.At.Add(invitationLifetime)
	s.Invitations[i.ID] = i
}

// listRequests returns suggestions and requests, oldest first.
func (s *store) listRequests(keep func(*membershipRequest) bool) []membershipRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.Requests, func(r *membershipRequest) made { return r.Created }, keep)
}

// settleRequest moves a request on; from is the state that it must be in.
func (s *store) settleRequest(id string, mine func(*membershipRequest) bool, from, to string) (membershipRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.Requests[id]
	if r == nil || !mine(r) {
		return membershipRequest{}, errNotFound("membership request with id " + quoted(id))
	}
	if r.Status != from {
		return membershipRequest{}, errBadRequest("organization_membership_request_not_pending", "This request has been answered already.")
	}
	if to == requestAccepted {
		if err := s.addMemberLocked(r.OrganizationID, r.UserID, "org:member"); err != nil {
			return membershipRequest{}, err
		}
	}
	r.Status, r.UpdatedAt = to, s.now()
	return *r, nil
}

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
	id, organizationID string
	name, mode         string
	affiliation        string
	proof              verification
	created            made
	updatedAt          time.Time
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
	id, organizationID, userID string
	status                     string
	created                    made
	updatedAt                  time.Time
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
	for _, d := range s.domains {
		if d.name == name && (d.organizationID == organizationID || d.proof.status == verified) {
			return organizationDomain{}, errParam("name", "form_identifier_exists", "That domain is taken. Please try another.")
		}
	}
	d := &organizationDomain{
		id: s.ids.next("orgdmn"), organizationID: organizationID, name: name, mode: mode,
		proof: verification{status: unverified}, created: s.madeLocked(),
	}
	d.updatedAt = d.created.at
	s.domains[d.id] = d
	return *d, nil
}

// withDomain changes a domain of an organization.
func (s *store) withDomain(organizationID, id string, change func(*organizationDomain) error) (organizationDomain, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.domains[id]
	if d == nil || d.organizationID != organizationID {
		return organizationDomain{}, errNotFound("organization domain with id " + quoted(id))
	}
	if err := change(d); err != nil {
		return organizationDomain{}, err
	}
	d.updatedAt = s.now()
	return *d, nil
}

// offerDomainsLocked tells a user of the organizations whose domains its verified
// addresses are in.
func (s *store) offerDomainsLocked(u *user) {
	for _, d := range s.domains {
		if d.proof.status != verified || d.mode == modeManual || s.memberships[membershipKey{d.organizationID, u.ID}] != nil {
			continue
		}
		in := func(i identification) bool { return i.verified() && strings.HasSuffix(i.value, "@"+d.name) }
		n := slices.IndexFunc(u.emailList, in)
		if n < 0 {
			continue
		}
		if d.mode == modeSuggestion {
			s.suggestLocked(d.organizationID, u.ID)
		} else {
			s.inviteByDomainLocked(d.organizationID, u.emailList[n].value)
		}
	}
}

func (s *store) suggestLocked(organizationID, userID string) {
	for _, r := range s.requests {
		if r.organizationID == organizationID && r.userID == userID {
			return
		}
	}
	r := &membershipRequest{id: s.ids.next("orgsug"), organizationID: organizationID, userID: userID, status: requestSuggested, created: s.madeLocked()}
	r.updatedAt = r.created.at
	s.requests[r.id] = r
}

// inviteByDomainLocked makes an invitation that no mail is about: the user finds
// it among its own.
func (s *store) inviteByDomainLocked(organizationID, email string) {
	i := &invitation{organizationID: organizationID, email: email, role: "org:member", public: []byte("{}"), private: []byte("{}")}
	if s.mayInviteLocked(i) != nil {
		return // there is one
	}
	i.id, i.status, i.created = s.ids.next("orginv"), invitePending, s.madeLocked()
	i.updatedAt, i.expireAt = i.created.at, i.created.at.Add(invitationLifetime)
	s.invitations[i.id] = i
}

// listRequests returns suggestions and requests, oldest first.
func (s *store) listRequests(keep func(*membershipRequest) bool) []membershipRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.requests, func(r *membershipRequest) made { return r.created }, keep)
}

// settleRequest moves a request on; from is the state that it must be in.
func (s *store) settleRequest(id string, mine func(*membershipRequest) bool, from, to string) (membershipRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r == nil || !mine(r) {
		return membershipRequest{}, errNotFound("membership request with id " + quoted(id))
	}
	if r.status != from {
		return membershipRequest{}, errBadRequest("organization_membership_request_not_pending", "This request has been answered already.")
	}
	if to == requestAccepted {
		if err := s.addMemberLocked(r.organizationID, r.userID, "org:member"); err != nil {
			return membershipRequest{}, err
		}
	}
	r.status, r.updatedAt = to, s.now()
	return *r, nil
}

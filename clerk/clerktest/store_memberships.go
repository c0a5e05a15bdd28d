package clerktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

type membershipKey struct{ Organization, User string }

// MarshalText makes it the key of a JSON object. Neither id has a slash.
func (k membershipKey) MarshalText() ([]byte, error) {
	return []byte(k.Organization + "/" + k.User), nil
}

// UnmarshalText reverses MarshalText.
func (k *membershipKey) UnmarshalText(text []byte) error {
	k.Organization, k.User, _ = strings.Cut(string(text), "/")
	return nil
}

type membership struct {
	ID              string
	Key             membershipKey
	Role            string
	Public, Private json.RawMessage
	Created         made
	UpdatedAt       time.Time
}

// memberOf is a membership with what answers show of it.
type memberOf struct {
	membership   membership
	organization organization
	role         role
	members      int
}

// member is a membership with its user.
type member struct {
	memberOf
	user user
}

// AddMember makes a user a member of an organization, or changes the member's
// role. Organization and user are ids; the organization may be a slug.
func (e *Emulator) AddMember(organization, user, role string) {
	e.helper()
	if err := e.store.addMember(organization, user, role); err != nil {
		e.fail("AddMember: %v", err)
	}
}

func (s *store) addMember(org, userID, roleKey string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addMemberLocked(org, userID, roleKey)
}

func (s *store) addMemberLocked(org, userID, roleKey string) error {
	o := s.organizationLocked(org)
	switch {
	case o == nil:
		return errNotFound("organization " + quoted(org))
	case s.Users[userID] == nil:
		return errNotFound("user with id " + quoted(userID))
	case s.Roles[roleKey] == nil:
		return errRoleNotFound("role", roleKey)
	}
	key := membershipKey{o.ID, userID}
	if m := s.Memberships[key]; m != nil {
		m.Role, m.UpdatedAt = roleKey, s.now()
		emitLocked(s, "organizationMembership.updated", m)
		return nil
	}
	s.putMemberLocked(membership{Key: key, Role: roleKey})
	return nil
}

// putMemberLocked adds a membership that has its key and role, and is not there
// yet.
func (s *store) putMemberLocked(m membership) *membership {
	m.ID, m.Created = s.ids.next("orgmem"), s.madeLocked()
	m.UpdatedAt = m.Created.At
	m.Public, m.Private = orEmpty(m.Public), orEmpty(m.Private)
	s.Memberships[m.Key] = &m
	s.membershipsBy[m.Key.User] = append(s.membershipsBy[m.Key.User], &m)
	s.members[m.Key.Organization]++
	emitLocked(s, "organizationMembership.created", &m)
	return &m
}

// join makes a user a member, under the rules that hold for callers of the APIs.
func (s *store) join(m membership) (member, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.Organizations[m.Key.Organization]
	if o == nil {
		return member{}, errNotFound("organization " + quoted(m.Key.Organization))
	}
	if s.Users[m.Key.User] == nil {
		return member{}, errNotFound("user with id " + quoted(m.Key.User))
	}
	if _, err := s.assignableLocked(o, m.Role); err != nil {
		return member{}, err
	}
	if s.Memberships[m.Key] != nil {
		return member{}, errAlreadyMember(m.Key.User)
	}
	if err := s.roomLocked(o, 1); err != nil {
		return member{}, err
	}
	return s.memberLocked(s.putMemberLocked(m)), nil
}

func errAlreadyMember(who string) *apiError {
	return &apiError{
		http.StatusBadRequest, "already_a_member_in_organization", "already a member",
		who + " is already a member of the organization.", "", nil,
	}
}

// roomLocked refuses more members, and those who are invited, than an
// organization may have.
func (s *store) roomLocked(o *organization, more int) error {
	if o.MaxMemberships == 0 || s.members[o.ID]+s.countPendingLocked(o.ID)+more <= o.MaxMemberships {
		return nil
	}
	return &apiError{
		http.StatusForbidden, "organization_membership_quota_exceeded", "organization membership quota exceeded",
		fmt.Sprintf("You have reached your limit of %d organization memberships, including outstanding invitations.", o.MaxMemberships), "", nil,
	}
}

// memberLocked adds to a membership what answers show of it.
func (s *store) memberLocked(m *membership) member {
	o, u, r := s.Organizations[m.Key.Organization], s.Users[m.Key.User], s.Roles[m.Role]
	return member{memberOf{*m, *o, *r, s.members[o.ID]}, *u}
}

// member returns one member of an organization.
func (s *store) member(organizationID, userID string) (member, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.Memberships[membershipKey{organizationID, userID}]
	if m == nil {
		return member{}, errNotFound("membership of " + quoted(userID))
	}
	return s.memberLocked(m), nil
}

// changeMember changes a membership.
func (s *store) changeMember(organizationID, userID string, change func(*membership) error) (member, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.Memberships[membershipKey{organizationID, userID}]
	if m == nil {
		return member{}, errNotFound("membership of " + quoted(userID))
	}
	if err := change(m); err != nil {
		return member{}, err
	}
	m.UpdatedAt = s.now()
	emitLocked(s, "organizationMembership.updated", m)
	return s.memberLocked(m), nil
}

// changeRole gives a member another role.
func (s *store) changeRole(organizationID, userID, role string) (member, error) {
	return s.changeMember(organizationID, userID, func(m *membership) error {
		r, err := s.assignableLocked(s.Organizations[organizationID], role)
		if err != nil {
			return err
		}
		if !slices.Contains(r.System, mayManageMembers) {
			if err := s.lastManagerLocked(m.Key); err != nil {
				return err
			}
		}
		m.Role = role
		return nil
	})
}

// removeMember ends a membership, and returns it.
func (s *store) removeMember(organizationID, userID string) (member, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.Memberships[membershipKey{organizationID, userID}]
	if m == nil {
		return member{}, errNotFound("membership of " + quoted(userID))
	}
	if err := s.lastManagerLocked(m.Key); err != nil {
		return member{}, err
	}
	out := s.memberLocked(m)
	s.removeMemberLocked(m.Key)
	out.members--
	return out, nil
}

// manages reports whether a membership lets its user manage the others.
func (s *store) managesLocked(m *membership) bool {
	return m != nil && slices.Contains(s.Roles[m.Role].System, mayManageMembers)
}

// lastManagerLocked refuses to take away the last member who can manage others.
func (s *store) lastManagerLocked(key membershipKey) error {
	if !s.managesLocked(s.Memberships[key]) {
		return nil
	}
	for other, m := range s.Memberships {
		if other.Organization == key.Organization && other != key && s.managesLocked(m) {
			return nil
		}
	}
	return &apiError{
		http.StatusBadRequest, "organization_minimum_permissions_needed", "minimum organization permissions needed",
		"There has to be at least one organization member with the minimum required permissions", "", nil,
	}
}

// membershipsOf returns the organizations of a user, oldest membership first.
func (s *store) membershipsOf(userID string) []memberOf {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.membershipsOfLocked(userID)
}

func (s *store) membershipsOfLocked(userID string) []memberOf {
	all := s.membershipsBy[userID]
	out := make([]memberOf, len(all))
	for i, m := range all {
		out[i] = memberOf{*m, *s.Organizations[m.Key.Organization], *s.Roles[m.Role], s.members[m.Key.Organization]}
	}
	return out
}

// countMembers returns how many members an organization has.
func (s *store) countMembers(organization string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.members[organization]
}

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
	return s.Update(func(tx *stateTx) error {
		return tx.addMember(org, userID, roleKey)
	})
}

func (tx *stateTx) addMember(org, userID, roleKey string) error {
	o := tx.organization(org)
	switch {
	case o == nil:
		return errNotFound("organization " + quoted(org))
	case tx.Users[userID] == nil:
		return errNotFound("user with id " + quoted(userID))
	case tx.Roles[roleKey] == nil:
		return errRoleNotFound("role", roleKey)
	}
	key := membershipKey{o.ID, userID}
	if m := tx.Memberships[key]; m != nil {
		m.Role, m.UpdatedAt = roleKey, tx.now()
		emit(tx, "organizationMembership.updated", m)
		return nil
	}
	tx.putMember(membership{Key: key, Role: roleKey})
	return nil
}

// putMember adds a membership that has its key and role, and is not there
// yet.
func (tx *stateTx) putMember(m membership) *membership {
	m.ID, m.Created = tx.ids.next("orgmem"), tx.made()
	m.UpdatedAt = m.Created.At
	m.Public, m.Private = orEmpty(m.Public), orEmpty(m.Private)
	tx.Memberships[m.Key] = &m
	tx.membershipsBy[m.Key.User] = append(tx.membershipsBy[m.Key.User], &m)
	tx.members[m.Key.Organization]++
	emit(tx, "organizationMembership.created", &m)
	return &m
}

// join makes a user a member, under the rules that hold for callers of the APIs.
func (s *store) join(m membership) (member, error) {
	return with2(s, func(tx *stateTx) (member, error) {
		o := tx.Organizations[m.Key.Organization]
		if o == nil {
			return member{}, errNotFound("organization " + quoted(m.Key.Organization))
		}
		if tx.Users[m.Key.User] == nil {
			return member{}, errNotFound("user with id " + quoted(m.Key.User))
		}
		if _, err := tx.assignable(o, m.Role); err != nil {
			return member{}, err
		}
		if tx.Memberships[m.Key] != nil {
			return member{}, errAlreadyMember(m.Key.User)
		}
		if err := tx.room(o, 1); err != nil {
			return member{}, err
		}
		return tx.member(tx.putMember(m)), nil
	})
}

func errAlreadyMember(who string) *apiError {
	return &apiError{
		http.StatusBadRequest, "already_a_member_in_organization", "already a member",
		who + " is already a member of the organization.", "", nil,
	}
}

// room refuses more members, and those who are invited, than an
// organization may have.
func (tx *stateTx) room(o *organization, more int) error {
	if o.MaxMemberships == 0 || tx.members[o.ID]+tx.countPending(o.ID)+more <= o.MaxMemberships {
		return nil
	}
	return &apiError{
		http.StatusForbidden, "organization_membership_quota_exceeded", "organization membership quota exceeded",
		fmt.Sprintf("You have reached your limit of %d organization memberships, including outstanding invitations.", o.MaxMemberships), "", nil,
	}
}

// member adds to a membership what answers show of it.
func (tx *stateTx) member(m *membership) member {
	o, u, r := tx.Organizations[m.Key.Organization], tx.Users[m.Key.User], tx.Roles[m.Role]
	return member{memberOf{*m, *o, *r, tx.members[o.ID]}, *u}
}

// changeMember changes a membership.
func (s *store) changeMember(organizationID, userID string, change func(*stateTx, *membership) error) (member, error) {
	return with2(s, func(tx *stateTx) (member, error) {
		m := tx.Memberships[membershipKey{organizationID, userID}]
		if m == nil {
			return member{}, errNotFound("membership of " + quoted(userID))
		}
		if err := change(tx, m); err != nil {
			return member{}, err
		}
		m.UpdatedAt = tx.now()
		emit(tx, "organizationMembership.updated", m)
		return tx.member(m), nil
	})
}

// changeRole gives a member another role.
func (s *store) changeRole(organizationID, userID, role string) (member, error) {
	return s.changeMember(organizationID, userID, func(tx *stateTx, m *membership) error {
		r, err := tx.assignable(tx.Organizations[organizationID], role)
		if err != nil {
			return err
		}
		if !slices.Contains(r.System, mayManageMembers) {
			if err := tx.lastManager(m.Key); err != nil {
				return err
			}
		}
		m.Role = role
		return nil
	})
}

// removeMember ends a membership, and returns it.
func (s *store) removeMember(organizationID, userID string) (member, error) {
	return with2(s, func(tx *stateTx) (member, error) {
		m := tx.Memberships[membershipKey{organizationID, userID}]
		if m == nil {
			return member{}, errNotFound("membership of " + quoted(userID))
		}
		if err := tx.lastManager(m.Key); err != nil {
			return member{}, err
		}
		out := tx.member(m)
		tx.removeMember(m.Key)
		out.members--
		return out, nil
	})
}

// manages reports whether a membership lets its user manage the others.
func (tx *stateTx) manages(m *membership) bool {
	return m != nil && slices.Contains(tx.Roles[m.Role].System, mayManageMembers)
}

// lastManager refuses to take away the last member who can manage others.
func (tx *stateTx) lastManager(key membershipKey) error {
	if !tx.manages(tx.Memberships[key]) {
		return nil
	}
	for other, m := range tx.Memberships {
		if other.Organization == key.Organization && other != key && tx.manages(m) {
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
	return with(s, func(tx *stateTx) []memberOf {
		return tx.membershipsOf(userID)
	})
}

func (tx *stateTx) membershipsOf(userID string) []memberOf {
	all := tx.membershipsBy[userID]
	out := make([]memberOf, len(all))
	for i, m := range all {
		out[i] = memberOf{*m, *tx.Organizations[m.Key.Organization], *tx.Roles[m.Role], tx.members[m.Key.Organization]}
	}
	return out
}

// countMembers returns how many members an organization has.
func (s *store) countMembers(organization string) int {
	return with(s, func(tx *stateTx) int {
		return tx.members[organization]
	})
}

package state

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

type MembershipKey struct{ Organization, User string }

// MarshalText makes it the key of a JSON object. Neither id has a slash.
func (k MembershipKey) MarshalText() ([]byte, error) {
	return []byte(k.Organization + "/" + k.User), nil
}

// UnmarshalText reverses MarshalText.
func (k *MembershipKey) UnmarshalText(text []byte) error {
	k.Organization, k.User, _ = strings.Cut(string(text), "/")
	return nil
}

type Membership struct {
	ID              string
	Key             MembershipKey
	Role            string
	Public, Private json.RawMessage
	Created         Made
	UpdatedAt       time.Time
}

// MemberOf is a membership with what answers show of it.
type MemberOf struct {
	Membership   Membership
	Organization Organization
	Role         Role
	Members      int
}

// Member is a membership with its user.
type Member struct {
	MemberOf
	User User
}

func (s *Store) AddMember(org, userID, roleKey string) error {
	return s.Update(func(tx *Tx) error {
		return tx.addMember(org, userID, roleKey)
	})
}

func (tx *Tx) addMember(org, userID, roleKey string) error {
	o := tx.Organization(org)
	switch {
	case o == nil:
		return refusal.NotFound("organization " + refusal.Quoted(org))
	case tx.Users[userID] == nil:
		return refusal.NotFound("user with id " + refusal.Quoted(userID))
	case tx.Roles[roleKey] == nil:
		return ErrRoleNotFound("role", roleKey)
	}
	key := MembershipKey{o.ID, userID}
	if m := tx.Memberships[key]; m != nil {
		m.Role, m.UpdatedAt = roleKey, tx.Now()
		Emit(tx, "organizationMembership.updated", m)
		return nil
	}
	tx.putMember(Membership{Key: key, Role: roleKey})
	return nil
}

// putMember adds a membership that has its key and role, and is not there
// yet.
func (tx *Tx) putMember(m Membership) *Membership {
	m.ID, m.Created = tx.IDs.Next("orgmem"), tx.Made()
	m.UpdatedAt = m.Created.At
	m.Public, m.Private = OrEmpty(m.Public), OrEmpty(m.Private)
	tx.Memberships[m.Key] = &m
	tx.membershipsBy[m.Key.User] = append(tx.membershipsBy[m.Key.User], &m)
	tx.Members[m.Key.Organization]++
	Emit(tx, "organizationMembership.created", &m)
	return &m
}

// Join makes a user a member, under the rules that hold for callers of the APIs.
func (s *Store) Join(m Membership) (Member, error) {
	return With2(s, func(tx *Tx) (Member, error) {
		o := tx.Organizations[m.Key.Organization]
		if o == nil {
			return Member{}, refusal.NotFound("organization " + refusal.Quoted(m.Key.Organization))
		}
		if tx.Users[m.Key.User] == nil {
			return Member{}, refusal.NotFound("user with id " + refusal.Quoted(m.Key.User))
		}
		if _, err := tx.assignable(o, m.Role); err != nil {
			return Member{}, err
		}
		if tx.Memberships[m.Key] != nil {
			return Member{}, errAlreadyMember(m.Key.User)
		}
		if err := tx.room(o, 1); err != nil {
			return Member{}, err
		}
		return tx.Member(tx.putMember(m)), nil
	})
}

func errAlreadyMember(who string) *refusal.Error {
	return &refusal.Error{
		Kind: refusal.KindBadRequest, Code: "already_a_member_in_organization", Message: "already a member",
		Long: who + " is already a member of the organization.", Param: "", Meta: nil,
	}
}

// room refuses more members, and those who are invited, than an
// organization may have.
func (tx *Tx) room(o *Organization, more int) error {
	if o.MaxMemberships == 0 || tx.Members[o.ID]+tx.countPending(o.ID)+more <= o.MaxMemberships {
		return nil
	}
	return &refusal.Error{
		Kind: refusal.KindNotAllowed, Code: "organization_membership_quota_exceeded", Message: "organization membership quota exceeded",
		Long: fmt.Sprintf("You have reached your limit of %d organization memberships, including outstanding invitations.", o.MaxMemberships), Param: "", Meta: nil,
	}
}

// Member adds to a membership what answers show of it.
func (tx *Tx) Member(m *Membership) Member {
	o, u, r := tx.Organizations[m.Key.Organization], tx.Users[m.Key.User], tx.Roles[m.Role]
	return Member{MemberOf{*m, *o, *r, tx.Members[o.ID]}, *u}
}

// ChangeMember changes a membership.
func (s *Store) ChangeMember(organizationID, userID string, change func(*Tx, *Membership) error) (Member, error) {
	return With2(s, func(tx *Tx) (Member, error) {
		m := tx.Memberships[MembershipKey{organizationID, userID}]
		if m == nil {
			return Member{}, refusal.NotFound("membership of " + refusal.Quoted(userID))
		}
		if err := change(tx, m); err != nil {
			return Member{}, err
		}
		m.UpdatedAt = tx.Now()
		Emit(tx, "organizationMembership.updated", m)
		return tx.Member(m), nil
	})
}

// ChangeRole gives a member another role.
func (s *Store) ChangeRole(organizationID, userID, role string) (Member, error) {
	return s.ChangeMember(organizationID, userID, func(tx *Tx, m *Membership) error {
		r, err := tx.assignable(tx.Organizations[organizationID], role)
		if err != nil {
			return err
		}
		if !slices.Contains(r.System, MayManageMembers) {
			if err := tx.lastManager(m.Key); err != nil {
				return err
			}
		}
		m.Role = role
		return nil
	})
}

// RemoveMember ends a membership, and returns it.
func (s *Store) RemoveMember(organizationID, userID string) (Member, error) {
	return With2(s, func(tx *Tx) (Member, error) {
		m := tx.Memberships[MembershipKey{organizationID, userID}]
		if m == nil {
			return Member{}, refusal.NotFound("membership of " + refusal.Quoted(userID))
		}
		if err := tx.lastManager(m.Key); err != nil {
			return Member{}, err
		}
		out := tx.Member(m)
		tx.removeMember(m.Key)
		out.Members--
		return out, nil
	})
}

// manages reports whether a membership lets its user manage the others.
func (tx *Tx) manages(m *Membership) bool {
	return m != nil && slices.Contains(tx.Roles[m.Role].System, MayManageMembers)
}

// lastManager refuses to take away the last member who can manage others.
func (tx *Tx) lastManager(key MembershipKey) error {
	if !tx.manages(tx.Memberships[key]) {
		return nil
	}
	for other, m := range tx.Memberships {
		if other.Organization == key.Organization && other != key && tx.manages(m) {
			return nil
		}
	}
	return &refusal.Error{
		Kind: refusal.KindBadRequest, Code: "organization_minimum_permissions_needed", Message: "minimum organization permissions needed",
		Long: "There has to be at least one organization member with the minimum required permissions", Param: "", Meta: nil,
	}
}

// MembershipsOf returns the organizations of a user, oldest membership first.
func (s *Store) MembershipsOf(userID string) []MemberOf {
	return With(s, func(tx *Tx) []MemberOf {
		return tx.membershipsOf(userID)
	})
}

func (tx *Tx) membershipsOf(userID string) []MemberOf {
	all := tx.membershipsBy[userID]
	out := make([]MemberOf, len(all))
	for i, m := range all {
		out[i] = MemberOf{*m, *tx.Organizations[m.Key.Organization], *tx.Roles[m.Role], tx.Members[m.Key.Organization]}
	}
	return out
}

// CountMembers returns how many members an organization has.
func (s *Store) CountMembers(organization string) int {
	return With(s, func(tx *Tx) int {
		return tx.Members[organization]
	})
}

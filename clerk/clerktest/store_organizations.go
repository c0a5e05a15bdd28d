package clerktest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Organization describes an organization to add.
type Organization struct {
	// ID pins the id, which must begin with org_. Empty means a new one.
	ID string `json:"id,omitempty"`
	// Name is the name, made from the slug if empty.
	Name string `json:"name,omitempty"`
	// Slug is the name in URLs, made from the name or id if empty.
	Slug string `json:"slug,omitempty"`
	// Plan is the slug of the organization's plan and Features are those that it
	// brings: the pla and fea claims with scope o. The features that a role's
	// permissions are about need not be repeated here.
	Plan     string   `json:"plan,omitempty"`
	Features []string `json:"features,omitempty"`
	// The metadata of the organization, JSON objects.
	PublicMetadata  map[string]any `json:"public_metadata,omitempty"`
	PrivateMetadata map[string]any `json:"private_metadata,omitempty"`
	// CreatedBy is the id of the user who made it. It adds no membership.
	CreatedBy string `json:"created_by,omitempty"`
}

type organization struct {
	Organization
	Public    json.RawMessage
	Private   json.RawMessage
	Created   made
	UpdatedAt time.Time
}

// role is a role of the instance. Roles belong to the instance, not to one
// organization.
type role struct {
	Key, Name   string
	Permissions []string // custom ones: org:feature:name
}

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
	ID        string
	Key       membershipKey
	Role      string
	Created   made
	UpdatedAt time.Time
}

// AddOrganization adds an organization and returns it with its id, name and
// slug. Duplicate ids and slugs are refused.
func (e *Emulator) AddOrganization(o Organization) Organization {
	e.helper()
	record, err := e.store.addOrganization(o)
	if err != nil {
		e.fail("AddOrganization: %v", err)
		return o
	}
	o.ID, o.Name, o.Slug = record.ID, record.Name, record.Slug
	return o
}

// AddRole gives a role (org:billing) its permissions (org:invoices:create),
// instead of those it had. The roles org:admin and org:member are there from the
// start, without custom permissions. Roles hold for all organizations.
func (e *Emulator) AddRole(key string, permissions ...string) {
	e.helper()
	if err := e.store.addRole(key, "", permissions); err != nil {
		e.fail("AddRole: %v", err)
	}
}

// AddMember makes a user a member of an organization, or changes the member's
// role. Organization and user are ids; the organization may be a slug.
func (e *Emulator) AddMember(organization, user, role string) {
	e.helper()
	if err := e.store.addMember(organization, user, role); err != nil {
		e.fail("AddMember: %v", err)
	}
}

func (s *store) addOrganization(o Organization) (organization, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addOrganizationLocked(o)
}

func (s *store) addOrganizationLocked(o Organization) (organization, error) {
	if o.ID != "" && !validID(o.ID, "org_") {
		return organization{}, errParam("id", "form_param_format_invalid", "id "+quoted(o.ID)+" is not org_ and letters, digits, _ or -")
	}
	if o.Slug == "" {
		o.Slug = cmp.Or(slugify(o.Name), slugify(strings.TrimPrefix(o.ID, "org_")))
	}
	if o.Slug != "" && !validSlug(o.Slug) {
		return organization{}, errParam("slug", "form_param_format_invalid", "slug "+quoted(o.Slug)+" is not letters, digits, _ or -")
	}
	for _, name := range append([]string{o.Plan}, o.Features...) {
		if name != "" && !validSlug(name) {
			return organization{}, errParam("features", "form_param_format_invalid", "plan or feature "+quoted(name)+" is not letters, digits, _ or -")
		}
	}
	record := &organization{Organization: o}
	record.Features = append([]string(nil), o.Features...)
	var err error
	if record.Public, err = encodeMetadata(o.PublicMetadata); err != nil {
		return organization{}, errParam("public_metadata", "form_param_format_invalid", "public_metadata is not JSON: "+err.Error())
	}
	if record.Private, err = encodeMetadata(o.PrivateMetadata); err != nil {
		return organization{}, errParam("private_metadata", "form_param_format_invalid", "private_metadata is not JSON: "+err.Error())
	}
	record.PublicMetadata, record.PrivateMetadata = nil, nil // Public and Private have it
	if record.ID == "" {
		record.ID = s.ids.next("org")
	}
	record.Slug = cmp.Or(record.Slug, slugify(strings.TrimPrefix(record.ID, "org_")))
	record.Name = cmp.Or(record.Name, record.Slug)
	if s.Organizations[record.ID] != nil {
		return organization{}, errParam("id", "form_identifier_exists", "organization "+record.ID+" exists already")
	}
	if s.slugs[record.Slug] != "" {
		return organization{}, errParam("slug", "form_identifier_exists", "slug "+quoted(record.Slug)+" is taken")
	}
	record.Created = s.madeLocked()
	record.UpdatedAt = record.Created.At
	s.Organizations[record.ID] = record
	s.slugs[record.Slug] = record.ID
	return *record, nil
}

// slugify makes a slug of a name: lower case, with single dashes.
func slugify(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool {
		return !('a' <= c && c <= 'z' || '0' <= c && c <= '9')
	})
	return strings.Join(fields, "-")
}

func (s *store) addRole(key, name string, permissions []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addRoleLocked(key, name, permissions)
}

func (s *store) addRoleLocked(key, name string, permissions []string) error {
	suffix, ok := strings.CutPrefix(key, "org:")
	if !ok || !validSlug(suffix) {
		return errParam("key", "form_param_format_invalid", "role "+quoted(key)+" is not org: and a name")
	}
	for _, p := range permissions {
		if _, _, ok := splitPermission(p); !ok {
			return errParam("permissions", "form_param_format_invalid", "permission "+quoted(p)+" is not org:feature:name")
		}
	}
	permissions = slices.Clone(permissions)
	slices.Sort(permissions)
	s.Roles[key] = &role{
		Key:         key,
		Name:        cmp.Or(name, strings.ToUpper(suffix[:1])+suffix[1:]),
		Permissions: slices.Compact(permissions),
	}
	return nil
}

// splitPermission takes org:feature:name apart.
func splitPermission(p string) (feature, name string, ok bool) {
	rest, ok := strings.CutPrefix(p, "org:")
	if !ok {
		return "", "", false
	}
	feature, name, ok = strings.Cut(rest, ":")
	return feature, name, ok && validSlug(feature) && validSlug(name)
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
		return errNotFound("role " + quoted(roleKey))
	}
	key := membershipKey{o.ID, userID}
	if m := s.Memberships[key]; m != nil {
		m.Role, m.UpdatedAt = roleKey, s.now()
		return nil
	}
	m := &membership{ID: s.ids.next("orgmem"), Key: key, Role: roleKey, Created: s.madeLocked()}
	m.UpdatedAt = m.Created.At
	s.Memberships[key] = m
	s.membershipsBy[userID] = append(s.membershipsBy[userID], m)
	s.members[o.ID]++
	return nil
}

// organizationLocked finds an organization by id or slug, nil if there is none.
func (s *store) organizationLocked(idOrSlug string) *organization {
	if o := s.Organizations[idOrSlug]; o != nil {
		return o
	}
	return s.Organizations[s.slugs[idOrSlug]]
}

// organization returns the organization with the id or slug.
func (s *store) organization(idOrSlug string) (organization, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.organizationLocked(idOrSlug); o != nil {
		return *o, nil
	}
	return organization{}, errNotFound("organization " + quoted(idOrSlug))
}

// listOrganizations returns organizations, oldest first.
func (s *store) listOrganizations(keep func(*organization) bool) []organization {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.Organizations, func(o *organization) made { return o.Created }, keep)
}

// countMembers returns how many members an organization has.
func (s *store) countMembers(organization string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.members[organization]
}

// memberOf is a membership with what answers show of it.
type memberOf struct {
	membership   membership
	organization organization
	role         role
	members      int
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

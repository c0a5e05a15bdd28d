package state

import (
	"cmp"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// OrganizationSeed is what an organization is made of: clerktest.Organization, which
// says more of each field.
type OrganizationSeed struct {
	ID              string         `json:"id,omitempty"`
	Name            string         `json:"name,omitempty"`
	Slug            string         `json:"slug,omitempty"`
	Plan            string         `json:"plan,omitempty"`
	Features        []string       `json:"features,omitempty"`
	PublicMetadata  map[string]any `json:"public_metadata,omitempty"`
	PrivateMetadata map[string]any `json:"private_metadata,omitempty"`
	CreatedBy       string         `json:"created_by,omitempty"`
}

type Organization struct {
	OrganizationSeed
	Public         json.RawMessage
	Private        json.RawMessage
	MaxMemberships int    // 0: no limit
	AdminDelete    bool   // members may delete it, with the permission
	RoleSet        string // key
	LogoID         string
	Created        Made
	UpdatedAt      time.Time
}

func (s *Store) AddOrganization(o OrganizationSeed) (Organization, error) {
	return With2(s, func(tx *Tx) (Organization, error) {
		return tx.addOrganization(o)
	})
}

func (tx *Tx) addOrganization(o OrganizationSeed) (Organization, error) {
	if o.ID != "" && !validID(o.ID, "org_") {
		return Organization{}, refusal.Param("id", "form_param_format_invalid", "id "+refusal.Quoted(o.ID)+" is not org_ and letters, digits, _ or -")
	}
	if o.Slug == "" {
		o.Slug = cmp.Or(slugify(o.Name), slugify(strings.TrimPrefix(o.ID, "org_")))
	}
	if o.Slug != "" && !ValidSlug(o.Slug) {
		return Organization{}, refusal.Param("slug", "form_param_format_invalid", "slug "+refusal.Quoted(o.Slug)+" is not letters, digits, _ or -")
	}
	for _, name := range append([]string{o.Plan}, o.Features...) {
		if name != "" && !ValidSlug(name) {
			return Organization{}, refusal.Param("features", "form_param_format_invalid", "plan or feature "+refusal.Quoted(name)+" is not letters, digits, _ or -")
		}
	}
	record := tx.blankOrganization(o)
	record.Features = append([]string(nil), o.Features...)
	var err error
	if record.Public, err = encodeMetadata(o.PublicMetadata); err != nil {
		return Organization{}, refusal.Param("public_metadata", "form_param_format_invalid", "public_metadata is not JSON: "+err.Error())
	}
	if record.Private, err = encodeMetadata(o.PrivateMetadata); err != nil {
		return Organization{}, refusal.Param("private_metadata", "form_param_format_invalid", "private_metadata is not JSON: "+err.Error())
	}
	record.PublicMetadata, record.PrivateMetadata = nil, nil // Public and Private have it
	if record.ID == "" {
		record.ID = tx.IDs.Next("org")
	}
	record.Slug = cmp.Or(record.Slug, slugify(strings.TrimPrefix(record.ID, "org_")))
	record.Name = cmp.Or(record.Name, record.Slug)
	if err := tx.putOrganization(record); err != nil {
		return Organization{}, err
	}
	return *record, nil
}

// blankOrganization has the instance's defaults.
func (tx *Tx) blankOrganization(o OrganizationSeed) *Organization {
	record := &Organization{
		OrganizationSeed: o, MaxMemberships: tx.Instance.MaxMemberships, AdminDelete: tx.Instance.AdminDelete,
		Public: json.RawMessage("{}"), Private: json.RawMessage("{}"),
	}
	if set := tx.InitialRoleSet(); set != nil {
		record.RoleSet = set.Key
	}
	return record
}

// putOrganization adds an organization whose id and slug nobody else has.
func (tx *Tx) putOrganization(record *Organization) error {
	if tx.Organizations[record.ID] != nil {
		return refusal.Param("id", "form_identifier_exists", "organization "+record.ID+" exists already")
	}
	if tx.slugs[record.Slug] != "" {
		return errSlugTaken()
	}
	at := record.Created.At
	record.Created = tx.Made()
	record.UpdatedAt = record.Created.At
	if !at.IsZero() {
		record.Created.At = at
	}
	tx.Organizations[record.ID] = record
	tx.slugs[record.Slug] = record.ID
	Emit(tx, "organization.created", record)
	return nil
}

func errSlugTaken() *refusal.Error {
	return refusal.Param("slug", "form_identifier_exists", "That slug is taken. Please try another.")
}

// slugify makes a slug of a name: lower case, with single dashes.
func slugify(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool {
		return !('a' <= c && c <= 'z' || '0' <= c && c <= '9')
	})
	return strings.Join(fields, "-")
}

// Organization finds an organization by id or slug, nil if there is none.
func (tx *Tx) Organization(idOrSlug string) *Organization {
	if o := tx.Organizations[idOrSlug]; o != nil {
		return o
	}
	return tx.Organizations[tx.slugs[idOrSlug]]
}

// Organization returns the organization with the id or slug.
func (s *Store) Organization(idOrSlug string) (Organization, error) {
	return With2(s, func(tx *Tx) (Organization, error) {
		if o := tx.Organization(idOrSlug); o != nil {
			return *o, nil
		}
		return Organization{}, refusal.NotFound("organization " + refusal.Quoted(idOrSlug))
	})
}

// Founding is what callers of the APIs make an organization of.
type Founding struct {
	Name, Slug, Creator string
	Public, Private     json.RawMessage
	Max                 *int
	CreatedAt           time.Time
	RoleSet             string
}

// FoundOrganization makes an organization, and its creator the first member.
func (s *Store) FoundOrganization(f Founding) (Organization, error) {
	if err := CheckOrganizationName(f.Name); err != nil {
		return Organization{}, err
	}
	return With2(s, func(tx *Tx) (Organization, error) {
		if f.Creator != "" && tx.Users[f.Creator] == nil {
			return Organization{}, refusal.BadRequest("organization_creator_not_found", "No users found with id "+refusal.Quoted(f.Creator)+".")
		}
		if f.Slug == "" { // a name may be taken twice, its slug not
			f.Slug = tx.freeSlug(f.Name)
		} else if err := tx.CheckSlug(&f.Slug); err != nil {
			return Organization{}, err
		}
		o := tx.blankOrganization(OrganizationSeed{ID: tx.IDs.Next("org"), Name: f.Name, Slug: f.Slug, CreatedBy: f.Creator})
		o.Public, o.Private, o.Created.At = OrEmpty(f.Public), OrEmpty(f.Private), f.CreatedAt
		if f.Max != nil {
			o.MaxMemberships = *f.Max
		}
		if f.RoleSet != "" {
			set, err := tx.RoleSetNamed(f.RoleSet)
			if err != nil {
				return Organization{}, err
			}
			o.RoleSet = set.Key
		}
		if err := tx.putOrganization(o); err != nil {
			return Organization{}, err
		}
		if f.Creator != "" {
			tx.putMember(Membership{Key: MembershipKey{o.ID, f.Creator}, Role: tx.RoleSet(o).Creator})
		}
		return *o, nil
	})
}

func (tx *Tx) freeSlug(name string) string {
	slug := slugify(name)
	if slug == "" || tx.slugs[slug] != "" {
		slug += "-" + tx.IDs.Lower(8)
	}
	return strings.Trim(slug[max(0, len(slug)-100):], "-")
}

// CheckSlug wants a slug of lower-case letters, digits and dashes.
func (tx *Tx) CheckSlug(slug *string) error {
	if tx.Instance.SlugsOff {
		return refusal.Param("slug", "form_param_unknown", "slug is not a valid parameter for this request. Slugs are disabled for organizations of this instance.")
	}
	*slug = strings.ToLower(*slug)
	if !ValidSlug(*slug) || strings.Contains(*slug, "_") {
		return refusal.Param("slug", "form_param_format_invalid", "slug "+refusal.Quoted(*slug)+" is not lower-case letters, digits or -")
	}
	return nil
}

var htmlTag = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)

func CheckOrganizationName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return refusal.Param("name", "form_param_nil", "Enter name.")
	case len(name) > MaxName:
		return refusal.Param("name", "form_param_max_length_exceeded", "name is too long")
	case strings.Contains(name, "://") || htmlTag.MatchString(name):
		return refusal.Param("name", "form_param_value_invalid", "name must not hold a URL or HTML")
	}
	return nil
}

// ChangeOrganization changes an organization, named by id or slug.
func (s *Store) ChangeOrganization(idOrSlug string, change func(*Tx, *Organization) error) (Organization, error) {
	return With2(s, func(tx *Tx) (Organization, error) {
		o := tx.Organization(idOrSlug)
		if o == nil {
			return Organization{}, refusal.NotFound("organization " + refusal.Quoted(idOrSlug))
		}
		next := *o
		if err := change(tx, &next); err != nil {
			return Organization{}, err
		}
		if next.Slug != o.Slug {
			if tx.slugs[next.Slug] != "" {
				return Organization{}, errSlugTaken()
			}
			delete(tx.slugs, o.Slug)
			tx.slugs[next.Slug] = o.ID
		}
		next.UpdatedAt = tx.Now()
		*o = next
		Emit(tx, "organization.updated", o)
		return *o, nil
	})
}

// DeleteOrganization removes an organization with all that hangs on it.
func (s *Store) DeleteOrganization(idOrSlug string) (Organization, error) {
	return With2(s, func(tx *Tx) (Organization, error) {
		o := tx.Organization(idOrSlug)
		if o == nil {
			return Organization{}, refusal.NotFound("organization " + refusal.Quoted(idOrSlug))
		}
		for key := range tx.Memberships {
			if key.Organization == o.ID {
				tx.removeMember(key)
			}
		}
		for k, i := range tx.Invitations {
			if i.OrganizationID == o.ID {
				delete(tx.Tickets, i.Ticket)
				delete(tx.Invitations, k)
			}
		}
		for k, d := range tx.Domains {
			if d.OrganizationID == o.ID {
				delete(tx.Domains, k)
			}
		}
		for k, r := range tx.Requests {
			if r.OrganizationID == o.ID {
				delete(tx.Requests, k)
			}
		}
		delete(tx.Images, o.LogoID)
		delete(tx.slugs, o.Slug)
		delete(tx.Members, o.ID)
		delete(tx.Organizations, o.ID)
		Emit(tx, "organization.deleted", o)
		return *o, nil
	})
}

// LacksElevated reports whether no member of an organization may manage the
// others.
func (s *Store) LacksElevated(organizationID string) bool {
	return With(s, func(tx *Tx) bool {
		for key, m := range tx.Memberships {
			if key.Organization == organizationID && tx.manages(m) {
				return false
			}
		}
		return true
	})
}

package clerktest

import (
	"cmp"
	"encoding/json"
	"regexp"
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
	Public         json.RawMessage
	Private        json.RawMessage
	MaxMemberships int    // 0: no limit
	AdminDelete    bool   // members may delete it, with the permission
	RoleSet        string // key
	LogoID         string
	Created        made
	UpdatedAt      time.Time
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

func (s *store) addOrganization(o Organization) (organization, error) {
	return with2(s, func(tx *stateTx) (organization, error) {
		return tx.addOrganization(o)
	})
}

func (tx *stateTx) addOrganization(o Organization) (organization, error) {
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
	record := tx.blankOrganization(o)
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
		record.ID = tx.ids.next("org")
	}
	record.Slug = cmp.Or(record.Slug, slugify(strings.TrimPrefix(record.ID, "org_")))
	record.Name = cmp.Or(record.Name, record.Slug)
	if err := tx.putOrganization(record); err != nil {
		return organization{}, err
	}
	return *record, nil
}

// blankOrganization has the instance's defaults.
func (tx *stateTx) blankOrganization(o Organization) *organization {
	record := &organization{
		Organization: o, MaxMemberships: tx.Instance.MaxMemberships, AdminDelete: tx.Instance.AdminDelete,
		Public: json.RawMessage("{}"), Private: json.RawMessage("{}"),
	}
	if set := tx.initialRoleSet(); set != nil {
		record.RoleSet = set.Key
	}
	return record
}

// putOrganization adds an organization whose id and slug nobody else has.
func (tx *stateTx) putOrganization(record *organization) error {
	if tx.Organizations[record.ID] != nil {
		return errParam("id", "form_identifier_exists", "organization "+record.ID+" exists already")
	}
	if tx.slugs[record.Slug] != "" {
		return errSlugTaken()
	}
	at := record.Created.At
	record.Created = tx.made()
	record.UpdatedAt = record.Created.At
	if !at.IsZero() {
		record.Created.At = at
	}
	tx.Organizations[record.ID] = record
	tx.slugs[record.Slug] = record.ID
	emit(tx, "organization.created", record)
	return nil
}

func errSlugTaken() *apiError {
	return errParam("slug", "form_identifier_exists", "That slug is taken. Please try another.")
}

// slugify makes a slug of a name: lower case, with single dashes.
func slugify(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool {
		return !('a' <= c && c <= 'z' || '0' <= c && c <= '9')
	})
	return strings.Join(fields, "-")
}

// organization finds an organization by id or slug, nil if there is none.
func (tx *stateTx) organization(idOrSlug string) *organization {
	if o := tx.Organizations[idOrSlug]; o != nil {
		return o
	}
	return tx.Organizations[tx.slugs[idOrSlug]]
}

// organization returns the organization with the id or slug.
func (s *store) organization(idOrSlug string) (organization, error) {
	return with2(s, func(tx *stateTx) (organization, error) {
		if o := tx.organization(idOrSlug); o != nil {
			return *o, nil
		}
		return organization{}, errNotFound("organization " + quoted(idOrSlug))
	})
}

// founding is what callers of the APIs make an organization of.
type founding struct {
	name, slug, creator string
	public, private     json.RawMessage
	max                 *int
	createdAt           time.Time
	roleSet             string
}

// foundOrganization makes an organization, and its creator the first member.
func (s *store) foundOrganization(f founding) (organization, error) {
	if err := checkOrganizationName(f.name); err != nil {
		return organization{}, err
	}
	return with2(s, func(tx *stateTx) (organization, error) {
		if f.creator != "" && tx.Users[f.creator] == nil {
			return organization{}, errBadRequest("organization_creator_not_found", "No users found with id "+quoted(f.creator)+".")
		}
		if f.slug == "" { // a name may be taken twice, its slug not
			f.slug = tx.freeSlug(f.name)
		} else if err := tx.checkSlug(&f.slug); err != nil {
			return organization{}, err
		}
		o := tx.blankOrganization(Organization{ID: tx.ids.next("org"), Name: f.name, Slug: f.slug, CreatedBy: f.creator})
		o.Public, o.Private, o.Created.At = orEmpty(f.public), orEmpty(f.private), f.createdAt
		if f.max != nil {
			o.MaxMemberships = *f.max
		}
		if f.roleSet != "" {
			set, err := tx.roleSetNamed(f.roleSet)
			if err != nil {
				return organization{}, err
			}
			o.RoleSet = set.Key
		}
		if err := tx.putOrganization(o); err != nil {
			return organization{}, err
		}
		if f.creator != "" {
			tx.putMember(membership{Key: membershipKey{o.ID, f.creator}, Role: tx.roleSet(o).Creator})
		}
		return *o, nil
	})
}

func (tx *stateTx) freeSlug(name string) string {
	slug := slugify(name)
	if slug == "" || tx.slugs[slug] != "" {
		slug += "-" + tx.ids.lower(8)
	}
	return strings.Trim(slug[max(0, len(slug)-100):], "-")
}

// checkSlug wants a slug of lower-case letters, digits and dashes.
func (tx *stateTx) checkSlug(slug *string) error {
	if tx.Instance.SlugsOff {
		return errParam("slug", "form_param_unknown", "slug is not a valid parameter for this request. Slugs are disabled for organizations of this instance.")
	}
	*slug = strings.ToLower(*slug)
	if !validSlug(*slug) || strings.Contains(*slug, "_") {
		return errParam("slug", "form_param_format_invalid", "slug "+quoted(*slug)+" is not lower-case letters, digits or -")
	}
	return nil
}

var htmlTag = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)

func checkOrganizationName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return errParam("name", "form_param_nil", "Enter name.")
	case len(name) > maxName:
		return errParam("name", "form_param_max_length_exceeded", "name is too long")
	case strings.Contains(name, "://") || htmlTag.MatchString(name):
		return errParam("name", "form_param_value_invalid", "name must not hold a URL or HTML")
	}
	return nil
}

// changeOrganization changes an organization, named by id or slug.
func (s *store) changeOrganization(idOrSlug string, change func(*stateTx, *organization) error) (organization, error) {
	return with2(s, func(tx *stateTx) (organization, error) {
		o := tx.organization(idOrSlug)
		if o == nil {
			return organization{}, errNotFound("organization " + quoted(idOrSlug))
		}
		next := *o
		if err := change(tx, &next); err != nil {
			return organization{}, err
		}
		if next.Slug != o.Slug {
			if tx.slugs[next.Slug] != "" {
				return organization{}, errSlugTaken()
			}
			delete(tx.slugs, o.Slug)
			tx.slugs[next.Slug] = o.ID
		}
		next.UpdatedAt = tx.now()
		*o = next
		emit(tx, "organization.updated", o)
		return *o, nil
	})
}

// deleteOrganization removes an organization with all that hangs on it.
func (s *store) deleteOrganization(idOrSlug string) (organization, error) {
	return with2(s, func(tx *stateTx) (organization, error) {
		o := tx.organization(idOrSlug)
		if o == nil {
			return organization{}, errNotFound("organization " + quoted(idOrSlug))
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
		delete(tx.members, o.ID)
		delete(tx.Organizations, o.ID)
		emit(tx, "organization.deleted", o)
		return *o, nil
	})
}

// lacksElevated reports whether no member of an organization may manage the
// others.
func (s *store) lacksElevated(organizationID string) bool {
	return with(s, func(tx *stateTx) bool {
		for key, m := range tx.Memberships {
			if key.Organization == organizationID && tx.manages(m) {
				return false
			}
		}
		return true
	})
}

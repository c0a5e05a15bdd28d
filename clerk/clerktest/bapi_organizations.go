package clerktest

import (
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

var organizationOrder = map[string]func(a, b *state.Organization) int{
	"name": func(a, b *state.Organization) int { return compareText(a.Name, b.Name) },
}

// ofOrganizations is an operation that an instance without organizations
// refuses.
func ofOrganizations(handler func(*Emulator, *call) error) func(*Emulator, *call) error {
	return func(e *Emulator, c *call) error {
		if err := e.organizationsOn(); err != nil {
			return err
		}
		return handler(e, c)
	}
}

func (e *Emulator) listOrganizationsBAPI(c *call) error {
	query := c.r.URL.Query()
	ids, users, text := listParam(query, "organization_id"), listParam(query, "user_id"), query.Get("query")
	if len(ids) > maxListParam {
		return refusal.Param("organization_id", "form_param_array_size_exceeded", "organization_id should not exceed 100 items.")
	}
	wanted := choice(ids)
	var page []state.Organization
	var total int
	var err error
	e.store.View(func(tx *state.Tx) {
		page, total, err = pickFrom(tx, tx.Organizations, query, listing[state.Organization]{
			made: func(o *state.Organization) state.Made { return o.Created },
			fields: map[string]func(a, b *state.Organization) int{
				"name":          organizationOrder["name"],
				"members_count": func(a, b *state.Organization) int { return tx.Members[a.ID] - tx.Members[b.ID] },
			},
			keep: func(tx *state.Tx, o *state.Organization) bool {
				return wanted(o.ID) && hasMembers(tx, o.ID, users) &&
					(text == "" || strings.EqualFold(text, o.ID) || holds(text, o.Name, o.Slug))
			},
		})
	})
	if err != nil {
		return err
	}
	out := make([]organizationResource, len(page))
	for i := range page {
		out[i] = e.describeOrganization(c, &page[i])
	}
	c.note("list of organizations")
	return c.ok(listed{out, total})
}

// hasMembers reports whether any of the users is a member, and none that
// has - before its id.
func hasMembers(tx *state.Tx, organizationID string, users []string) bool {
	wanted, in := false, false
	for _, id := range users {
		id, out := strings.CutPrefix(id, "-")
		member := tx.Memberships[state.MembershipKey{Organization: organizationID, User: strings.TrimPrefix(id, "+")}] != nil
		if out && member {
			return false
		}
		wanted, in = wanted || !out, in || !out && member
	}
	return in || !wanted
}

// describeOrganization adds to an organization what the caller asks for.
func (e *Emulator) describeOrganization(c *call, o *state.Organization) organizationResource {
	query := c.r.URL.Query()
	r := e.backendOrganization(o, nil)
	if query.Get("include_members_count") == "true" {
		n := e.store.CountMembers(o.ID)
		r.MembersCount = &n
	}
	if query.Get("include_missing_member_with_elevated_permissions") == "true" {
		lacks := e.store.LacksElevated(o.ID)
		r.LacksElevated = &lacks
	}
	return r
}

// getOrganizationBAPI takes an id or a slug, as Clerk does.
func (e *Emulator) getOrganizationBAPI(c *call) error {
	o, err := e.store.Organization(c.param(0))
	if err != nil {
		return err
	}
	c.note("organization " + o.ID)
	return c.ok(e.describeOrganization(c, &o))
}

func (e *Emulator) createOrganizationBAPI(c *call) error {
	var in struct {
		metadataBody
		Name      string        `json:"name"`
		CreatedBy field[string] `json:"created_by"`
		Slug      field[string] `json:"slug"`
		Max       field[int]    `json:"max_allowed_memberships"`
		CreatedAt field[string] `json:"created_at"`
		RoleSet   field[string] `json:"role_set_key"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Name == "" {
		return refusal.Missing("name")
	}
	f := state.Founding{Name: in.Name, Slug: in.Slug.Value, Creator: in.CreatedBy.Value, RoleSet: in.RoleSet.Value}
	if err := in.apply(replaceMetadata, &f.Public, &f.Private); err != nil {
		return err
	}
	if in.Max.Set && !in.Max.Null {
		if f.Max = &in.Max.Value; *f.Max < 0 {
			return errMax()
		}
	}
	var err error
	if f.CreatedAt, err = pastTime("created_at", in.CreatedAt.Value, e.Now()); err != nil {
		return err
	}
	o, err := e.store.FoundOrganization(f)
	if err != nil {
		return err
	}
	c.note("organization " + o.ID + " made")
	return c.ok(e.backendOrganization(&o, nil))
}

func errMax() *refusal.Error {
	return refusal.Param("max_allowed_memberships", "form_param_value_invalid", "max_allowed_memberships is negative")
}

func (e *Emulator) updateOrganizationBAPI(c *call) error {
	var in struct {
		Name        field[string] `json:"name"`
		Slug        field[string] `json:"slug"`
		Max         field[int]    `json:"max_allowed_memberships"`
		AdminDelete field[bool]   `json:"admin_delete_enabled"`
		CreatedAt   field[string] `json:"created_at"`
		RoleSet     field[string] `json:"role_set_key"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Max.Value < 0 {
		return errMax()
	}
	createdAt, err := pastTime("created_at", in.CreatedAt.Value, e.Now())
	if err != nil {
		return err
	}
	return e.changeOrganizationBAPI(c, func(tx *state.Tx, o *state.Organization) error {
		if given(in.Name) {
			if err := state.CheckOrganizationName(in.Name.Value); err != nil {
				return err
			}
			o.Name = in.Name.Value
		}
		if given(in.Slug) {
			if err := tx.CheckSlug(&in.Slug.Value); err != nil {
				return err
			}
			o.Slug = in.Slug.Value
		}
		if given(in.Max) {
			o.MaxMemberships = in.Max.Value
		}
		if given(in.AdminDelete) {
			o.AdminDelete = in.AdminDelete.Value
		}
		if !createdAt.IsZero() {
			o.Created.At = createdAt
		}
		if given(in.RoleSet) {
			return tx.MoveToRoleSet(o, in.RoleSet.Value)
		}
		return nil
	})
}

// changeOrganizationBAPI changes the organization of the path and answers with
// it.
func (e *Emulator) changeOrganizationBAPI(c *call, change func(*state.Tx, *state.Organization) error) error {
	o, err := e.store.ChangeOrganization(c.param(0), change)
	if err != nil {
		return err
	}
	c.note("organization " + o.ID + " changed")
	return c.ok(e.backendOrganization(&o, nil))
}

func (e *Emulator) deleteOrganizationBAPI(c *call) error {
	o, err := e.store.DeleteOrganization(c.param(0))
	if err != nil {
		return err
	}
	c.note("organization " + o.ID + " deleted")
	return c.ok(deletedResource{Object: "organization", ID: o.ID, Slug: o.Slug, Deleted: true})
}

func (e *Emulator) replaceOrganizationMetadata(c *call) error {
	return e.organizationMetadata(c, replaceMetadata)
}

func (e *Emulator) mergeOrganizationMetadata(c *call) error {
	return e.organizationMetadata(c, mergeField)
}

func (e *Emulator) organizationMetadata(c *call, combine combination) error {
	in, err := c.metadata()
	if err != nil {
		return err
	}
	return e.changeOrganizationBAPI(c, func(_ *state.Tx, o *state.Organization) error { return in.apply(combine, &o.Public, &o.Private) })
}

// uploadOrganizationLogo takes the picture of a form. Who uploads it is not kept.
func (e *Emulator) uploadOrganizationLogo(c *call) error {
	picture, err := c.uploaded()
	if err != nil {
		return err
	}
	return e.answerLogo(c, &picture)
}

func (e *Emulator) deleteOrganizationLogo(c *call) error { return e.answerLogo(c, nil) }

func (e *Emulator) answerLogo(c *call, picture *state.Image) error {
	o, err := setLogo(e.store, c.param(0), picture)
	if err != nil {
		return err
	}
	r := e.backendOrganization(&o, nil)
	if picture != nil {
		r.LogoURL = &r.ImageURL
	}
	c.note("logo of organization " + o.ID + " changed")
	return c.ok(r)
}

// setLogo gives an organization a picture, or none.
func setLogo(s *state.Store, idOrSlug string, picture *state.Image) (state.Organization, error) {
	return s.ChangeOrganization(idOrSlug, func(tx *state.Tx, o *state.Organization) error {
		if picture == nil {
			delete(tx.Images, o.LogoID)
			o.LogoID = ""
		} else {
			o.LogoID = tx.PutImage(*picture, o.LogoID)
		}
		return nil
	})
}

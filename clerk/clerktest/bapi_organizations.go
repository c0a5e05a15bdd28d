package clerktest

import (
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

var organizationOrder = map[string]func(a, b *state.Organization) int{
	"name": func(a, b *state.Organization) int { return wire.CompareText(a.Name, b.Name) },
}

// ofOrganizations is an operation that an instance without organizations
// refuses.
func ofOrganizations(handler func(*Emulator, *wire.Call) error) func(*Emulator, *wire.Call) error {
	return func(e *Emulator, c *wire.Call) error {
		if err := e.organizationsOn(); err != nil {
			return err
		}
		return handler(e, c)
	}
}

func (e *Emulator) listOrganizationsBAPI(c *wire.Call) error {
	query := c.R.URL.Query()
	ids, users, text := wire.ListParam(query, "organization_id"), wire.ListParam(query, "user_id"), query.Get("query")
	if len(ids) > wire.MaxListParam {
		return refusal.Param("organization_id", "form_param_array_size_exceeded", "organization_id should not exceed 100 items.")
	}
	wanted := wire.Choice(ids)
	var page []state.Organization
	var total int
	var err error
	e.server.Store.View(func(tx *state.Tx) {
		page, total, err = wire.PickFrom(tx, tx.Organizations, query, wire.Listing[state.Organization]{
			Made: func(o *state.Organization) state.Made { return o.Created },
			Fields: map[string]func(a, b *state.Organization) int{
				"name":          organizationOrder["name"],
				"members_count": func(a, b *state.Organization) int { return tx.Members[a.ID] - tx.Members[b.ID] },
			},
			Keep: func(tx *state.Tx, o *state.Organization) bool {
				return wanted(o.ID) && hasMembers(tx, o.ID, users) &&
					(text == "" || strings.EqualFold(text, o.ID) || wire.Holds(text, o.Name, o.Slug))
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
	c.Note("list of organizations")
	return c.OK(wire.Listed{Data: out, Total: total})
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
func (e *Emulator) describeOrganization(c *wire.Call, o *state.Organization) organizationResource {
	query := c.R.URL.Query()
	r := e.backendOrganization(o, nil)
	if query.Get("include_members_count") == "true" {
		n := e.server.Store.CountMembers(o.ID)
		r.MembersCount = &n
	}
	if query.Get("include_missing_member_with_elevated_permissions") == "true" {
		lacks := e.server.Store.LacksElevated(o.ID)
		r.LacksElevated = &lacks
	}
	return r
}

// getOrganizationBAPI takes an id or a slug, as Clerk does.
func (e *Emulator) getOrganizationBAPI(c *wire.Call) error {
	o, err := e.server.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("organization " + o.ID)
	return c.OK(e.describeOrganization(c, &o))
}

func (e *Emulator) createOrganizationBAPI(c *wire.Call) error {
	var in struct {
		wire.MetadataBody
		Name      string             `json:"name"`
		CreatedBy wire.Field[string] `json:"created_by"`
		Slug      wire.Field[string] `json:"slug"`
		Max       wire.Field[int]    `json:"max_allowed_memberships"`
		CreatedAt wire.Field[string] `json:"created_at"`
		RoleSet   wire.Field[string] `json:"role_set_key"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.Name == "" {
		return refusal.Missing("name")
	}
	f := state.Founding{Name: in.Name, Slug: in.Slug.Value, Creator: in.CreatedBy.Value, RoleSet: in.RoleSet.Value}
	if err := in.Apply(wire.ReplaceMetadata, &f.Public, &f.Private); err != nil {
		return err
	}
	if in.Max.Set && !in.Max.Null {
		if f.Max = &in.Max.Value; *f.Max < 0 {
			return errMax()
		}
	}
	var err error
	if f.CreatedAt, err = pastTime("created_at", in.CreatedAt.Value, e.server.Now()); err != nil {
		return err
	}
	o, err := e.server.Store.FoundOrganization(f)
	if err != nil {
		return err
	}
	c.Note("organization " + o.ID + " made")
	return c.OK(e.backendOrganization(&o, nil))
}

func errMax() *refusal.Error {
	return refusal.Param("max_allowed_memberships", "form_param_value_invalid", "max_allowed_memberships is negative")
}

func (e *Emulator) updateOrganizationBAPI(c *wire.Call) error {
	var in struct {
		Name        wire.Field[string] `json:"name"`
		Slug        wire.Field[string] `json:"slug"`
		Max         wire.Field[int]    `json:"max_allowed_memberships"`
		AdminDelete wire.Field[bool]   `json:"admin_delete_enabled"`
		CreatedAt   wire.Field[string] `json:"created_at"`
		RoleSet     wire.Field[string] `json:"role_set_key"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.Max.Value < 0 {
		return errMax()
	}
	createdAt, err := pastTime("created_at", in.CreatedAt.Value, e.server.Now())
	if err != nil {
		return err
	}
	return e.changeOrganizationBAPI(c, func(tx *state.Tx, o *state.Organization) error {
		if wire.Given(in.Name) {
			if err := state.CheckOrganizationName(in.Name.Value); err != nil {
				return err
			}
			o.Name = in.Name.Value
		}
		if wire.Given(in.Slug) {
			if err := tx.CheckSlug(&in.Slug.Value); err != nil {
				return err
			}
			o.Slug = in.Slug.Value
		}
		if wire.Given(in.Max) {
			o.MaxMemberships = in.Max.Value
		}
		if wire.Given(in.AdminDelete) {
			o.AdminDelete = in.AdminDelete.Value
		}
		if !createdAt.IsZero() {
			o.Created.At = createdAt
		}
		if wire.Given(in.RoleSet) {
			return tx.MoveToRoleSet(o, in.RoleSet.Value)
		}
		return nil
	})
}

// changeOrganizationBAPI changes the organization of the path and answers with
// it.
func (e *Emulator) changeOrganizationBAPI(c *wire.Call, change func(*state.Tx, *state.Organization) error) error {
	o, err := e.server.Store.ChangeOrganization(c.Param(0), change)
	if err != nil {
		return err
	}
	c.Note("organization " + o.ID + " changed")
	return c.OK(e.backendOrganization(&o, nil))
}

func (e *Emulator) deleteOrganizationBAPI(c *wire.Call) error {
	o, err := e.server.Store.DeleteOrganization(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("organization " + o.ID + " deleted")
	return c.OK(deletedResource{Object: "organization", ID: o.ID, Slug: o.Slug, Deleted: true})
}

func (e *Emulator) replaceOrganizationMetadata(c *wire.Call) error {
	return e.organizationMetadata(c, wire.ReplaceMetadata)
}

func (e *Emulator) mergeOrganizationMetadata(c *wire.Call) error {
	return e.organizationMetadata(c, wire.MergeField)
}

func (e *Emulator) organizationMetadata(c *wire.Call, combine wire.Combination) error {
	in, err := c.Metadata()
	if err != nil {
		return err
	}
	return e.changeOrganizationBAPI(c, func(_ *state.Tx, o *state.Organization) error { return in.Apply(combine, &o.Public, &o.Private) })
}

// uploadOrganizationLogo takes the picture of a form. Who uploads it is not kept.
func (e *Emulator) uploadOrganizationLogo(c *wire.Call) error {
	picture, err := c.Uploaded()
	if err != nil {
		return err
	}
	return e.answerLogo(c, &picture)
}

func (e *Emulator) deleteOrganizationLogo(c *wire.Call) error { return e.answerLogo(c, nil) }

func (e *Emulator) answerLogo(c *wire.Call, picture *state.Image) error {
	o, err := setLogo(e.server.Store, c.Param(0), picture)
	if err != nil {
		return err
	}
	r := e.backendOrganization(&o, nil)
	if picture != nil {
		r.LogoURL = &r.ImageURL
	}
	c.Note("logo of organization " + o.ID + " changed")
	return c.OK(r)
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

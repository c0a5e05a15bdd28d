package organizations

import (
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

var organizationOrder = map[string]func(a, b *state.Organization) int{
	"name": func(a, b *state.Organization) int { return wire.CompareText(a.Name, b.Name) },
}

// ofOrganizations is an operation that an instance without organizations
// refuses.
func ofOrganizations(handler func(*API, *wire.Call) error) func(*API, *wire.Call) error {
	return func(e *API, c *wire.Call) error {
		if err := e.OrganizationsOn(); err != nil {
			return err
		}
		return handler(e, c)
	}
}

func (e *API) listOrganizationsBAPI(c *wire.Call) error {
	query := c.R.URL.Query()
	ids, users, text := wire.ListParam(query, "organization_id"), wire.ListParam(query, "user_id"), query.Get("query")
	if len(ids) > wire.MaxListParam {
		return refusal.Param("organization_id", "form_param_array_size_exceeded", "organization_id should not exceed 100 items.")
	}
	wanted := wire.Choice(ids)
	var page []state.Organization
	var total int
	var err error
	e.Store.View(func(tx *state.Tx) {
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
	out := make([]answers.OrganizationResource, len(page))
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
func (e *API) describeOrganization(c *wire.Call, o *state.Organization) answers.OrganizationResource {
	query := c.R.URL.Query()
	r := e.answers.BackendOrganization(o, nil)
	if query.Get("include_members_count") == "true" {
		n := e.Store.CountMembers(o.ID)
		r.MembersCount = &n
	}
	if query.Get("include_missing_member_with_elevated_permissions") == "true" {
		lacks := e.Store.LacksElevated(o.ID)
		r.LacksElevated = &lacks
	}
	return r
}

// getOrganizationBAPI takes an id or a slug, as Clerk does.
func (e *API) getOrganizationBAPI(c *wire.Call) error {
	o, err := e.Store.Organization(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("organization " + o.ID)
	return c.OK(e.describeOrganization(c, &o))
}

func (e *API) createOrganizationBAPI(c *wire.Call) error {
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
	if f.CreatedAt, err = wire.PastTime("created_at", in.CreatedAt.Value, e.Now()); err != nil {
		return err
	}
	o, err := e.Store.FoundOrganization(f)
	if err != nil {
		return err
	}
	c.Note("organization " + o.ID + " made")
	return c.OK(e.answers.BackendOrganization(&o, nil))
}

func errMax() *refusal.Error {
	return refusal.Param("max_allowed_memberships", "form_param_value_invalid", "max_allowed_memberships is negative")
}

func (e *API) updateOrganizationBAPI(c *wire.Call) error {
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
	createdAt, err := wire.PastTime("created_at", in.CreatedAt.Value, e.Now())
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
func (e *API) changeOrganizationBAPI(c *wire.Call, change func(*state.Tx, *state.Organization) error) error {
	o, err := e.Store.ChangeOrganization(c.Param(0), change)
	if err != nil {
		return err
	}
	c.Note("organization " + o.ID + " changed")
	return c.OK(e.answers.BackendOrganization(&o, nil))
}

func (e *API) deleteOrganizationBAPI(c *wire.Call) error {
	o, err := e.Store.DeleteOrganization(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("organization " + o.ID + " deleted")
	return c.OK(answers.DeletedResource{Object: "organization", ID: o.ID, Slug: o.Slug, Deleted: true})
}

func (e *API) replaceOrganizationMetadata(c *wire.Call) error {
	return e.organizationMetadata(c, wire.ReplaceMetadata)
}

func (e *API) mergeOrganizationMetadata(c *wire.Call) error {
	return e.organizationMetadata(c, wire.MergeField)
}

func (e *API) organizationMetadata(c *wire.Call, combine wire.Combination) error {
	in, err := c.Metadata()
	if err != nil {
		return err
	}
	return e.changeOrganizationBAPI(c, func(_ *state.Tx, o *state.Organization) error { return in.Apply(combine, &o.Public, &o.Private) })
}

// uploadOrganizationLogo takes the picture of a form. Who uploads it is not kept.
func (e *API) uploadOrganizationLogo(c *wire.Call) error {
	picture, err := c.Uploaded()
	if err != nil {
		return err
	}
	return e.answerLogo(c, &picture)
}

func (e *API) deleteOrganizationLogo(c *wire.Call) error { return e.answerLogo(c, nil) }

func (e *API) answerLogo(c *wire.Call, picture *state.Image) error {
	o, err := setLogo(e.Store, c.Param(0), picture)
	if err != nil {
		return err
	}
	r := e.answers.BackendOrganization(&o, nil)
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

package organizations

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type organizationSettingsResource struct {
	Object             string   `json:"object"`
	Enabled            bool     `json:"enabled"`
	MaxMemberships     int      `json:"max_allowed_memberships"`
	MaxRoles           int      `json:"max_allowed_roles"`
	MaxRoleSets        int      `json:"max_role_sets_allowed"`
	MaxDomains         int      `json:"max_allowed_domains"`
	MaxPermissions     int      `json:"max_allowed_permissions"`
	CreatorRole        string   `json:"creator_role"`
	AdminDelete        bool     `json:"admin_delete_enabled"`
	DomainsEnabled     bool     `json:"domains_enabled"`
	SlugDisabled       bool     `json:"slug_disabled"`
	EnrollmentModes    []string `json:"domains_enrollment_modes"`
	DomainsDefaultRole string   `json:"domains_default_role"`
	InitialRoleSet     string   `json:"initial_role_set_key"`
}

// Limits that Clerk names and the emulator does not have.
const (
	shownRoleSets    = 100
	shownPermissions = 1000
)

func (e *API) DescribeOrganizationSettings() organizationSettingsResource {
	return state.With(e.Store, func(tx *state.Tx) organizationSettingsResource {
		set, roles := &tx.Instance, tx.InitialRoleSet()
		return organizationSettingsResource{
			Object: "organization_settings", Enabled: !set.OrganizationsOff, MaxMemberships: set.MaxMemberships,
			MaxRoles: state.MaxRoles, MaxRoleSets: shownRoleSets, MaxDomains: state.MaxDomains, MaxPermissions: shownPermissions,
			CreatorRole: roles.Creator, AdminDelete: set.AdminDelete, DomainsEnabled: tx.Settings.OrganizationDomains, SlugDisabled: set.SlugsOff,
			EnrollmentModes:    append([]string{state.ModeManual}, set.EnrollmentModes...),
			DomainsDefaultRole: roles.Default, InitialRoleSet: roles.Key,
		}
	})
}

func (e *API) getOrganizationSettings(c *wire.Call) error {
	c.Note("settings of organizations")
	return c.OK(e.DescribeOrganizationSettings())
}

func (e *API) updateOrganizationSettings(c *wire.Call) error {
	var in struct {
		Enabled     wire.Field[bool]     `json:"enabled"`
		Max         wire.Field[int]      `json:"max_allowed_memberships"`
		AdminDelete wire.Field[bool]     `json:"admin_delete_enabled"`
		Domains     wire.Field[bool]     `json:"domains_enabled"`
		SlugsOff    wire.Field[bool]     `json:"slug_disabled"`
		Modes       wire.Field[[]string] `json:"domains_enrollment_modes"`
		CreatorRole wire.Field[string]   `json:"creator_role_id"`
		DefaultRole wire.Field[string]   `json:"domains_default_role_id"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.Max.Value < 0 {
		return errMax()
	}
	modes := []string{}
	for _, mode := range in.Modes.Value {
		if !slices.Contains(state.EnrollmentModes, mode) {
			return refusal.Param("domains_enrollment_modes", "form_param_value_invalid", "enrollment mode "+refusal.Quoted(mode)+" does not exist")
		}
		if mode != state.ModeManual && !slices.Contains(modes, mode) {
			modes = append(modes, mode)
		}
	}
	s := e.Store
	if _, err := s.ChangeInstance(func(tx *state.Tx, set *state.InstanceSettings) error {
		if err := setRoles(tx, in.CreatorRole.Value, in.DefaultRole.Value); err != nil {
			return err
		}
		if wire.Given(in.Enabled) {
			set.OrganizationsOff = !in.Enabled.Value
		}
		if wire.Given(in.Max) {
			set.MaxMemberships = in.Max.Value
		}
		wire.Flag(in.AdminDelete, &set.AdminDelete)
		wire.Flag(in.SlugsOff, &set.SlugsOff)
		if wire.Given(in.Modes) {
			set.EnrollmentModes = modes
		}
		if wire.Given(in.Domains) {
			settings := tx.Settings
			settings.OrganizationDomains = in.Domains.Value
			tx.Settings = settings
			tx.Set.Store(&settings)
		}
		return nil
	}); err != nil {
		return err
	}
	c.Note("settings of organizations changed")
	return c.OK(e.DescribeOrganizationSettings())
}

// setRoles changes the creator's and the default role of new
// organizations, by id; "" leaves one as it is.
func setRoles(tx *state.Tx, creator, byDefault string) error {
	set := tx.InitialRoleSet()
	next := *set
	for _, r := range []struct {
		param, id string
		to        *string
	}{{"creator_role_id", creator, &next.Creator}, {"domains_default_role_id", byDefault, &next.Default}} {
		if r.id == "" {
			continue
		}
		found := tx.RoleByID(r.id)
		switch {
		case found == nil:
			return state.ErrRoleNotFound(r.param, r.id)
		case !slices.Contains(set.Roles, found.Key):
			return refusal.Param(r.param, "form_param_value_invalid", "role "+found.Key+" is not in the role set of new organizations")
		case r.to == &next.Creator && !found.MayCreate():
			return state.ErrCreatorPermissions(r.param)
		}
		*r.to = found.Key
	}
	*set = next
	return nil
}

package clerktest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// listed is an answer of one page of a list.
type listed struct {
	Data  any `json:"data"`
	Total int `json:"total_count"`
}

// pageOf cuts limit and offset out of a list.
func pageOf[T any](c *call, all []T) ([]T, error) {
	limit, offset := 10, 0
	for _, p := range []struct {
		name     string
		to       *int
		min, max int
	}{{"limit", &limit, 1, 500}, {"offset", &offset, 0, 1 << 30}} {
		text := c.r.URL.Query().Get(p.name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < p.min || n > p.max {
			return nil, errParam(p.name, "form_param_value_invalid", p.name+" must be a number between "+strconv.Itoa(p.min)+" and "+strconv.Itoa(p.max))
		}
		*p.to = n
	}
	offset = min(offset, len(all))
	return all[offset:min(offset+limit, len(all))], nil
}

// answerList answers with a page of a list, described one by one.
func answerList[T any](e *Emulator, c *call, b browser, all []T, describe func(*T) any) error {
	page, err := pageOf(c, all)
	if err != nil {
		return err
	}
	data := make([]any, len(page))
	for i := range page {
		data[i] = describe(&page[i])
	}
	c.note("list: " + c.route.operation)
	if c.r.URL.Query().Get("paginated") == "false" {
		return e.answerWrapped(c, b.clientID, data)
	}
	return e.answerWrapped(c, b.clientID, listed{data, len(all)})
}

func (e *Emulator) myMemberships(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	return answerList(e, c, b, e.store.membershipsOf(s.user.ID), func(m *memberOf) any { return e.membershipResource(m, &s.user) })
}

// leaveOrganization ends the user's own membership. The last one who can manage
// members must stay.
func (e *Emulator) leaveOrganization(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	m, err := e.store.removeMember(c.param(0), s.user.ID)
	if err != nil {
		return err
	}
	c.note("left organization " + m.organization.ID)
	return e.answerWrapped(c, b.clientID, deletedResource{Object: "organization_membership", ID: m.membership.ID, Deleted: true})
}

// createOrganization makes an organization with the user as its admin.
func (e *Emulator) createOrganization(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	o, err := e.store.foundOrganization(s.user.ID, form.Get("name"), form.Get("slug"))
	if err != nil {
		return err
	}
	c.note("organization " + o.ID + " made")
	one := 1
	return e.answerWrapped(c, b.clientID, e.organizationResource(&o, &one))
}

// foundOrganization makes an organization and its first member.
func (s *store) foundOrganization(userID, name, slug string) (organization, error) {
	if err := checkOrganizationName(name); err != nil {
		return organization{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slug == "" { // a name may be taken twice, its slug not
		slug = slugify(name)
		if slug == "" || s.slugs[slug] != "" {
			slug += "-" + s.ids.lower(8)
		}
		slug = strings.Trim(slug[max(0, len(slug)-100):], "-")
	}
	o, err := s.addOrganizationLocked(Organization{Name: name, Slug: slug, CreatedBy: userID})
	if err != nil {
		return organization{}, err
	}
	return o, s.addMemberLocked(o.ID, userID, "org:admin")
}

func checkOrganizationName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return errParam("name", "form_param_nil", "Enter name.")
	case len(name) > maxName:
		return errParam("name", "form_param_max_length_exceeded", "name is too long")
	}
	return nil
}

// organizationCall recognizes the user and its membership in the organization of
// the path, with a permission.
func (e *Emulator) organizationCall(c *call, permission string) (browser, sessionState, memberOf, url.Values, error) {
	b, s, err := e.me(c)
	if err != nil {
		return b, s, memberOf{}, nil, err
	}
	form := url.Values{}
	if c.method != http.MethodGet {
		if form, err = c.form(); err != nil {
			return b, s, memberOf{}, nil, err
		}
	}
	m, err := e.store.authorize(c.param(0), s.user.ID, permission)
	return b, s, m, form, err
}

func (e *Emulator) getOrganizationFAPI(c *call) error {
	b, _, m, _, err := e.organizationCall(c, "")
	if err != nil {
		return err
	}
	c.note("organization " + m.organization.ID)
	return e.answerWrapped(c, b.clientID, e.organizationResource(&m.organization, &m.members))
}

func (e *Emulator) updateOrganization(c *call) error {
	b, _, m, form, err := e.organizationCall(c, mayManageOrganization)
	if err != nil {
		return err
	}
	o, err := e.store.renameOrganization(m.organization.ID, form)
	if err != nil {
		return err
	}
	c.note("organization " + o.ID + " changed")
	return e.answerWrapped(c, b.clientID, e.organizationResource(&o, &m.members))
}

func (s *store) renameOrganization(id string, form url.Values) (organization, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.Organizations[id]
	if o == nil {
		return organization{}, errNotFound("organization " + quoted(id))
	}
	name, slug := o.Name, o.Slug
	if form.Has("name") {
		name = form.Get("name")
		if err := checkOrganizationName(name); err != nil {
			return organization{}, err
		}
	}
	if form.Get("slug") != "" {
		slug = strings.ToLower(form.Get("slug"))
	}
	if !validSlug(slug) {
		return organization{}, errParam("slug", "form_param_format_invalid", "slug "+quoted(slug)+" is not letters, digits, _ or -")
	}
	if owner := s.slugs[slug]; owner != "" && owner != id {
		return organization{}, errParam("slug", "form_identifier_exists", "That slug is taken. Please try another.")
	}
	delete(s.slugs, o.Slug)
	s.slugs[slug] = id
	o.Name, o.Slug, o.UpdatedAt = name, slug, s.now()
	return *o, nil
}

func (e *Emulator) deleteOrganization(c *call) error {
	b, _, m, _, err := e.organizationCall(c, mayDeleteOrganization)
	if err != nil {
		return err
	}
	e.store.deleteOrganization(m.organization.ID)
	c.note("organization " + m.organization.ID + " deleted")
	return e.answerWrapped(c, b.clientID, deletedResource{Object: "organization", ID: m.organization.ID, Slug: m.organization.Slug, Deleted: true})
}

// deleteOrganization removes an organization with all that hangs on it.
func (s *store) deleteOrganization(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.Organizations[id]
	if o == nil {
		return
	}
	for key := range s.Memberships {
		if key.Organization == id {
			s.removeMemberLocked(key)
		}
	}
	for k, i := range s.Invitations {
		if i.OrganizationID == id {
			delete(s.Tickets, i.Ticket)
			delete(s.Invitations, k)
		}
	}
	for k, d := range s.Domains {
		if d.OrganizationID == id {
			delete(s.Domains, k)
		}
	}
	for k, r := range s.Requests {
		if r.OrganizationID == id {
			delete(s.Requests, k)
		}
	}
	delete(s.slugs, o.Slug)
	delete(s.members, id)
	delete(s.Organizations, id)
}

// setOrganizationLogo takes a picture and forgets it.
func (e *Emulator) setOrganizationLogo(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	m, err := e.store.authorize(c.param(0), s.user.ID, mayManageOrganization)
	if err != nil {
		return err
	}
	if _, err := c.readBody(); err != nil {
		return err
	}
	c.note("logo accepted, not kept")
	return e.answerWrapped(c, b.clientID, e.organizationResource(&m.organization, &m.members))
}

type roleResource struct {
	Object      string               `json:"object"`
	ID          string               `json:"id"`
	Name        string               `json:"name"`
	Key         string               `json:"key"`
	Description string               `json:"description"`
	Creator     bool                 `json:"is_creator_eligible"`
	Permissions []permissionResource `json:"permissions"`
	CreatedAt   int64                `json:"created_at"`
	UpdatedAt   int64                `json:"updated_at"`
}

type permissionResource struct {
	Object      string `json:"object"`
	ID          string `json:"id"`
	Name        string `json:"name"`
	Key         string `json:"key"`
	Description string `json:"description"`
	Type        string `json:"type"`
	CreatedAt   int64  `json:"created_at"`
	UpdatedAt   int64  `json:"updated_at"`
}

func (e *Emulator) organizationRoles(c *call) error {
	b, _, _, _, err := e.organizationCall(c, mayReadMembers)
	if err != nil {
		return err
	}
	return answerList(e, c, b, e.store.listRoles(), func(r *role) any {
		out := roleResource{
			Object: "role", ID: "role_" + strings.ReplaceAll(r.Key, ":", "_"), Name: r.Name, Key: r.Key, Description: r.Name,
			Creator: slices.Contains(r.systemPermissions(), mayManageMembers), Permissions: []permissionResource{},
		}
		for _, p := range r.allPermissions() {
			kind := "user"
			if strings.HasPrefix(p, "org:sys_") {
				kind = "system"
			}
			out.Permissions = append(out.Permissions, permissionResource{
				Object: "permission", ID: "perm_" + strings.ReplaceAll(p, ":", "_"), Name: p, Key: p, Description: p, Type: kind,
			})
		}
		return out
	})
}

// listRoles returns the roles, those of Clerk's own first.
func (s *store) listRoles() []role {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []role
	for _, r := range s.Roles {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b role) int { return strings.Compare(a.Key, b.Key) })
	return out
}

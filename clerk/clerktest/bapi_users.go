package clerktest

import (
	"net/url"
	"slices"
)

var userOrder = map[string]func(a, b *user) int{
	"created_at":      func(a, b *user) int { return a.Created.compare(b.Created) },
	"updated_at":      func(a, b *user) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
	"last_sign_in_at": func(a, b *user) int { return a.LastSignInAt.Compare(b.LastSignInAt) },
	"last_active_at":  func(a, b *user) int { return a.LastActiveAt.Compare(b.LastActiveAt) },
	"email_address":   func(a, b *user) int { return compareText(a.Email, b.Email) },
	"username":        func(a, b *user) int { return compareText(a.Username, b.Username) },
	"first_name":      func(a, b *user) int { return compareText(a.FirstName, b.FirstName) },
	"last_name":       func(a, b *user) int { return compareText(a.LastName, b.LastName) },
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// filterUsers returns the users that the filters of GetUserList let pass.
func (e *Emulator) filterUsers(query url.Values) []user {
	emails, ids := listParam(query, "email_address"), listParam(query, "user_id")
	external, usernames := listParam(query, "external_id"), listParam(query, "username")
	organizations := listParam(query, "organization_id")
	text := query.Get("query")
	var members map[string]bool
	if len(organizations) > 0 {
		members = e.store.membersOf(organizations)
	}
	return e.store.listUsers(func(u *user) bool {
		return oneOf(emails, u.Email) && oneOf(usernames, u.Username) &&
			(len(ids) == 0 || slices.Contains(ids, u.ID)) &&
			(len(external) == 0 || slices.Contains(external, u.ExternalID)) &&
			(members == nil || members[u.ID]) &&
			(text == "" || holds(text, u.ID, u.Email, u.Username, u.FirstName+" "+u.LastName))
	})
}

func (e *Emulator) listUsersBAPI(c *call) error {
	query := c.r.URL.Query()
	users := e.filterUsers(query)
	if err := order(users, query, userOrder); err != nil {
		return err
	}
	users, err := page(users, query)
	if err != nil {
		return err
	}
	out := make([]*userResource, len(users))
	for i := range users {
		out[i] = e.backendUser(&users[i])
	}
	c.note("list of users")
	return c.ok(out)
}

func (e *Emulator) countUsersBAPI(c *call) error {
	c.note("number of users")
	return c.ok(map[string]any{"object": "total_count", "total_count": len(e.filterUsers(c.r.URL.Query()))})
}

func (e *Emulator) getUserBAPI(c *call) error {
	u, err := e.store.user(c.param(0))
	if err != nil {
		return err
	}
	c.note("user " + u.ID)
	return c.ok(e.backendUser(&u))
}

// membersOf returns the ids of the members of any of the organizations.
func (s *store) membersOf(organizations []string) map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := map[string]bool{}
	for key := range s.Memberships {
		if slices.Contains(organizations, key.Organization) {
			ids[key.User] = true
		}
	}
	return ids
}

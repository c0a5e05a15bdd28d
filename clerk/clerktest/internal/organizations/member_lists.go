package organizations

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// memberFilter is what the lists of members can be filtered by.
type memberFilter struct {
	emails, phones, usernames, wallets, roles []string
	text, email, phone, username, name        string
	user                                      func(id string) bool
	activeBefore, activeAfter                 time.Time
	createdBefore, createdAfter               time.Time
}

func readMemberFilter(query url.Values) (memberFilter, error) {
	f := memberFilter{
		text: query.Get("query"), email: query.Get("email_address_query"), phone: query.Get("phone_number_query"),
		username: query.Get("username_query"), name: query.Get("name_query"),
	}
	var users []string
	for _, p := range []struct {
		name string
		to   *[]string
	}{
		{"user_id", &users}, {"email_address", &f.emails}, {"phone_number", &f.phones}, {"username", &f.usernames},
		{"web3_wallet", &f.wallets}, {"role", &f.roles},
	} {
		if *p.to = wire.ListParam(query, p.name); len(*p.to) > wire.MaxListParam {
			return f, refusal.Param(p.name, "form_param_array_size_exceeded", p.name+" should not exceed 100 items.")
		}
	}
	f.user = wire.Choice(users)
	for _, p := range []struct {
		name string
		to   *time.Time
	}{
		{"last_active_at_before", &f.activeBefore}, {"last_active_at_after", &f.activeAfter},
		{"created_at_before", &f.createdBefore}, {"created_at_after", &f.createdAfter},
	} {
		text := query.Get(p.name)
		if text == "" {
			continue
		}
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil || ms <= 0 {
			return f, refusal.Param(p.name, "form_param_value_invalid", p.name+" is not a time in milliseconds")
		}
		*p.to = time.UnixMilli(ms)
	}
	return f, nil
}

// keeps reports whether a member passes.
func (f *memberFilter) keeps(m *state.Membership, u *state.User) bool {
	var emails, phones []string
	for _, i := range u.EmailList {
		emails = append(emails, i.Value)
	}
	for _, i := range u.PhoneList {
		phones = append(phones, i.Value)
	}
	name := u.FirstName + " " + u.LastName
	return f.user(u.ID) && len(f.wallets) == 0 && wire.OneOf(f.roles, m.Role) && wire.OneOf(f.usernames, u.Username) &&
		anyOf(f.emails, emails) && anyOf(f.phones, phones) &&
		(f.text == "" || wire.Holds(f.text, slices.Concat(emails, phones, []string{u.ID, u.Username, name})...)) &&
		(f.email == "" || wire.Holds(f.email, emails...)) && (f.phone == "" || wire.Holds(f.phone, phones...)) &&
		(f.username == "" || wire.Holds(f.username, u.Username)) && (f.name == "" || wire.Holds(f.name, name)) &&
		within(u.LastActiveAt, f.activeAfter, f.activeBefore) && within(u.Created.At, f.createdAfter, f.createdBefore)
}

// anyOf reports whether a list parameter is absent or names any of the values.
func anyOf(names, values []string) bool {
	return len(names) == 0 || slices.ContainsFunc(values, func(v string) bool { return wire.OneOf(names, v) })
}

// within reports whether a time is between two others, of which the zero time
// leaves that side open.
func within(t, after, before time.Time) bool {
	return (after.IsZero() || t.After(after)) && (before.IsZero() || t.Before(before))
}

// listMembers lists the members of an organization, or of all if organizationID
// is "". by is the order where the query names none.
func listMembers(s *state.Store, query url.Values, organizationID, by string) ([]state.Member, int, error) {
	f, err := readMemberFilter(query)
	if err != nil {
		return nil, 0, err
	}
	return state.With3(s, func(tx *state.Tx) ([]state.Member, int, error) {
		of := func(field func(*state.User) string) func(a, b *state.Membership) int {
			return func(a, b *state.Membership) int {
				return wire.CompareText(field(tx.Users[a.Key.User]), field(tx.Users[b.Key.User]))
			}
		}
		page, total, err := wire.PickFrom(tx, tx.Memberships, query, wire.Listing[state.Membership]{
			Made: func(m *state.Membership) state.Made { return m.Created }, By: by,
			Fields: map[string]func(a, b *state.Membership) int{
				"email_address": of(func(u *state.User) string { return u.Email }),
				"phone_number":  of(func(u *state.User) string { return u.Phone }),
				"username":      of(func(u *state.User) string { return u.Username }),
				"first_name":    of(func(u *state.User) string { return u.FirstName }),
				"last_name":     of(func(u *state.User) string { return u.LastName }),
			},
			Keep: func(tx *state.Tx, m *state.Membership) bool {
				return (organizationID == "" || m.Key.Organization == organizationID) && f.keeps(m, tx.Users[m.Key.User])
			},
		})
		if err != nil {
			return nil, 0, err
		}
		out := make([]state.Member, len(page))
		for i := range page {
			out[i] = tx.Member(&page[i])
		}
		return out, total, nil
	})
}

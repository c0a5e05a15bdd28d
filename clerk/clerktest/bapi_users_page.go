package clerktest

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// userPage returns the users that GetUserList answers with. It copies
// these alone.
func (tx *stateTx) userPage(query url.Values) ([]user, error) {
	filter, err := tx.userFilter(query)
	if err != nil {
		return nil, err
	}
	limit, offset, err := pageParams(query)
	if err != nil {
		return nil, err
	}
	by := cmp.Or(query.Get("order_by"), "-created_at")
	name := strings.TrimLeft(by, "+- ") // a + in a query is a space
	if userOrder[name] == nil || len(by) > len(name)+1 {
		return nil, errParam("order_by", "form_param_value_invalid", "order_by "+quoted(by)+" is not a field that can be ordered by")
	}
	all, down, cursor := tx.userOrder, by[0] == '-', query.Get("starting_after")
	if cursor != "" {
		if all, err = tx.after(all, cursor, name, down, offset); err != nil {
			return nil, err
		}
	}
	if name == "created_at" {
		return copyPage(all, down, filter, offset, limit), nil
	}
	// Users with the same value are in order of creation, so that pages neither
	// repeat nor leave out one.
	field := userOrder[name]
	top := best[*user]{k: offset + limit, compare: func(a, b *user) int {
		if down {
			return cmp.Or(field(b, a), byCreation(a, b))
		}
		return cmp.Or(field(a, b), byCreation(a, b))
	}}
	for _, u := range all {
		if filter.pass(u) {
			top.add(u)
		}
	}
	sorted := top.sorted()
	return copyPage(sorted[min(offset, len(sorted)):], false, nil, 0, limit), nil
}

// after cuts the users off that are before a cursor, the id of the last
// user on the page before.
func (tx *stateTx) after(all []*user, cursor, order string, down bool, offset int) ([]*user, error) {
	switch u := tx.Users[cursor]; {
	case order != "created_at":
		return nil, errParam("starting_after", "form_conditional_param_disallowed", "starting_after needs the order created_at.")
	case offset != 0:
		return nil, errParam("offset", "form_conditional_param_disallowed", "`offset` isn't allowed when `starting_after` is present.")
	case u == nil:
		return nil, errParam("starting_after", "form_resource_not_found", "The resource associated with the supplied starting_after was not found.")
	default:
		i, _ := slices.BinarySearchFunc(all, u, byCreation)
		if down {
			return all[:i], nil
		}
		return all[i+1:], nil
	}
}

// copyPage copies a page of users that come in order, from the end if down.
func copyPage(all []*user, down bool, filter userFilter, offset, limit int) []user {
	out := make([]user, 0, min(limit, len(all)))
	for i := range all {
		if down {
			i = len(all) - 1 - i
		}
		if !filter.pass(all[i]) {
			continue
		}
		if offset--; offset >= 0 {
			continue
		}
		if out = append(out, *all[i]); len(out) == limit {
			break
		}
	}
	return out
}

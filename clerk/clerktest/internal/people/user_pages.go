package people

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// userPage returns the users that GetUserList answers with. It copies
// these alone.
func userPage(tx *state.Tx, query url.Values) ([]state.User, error) {
	filter, err := readUserFilter(tx, query)
	if err != nil {
		return nil, err
	}
	limit, offset, err := wire.PageParams(query)
	if err != nil {
		return nil, err
	}
	by := cmp.Or(query.Get("order_by"), "-created_at")
	name := strings.TrimLeft(by, "+- ") // a + in a query is a space
	if userOrder[name] == nil || len(by) > len(name)+1 {
		return nil, refusal.Param("order_by", "form_param_value_invalid", "order_by "+refusal.Quoted(by)+" is not a field that can be ordered by")
	}
	all, down, cursor := tx.UserOrder, by[0] == '-', query.Get("starting_after")
	if cursor != "" {
		if all, err = afterCursor(tx, all, cursor, name, down, offset); err != nil {
			return nil, err
		}
	}
	if name == "created_at" {
		return copyPage(all, down, filter, offset, limit), nil
	}
	// Users with the same value are in order of creation, so that pages neither
	// repeat nor leave out one.
	field := userOrder[name]
	top := state.Best[*state.User]{K: offset + limit, Compare: func(a, b *state.User) int {
		if down {
			return cmp.Or(field(b, a), state.ByCreation(a, b))
		}
		return cmp.Or(field(a, b), state.ByCreation(a, b))
	}}
	for _, u := range all {
		if filter.pass(u) {
			top.Add(u)
		}
	}
	sorted := top.Sorted()
	return copyPage(sorted[min(offset, len(sorted)):], false, nil, 0, limit), nil
}

// afterCursor cuts the users off that are before a cursor, the id of the last
// user on the page before.
func afterCursor(tx *state.Tx, all []*state.User, cursor, order string, down bool, offset int) ([]*state.User, error) {
	switch u := tx.Users[cursor]; {
	case order != "created_at":
		return nil, refusal.Param("starting_after", "form_conditional_param_disallowed", "starting_after needs the order created_at.")
	case offset != 0:
		return nil, refusal.Param("offset", "form_conditional_param_disallowed", "`offset` isn't allowed when `starting_after` is present.")
	case u == nil:
		return nil, refusal.Param("starting_after", "form_resource_not_found", "The resource associated with the supplied starting_after was not found.")
	default:
		i, _ := slices.BinarySearchFunc(all, u, state.ByCreation)
		if down {
			return all[:i], nil
		}
		return all[i+1:], nil
	}
}

// copyPage copies a page of users that come in order, from the end if down.
func copyPage(all []*state.User, down bool, filter userFilter, offset, limit int) []state.User {
	out := make([]state.User, 0, min(limit, len(all)))
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

package people

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

var userOrder = map[string]func(a, b *state.User) int{
	"created_at":      state.ByCreation,
	"updated_at":      func(a, b *state.User) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
	"last_sign_in_at": func(a, b *state.User) int { return a.LastSignInAt.Compare(b.LastSignInAt) },
	"last_active_at":  func(a, b *state.User) int { return a.LastActiveAt.Compare(b.LastActiveAt) },
	"email_address":   func(a, b *state.User) int { return wire.CompareText(a.Email, b.Email) },
	"phone_number":    func(a, b *state.User) int { return wire.CompareText(a.Phone, b.Phone) },
	"username":        func(a, b *state.User) int { return wire.CompareText(a.Username, b.Username) },
	"first_name":      func(a, b *state.User) int { return wire.CompareText(a.FirstName, b.FirstName) },
	"last_name":       func(a, b *state.User) int { return wire.CompareText(a.LastName, b.LastName) },
	"web3wallet":      func(_, _ *state.User) int { return 0 }, // nobody has one
}

// userFilter are the filters of GetUserList and GetUsersCount, each true for the
// users that it lets pass. They run within the transaction.
type userFilter []func(*state.User) bool

func (f userFilter) pass(u *state.User) bool {
	for _, keep := range f {
		if !keep(u) {
			return false
		}
	}
	return true
}

// readUserFilter reads the filters of a query.
func readUserFilter(tx *state.Tx, query url.Values) (userFilter, error) {
	var f userFilter
	lists := map[string][]string{}
	for _, name := range []string{
		"email_address", "phone_number", "external_id", "username", "web3_wallet", "user_id", "organization_id", "provider_user_id",
	} {
		if lists[name] = wire.ListParam(query, name); len(lists[name]) > wire.MaxListParam {
			return nil, refusal.Param(name, "form_param_array_size_exceeded", name+" should not exceed 100 items.")
		}
	}
	for name, of := range map[string]func(*state.User) string{
		"user_id":     func(u *state.User) string { return u.ID },
		"external_id": func(u *state.User) string { return u.ExternalID },
	} {
		if len(lists[name]) > 0 {
			in, out := wire.Signed(lists[name])
			f = append(f, func(u *state.User) bool { return wire.Chosen(in, out, of(u)) })
		}
	}
	for _, k := range []*state.IdentificationKind{state.EmailKind, state.PhoneKind} {
		if len(lists[k.Param]) > 0 {
			values := map[string]bool{}
			for _, v := range lists[k.Param] {
				values[k.Normalize(v)] = true
			}
			f = append(f, func(u *state.User) bool {
				return anyValue(u, k, func(value string) bool { return values[value] })
			})
		}
	}
	if names := lists["username"]; len(names) > 0 {
		f = append(f, func(u *state.User) bool { return wire.OneOf(names, u.Username) })
	}
	if len(lists["web3_wallet"]) > 0 {
		f = append(f, func(*state.User) bool { return false })
	}
	if len(lists["organization_id"]) > 0 {
		in, out := wire.Signed(lists["organization_id"])
		members := func(of map[string]bool) map[string]bool {
			ids := map[string]bool{}
			for key := range tx.Memberships {
				if of[key.Organization] {
					ids[key.User] = true
				}
			}
			return ids
		}
		with, without := members(in), members(out)
		f = append(f, func(u *state.User) bool { return (len(in) == 0 || with[u.ID]) && !without[u.ID] })
	}
	provider, ids := query.Get("provider"), lists["provider_user_id"]
	if (provider == "") != (len(ids) == 0) {
		param := "provider"
		if provider != "" {
			param = "provider_user_id"
		}
		return nil, refusal.Param(param, "form_conditional_param_missing", "provider and provider_user_id go together.")
	}
	if provider != "" {
		f = append(f, func(u *state.User) bool {
			return slices.ContainsFunc(u.Accounts, func(a state.ExternalAccount) bool {
				return "oauth_"+a.Provider == provider && slices.Contains(ids, a.ProviderUserID)
			})
		})
	}
	if banned := query.Get("banned"); banned != "" {
		want, err := strconv.ParseBool(banned)
		if err != nil {
			return nil, refusal.Param("banned", "form_param_type_invalid", "`banned` must be a `boolean`.")
		}
		f = append(f, func(u *state.User) bool { return u.Banned == want })
	}
	f = append(f, textFilters(query)...)
	times, err := timeFilters(query)
	return append(f, times...), err
}

// anyValue asks about the addresses or numbers of a user. Most users have one,
// which the record itself holds: a search of all of them need not go further.
func anyValue(u *state.User, k *state.IdentificationKind, match func(string) bool) bool {
	list := *k.List(u)
	if len(list) == 0 {
		return false
	}
	if _, primary := k.Primary(u); len(list) == 1 && *primary != "" {
		return match(*primary)
	}
	return slices.ContainsFunc(list, func(i state.Identification) bool { return match(i.Value) })
}

// textFilters are those by parts of texts.
func textFilters(query url.Values) (f userFilter) {
	add := func(name string, match func(u *state.User, text string) bool) {
		if text := strings.ToLower(strings.TrimSpace(query.Get(name))); text != "" {
			f = append(f, func(u *state.User) bool { return match(u, text) })
		}
	}
	with := func(u *state.User, k *state.IdentificationKind, text string) bool {
		return anyValue(u, k, func(value string) bool { return strings.Contains(value, text) }) // values are in lower case
	}
	byName := func(u *state.User, text string) bool {
		return containsFold(u.FirstName, text) || containsFold(u.LastName, text) ||
			u.FirstName != "" && u.LastName != "" && strings.Contains(text, " ") && containsFold(u.FirstName+" "+u.LastName, text)
	}
	add("email_address_query", func(u *state.User, text string) bool { return with(u, state.EmailKind, text) })
	add("phone_number_query", func(u *state.User, text string) bool { return with(u, state.PhoneKind, text) })
	add("username_query", func(u *state.User, text string) bool { return strings.Contains(u.Username, text) })
	add("name_query", byName)
	add("query", func(u *state.User, text string) bool {
		return with(u, state.EmailKind, text) || with(u, state.PhoneKind, text) || strings.Contains(u.Username, text) ||
			byName(u, text) || containsFold(u.ID, text)
	})
	return f
}

// containsFold reports whether a text contains one in lower case, whatever its own
// case.
func containsFold(text, lower string) bool {
	if len(text) < len(lower) {
		return false
	}
	first := lower[0]
	for i := range len(text) {
		c := text[i]
		if c >= 0x80 {
			return strings.Contains(strings.ToLower(text), lower)
		}
		if i <= len(text)-len(lower) && lowerByte(c) == first && foldPrefix(text[i:], lower) {
			return true
		}
	}
	return false
}

func foldPrefix(text, lower string) bool {
	for i := range len(lower) {
		if lowerByte(text[i]) != lower[i] {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// timeFilters are those by a time in Unix milliseconds.
func timeFilters(query url.Values) (f userFilter, err error) {
	for _, t := range []struct {
		name string
		of   func(*state.User) time.Time
	}{
		{"created_at", func(u *state.User) time.Time { return u.Created.At }},
		{"last_active_at", func(u *state.User) time.Time { return u.LastActiveAt }},
		{"last_sign_in_at", func(u *state.User) time.Time { return u.LastSignInAt }},
	} {
		for _, side := range []string{"before", "after", "since"} {
			name := t.name + "_" + side
			text := query.Get(name)
			if text == "" || side == "since" && t.name != "last_active_at" {
				continue
			}
			ms, err := strconv.ParseInt(text, 10, 64)
			if err != nil || ms < 0 {
				return nil, refusal.Param(name, "form_param_invalid_date", "Date values must be given in Unix millisecond timestamp format.")
			}
			f = append(f, func(u *state.User) bool {
				at := t.of(u)
				switch {
				case at.IsZero():
					return false
				case side == "before":
					return at.UnixMilli() < ms
				case side == "since":
					return at.UnixMilli() >= ms
				}
				return at.UnixMilli() > ms
			})
		}
	}
	return f, nil
}

func (e *API) countUsersBAPI(c *wire.Call) error {
	var filter userFilter
	var err error
	var n int
	e.Store.View(func(tx *state.Tx) {
		filter, err = readUserFilter(tx, c.R.URL.Query())
		n = len(tx.Users)
		if err == nil && len(filter) > 0 {
			n = 0
			for _, u := range tx.UserOrder {
				if filter.pass(u) {
					n++
				}
			}
		}
	})
	if err != nil {
		return err
	}
	c.Note("number of users")
	return c.OK(map[string]any{"object": "total_count", "total_count": n})
}

func (e *API) listUsersBAPI(c *wire.Call) error {
	var users []state.User
	var err error
	e.Store.View(func(tx *state.Tx) {
		users, err = userPage(tx, c.R.URL.Query())
	})
	if err != nil {
		return err
	}
	c.Note("list of users")
	return c.OK(e.backendUsers(users))
}

func (e *API) backendUsers(users []state.User) []*answers.UserResource {
	out := make([]*answers.UserResource, len(users))
	for i := range users {
		out[i] = e.answers.BackendUser(&users[i])
	}
	return out
}

func (e *API) getUserBAPI(c *wire.Call) error {
	u, err := e.Store.User(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("user " + u.ID)
	return c.OK(e.answers.BackendUser(&u))
}

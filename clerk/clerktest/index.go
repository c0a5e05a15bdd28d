package clerktest

import (
	"fmt"
	"slices"
)

// index builds the indexes over tables. What two records claim is an error.
func index(t *tables) (indexes, error) {
	x := newIndexes()
	claim := func(index map[string]string, what, value, id string) error {
		if owner := index[value]; owner != "" && owner != id {
			return fmt.Errorf("%s and %s have one %s", owner, id, what)
		}
		index[value] = id
		return nil
	}
	for id, u := range t.Users {
		for _, list := range []struct {
			index map[string]string
			what  string
			of    []identification
		}{{x.emails, "e-mail address", u.EmailList}, {x.phones, "phone number", u.PhoneList}} {
			for i := range list.of {
				if one := &list.of[i]; one.usable() {
					if err := claim(list.index, list.what, one.Value, id); err != nil {
						return x, err
					}
				}
			}
		}
		if u.ExternalID != "" {
			if err := claim(x.externalIDs, "external id", u.ExternalID, id); err != nil {
				return x, err
			}
		}
		x.userOrder = append(x.userOrder, u)
		if u.Username != "" {
			if err := claim(x.usernames, "username", u.Username, id); err != nil {
				return x, err
			}
		}
		for i := range u.Accounts {
			a := &u.Accounts[i]
			if a.Proof.Status == verified {
				if err := claim(x.accounts, "account at "+a.Provider, a.key(), id); err != nil {
					return x, err
				}
			}
		}
	}
	for id, o := range t.Organizations {
		if err := claim(x.slugs, "slug", o.Slug, id); err != nil {
			return x, err
		}
	}
	for id, c := range t.Clients {
		if err := claim(x.clientTokens, "token", c.Token, id); err != nil {
			return x, err
		}
	}
	for key, m := range t.Memberships {
		x.membershipsBy[key.User] = append(x.membershipsBy[key.User], m)
		x.members[key.Organization]++
	}
	for _, of := range x.membershipsBy {
		slices.SortFunc(of, func(a, b *membership) int { return a.Created.compare(b.Created) })
	}
	slices.SortFunc(x.userOrder, byCreation)
	return x, nil
}

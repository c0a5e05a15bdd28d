package state

import (
	"fmt"
	"slices"
)

// Index builds the indexes over tables. What two records claim is an error.
func Index(t *Tables) (Indexes, error) {
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
			of    []Identification
		}{{x.Emails, "e-mail address", u.EmailList}, {x.Phones, "phone number", u.PhoneList}} {
			for i := range list.of {
				if one := &list.of[i]; one.Usable() {
					if err := claim(list.index, list.what, one.Value, id); err != nil {
						return x, err
					}
				}
			}
		}
		if u.ExternalID != "" {
			if err := claim(x.ExternalIDs, "external id", u.ExternalID, id); err != nil {
				return x, err
			}
		}
		x.UserOrder = append(x.UserOrder, u)
		if u.Username != "" {
			if err := claim(x.Usernames, "username", u.Username, id); err != nil {
				return x, err
			}
		}
		for i := range u.Accounts {
			a := &u.Accounts[i]
			if a.Proof.Status == Verified {
				if err := claim(x.Accounts, "account at "+a.Provider, a.Key(), id); err != nil {
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
		if err := claim(x.ClientTokens, "token", c.Token, id); err != nil {
			return x, err
		}
	}
	for key, m := range t.Memberships {
		x.membershipsBy[key.User] = append(x.membershipsBy[key.User], m)
		x.Members[key.Organization]++
	}
	for _, of := range x.membershipsBy {
		slices.SortFunc(of, func(a, b *Membership) int { return a.Created.Compare(b.Created) })
	}
	slices.SortFunc(x.UserOrder, ByCreation)
	return x, nil
}

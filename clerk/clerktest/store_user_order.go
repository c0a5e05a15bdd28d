package clerktest

import (
	"slices"
)

func byCreation(a, b *user) int { return a.Created.compare(b.Created) }

// orderUser puts a user that is new in its place: at the end, unless it was
// created at an earlier time elsewhere.
func (tx *stateTx) orderUser(u *user) {
	if n := len(tx.userOrder); n == 0 || byCreation(tx.userOrder[n-1], u) < 0 {
		tx.userOrder = append(tx.userOrder, u)
		return
	}
	i, _ := slices.BinarySearchFunc(tx.userOrder, u, byCreation)
	tx.userOrder = slices.Insert(tx.userOrder, i, u)
}

// disorderUser takes a user out, before it is changed or deleted.
func (tx *stateTx) disorderUser(u *user) {
	if i, ok := slices.BinarySearchFunc(tx.userOrder, u, byCreation); ok {
		tx.userOrder = slices.Delete(tx.userOrder, i, i+1)
	}
}

// firstUsers returns the oldest users that keep lets pass, and how many more
// there are.
func (s *store) firstUsers(limit int, keep func(*user) bool) (users []user, more int) {
	return with2(s, func(tx *stateTx) (users []user, more int) {
		for _, u := range tx.userOrder {
			switch {
			case keep != nil && !keep(u):
			case len(users) == limit:
				more++
			default:
				users = append(users, *u)
			}
		}
		return users, more
	})
}

// best collects the k smallest of what it is shown, as a heap whose root is the
// largest of them: a page of 100,000 users in any order without sorting them all.
type best[T any] struct {
	k       int
	items   []T
	compare func(a, b T) int
}

func (h *best[T]) add(v T) {
	if len(h.items) < h.k {
		h.items = append(h.items, v)
		for i := len(h.items) - 1; i > 0; {
			parent := (i - 1) / 2
			if h.compare(h.items[i], h.items[parent]) <= 0 {
				return
			}
			h.items[i], h.items[parent] = h.items[parent], h.items[i]
			i = parent
		}
		return
	}
	if h.k == 0 || h.compare(v, h.items[0]) >= 0 {
		return
	}
	h.items[0] = v
	for i := 0; ; {
		largest := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.items); child++ {
			if h.compare(h.items[child], h.items[largest]) > 0 {
				largest = child
			}
		}
		if largest == i {
			return
		}
		h.items[i], h.items[largest] = h.items[largest], h.items[i]
		i = largest
	}
}

// sorted ends the collecting.
func (h *best[T]) sorted() []T {
	slices.SortFunc(h.items, h.compare)
	return h.items
}

package state

import (
	"slices"
)

func ByCreation(a, b *User) int { return a.Created.Compare(b.Created) }

// orderUser puts a user that is new in its place: at the end, unless it was
// created at an earlier time elsewhere.
func (tx *Tx) orderUser(u *User) {
	if n := len(tx.UserOrder); n == 0 || ByCreation(tx.UserOrder[n-1], u) < 0 {
		tx.UserOrder = append(tx.UserOrder, u)
		return
	}
	i, _ := slices.BinarySearchFunc(tx.UserOrder, u, ByCreation)
	tx.UserOrder = slices.Insert(tx.UserOrder, i, u)
}

// disorderUser takes a user out, before it is changed or deleted.
func (tx *Tx) disorderUser(u *User) {
	if i, ok := slices.BinarySearchFunc(tx.UserOrder, u, ByCreation); ok {
		tx.UserOrder = slices.Delete(tx.UserOrder, i, i+1)
	}
}

// FirstUsers returns the oldest users that keep lets pass, and how many more
// there are.
func (s *Store) FirstUsers(limit int, keep func(*User) bool) (users []User, more int) {
	return With2(s, func(tx *Tx) (users []User, more int) {
		for _, u := range tx.UserOrder {
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

// Best collects the k smallest of what it is shown, as a heap whose root is the
// largest of them: a page of 100,000 users in any order without sorting them all.
type Best[T any] struct {
	K       int
	items   []T
	Compare func(a, b T) int
}

func (h *Best[T]) Add(v T) {
	if len(h.items) < h.K {
		h.items = append(h.items, v)
		for i := len(h.items) - 1; i > 0; {
			parent := (i - 1) / 2
			if h.Compare(h.items[i], h.items[parent]) <= 0 {
				return
			}
			h.items[i], h.items[parent] = h.items[parent], h.items[i]
			i = parent
		}
		return
	}
	if h.K == 0 || h.Compare(v, h.items[0]) >= 0 {
		return
	}
	h.items[0] = v
	for i := 0; ; {
		largest := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.items); child++ {
			if h.Compare(h.items[child], h.items[largest]) > 0 {
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

// Sorted ends the collecting.
func (h *Best[T]) Sorted() []T {
	slices.SortFunc(h.items, h.Compare)
	return h.items
}

package main

import (
	"slices"
	"strconv"
	"sync"
)

type note struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Author string `json:"author"`
}

// store holds the notes of all owners.
type store struct {
	mu     sync.Mutex
	last   int
	owners map[string][]note
}

func (s *store) of(owner string) []note {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]note{}, s.owners[owner]...)
}

func (s *store) add(owner string, n note) note {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	n.ID = strconv.Itoa(s.last)
	if s.owners == nil {
		s.owners = map[string][]note{}
	}
	s.owners[owner] = append(s.owners[owner], n)
	return n
}

func (s *store) find(owner, id string) (note, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.owners[owner], func(n note) bool { return n.ID == id })
	if i < 0 {
		return note{}, false
	}
	return s.owners[owner][i], true
}

func (s *store) remove(owner, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owners[owner] = slices.DeleteFunc(s.owners[owner], func(n note) bool { return n.ID == id })
}

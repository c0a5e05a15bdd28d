package clerktest

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// store holds the state of the instance and knows nothing of HTTP. Each exported
// step is a method that takes the lock once; methods whose name ends in Locked
// need it held. What it returns are copies, whose maps and slices are never
// changed, only replaced.
type store struct {
	mu              sync.Mutex
	now             func() time.Time
	ids             *idSource
	sessionLifetime time.Duration

	users         map[string]*user
	emails        map[string]string // address to user id
	usernames     map[string]string
	organizations map[string]*organization
	slugs         map[string]string // slug to organization id
	roles         map[string]*role
	memberships   map[membershipKey]*membership
	membershipsBy map[string][]*membership // of a user, oldest first
	members       map[string]int           // how many an organization has
	clients       map[string]*client
	clientTokens  map[string]string // the __client cookie to client id
	devBrowsers   map[string]*devBrowser
	sessions      map[string]*session
	nonces        map[string]nonce
	purgeNonces   int    // when so many are there, those that expired go
	sequence      uint64 // orders what was made in the same millisecond
}

func newStore(now func() time.Time, ids *idSource, sessionLifetime time.Duration) *store {
	s := &store{
		now: now, ids: ids, sessionLifetime: sessionLifetime,
		users: map[string]*user{}, emails: map[string]string{}, usernames: map[string]string{},
		organizations: map[string]*organization{}, slugs: map[string]string{},
		roles: map[string]*role{}, memberships: map[membershipKey]*membership{},
		membershipsBy: map[string][]*membership{}, members: map[string]int{},
		clients: map[string]*client{}, clientTokens: map[string]string{}, devBrowsers: map[string]*devBrowser{},
		sessions: map[string]*session{}, nonces: map[string]nonce{}, purgeNonces: 1000,
	}
	s.roles["org:admin"] = &role{key: "org:admin", name: "Admin"}
	s.roles["org:member"] = &role{key: "org:member", name: "Member"}
	return s
}

// made is when something was made: a time, and a number for those made within
// one tick of the clock.
type made struct {
	at  time.Time
	seq uint64
}

func (s *store) madeLocked() made {
	s.sequence++
	return made{s.now(), s.sequence}
}

func (m made) compare(other made) int {
	return cmp.Or(m.at.Compare(other.at), cmp.Compare(m.seq, other.seq))
}

// list copies what keep lets pass out of a table, oldest first.
func list[K comparable, T any](table map[K]*T, key func(*T) made, keep func(*T) bool) []T {
	var out []T
	for _, v := range table {
		if keep == nil || keep(v) {
			out = append(out, *v)
		}
	}
	slices.SortFunc(out, func(a, b T) int { return key(&a).compare(key(&b)) })
	return out
}

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
	phones        map[string]string // number to user id
	usernames     map[string]string
	accounts      map[string]string // provider and its user id, to user id
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
	signIns       map[string]*signInAttempt
	signUps       map[string]*signUpAttempt
	links         map[string]*link   // by the token in e-mails and providers' pages
	tickets       map[string]*ticket // by token
	invitations   map[string]*invitation
	domains       map[string]*organizationDomain
	requests      map[string]*membershipRequest
	waitlist      map[string]*waitlistEntry // by address
	templates     map[string]*JWTTemplate   // by name
	outbox        []Message
	settings      Settings
	testMode      bool // test addresses have the code 424242
	nonces        map[string]nonce
	purgeNonces   int // when so many are there, those that expired go
	purgeLinks    int
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
		phones: map[string]string{}, accounts: map[string]string{},
		signIns: map[string]*signInAttempt{}, signUps: map[string]*signUpAttempt{},
		links: map[string]*link{}, purgeLinks: 1000, tickets: map[string]*ticket{},
		invitations: map[string]*invitation{}, domains: map[string]*organizationDomain{},
		requests: map[string]*membershipRequest{}, waitlist: map[string]*waitlistEntry{},
		templates: map[string]*JWTTemplate{}, testMode: true,
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

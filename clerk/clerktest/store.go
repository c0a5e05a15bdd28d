package clerktest

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// store holds the state of the instance and knows nothing of HTTP. Whoever reads
// or changes it does so in a transaction, see stateTx.
type store struct {
	mu  sync.Mutex
	tx  stateTx // for one at a time
	now func() time.Time
	ids *idSource
	published
}

// published is what can be read outside of a transaction.
type published struct {
	set   atomic.Pointer[Settings] // those in the tables
	hosts atomic.Pointer[[]string] // names of the satellites
}

// stateTx is the state within a transaction: nobody else reads or changes it
// meanwhile. It must not be kept. What its methods hand out may be copied and
// then leave the transaction: maps and slices of records are never changed, only
// replaced.
//
// A change is not undone where the transaction ends with an error: check first,
// then change.
type stateTx struct {
	now             func() time.Time
	ids             *idSource
	sessionLifetime time.Duration
	testMode        bool // test addresses have the code 424242

	tables
	indexes
	*published

	hooks       *webhooks // told of events when the transaction ends
	events      []event   // of this transaction
	purgeNonces int       // when so many are there, those that expired go
	purgeLinks  int
}

// View runs a transaction that reads. It may note what time has ended meanwhile.
func (s *store) View(fn func(tx *stateTx)) { s.Apply(fn) }

// Update runs a transaction that can fail, and returns its error.
func (s *store) Update(fn func(tx *stateTx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.tx.commit()
	return fn(&s.tx)
}

// Apply runs a transaction that changes something and cannot fail.
func (s *store) Apply(fn func(tx *stateTx)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.tx.commit()
	fn(&s.tx)
}

// commit tells the webhooks what happened. The lock is held still, so that events
// come in the order of the transactions.
func (tx *stateTx) commit() {
	if len(tx.events) == 0 {
		return
	}
	for i := range tx.events {
		tx.hooks.add(tx.events[i])
	}
	clear(tx.events)
	tx.events = tx.events[:0]
}

// with runs a transaction and returns its result.
func with[R any](s *store, fn func(tx *stateTx) R) (result R) {
	s.Apply(func(tx *stateTx) { result = fn(tx) })
	return result
}

// with2 is with for two results, the second one an error, say.
func with2[R, E any](s *store, fn func(tx *stateTx) (R, E)) (result R, other E) {
	s.Apply(func(tx *stateTx) { result, other = fn(tx) })
	return result, other
}

// with3 is with for three results.
func with3[R, S, E any](s *store, fn func(tx *stateTx) (R, S, E)) (result R, second S, other E) {
	s.Apply(func(tx *stateTx) { result, second, other = fn(tx) })
	return result, second, other
}

// tables are what a snapshot holds. Their fields and those of the records are
// exported for encoding/json alone.
type tables struct {
	Users         map[string]*user
	Organizations map[string]*organization
	Roles         map[string]*role
	Memberships   map[membershipKey]*membership
	Clients       map[string]*client
	DevBrowsers   map[string]*devBrowser
	Sessions      map[string]*session
	SignIns       map[string]*signInAttempt
	SignUps       map[string]*signUpAttempt
	Links         map[string]*link   // by the token in e-mails and providers' pages
	Tickets       map[string]*ticket // by token
	Invitations   map[string]*invitation
	Domains       map[string]*organizationDomain
	Requests      map[string]*membershipRequest
	Waitlist      map[string]*waitlistEntry // by address
	Templates     map[string]*jwtTemplate   // by name
	Images        map[string]*image
	CodeChecks    map[string]*codeCheck
	Allowlist     map[string]*listedIdentifier
	Blocklist     map[string]*listedIdentifier
	Outbox        []Message
	Settings      Settings
	Permissions   map[string]*permission // by key
	RoleSets      map[string]*roleSet    // by key
	Instance      instanceSettings
	Satellites    map[string]*satellite
	RedirectURLs  map[string]*allowedRedirect
	MessageTexts  map[string]*messageTemplate // by channel and slug
	Nonces        map[string]nonce

	Machines      map[string]*machine
	M2MTokens     map[string]*m2mToken         // opaque ones, by token
	APIKeys       map[string]*apiKey           // by secret
	OAuthApps     map[string]*oauthApplication // by client id
	OAuthCodes    map[string]*oauthCode        // by code
	OAuthTokens   map[string]*oauthToken       // by token or jwtKey
	OAuthConsents map[consentKey][]string      // the scopes that a user granted
	OAuthSettings oauthSettings
	AgentTasks    map[string]*agentTask // by ticket

	Sequence uint64 // orders what was made in the same millisecond
}

func newTables() tables {
	return tables{
		Users: map[string]*user{}, Organizations: map[string]*organization{},
		Roles: builtInRoles(), Permissions: builtInPermissions(), RoleSets: builtInRoleSets(),
		Instance: newInstanceSettings(), Satellites: map[string]*satellite{}, RedirectURLs: map[string]*allowedRedirect{},
		MessageTexts: map[string]*messageTemplate{},
		Memberships:  map[membershipKey]*membership{},
		Clients:      map[string]*client{}, DevBrowsers: map[string]*devBrowser{}, Sessions: map[string]*session{},
		SignIns: map[string]*signInAttempt{}, SignUps: map[string]*signUpAttempt{},
		Links: map[string]*link{}, Tickets: map[string]*ticket{}, Invitations: map[string]*invitation{},
		Domains: map[string]*organizationDomain{}, Requests: map[string]*membershipRequest{},
		Waitlist: map[string]*waitlistEntry{}, Templates: map[string]*jwtTemplate{}, Nonces: map[string]nonce{},
		Images: map[string]*image{}, CodeChecks: map[string]*codeCheck{},
		Allowlist: map[string]*listedIdentifier{}, Blocklist: map[string]*listedIdentifier{},

		Machines: map[string]*machine{}, M2MTokens: map[string]*m2mToken{}, APIKeys: map[string]*apiKey{},
		OAuthApps: map[string]*oauthApplication{}, OAuthCodes: map[string]*oauthCode{}, OAuthTokens: map[string]*oauthToken{},
		OAuthConsents: map[consentKey][]string{}, OAuthSettings: newOAuthSettings(), AgentTasks: map[string]*agentTask{},
	}
}

// indexes find records of the tables, and are rebuilt from them: see index.
type indexes struct {
	emails        map[string]string // address to user id
	phones        map[string]string // number to user id
	usernames     map[string]string
	accounts      map[string]string        // provider and its user id, to user id
	slugs         map[string]string        // slug to organization id
	membershipsBy map[string][]*membership // of a user, oldest first
	members       map[string]int           // how many an organization has
	clientTokens  map[string]string        // the __client cookie to client id
	externalIDs   map[string]string        // to user id
	userOrder     []*user                  // by creation, oldest first: lists go along it
}

func newIndexes() indexes {
	return indexes{
		emails: map[string]string{}, phones: map[string]string{}, usernames: map[string]string{}, accounts: map[string]string{},
		slugs: map[string]string{}, membershipsBy: map[string][]*membership{}, members: map[string]int{}, clientTokens: map[string]string{},
		externalIDs: map[string]string{},
	}
}

func newStore(now func() time.Time, ids *idSource, sessionLifetime time.Duration) *store {
	s := &store{now: now, ids: ids}
	s.tx = stateTx{
		now: now, ids: ids, sessionLifetime: sessionLifetime, testMode: true, tables: newTables(), indexes: newIndexes(),
		published: &s.published, purgeNonces: 1000, purgeLinks: 1000,
	}
	return s
}

// made is when something was made: a time, and a number for those made within
// one tick of the clock.
type made struct {
	At  time.Time
	Seq uint64
}

func (tx *stateTx) made() made {
	tx.Sequence++
	return made{tx.now(), tx.Sequence}
}

func (m made) compare(other made) int {
	return cmp.Or(m.At.Compare(other.At), cmp.Compare(m.Seq, other.Seq))
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

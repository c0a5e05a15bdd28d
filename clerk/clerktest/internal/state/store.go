// Package state holds the state of an instance: its records and what is always true
// of them. It knows nothing of HTTP, and is read and changed in transactions.
package state

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
)

// Store holds the state of the instance and knows nothing of HTTP. Whoever reads
// or changes it does so in a transaction, see Tx.
type Store struct {
	mu  sync.Mutex
	tx  Tx // for one at a time
	Now func() time.Time
	ids *ids.Source
	published
}

// published is what can be read outside of a transaction.
type published struct {
	Set   atomic.Pointer[Settings] // those in the tables
	Hosts atomic.Pointer[[]string] // names of the satellites
}

// Tx is the state within a transaction: nobody else reads or changes it
// meanwhile. It must not be kept. What its methods hand out may be copied and
// then leave the transaction: maps and slices of records are never changed, only
// replaced.
//
// A change is not undone where the transaction ends with an error: check first,
// then change.
type Tx struct {
	Now             func() time.Time
	IDs             *ids.Source
	sessionLifetime time.Duration
	testMode        bool // test addresses have the code 424242

	Tables
	Indexes
	*published

	listener    listener // told of events when the transaction ends
	events      []Event  // of this transaction
	purgeNonces int      // when so many are there, those that expired go
	purgeLinks  int
}

// listener hears of events.
type listener interface {
	// Watched reports whether somebody asks for events at once, so that they need
	// the records that they are about as they are now.
	Watched() bool
	// Add takes an event. The state must not be asked for anything meanwhile.
	Add(ev Event)
}

// Begin gives the state what it needs of the configuration: whether test addresses
// have the code 424242, the settings, and who hears of events.
func (s *Store) Begin(testMode bool, set Settings, l listener) {
	s.Apply(func(tx *Tx) {
		tx.testMode, tx.listener = testMode, l
		tx.ApplySettings(set)
	})
}

// ApplySettings replaces the settings, also where they are read outside.
func (tx *Tx) ApplySettings(set Settings) {
	tx.Settings = set
	tx.Set.Store(&set)
}

// Replace lets other tables take the place of all.
func (tx *Tx) Replace(t *Tables, x Indexes) {
	tx.Tables, tx.Indexes = *t, x
	tx.ApplySettings(t.Settings)
	tx.PublishSatellites()
	tx.purgeNonces, tx.purgeLinks = max(1000, 2*len(tx.Nonces)), max(1000, 2*len(tx.Links))
}

// Empty forgets everything but the settings.
func (tx *Tx) Empty(set Settings) {
	tx.Tables, tx.Indexes = newTables(), newIndexes()
	tx.ApplySettings(set)
	tx.PublishSatellites()
}

// View runs a transaction that reads. It may note what time has ended meanwhile.
func (s *Store) View(fn func(tx *Tx)) { s.Apply(fn) }

// Update runs a transaction that can fail, and returns its error.
func (s *Store) Update(fn func(tx *Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.tx.commit()
	return fn(&s.tx)
}

// Apply runs a transaction that changes something and cannot fail.
func (s *Store) Apply(fn func(tx *Tx)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.tx.commit()
	fn(&s.tx)
}

// commit tells the webhooks what happened. The lock is held still, so that events
// come in the order of the transactions.
func (tx *Tx) commit() {
	if len(tx.events) == 0 {
		return
	}
	for i := range tx.events {
		tx.listener.Add(tx.events[i])
	}
	clear(tx.events)
	tx.events = tx.events[:0]
}

// With runs a transaction and returns its result.
func With[R any](s *Store, fn func(tx *Tx) R) (result R) {
	s.Apply(func(tx *Tx) { result = fn(tx) })
	return result
}

// With2 is with for two results, the second one an error, say.
func With2[R, E any](s *Store, fn func(tx *Tx) (R, E)) (result R, other E) {
	s.Apply(func(tx *Tx) { result, other = fn(tx) })
	return result, other
}

// With3 is with for three results.
func With3[R, S, E any](s *Store, fn func(tx *Tx) (R, S, E)) (result R, second S, other E) {
	s.Apply(func(tx *Tx) { result, second, other = fn(tx) })
	return result, second, other
}

// Tables are what a snapshot holds. Their fields and those of the records are
// exported for encoding/json alone.
type Tables struct {
	Users         map[string]*User
	Organizations map[string]*Organization
	Roles         map[string]*Role
	Memberships   map[MembershipKey]*Membership
	Clients       map[string]*Client
	DevBrowsers   map[string]*devBrowser
	Sessions      map[string]*Session
	SignIns       map[string]*SignInAttempt
	SignUps       map[string]*SignUpAttempt
	Links         map[string]*Link   // by the token in e-mails and providers' pages
	Tickets       map[string]*Ticket // by token
	Invitations   map[string]*Invitation
	Domains       map[string]*OrganizationDomain
	Requests      map[string]*MembershipRequest
	Waitlist      map[string]*WaitlistEntry // by address
	Templates     map[string]*JWTTemplate   // by name
	Images        map[string]*Image
	CodeChecks    map[string]*CodeCheck
	Allowlist     map[string]*ListedIdentifier
	Blocklist     map[string]*ListedIdentifier
	Outbox        []Message
	Settings      Settings
	Permissions   map[string]*Permission // by key
	RoleSets      map[string]*RoleSet    // by key
	Instance      InstanceSettings
	Satellites    map[string]*Satellite
	RedirectURLs  map[string]*AllowedRedirect
	MessageTexts  map[string]*MessageTemplate // by channel and slug
	Nonces        map[string]nonce

	Machines      map[string]*Machine
	M2MTokens     map[string]*M2MToken         // opaque ones, by token
	APIKeys       map[string]*APIKey           // by secret
	OAuthApps     map[string]*OAuthApplication // by client id
	OAuthCodes    map[string]*oauthCode        // by code
	OAuthTokens   map[string]*OAuthToken       // by token or JWTKey
	OAuthConsents map[consentKey][]string      // the scopes that a user granted
	OAuthSettings OAuthSettings
	AgentTasks    map[string]*AgentTask // by ticket

	Sequence uint64 // orders what was made in the same millisecond
}

func newTables() Tables {
	return Tables{
		Users: map[string]*User{}, Organizations: map[string]*Organization{},
		Roles: builtInRoles(), Permissions: builtInPermissions(), RoleSets: builtInRoleSets(),
		Instance: newInstanceSettings(), Satellites: map[string]*Satellite{}, RedirectURLs: map[string]*AllowedRedirect{},
		MessageTexts: map[string]*MessageTemplate{},
		Memberships:  map[MembershipKey]*Membership{},
		Clients:      map[string]*Client{}, DevBrowsers: map[string]*devBrowser{}, Sessions: map[string]*Session{},
		SignIns: map[string]*SignInAttempt{}, SignUps: map[string]*SignUpAttempt{},
		Links: map[string]*Link{}, Tickets: map[string]*Ticket{}, Invitations: map[string]*Invitation{},
		Domains: map[string]*OrganizationDomain{}, Requests: map[string]*MembershipRequest{},
		Waitlist: map[string]*WaitlistEntry{}, Templates: map[string]*JWTTemplate{}, Nonces: map[string]nonce{},
		Images: map[string]*Image{}, CodeChecks: map[string]*CodeCheck{},
		Allowlist: map[string]*ListedIdentifier{}, Blocklist: map[string]*ListedIdentifier{},

		Machines: map[string]*Machine{}, M2MTokens: map[string]*M2MToken{}, APIKeys: map[string]*APIKey{},
		OAuthApps: map[string]*OAuthApplication{}, OAuthCodes: map[string]*oauthCode{}, OAuthTokens: map[string]*OAuthToken{},
		OAuthConsents: map[consentKey][]string{}, OAuthSettings: newOAuthSettings(), AgentTasks: map[string]*AgentTask{},
	}
}

// Indexes find records of the tables, and are rebuilt from them: see index.
type Indexes struct {
	Emails        map[string]string // address to user id
	Phones        map[string]string // number to user id
	Usernames     map[string]string
	Accounts      map[string]string        // provider and its user id, to user id
	slugs         map[string]string        // slug to organization id
	membershipsBy map[string][]*Membership // of a user, oldest first
	Members       map[string]int           // how many an organization has
	ClientTokens  map[string]string        // the __client cookie to client id
	ExternalIDs   map[string]string        // to user id
	UserOrder     []*User                  // by creation, oldest first: lists go along it
}

func newIndexes() Indexes {
	return Indexes{
		Emails: map[string]string{}, Phones: map[string]string{}, Usernames: map[string]string{}, Accounts: map[string]string{},
		slugs: map[string]string{}, membershipsBy: map[string][]*Membership{}, Members: map[string]int{}, ClientTokens: map[string]string{},
		ExternalIDs: map[string]string{},
	}
}

func New(now func() time.Time, ids *ids.Source, sessionLifetime time.Duration) *Store {
	s := &Store{Now: now, ids: ids}
	s.tx = Tx{
		Now: now, IDs: ids, sessionLifetime: sessionLifetime, testMode: true, Tables: newTables(), Indexes: newIndexes(),
		published: &s.published, purgeNonces: 1000, purgeLinks: 1000,
	}
	return s
}

// Made is when something was made: a time, and a number for those made within
// one tick of the clock.
type Made struct {
	At  time.Time
	Seq uint64
}

func (tx *Tx) Made() Made {
	tx.Sequence++
	return Made{tx.Now(), tx.Sequence}
}

func (m Made) Compare(other Made) int {
	return cmp.Or(m.At.Compare(other.At), cmp.Compare(m.Seq, other.Seq))
}

// List copies what keep lets pass out of a table, oldest first.
func List[K comparable, T any](table map[K]*T, key func(*T) Made, keep func(*T) bool) []T {
	var out []T
	for _, v := range table {
		if keep == nil || keep(v) {
			out = append(out, *v)
		}
	}
	slices.SortFunc(out, func(a, b T) int { return key(&a).Compare(key(&b)) })
	return out
}

package clerktest

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
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
	testMode        bool // test addresses have the code 424242

	tables
	indexes
	set   atomic.Pointer[Settings] // those in the tables, to be read without the lock
	hosts atomic.Pointer[[]string] // names of the satellites

	hooks       *webhooks // told of events
	purgeNonces int       // when so many are there, those that expired go
	purgeLinks  int
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
	return &store{
		now: now, ids: ids, sessionLifetime: sessionLifetime, testMode: true, tables: newTables(), indexes: newIndexes(),
		purgeNonces: 1000, purgeLinks: 1000,
	}
}

// made is when something was made: a time, and a number for those made within
// one tick of the clock.
type made struct {
	At  time.Time
	Seq uint64
}

func (s *store) madeLocked() made {
	s.Sequence++
	return made{s.now(), s.Sequence}
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

package state

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Session states (schema Session of the Backend API).
const (
	StatusActive   = "active"
	StatusPending  = "pending"
	StatusEnded    = "ended"
	StatusRemoved  = "removed"
	StatusRevoked  = "revoked"
	StatusExpired  = "expired"
	StatusReplaced = "replaced"
)

// abandonAfter is how long a session is remembered that nobody uses.
const abandonAfter = 30 * 24 * time.Hour

type Session struct {
	ID, UserID, ClientID string
	Status               string
	Tasks                []string
	OrganizationID       string
	Actor                json.RawMessage // the act claim
	Custom               map[string]any  // session token customization
	Version              int
	FirstFactorAt        time.Time // zero: never
	SecondFactorAt       time.Time
	RefreshToken         string
	Reverification       *Reverification // of the store alone
	Created              Made
	UpdatedAt            time.Time
	LastActiveAt         time.Time
	ExpireAt             time.Time
	AbandonAt            time.Time
}

// Live reports whether tokens may be made. A pending session is live: its tokens
// say that it is pending.
func (s *Session) Live() bool { return s.Status == StatusActive || s.Status == StatusPending }

// SignIn is what makes a new session.
type SignIn struct {
	UserID       string
	ClientID     string // "" for a new client
	Organization string // id or slug
	Role         string // made where it is missing, if create
	Create       bool   // make organization, role and membership where they are missing
	FirstFactor  int    // minutes ago, -1 for never
	SecondFactor int
	Task         string
	Actor        json.RawMessage
	Custom       map[string]any
	Version      int
	Strategy     string
	Lifetime     time.Duration // 0 for the instance's
	Exact        bool          // no organization but the one that is named
}

// SignIn makes a session, and a client where none is named.
func (s *Store) SignIn(in SignIn) (Session, error) {
	return With2(s, func(tx *Tx) (Session, error) {
		return tx.SignIn(in)
	})
}

func (tx *Tx) SignIn(in SignIn) (Session, error) {
	u := tx.Users[in.UserID]
	if u == nil {
		return Session{}, refusal.NotFound("user with id " + refusal.Quoted(in.UserID))
	}
	organizationID, err := tx.signInOrganization(&in)
	if err != nil {
		return Session{}, err
	}
	c := tx.Clients[in.ClientID]
	if c == nil {
		c = tx.newClient()
	}
	created := tx.Made()
	now := created.At
	rec := &Session{
		ID: tx.IDs.Next("sess"), UserID: u.ID, ClientID: c.ID, Status: StatusActive,
		OrganizationID: organizationID, Actor: in.Actor, Custom: in.Custom, Version: in.Version,
		FirstFactorAt: minutesAgo(now, in.FirstFactor), SecondFactorAt: minutesAgo(now, in.SecondFactor),
		RefreshToken: tx.IDs.Random(32),
		Created:      created, UpdatedAt: now, LastActiveAt: now,
		ExpireAt: now.Add(cmp.Or(in.Lifetime, tx.sessionLifetime)), AbandonAt: now.Add(abandonAfter),
	}
	if rec.Tasks = tx.tasks(u, &in, organizationID); len(rec.Tasks) > 0 {
		rec.Status = StatusPending
	}
	if organizationID != "" {
		u.LastOrganizationID = organizationID
	}
	tx.Sessions[rec.ID] = rec
	c.SessionsOrder = append(slices.Clone(c.SessionsOrder), rec.ID)
	c.LastActive, c.LastStrategy, c.UpdatedAt = rec.ID, in.Strategy, now
	u.LastSignInAt, u.LastActiveAt = now, now
	kind := "session.created"
	if rec.Status == StatusPending {
		kind = "session.pending"
	}
	Emit(tx, kind, rec)
	return *rec, nil
}

// lastOrganization is the organization that a new session begins with where
// none is asked for.
//
// Clerk's documents say what happens in the two kinds of instances
// (https://clerk.com/docs/guides/organizations/configure#personal-accounts): with
// personal accounts, which is what an instance has unless ForceOrganizationSelection
// is set, everybody begins in their own, even those who are members of one
// organization alone. Without them the session is pending until one is chosen;
// that is spared to those who had one active before and still are members. They
// do not say that somebody's first organization is ever chosen for them, so it is
// not: TaskChooseOrganization offers the list.
func (tx *Tx) lastOrganization(u *User) string {
	if u == nil || !tx.Settings.ForceOrganizationSelection || tx.Memberships[MembershipKey{u.LastOrganizationID, u.ID}] == nil {
		return ""
	}
	return u.LastOrganizationID
}

func (tx *Tx) signInOrganization(in *SignIn) (id string, err error) {
	if in.Organization == "" && in.Exact {
		return "", nil
	}
	if in.Organization == "" {
		return tx.lastOrganization(tx.Users[in.UserID]), nil
	}
	o := tx.Organization(in.Organization)
	if in.Create {
		if o == nil {
			missing := OrganizationSeed{ID: in.Organization}
			if !strings.HasPrefix(in.Organization, "org_") {
				missing = OrganizationSeed{Slug: in.Organization}
			}
			made, err := tx.addOrganization(missing)
			if err != nil {
				return "", err
			}
			o = &made
		}
		if in.Role != "" {
			if tx.Roles[in.Role] == nil {
				if err := tx.addRole(in.Role, "", nil); err != nil {
					return "", err
				}
			}
			if err := tx.addMember(o.ID, in.UserID, in.Role); err != nil {
				return "", err
			}
		}
	}
	if o == nil {
		return "", refusal.NotFound("organization " + refusal.Quoted(in.Organization))
	}
	if tx.Memberships[MembershipKey{o.ID, in.UserID}] == nil {
		return "", refusal.NotFound("membership of " + in.UserID + " in " + o.ID)
	}
	return o.ID, nil
}

func minutesAgo(now time.Time, minutes int) time.Time {
	if minutes < 0 {
		return time.Time{}
	}
	return now.Add(-time.Duration(minutes) * time.Minute)
}

// AgeMinutes is the reverse of minutesAgo.
func AgeMinutes(now, at time.Time) int {
	if at.IsZero() {
		return -1
	}
	return max(0, int(math.Floor(now.Sub(at).Minutes())))
}

// Expire marks a session that time has ended.
func (tx *Tx) Expire(rec *Session) {
	if rec.Live() && !tx.Now().Before(rec.ExpireAt) {
		rec.Status, rec.UpdatedAt = StatusExpired, rec.ExpireAt
		tx.touchClient(rec.ClientID)
	}
}

// Session returns the session with the id.
func (s *Store) Session(id string) (Session, error) {
	return With2(s, func(tx *Tx) (Session, error) {
		rec := tx.Sessions[id]
		if rec == nil {
			return Session{}, refusal.NotFound("session with id " + refusal.Quoted(id))
		}
		tx.Expire(rec)
		return *rec, nil
	})
}

// EndSession gives a live session its last state. A session that is over stays
// as it is.
func (s *Store) EndSession(id, status string) (Session, error) {
	return With2(s, func(tx *Tx) (Session, error) {
		rec := tx.Sessions[id]
		if rec == nil {
			return Session{}, refusal.NotFound("session with id " + refusal.Quoted(id))
		}
		tx.Expire(rec)
		tx.close(rec, status)
		return *rec, nil
	})
}

// ExpireSession lets a live session's time be over.
func (s *Store) ExpireSession(id string) (Session, error) {
	return With2(s, func(tx *Tx) (Session, error) {
		rec := tx.Sessions[id]
		if rec == nil {
			return Session{}, refusal.NotFound("session with id " + refusal.Quoted(id))
		}
		if rec.Live() && tx.Now().Before(rec.ExpireAt) {
			rec.ExpireAt = tx.Now()
		}
		tx.Expire(rec)
		return *rec, nil
	})
}

// close gives a live session its last state.
func (tx *Tx) close(rec *Session, status string) {
	if !rec.Live() {
		return
	}
	rec.Status, rec.UpdatedAt = status, tx.Now()
	tx.touchClient(rec.ClientID)
	if slices.Contains([]string{StatusEnded, StatusRemoved, StatusRevoked}, status) {
		Emit(tx, "session."+status, rec)
	}
}

// EndSessions ends the live sessions of a user but one.
func (tx *Tx) EndSessions(userID, but, status string) {
	for _, rec := range tx.Sessions {
		if rec.UserID == userID && rec.ID != but {
			tx.close(rec, status)
		}
	}
}

// ListSessions returns sessions, oldest first.
func (s *Store) ListSessions(keep func(*Session) bool) []Session {
	return With(s, func(tx *Tx) []Session {
		for _, rec := range tx.Sessions {
			tx.Expire(rec)
		}
		return List(tx.Sessions, func(rec *Session) Made { return rec.Created }, keep)
	})
}

package clerktest

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
)

// Session states (schema Session of the Backend API).
const (
	statusActive   = "active"
	statusPending  = "pending"
	statusEnded    = "ended"
	statusRemoved  = "removed"
	statusRevoked  = "revoked"
	statusExpired  = "expired"
	statusReplaced = "replaced"
)

// abandonAfter is how long a session is remembered that nobody uses.
const abandonAfter = 30 * 24 * time.Hour

type session struct {
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
	Reverification       *reverification // of the store alone
	Created              made
	UpdatedAt            time.Time
	LastActiveAt         time.Time
	ExpireAt             time.Time
	AbandonAt            time.Time
}

// live reports whether tokens may be made. A pending session is live: its tokens
// say that it is pending.
func (s *session) live() bool { return s.Status == statusActive || s.Status == statusPending }

// signIn is what makes a new session.
type signIn struct {
	userID       string
	clientID     string // "" for a new client
	organization string // id or slug
	role         string // made where it is missing, if create
	create       bool   // make organization, role and membership where they are missing
	firstFactor  int    // minutes ago, -1 for never
	secondFactor int
	task         string
	actor        json.RawMessage
	custom       map[string]any
	version      int
	strategy     string
	lifetime     time.Duration // 0 for the instance's
	exact        bool          // no organization but the one that is named
}

// signIn makes a session, and a client where none is named.
func (s *store) signIn(in signIn) (session, error) {
	return with2(s, func(tx *stateTx) (session, error) {
		return tx.signIn(in)
	})
}

func (tx *stateTx) signIn(in signIn) (session, error) {
	u := tx.Users[in.userID]
	if u == nil {
		return session{}, errNotFound("user with id " + quoted(in.userID))
	}
	organizationID, err := tx.signInOrganization(&in)
	if err != nil {
		return session{}, err
	}
	c := tx.Clients[in.clientID]
	if c == nil {
		c = tx.newClient()
	}
	created := tx.made()
	now := created.At
	rec := &session{
		ID: tx.ids.next("sess"), UserID: u.ID, ClientID: c.ID, Status: statusActive,
		OrganizationID: organizationID, Actor: in.actor, Custom: in.custom, Version: in.version,
		FirstFactorAt: minutesAgo(now, in.firstFactor), SecondFactorAt: minutesAgo(now, in.secondFactor),
		RefreshToken: tx.ids.random(32),
		Created:      created, UpdatedAt: now, LastActiveAt: now,
		ExpireAt: now.Add(cmp.Or(in.lifetime, tx.sessionLifetime)), AbandonAt: now.Add(abandonAfter),
	}
	if rec.Tasks = tx.tasks(u, &in, organizationID); len(rec.Tasks) > 0 {
		rec.Status = statusPending
	}
	if organizationID != "" {
		u.LastOrganizationID = organizationID
	}
	tx.Sessions[rec.ID] = rec
	c.SessionsOrder = append(slices.Clone(c.SessionsOrder), rec.ID)
	c.LastActive, c.LastStrategy, c.UpdatedAt = rec.ID, in.strategy, now
	u.LastSignInAt, u.LastActiveAt = now, now
	kind := "session.created"
	if rec.Status == statusPending {
		kind = "session.pending"
	}
	emit(tx, kind, rec)
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
func (tx *stateTx) lastOrganization(u *user) string {
	if u == nil || !tx.Settings.ForceOrganizationSelection || tx.Memberships[membershipKey{u.LastOrganizationID, u.ID}] == nil {
		return ""
	}
	return u.LastOrganizationID
}

func (tx *stateTx) signInOrganization(in *signIn) (id string, err error) {
	if in.organization == "" && in.exact {
		return "", nil
	}
	if in.organization == "" {
		return tx.lastOrganization(tx.Users[in.userID]), nil
	}
	o := tx.organization(in.organization)
	if in.create {
		if o == nil {
			missing := Organization{ID: in.organization}
			if !strings.HasPrefix(in.organization, "org_") {
				missing = Organization{Slug: in.organization}
			}
			made, err := tx.addOrganization(missing)
			if err != nil {
				return "", err
			}
			o = &made
		}
		if in.role != "" {
			if tx.Roles[in.role] == nil {
				if err := tx.addRole(in.role, "", nil); err != nil {
					return "", err
				}
			}
			if err := tx.addMember(o.ID, in.userID, in.role); err != nil {
				return "", err
			}
		}
	}
	if o == nil {
		return "", errNotFound("organization " + quoted(in.organization))
	}
	if tx.Memberships[membershipKey{o.ID, in.userID}] == nil {
		return "", errNotFound("membership of " + in.userID + " in " + o.ID)
	}
	return o.ID, nil
}

func minutesAgo(now time.Time, minutes int) time.Time {
	if minutes < 0 {
		return time.Time{}
	}
	return now.Add(-time.Duration(minutes) * time.Minute)
}

// ageMinutes is the reverse of minutesAgo.
func ageMinutes(now, at time.Time) int {
	if at.IsZero() {
		return -1
	}
	return max(0, int(math.Floor(now.Sub(at).Minutes())))
}

// expire marks a session that time has ended.
func (tx *stateTx) expire(rec *session) {
	if rec.live() && !tx.now().Before(rec.ExpireAt) {
		rec.Status, rec.UpdatedAt = statusExpired, rec.ExpireAt
		tx.touchClient(rec.ClientID)
	}
}

// session returns the session with the id.
func (s *store) session(id string) (session, error) {
	return with2(s, func(tx *stateTx) (session, error) {
		rec := tx.Sessions[id]
		if rec == nil {
			return session{}, errNotFound("session with id " + quoted(id))
		}
		tx.expire(rec)
		return *rec, nil
	})
}

// endSession gives a live session its last state. A session that is over stays
// as it is.
func (s *store) endSession(id, status string) (session, error) {
	return with2(s, func(tx *stateTx) (session, error) {
		rec := tx.Sessions[id]
		if rec == nil {
			return session{}, errNotFound("session with id " + quoted(id))
		}
		tx.expire(rec)
		tx.close(rec, status)
		return *rec, nil
	})
}

// expireSession lets a live session's time be over.
func (s *store) expireSession(id string) (session, error) {
	return with2(s, func(tx *stateTx) (session, error) {
		rec := tx.Sessions[id]
		if rec == nil {
			return session{}, errNotFound("session with id " + quoted(id))
		}
		if rec.live() && tx.now().Before(rec.ExpireAt) {
			rec.ExpireAt = tx.now()
		}
		tx.expire(rec)
		return *rec, nil
	})
}

// close gives a live session its last state.
func (tx *stateTx) close(rec *session, status string) {
	if !rec.live() {
		return
	}
	rec.Status, rec.UpdatedAt = status, tx.now()
	tx.touchClient(rec.ClientID)
	if slices.Contains([]string{statusEnded, statusRemoved, statusRevoked}, status) {
		emit(tx, "session."+status, rec)
	}
}

// endSessions ends the live sessions of a user but one.
func (tx *stateTx) endSessions(userID, but, status string) {
	for _, rec := range tx.Sessions {
		if rec.UserID == userID && rec.ID != but {
			tx.close(rec, status)
		}
	}
}

// listSessions returns sessions, oldest first.
func (s *store) listSessions(keep func(*session) bool) []session {
	return with(s, func(tx *stateTx) []session {
		for _, rec := range tx.Sessions {
			tx.expire(rec)
		}
		return list(tx.Sessions, func(rec *session) made { return rec.Created }, keep)
	})
}

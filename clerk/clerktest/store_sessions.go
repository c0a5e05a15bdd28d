package clerktest

import (
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
	id, userID, clientID string
	status               string
	tasks                []string
	organizationID       string
	actor                json.RawMessage // the act claim
	custom               map[string]any  // session token customization
	version              int
	firstFactorAt        time.Time // zero: never
	secondFactorAt       time.Time
	refreshToken         string
	reverification       *reverification // of the store alone
	created              made
	updatedAt            time.Time
	lastActiveAt         time.Time
	expireAt             time.Time
	abandonAt            time.Time
}

// live reports whether tokens may be made. A pending session is live: its tokens
// say that it is pending.
func (s *session) live() bool { return s.status == statusActive || s.status == statusPending }

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
}

// signIn makes a session, and a client where none is named.
func (s *store) signIn(in signIn) (session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signInLocked(in)
}

func (s *store) signInLocked(in signIn) (session, error) {
	u := s.users[in.userID]
	if u == nil {
		return session{}, errNotFound("user with id " + quoted(in.userID))
	}
	organizationID, err := s.signInOrganizationLocked(&in)
	if err != nil {
		return session{}, err
	}
	c := s.clients[in.clientID]
	if c == nil {
		c = s.newClientLocked()
	}
	now := s.now()
	rec := &session{
		id: s.ids.next("sess"), userID: u.ID, clientID: c.id, status: statusActive,
		organizationID: organizationID, actor: in.actor, custom: in.custom, version: in.version,
		firstFactorAt: minutesAgo(now, in.firstFactor), secondFactorAt: minutesAgo(now, in.secondFactor),
		refreshToken: s.ids.random(32),
		created:      s.madeLocked(), updatedAt: now, lastActiveAt: now,
		expireAt: now.Add(s.sessionLifetime), abandonAt: now.Add(abandonAfter),
	}
	if in.task != "" {
		rec.status, rec.tasks = statusPending, []string{in.task}
	}
	s.sessions[rec.id] = rec
	c.sessionsOrder = append(slices.Clone(c.sessionsOrder), rec.id)
	c.lastActive, c.lastStrategy, c.updatedAt = rec.id, in.strategy, now
	u.lastSignInAt, u.lastActiveAt = now, now
	return *rec, nil
}

func (s *store) signInOrganizationLocked(in *signIn) (id string, err error) {
	if in.organization == "" {
		return "", nil
	}
	o := s.organizationLocked(in.organization)
	if in.create {
		if o == nil {
			missing := Organization{ID: in.organization}
			if !strings.HasPrefix(in.organization, "org_") {
				missing = Organization{Slug: in.organization}
			}
			made, err := s.addOrganizationLocked(missing)
			if err != nil {
				return "", err
			}
			o = &made
		}
		if in.role != "" {
			if s.roles[in.role] == nil {
				if err := s.addRoleLocked(in.role, "", nil); err != nil {
					return "", err
				}
			}
			if err := s.addMemberLocked(o.ID, in.userID, in.role); err != nil {
				return "", err
			}
		}
	}
	if o == nil {
		return "", errNotFound("organization " + quoted(in.organization))
	}
	if s.memberships[membershipKey{o.ID, in.userID}] == nil {
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

// expireLocked marks a session that time has ended.
func (s *store) expireLocked(rec *session) {
	if rec.live() && !s.now().Before(rec.expireAt) {
		rec.status, rec.updatedAt = statusExpired, rec.expireAt
		s.touchClientLocked(rec.clientID)
	}
}

// session returns the session with the id.
func (s *store) session(id string) (session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.sessions[id]
	if rec == nil {
		return session{}, errNotFound("session with id " + quoted(id))
	}
	s.expireLocked(rec)
	return *rec, nil
}

// endSession gives a live session its last state. A session that is over stays
// as it is.
func (s *store) endSession(id, status string) (session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.sessions[id]
	if rec == nil {
		return session{}, errNotFound("session with id " + quoted(id))
	}
	s.expireLocked(rec)
	if rec.live() {
		rec.status, rec.updatedAt = status, s.now()
		s.touchClientLocked(rec.clientID)
	}
	return *rec, nil
}

// listSessions returns sessions, oldest first.
func (s *store) listSessions(keep func(*session) bool) []session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rec := range s.sessions {
		s.expireLocked(rec)
	}
	return list(s.sessions, func(rec *session) made { return rec.created }, keep)
}

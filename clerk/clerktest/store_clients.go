package clerktest

import (
	"slices"
	"time"
)

// client is a browser as the Frontend API knows it.
type client struct {
	id            string
	token         string // the __client cookie
	lastActive    string // session id
	lastStrategy  string
	created       made
	updatedAt     time.Time // what __client_uat says
	sessionsOrder []string
	signInID      string // the sign-in under way, and the last one
	signUpID      string
}

// devBrowser is a browser of a development instance, which cannot rely on
// cookies of the Frontend API's host.
type devBrowser struct {
	id       string
	clientID string
	created  made
}

// touchClientLocked lets a client change, so that its __client_uat does, and
// picks another active session where the last one is over.
func (s *store) touchClientLocked(id string) {
	c := s.clients[id]
	if c == nil {
		return
	}
	c.updatedAt = s.now()
	if rec := s.sessions[c.lastActive]; rec == nil || !rec.live() {
		c.lastActive = ""
		for _, other := range slices.Backward(c.sessionsOrder) {
			if rec := s.sessions[other]; rec != nil && rec.live() {
				c.lastActive = other
				break
			}
		}
	}
}

func (s *store) newClientLocked() *client {
	c := &client{id: s.ids.next("client"), token: s.ids.random(48), created: s.madeLocked()}
	c.updatedAt = c.created.at
	s.clients[c.id] = c
	s.clientTokens[c.token] = c.id
	return c
}

// newDevBrowser makes a dev browser, bound to a client unless clientID is "".
func (s *store) newDevBrowser(clientID string) devBrowser {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &devBrowser{id: s.ids.next("dvb"), clientID: clientID, created: s.madeLocked()}
	s.devBrowsers[d.id] = d
	return *d
}

// clientUAT returns the value of __client_uat: when the client last changed, in
// Unix seconds, 0 where no session is active.
func (s *store) clientUAT(id string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[id]
	if c == nil {
		return 0
	}
	for _, sid := range c.sessionsOrder {
		rec := s.sessions[sid]
		s.expireLocked(rec)
		if rec.live() {
			return c.updatedAt.Unix()
		}
	}
	return 0
}

// identity is what a request says about its browser.
type identity struct {
	devBrowser string   // named in the query: must exist
	cookies    []string // dev browsers in cookies: may be strangers
	token      string   // the __client cookie
}

// browser is a browser that was recognized: the ids of its client and dev
// browser, each "" if there is none.
type browser struct {
	clientID   string
	devBrowser string
}

// recognize finds the browser: a dev browser in the query wins, then one in a
// cookie, then the __client cookie. ok is false where the query names a dev
// browser that does not exist.
func (s *store) recognize(who identity) (b browser, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if who.devBrowser != "" {
		d := s.devBrowsers[who.devBrowser]
		if d == nil {
			return browser{}, false
		}
		return browser{d.clientID, d.id}, true
	}
	for _, id := range who.cookies {
		if d := s.devBrowsers[id]; d != nil {
			return browser{d.clientID, d.id}, true
		}
	}
	return browser{clientID: s.clientTokens[who.token]}, true
}

// ensureDevBrowser gives a browser a dev browser bound to its client.
func (s *store) ensureDevBrowser(b browser) browser {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devBrowsers[b.devBrowser]
	if d == nil {
		d = &devBrowser{id: s.ids.next("dvb"), created: s.madeLocked()}
		s.devBrowsers[d.id] = d
	}
	if b.clientID != "" {
		d.clientID = b.clientID
	}
	return browser{b.clientID, d.id}
}

// ensureClient gives a browser a client.
func (s *store) ensureClient(b browser) browser {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients[b.clientID] == nil {
		b.clientID = s.newClientLocked().id
	}
	if d := s.devBrowsers[b.devBrowser]; d != nil {
		d.clientID = b.clientID
	}
	return b
}

// clientState is a client with what answers show of it.
type clientState struct {
	client   client
	sessions []sessionState
	signIn   *signInAttempt // nil if none is under way
	signUp   *signUpAttempt
}

type sessionState struct {
	session     session
	user        user
	memberships []memberOf
}

// client returns a client with its live sessions.
func (s *store) client(id string) (clientState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[id]
	if c == nil {
		return clientState{}, false
	}
	var state clientState
	for _, sid := range c.sessionsOrder {
		rec := s.sessions[sid]
		s.expireLocked(rec)
		if u := s.users[rec.userID]; u != nil && rec.live() {
			state.sessions = append(state.sessions, sessionState{*rec, *u, s.membershipsOfLocked(u.ID)})
		}
	}
	state.signIn, state.signUp = s.shownSignInLocked(c), s.shownSignUpLocked(c)
	state.client = *c // after expireLocked, which may change it
	return state, true
}

// sessionOf returns a live session of a client.
func (s *store) sessionOf(clientID, sessionID string) (sessionState, error) {
	state, _ := s.client(clientID)
	for _, one := range state.sessions {
		if one.session.id == sessionID {
			return one, nil
		}
	}
	return sessionState{}, errSignedOut()
}

// activate makes a session the last active one of its client, and with an
// organization (id or slug, "" for none) changes the session's own.
func (s *store) activate(clientID, sessionID string, organization *string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, c := s.sessions[sessionID], s.clients[clientID]
	if rec == nil || c == nil || rec.clientID != clientID {
		return errSignedOut()
	}
	s.expireLocked(rec)
	if !rec.live() {
		return errSignedOut()
	}
	now := s.now()
	if organization != nil {
		id := ""
		if *organization != "" {
			o := s.organizationLocked(*organization)
			if o == nil || s.memberships[membershipKey{o.ID, rec.userID}] == nil {
				return errNotFound("organization " + quoted(*organization))
			}
			id = o.ID
		}
		if rec.organizationID != id {
			rec.organizationID, rec.updatedAt = id, now
		}
	}
	rec.lastActiveAt = now
	c.lastActive = rec.id
	s.noticedLocked(c)
	return nil
}

// noticedLocked stops showing what a link or provider completed: the browser knows.
func (s *store) noticedLocked(c *client) {
	if a := s.signIns[c.signInID]; a != nil && a.status == statusComplete {
		a.afar = false
	}
	if a := s.signUps[c.signUpID]; a != nil && a.status == statusComplete {
		a.afar = false
	}
}

// clientSessionsLocked returns the ids of a client's live sessions.
func (s *store) clientSessionsLocked(clientID string) map[string]bool {
	ids := map[string]bool{}
	if c := s.clients[clientID]; c != nil {
		for _, id := range c.sessionsOrder {
			rec := s.sessions[id]
			s.expireLocked(rec)
			if rec.live() {
				ids[id] = true
			}
		}
	}
	return ids
}

// signOut ends all sessions of a client, which stays.
func (s *store) signOut(clientID, status string) (ended int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[clientID]
	if c == nil {
		return 0
	}
	for _, sid := range c.sessionsOrder {
		rec := s.sessions[sid]
		s.expireLocked(rec)
		if rec.live() {
			rec.status, rec.updatedAt = status, s.now()
			ended++
		}
	}
	s.touchClientLocked(clientID)
	return ended
}

// forgetClient signs a client out and forgets it.
func (s *store) forgetClient(clientID string) {
	s.signOut(clientID, statusRemoved)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[clientID]; c != nil {
		delete(s.clientTokens, c.token)
		delete(s.signIns, c.signInID)
		delete(s.signUps, c.signUpID)
		delete(s.clients, c.id)
	}
	for _, d := range s.devBrowsers {
		if d.clientID == clientID {
			d.clientID = ""
		}
	}
}

// clientToken returns the value of a client's __client cookie.
func (s *store) clientToken(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[id]; c != nil {
		return c.token
	}
	return ""
}

package clerktest

import (
	"slices"
	"time"
)

// client is a browser as the Frontend API knows it.
type client struct {
	ID            string
	Token         string // the __client cookie
	LastActive    string // session id
	LastStrategy  string
	UserAgent     string // header of the last request
	Created       made
	UpdatedAt     time.Time // what __client_uat says
	SessionsOrder []string
	SignInID      string // the sign-in under way, and the last one
	SignUpID      string
}

// devBrowser is a browser of a development instance, which cannot rely on
// cookies of the Frontend API's host.
type devBrowser struct {
	ID       string
	ClientID string
	Created  made
}

// touchClientLocked lets a client change, so that its __client_uat does, and
// picks another active session where the last one is over.
func (s *store) touchClientLocked(id string) {
	c := s.Clients[id]
	if c == nil {
		return
	}
	c.UpdatedAt = s.now()
	if rec := s.Sessions[c.LastActive]; rec == nil || !rec.live() {
		c.LastActive = ""
		for _, other := range slices.Backward(c.SessionsOrder) {
			if rec := s.Sessions[other]; rec != nil && rec.live() {
				c.LastActive = other
				break
			}
		}
	}
}

func (s *store) newClientLocked() *client {
	c := &client{ID: s.ids.next("client"), Token: s.ids.random(48), Created: s.madeLocked()}
	c.UpdatedAt = c.Created.At
	s.Clients[c.ID] = c
	s.clientTokens[c.Token] = c.ID
	return c
}

// newDevBrowser makes a dev browser, bound to a client unless clientID is "".
func (s *store) newDevBrowser(clientID string) devBrowser {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.addDevBrowserLocked(clientID)
}

// clientUAT returns the value of __client_uat: when the client last changed, in
// Unix seconds, 0 where no session is active.
func (s *store) clientUAT(id string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.Clients[id]
	if c == nil {
		return 0
	}
	for _, sid := range c.SessionsOrder {
		rec := s.Sessions[sid]
		s.expireLocked(rec)
		if rec.live() {
			return c.UpdatedAt.Unix()
		}
	}
	return 0
}

// identity is what a request says about its browser.
type identity struct {
	devBrowser string   // named in the query: must exist
	cookies    []string // dev browsers in cookies: may be strangers
	token      string   // the __client cookie
	agent      string   // the User-Agent header
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
	b, ok = s.recognizeLocked(who)
	if c := s.Clients[b.clientID]; c != nil && who.agent != "" {
		c.UserAgent = who.agent
	}
	return b, ok
}

func (s *store) recognizeLocked(who identity) (b browser, ok bool) {
	if who.devBrowser != "" {
		d := s.DevBrowsers[who.devBrowser]
		if d == nil {
			return browser{}, false
		}
		return browser{d.ClientID, d.ID}, true
	}
	for _, id := range who.cookies {
		if d := s.DevBrowsers[id]; d != nil {
			return browser{d.ClientID, d.ID}, true
		}
	}
	return browser{clientID: s.clientTokens[who.token]}, true
}

// ensureDevBrowser gives a browser a dev browser bound to its client.
func (s *store) ensureDevBrowser(b browser) browser {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.DevBrowsers[b.devBrowser]
	if d == nil {
		d = s.addDevBrowserLocked("")
	}
	if b.clientID != "" {
		d.ClientID = b.clientID
	}
	return browser{b.clientID, d.ID}
}

// ensureClient gives a browser a client.
func (s *store) ensureClient(b browser) browser {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Clients[b.clientID] == nil {
		b.clientID = s.newClientLocked().ID
	}
	if d := s.DevBrowsers[b.devBrowser]; d != nil {
		d.ClientID = b.clientID
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
	c := s.Clients[id]
	if c == nil {
		return clientState{}, false
	}
	var state clientState
	for _, sid := range c.SessionsOrder {
		rec := s.Sessions[sid]
		s.expireLocked(rec)
		if u := s.Users[rec.UserID]; u != nil && rec.live() {
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
		if one.session.ID == sessionID {
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
	rec, c := s.Sessions[sessionID], s.Clients[clientID]
	if rec == nil || c == nil || rec.ClientID != clientID {
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
			if o == nil || s.Memberships[membershipKey{o.ID, rec.UserID}] == nil {
				return errNotFound("organization " + quoted(*organization))
			}
			id = o.ID
		} else if s.Settings.ForceOrganizationSelection {
			id = rec.OrganizationID // clerk-js does not leave it either
		}
		if u := s.Users[rec.UserID]; u != nil && (id != "" || !s.Settings.ForceOrganizationSelection) {
			u.LastOrganizationID = id
		}
		if rec.OrganizationID != id {
			rec.OrganizationID, rec.UpdatedAt = id, now
		}
		if id != "" {
			s.finishTaskLocked(rec, taskChooseOrganization)
		}
	}
	rec.LastActiveAt = now
	c.LastActive = rec.ID
	s.noticedLocked(c)
	return nil
}

// noticedLocked stops showing what a link or provider completed: the browser knows.
func (s *store) noticedLocked(c *client) {
	if a := s.SignIns[c.SignInID]; a != nil && a.Status == statusComplete {
		a.Afar = false
	}
	if a := s.SignUps[c.SignUpID]; a != nil && a.Status == statusComplete {
		a.Afar = false
	}
}

// clientSessionsLocked returns the ids of a client's live sessions.
func (s *store) clientSessionsLocked(clientID string) map[string]bool {
	ids := map[string]bool{}
	if c := s.Clients[clientID]; c != nil {
		for _, id := range c.SessionsOrder {
			rec := s.Sessions[id]
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
	c := s.Clients[clientID]
	if c == nil {
		return 0
	}
	for _, sid := range c.SessionsOrder {
		rec := s.Sessions[sid]
		s.expireLocked(rec)
		if rec.live() {
			s.closeLocked(rec, status)
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
	if c := s.Clients[clientID]; c != nil {
		s.dropClientLocked(c)
	}
	for _, d := range s.DevBrowsers {
		if d.ClientID == clientID {
			d.ClientID = ""
		}
	}
}

// clientToken returns the value of a client's __client cookie.
func (s *store) clientToken(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.Clients[id]; c != nil {
		return c.Token
	}
	return ""
}

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

// touchClient lets a client change, so that its __client_uat does, and
// picks another active session where the last one is over.
func (tx *stateTx) touchClient(id string) {
	c := tx.Clients[id]
	if c == nil {
		return
	}
	c.UpdatedAt = tx.now()
	if rec := tx.Sessions[c.LastActive]; rec == nil || !rec.live() {
		c.LastActive = ""
		for _, other := range slices.Backward(c.SessionsOrder) {
			if rec := tx.Sessions[other]; rec != nil && rec.live() {
				c.LastActive = other
				break
			}
		}
	}
}

func (tx *stateTx) newClient() *client {
	c := &client{ID: tx.ids.next("client"), Token: tx.ids.random(48), Created: tx.made()}
	c.UpdatedAt = c.Created.At
	tx.Clients[c.ID] = c
	tx.clientTokens[c.Token] = c.ID
	return c
}

// newDevBrowser makes a dev browser, bound to a client unless clientID is "".
func (s *store) newDevBrowser(clientID string) devBrowser {
	return with(s, func(tx *stateTx) devBrowser {
		return *tx.addDevBrowser(clientID)
	})
}

// clientUAT returns the value of __client_uat: when the client last changed, in
// Unix seconds, 0 where no session is active.
func (s *store) clientUAT(id string) int64 {
	return with(s, func(tx *stateTx) int64 {
		c := tx.Clients[id]
		if c == nil {
			return 0
		}
		for _, sid := range c.SessionsOrder {
			rec := tx.Sessions[sid]
			tx.expire(rec)
			if rec.live() {
				return c.UpdatedAt.Unix()
			}
		}
		return 0
	})
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
	return with2(s, func(tx *stateTx) (b browser, ok bool) {
		b, ok = tx.recognize(who)
		if c := tx.Clients[b.clientID]; c != nil && who.agent != "" {
			c.UserAgent = who.agent
		}
		return b, ok
	})
}

func (tx *stateTx) recognize(who identity) (b browser, ok bool) {
	if who.devBrowser != "" {
		d := tx.DevBrowsers[who.devBrowser]
		if d == nil {
			return browser{}, false
		}
		return browser{d.ClientID, d.ID}, true
	}
	for _, id := range who.cookies {
		if d := tx.DevBrowsers[id]; d != nil {
			return browser{d.ClientID, d.ID}, true
		}
	}
	return browser{clientID: tx.clientTokens[who.token]}, true
}

// ensureDevBrowser gives a browser a dev browser bound to its client.
func (s *store) ensureDevBrowser(b browser) browser {
	return with(s, func(tx *stateTx) browser {
		d := tx.DevBrowsers[b.devBrowser]
		if d == nil {
			d = tx.addDevBrowser("")
		}
		if b.clientID != "" {
			d.ClientID = b.clientID
		}
		return browser{b.clientID, d.ID}
	})
}

// ensureClient gives a browser a client.
func (s *store) ensureClient(b browser) browser {
	return with(s, func(tx *stateTx) browser {
		if tx.Clients[b.clientID] == nil {
			b.clientID = tx.newClient().ID
		}
		if d := tx.DevBrowsers[b.devBrowser]; d != nil {
			d.ClientID = b.clientID
		}
		return b
	})
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
	return with2(s, func(tx *stateTx) (clientState, bool) {
		c := tx.Clients[id]
		if c == nil {
			return clientState{}, false
		}
		var state clientState
		for _, sid := range c.SessionsOrder {
			rec := tx.Sessions[sid]
			tx.expire(rec)
			if u := tx.Users[rec.UserID]; u != nil && rec.live() {
				state.sessions = append(state.sessions, sessionState{*rec, *u, tx.membershipsOf(u.ID)})
			}
		}
		state.signIn, state.signUp = tx.shownSignIn(c), tx.shownSignUp(c)
		state.client = *c // after expire, which may change it
		return state, true
	})
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
	return s.Update(func(tx *stateTx) error {
		rec, c := tx.Sessions[sessionID], tx.Clients[clientID]
		if rec == nil || c == nil || rec.ClientID != clientID {
			return errSignedOut()
		}
		tx.expire(rec)
		if !rec.live() {
			return errSignedOut()
		}
		now := tx.now()
		if organization != nil {
			id := ""
			if *organization != "" {
				o := tx.organization(*organization)
				if o == nil || tx.Memberships[membershipKey{o.ID, rec.UserID}] == nil {
					return errNotFound("organization " + quoted(*organization))
				}
				id = o.ID
			} else if tx.Settings.ForceOrganizationSelection {
				id = rec.OrganizationID // clerk-js does not leave it either
			}
			if u := tx.Users[rec.UserID]; u != nil && (id != "" || !tx.Settings.ForceOrganizationSelection) {
				u.LastOrganizationID = id
			}
			if rec.OrganizationID != id {
				rec.OrganizationID, rec.UpdatedAt = id, now
			}
			if id != "" {
				tx.finishTask(rec, taskChooseOrganization)
			}
		}
		rec.LastActiveAt = now
		c.LastActive = rec.ID
		tx.noticed(c)
		return nil
	})
}

// noticed stops showing what a link or provider completed: the browser knows.
func (tx *stateTx) noticed(c *client) {
	if a := tx.SignIns[c.SignInID]; a != nil && a.Status == statusComplete {
		a.Afar = false
	}
	if a := tx.SignUps[c.SignUpID]; a != nil && a.Status == statusComplete {
		a.Afar = false
	}
}

// clientSessions returns the ids of a client's live sessions.
func (tx *stateTx) clientSessions(clientID string) map[string]bool {
	ids := map[string]bool{}
	if c := tx.Clients[clientID]; c != nil {
		for _, id := range c.SessionsOrder {
			rec := tx.Sessions[id]
			tx.expire(rec)
			if rec.live() {
				ids[id] = true
			}
		}
	}
	return ids
}

// signOut ends all sessions of a client, which stays.
func (s *store) signOut(clientID, status string) (ended int) {
	return with(s, func(tx *stateTx) (ended int) {
		c := tx.Clients[clientID]
		if c == nil {
			return 0
		}
		for _, sid := range c.SessionsOrder {
			rec := tx.Sessions[sid]
			tx.expire(rec)
			if rec.live() {
				tx.close(rec, status)
				ended++
			}
		}
		tx.touchClient(clientID)
		return ended
	})
}

// forgetClient signs a client out and forgets it.
func (s *store) forgetClient(clientID string) {
	s.signOut(clientID, statusRemoved)
	s.Apply(func(tx *stateTx) {
		if c := tx.Clients[clientID]; c != nil {
			tx.dropClient(c)
		}
		for _, d := range tx.DevBrowsers {
			if d.ClientID == clientID {
				d.ClientID = ""
			}
		}
	})
}

// clientToken returns the value of a client's __client cookie.
func (s *store) clientToken(id string) string {
	return with(s, func(tx *stateTx) string {
		if c := tx.Clients[id]; c != nil {
			return c.Token
		}
		return ""
	})
}

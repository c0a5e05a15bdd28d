package state

import (
	"slices"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Client is a browser as the Frontend API knows it.
type Client struct {
	ID            string
	Token         string // the __client cookie
	LastActive    string // session id
	LastStrategy  string
	UserAgent     string // header of the last request
	Created       Made
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
	Created  Made
}

// touchClient lets a client change, so that its __client_uat does, and
// picks another active session where the last one is over.
func (tx *Tx) touchClient(id string) {
	c := tx.Clients[id]
	if c == nil {
		return
	}
	c.UpdatedAt = tx.Now()
	if rec := tx.Sessions[c.LastActive]; rec == nil || !rec.Live() {
		c.LastActive = ""
		for _, other := range slices.Backward(c.SessionsOrder) {
			if rec := tx.Sessions[other]; rec != nil && rec.Live() {
				c.LastActive = other
				break
			}
		}
	}
}

func (tx *Tx) newClient() *Client {
	c := &Client{ID: tx.IDs.Next("client"), Token: tx.IDs.Random(48), Created: tx.Made()}
	c.UpdatedAt = c.Created.At
	tx.Clients[c.ID] = c
	tx.ClientTokens[c.Token] = c.ID
	return c
}

// NewDevBrowser makes a dev browser, bound to a client unless clientID is "".
func (s *Store) NewDevBrowser(clientID string) devBrowser {
	return With(s, func(tx *Tx) devBrowser {
		return *tx.addDevBrowser(clientID)
	})
}

// ClientUAT returns the value of __client_uat: when the client last changed, in
// Unix seconds, 0 where no session is active.
func (s *Store) ClientUAT(id string) int64 {
	return With(s, func(tx *Tx) int64 {
		c := tx.Clients[id]
		if c == nil {
			return 0
		}
		for _, sid := range c.SessionsOrder {
			rec := tx.Sessions[sid]
			tx.Expire(rec)
			if rec.Live() {
				return c.UpdatedAt.Unix()
			}
		}
		return 0
	})
}

// Identity is what a request says about its browser.
type Identity struct {
	DevBrowser string   // named in the query: must exist
	Cookies    []string // dev browsers in cookies: may be strangers
	Token      string   // the __client cookie
	Agent      string   // the User-Agent header
}

// Browser is a browser that was recognized: the ids of its client and dev
// browser, each "" if there is none.
type Browser struct {
	ClientID   string
	DevBrowser string
}

// Recognize finds the browser: a dev browser in the query wins, then one in a
// cookie, then the __client cookie. ok is false where the query names a dev
// browser that does not exist.
func (s *Store) Recognize(who Identity) (b Browser, ok bool) {
	return With2(s, func(tx *Tx) (b Browser, ok bool) {
		b, ok = tx.recognize(who)
		if c := tx.Clients[b.ClientID]; c != nil && who.Agent != "" {
			c.UserAgent = who.Agent
		}
		return b, ok
	})
}

func (tx *Tx) recognize(who Identity) (b Browser, ok bool) {
	if who.DevBrowser != "" {
		d := tx.DevBrowsers[who.DevBrowser]
		if d == nil {
			return Browser{}, false
		}
		return Browser{d.ClientID, d.ID}, true
	}
	for _, id := range who.Cookies {
		if d := tx.DevBrowsers[id]; d != nil {
			return Browser{d.ClientID, d.ID}, true
		}
	}
	return Browser{ClientID: tx.ClientTokens[who.Token]}, true
}

// EnsureDevBrowser gives a browser a dev browser bound to its client.
func (s *Store) EnsureDevBrowser(b Browser) Browser {
	return With(s, func(tx *Tx) Browser {
		d := tx.DevBrowsers[b.DevBrowser]
		if d == nil {
			d = tx.addDevBrowser("")
		}
		if b.ClientID != "" {
			d.ClientID = b.ClientID
		}
		return Browser{b.ClientID, d.ID}
	})
}

// EnsureClient gives a browser a client.
func (s *Store) EnsureClient(b Browser) Browser {
	return With(s, func(tx *Tx) Browser {
		if tx.Clients[b.ClientID] == nil {
			b.ClientID = tx.newClient().ID
		}
		if d := tx.DevBrowsers[b.DevBrowser]; d != nil {
			d.ClientID = b.ClientID
		}
		return b
	})
}

// clientState is a client with what answers show of it.
type clientState struct {
	Client   Client
	Sessions []SessionState
	SignIn   *SignInAttempt // nil if none is under way
	SignUp   *SignUpAttempt
}

type SessionState struct {
	Session     Session
	User        User
	Memberships []MemberOf
}

// Client returns a client with its live sessions.
func (s *Store) Client(id string) (clientState, bool) {
	return With2(s, func(tx *Tx) (clientState, bool) {
		c := tx.Clients[id]
		if c == nil {
			return clientState{}, false
		}
		var state clientState
		for _, sid := range c.SessionsOrder {
			rec := tx.Sessions[sid]
			tx.Expire(rec)
			if u := tx.Users[rec.UserID]; u != nil && rec.Live() {
				state.Sessions = append(state.Sessions, SessionState{*rec, *u, tx.membershipsOf(u.ID)})
			}
		}
		state.SignIn, state.SignUp = tx.shownSignIn(c), tx.shownSignUp(c)
		state.Client = *c // after expire, which may change it
		return state, true
	})
}

// SessionOf returns a live session of a client.
func (s *Store) SessionOf(clientID, sessionID string) (SessionState, error) {
	state, _ := s.Client(clientID)
	for _, one := range state.Sessions {
		if one.Session.ID == sessionID {
			return one, nil
		}
	}
	return SessionState{}, refusal.SignedOut()
}

// Activate makes a session the last active one of its client, and with an
// organization (id or slug, "" for none) changes the session's own.
func (s *Store) Activate(clientID, sessionID string, organization *string) error {
	return s.Update(func(tx *Tx) error {
		rec, c := tx.Sessions[sessionID], tx.Clients[clientID]
		if rec == nil || c == nil || rec.ClientID != clientID {
			return refusal.SignedOut()
		}
		tx.Expire(rec)
		if !rec.Live() {
			return refusal.SignedOut()
		}
		now := tx.Now()
		if organization != nil {
			id := ""
			if *organization != "" {
				o := tx.Organization(*organization)
				if o == nil || tx.Memberships[MembershipKey{o.ID, rec.UserID}] == nil {
					return refusal.NotFound("organization " + refusal.Quoted(*organization))
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
				tx.finishTask(rec, TaskChooseOrganization)
			}
		}
		rec.LastActiveAt = now
		c.LastActive = rec.ID
		tx.noticed(c)
		return nil
	})
}

// noticed stops showing what a link or provider completed: the browser knows.
func (tx *Tx) noticed(c *Client) {
	if a := tx.SignIns[c.SignInID]; a != nil && a.Status == StatusComplete {
		a.Afar = false
	}
	if a := tx.SignUps[c.SignUpID]; a != nil && a.Status == StatusComplete {
		a.Afar = false
	}
}

// ClientSessions returns the ids of a client's live sessions.
func (tx *Tx) ClientSessions(clientID string) map[string]bool {
	ids := map[string]bool{}
	if c := tx.Clients[clientID]; c != nil {
		for _, id := range c.SessionsOrder {
			rec := tx.Sessions[id]
			tx.Expire(rec)
			if rec.Live() {
				ids[id] = true
			}
		}
	}
	return ids
}

// SignOut ends all sessions of a client, which stays.
func (s *Store) SignOut(clientID, status string) (ended int) {
	return With(s, func(tx *Tx) (ended int) {
		c := tx.Clients[clientID]
		if c == nil {
			return 0
		}
		for _, sid := range c.SessionsOrder {
			rec := tx.Sessions[sid]
			tx.Expire(rec)
			if rec.Live() {
				tx.close(rec, status)
				ended++
			}
		}
		tx.touchClient(clientID)
		return ended
	})
}

// ForgetClient signs a client out and forgets it.
func (s *Store) ForgetClient(clientID string) {
	s.SignOut(clientID, StatusRemoved)
	s.Apply(func(tx *Tx) {
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

// ClientToken returns the value of a client's __client cookie.
func (s *Store) ClientToken(id string) string {
	return With(s, func(tx *Tx) string {
		if c := tx.Clients[id]; c != nil {
			return c.Token
		}
		return ""
	})
}

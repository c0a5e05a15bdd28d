package clerktest

import (
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// wrapped is the answer to calls that change the client: the resource, and the
// client as it is now.
type wrapped struct {
	Response any             `json:"response"`
	Client   *clientResource `json:"client"`
}

// clientResource describes a browser's client with a fresh token for each of its
// sessions. It is nil where there is no client.
func (e *Emulator) clientResource(c *call, clientID string) (*clientResource, error) {
	state, ok := e.store.client(clientID)
	if !ok {
		return nil, nil //nolint:nilnil // null is the answer for a browser without a client
	}
	r := &clientResource{
		Object: "client", ID: state.client.ID, Sessions: []sessionResource{},
		LastActive: optString(state.client.LastActive), LastStrategy: optString(state.client.LastStrategy),
		CreatedAt: millis(state.client.Created.At), UpdatedAt: millis(state.client.UpdatedAt),
	}
	if state.signIn != nil {
		r.SignIn = e.signInResource(state.signIn)
	}
	if state.signUp != nil {
		r.SignUp = e.signUpResource(state.signUp)
	}
	for _, s := range state.sessions {
		token, err := e.sessionToken(s.session.ID, tokenRequest{origin: e.requestOrigin(c)})
		if err != nil {
			return nil, err
		}
		r.Sessions = append(r.Sessions, e.frontendSession(&s, token))
	}
	return r, nil
}

// answerClient answers with the client itself, and sets its cookies.
func (e *Emulator) answerClient(c *call, clientID string) error {
	r, err := e.clientResource(c, clientID)
	if err != nil {
		return err
	}
	e.setBrowserCookies(c, clientID)
	if r == nil {
		return c.ok(wrapped{})
	}
	return c.ok(wrapped{Response: r})
}

// answerWrapped answers with a resource and the client beside it.
func (e *Emulator) answerWrapped(c *call, clientID string, response any) error {
	r, err := e.clientResource(c, clientID)
	if err != nil {
		return err
	}
	e.setBrowserCookies(c, clientID)
	return c.ok(wrapped{response, r})
}

func (e *Emulator) createDevBrowser(c *call) error {
	if e.cfg.Instance != clerk.Development {
		return refusal.BadRequest("dev_browser_disabled", "A production instance has no dev browsers.")
	}
	d := e.store.newDevBrowser("")
	c.note("new dev browser")
	at := millis(d.Created.At)
	return c.ok(map[string]any{
		"object": "dev_browser", "id": d.ID, "token": d.ID, "instance_id": e.KeyID(), "client_id": nil,
		"created_at": at, "updated_at": at,
	})
}

func (e *Emulator) getClient(c *call) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	c.note("state of the browser: " + e.signedInNote(b))
	return e.answerClient(c, b.clientID)
}

// createClient is PUT and POST /v1/client.
func (e *Emulator) createClient(c *call) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	b = e.store.ensureClient(b)
	c.note("client of the browser")
	return e.answerClient(c, b.clientID)
}

// deleteClient signs out everywhere and forgets the browser.
func (e *Emulator) deleteClient(c *call) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	e.store.forgetClient(b.clientID)
	c.note("signed out, browser forgotten")
	c.setCookie(&http.Cookie{Name: clerk.CookieClient, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return e.answerClient(c, "")
}

// deleteSessions signs out everywhere; the client stays.
func (e *Emulator) deleteSessions(c *call) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	e.store.signOut(b.clientID, statusRemoved)
	c.note("signed out of all sessions")
	return e.answerClient(c, b.clientID)
}

func (e *Emulator) signedInNote(b browser) string {
	state, _ := e.store.client(b.clientID)
	switch len(state.sessions) {
	case 0:
		return "signed out"
	case 1:
		return "signed in as " + state.sessions[0].user.ID
	}
	return "several sessions"
}

func (e *Emulator) health(c *call) error {
	return c.ok(map[string]any{"status": "healthy"})
}

package clerktest

import (
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
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
	state, ok := e.store.Client(clientID)
	if !ok {
		return nil, nil //nolint:nilnil // null is the answer for a browser without a client
	}
	r := &clientResource{
		Object: "client", ID: state.Client.ID, Sessions: []sessionResource{},
		LastActive: optString(state.Client.LastActive), LastStrategy: optString(state.Client.LastStrategy),
		CreatedAt: millis(state.Client.Created.At), UpdatedAt: millis(state.Client.UpdatedAt),
	}
	if state.SignIn != nil {
		r.SignIn = e.signInResource(state.SignIn)
	}
	if state.SignUp != nil {
		r.SignUp = e.signUpResource(state.SignUp)
	}
	for _, s := range state.Sessions {
		token, err := e.sessionToken(s.Session.ID, tokenRequest{origin: e.requestOrigin(c)})
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
	d := e.store.NewDevBrowser("")
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
	return e.answerClient(c, b.ClientID)
}

// createClient is PUT and POST /v1/client.
func (e *Emulator) createClient(c *call) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	b = e.store.EnsureClient(b)
	c.note("client of the browser")
	return e.answerClient(c, b.ClientID)
}

// deleteClient signs out everywhere and forgets the browser.
func (e *Emulator) deleteClient(c *call) error {
	b, err := e.browser(c)
	if err != nil {
		return err
	}
	e.store.ForgetClient(b.ClientID)
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
	e.store.SignOut(b.ClientID, state.StatusRemoved)
	c.note("signed out of all sessions")
	return e.answerClient(c, b.ClientID)
}

func (e *Emulator) signedInNote(b state.Browser) string {
	state, _ := e.store.Client(b.ClientID)
	switch len(state.Sessions) {
	case 0:
		return "signed out"
	case 1:
		return "signed in as " + state.Sessions[0].User.ID
	}
	return "several sessions"
}

func (e *Emulator) health(c *call) error {
	return c.ok(map[string]any{"status": "healthy"})
}

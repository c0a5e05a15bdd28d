package clerktest

import (
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// wrapped is the answer to calls that change the client: the resource, and the
// client as it is now.
type wrapped struct {
	Response any             `json:"response"`
	Client   *clientResource `json:"client"`
}

// clientResource describes a browser's client with a fresh token for each of its
// sessions. It is nil where there is no client.
func (e *Emulator) clientResource(c *wire.Call, clientID string) (*clientResource, error) {
	state, ok := e.server.Store.Client(clientID)
	if !ok {
		return nil, nil //nolint:nilnil // null is the answer for a browser without a client
	}
	r := &clientResource{
		Object: "client", ID: state.Client.ID, Sessions: []sessionResource{},
		LastActive: wire.OptString(state.Client.LastActive), LastStrategy: wire.OptString(state.Client.LastStrategy),
		CreatedAt: wire.Millis(state.Client.Created.At), UpdatedAt: wire.Millis(state.Client.UpdatedAt),
	}
	if state.SignIn != nil {
		r.SignIn = e.signInResource(state.SignIn)
	}
	if state.SignUp != nil {
		r.SignUp = e.signUpResource(state.SignUp)
	}
	for _, s := range state.Sessions {
		token, err := e.sessionToken(s.Session.ID, tokenRequest{origin: e.server.RequestOrigin(c)})
		if err != nil {
			return nil, err
		}
		r.Sessions = append(r.Sessions, e.frontendSession(&s, token))
	}
	return r, nil
}

// answerClient answers with the client itself, and sets its cookies.
func (e *Emulator) answerClient(c *wire.Call, clientID string) error {
	r, err := e.clientResource(c, clientID)
	if err != nil {
		return err
	}
	e.server.SetBrowserCookies(c, clientID)
	if r == nil {
		return c.OK(wrapped{})
	}
	return c.OK(wrapped{Response: r})
}

// answerWrapped answers with a resource and the client beside it.
func (e *Emulator) answerWrapped(c *wire.Call, clientID string, response any) error {
	r, err := e.clientResource(c, clientID)
	if err != nil {
		return err
	}
	e.server.SetBrowserCookies(c, clientID)
	return c.OK(wrapped{response, r})
}

func (e *Emulator) createDevBrowser(c *wire.Call) error {
	if e.server.Config.Instance != clerk.Development {
		return refusal.BadRequest("dev_browser_disabled", "A production instance has no dev browsers.")
	}
	d := e.server.Store.NewDevBrowser("")
	c.Note("new dev browser")
	at := wire.Millis(d.Created.At)
	return c.OK(map[string]any{
		"object": "dev_browser", "id": d.ID, "token": d.ID, "instance_id": e.server.Keys.Current().ID, "client_id": nil,
		"created_at": at, "updated_at": at,
	})
}

func (e *Emulator) getClient(c *wire.Call) error {
	b, err := e.server.Browser(c)
	if err != nil {
		return err
	}
	c.Note("state of the browser: " + e.signedInNote(b))
	return e.answerClient(c, b.ClientID)
}

// createClient is PUT and POST /v1/client.
func (e *Emulator) createClient(c *wire.Call) error {
	b, err := e.server.Browser(c)
	if err != nil {
		return err
	}
	b = e.server.Store.EnsureClient(b)
	c.Note("client of the browser")
	return e.answerClient(c, b.ClientID)
}

// deleteClient signs out everywhere and forgets the browser.
func (e *Emulator) deleteClient(c *wire.Call) error {
	b, err := e.server.Browser(c)
	if err != nil {
		return err
	}
	e.server.Store.ForgetClient(b.ClientID)
	c.Note("signed out, browser forgotten")
	c.SetCookie(&http.Cookie{Name: clerk.CookieClient, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return e.answerClient(c, "")
}

// deleteSessions signs out everywhere; the client stays.
func (e *Emulator) deleteSessions(c *wire.Call) error {
	b, err := e.server.Browser(c)
	if err != nil {
		return err
	}
	e.server.Store.SignOut(b.ClientID, state.StatusRemoved)
	c.Note("signed out of all sessions")
	return e.answerClient(c, b.ClientID)
}

func (e *Emulator) signedInNote(b state.Browser) string {
	state, _ := e.server.Store.Client(b.ClientID)
	switch len(state.Sessions) {
	case 0:
		return "signed out"
	case 1:
		return "signed in as " + state.Sessions[0].User.ID
	}
	return "several sessions"
}

func (e *Emulator) health(c *wire.Call) error {
	return c.OK(map[string]any{"status": "healthy"})
}

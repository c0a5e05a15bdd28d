package sessions

import (
	"net/http"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func (e *API) createDevBrowser(c *wire.Call) error {
	if e.Config.Instance != clerk.Development {
		return refusal.BadRequest("dev_browser_disabled", "A production instance has no dev browsers.")
	}
	d := e.Store.NewDevBrowser("")
	c.Note("new dev browser")
	at := wire.Millis(d.Created.At)
	return c.OK(map[string]any{
		"object": "dev_browser", "id": d.ID, "token": d.ID, "instance_id": e.Keys.Current().ID, "client_id": nil,
		"created_at": at, "updated_at": at,
	})
}

func (e *API) getClient(c *wire.Call) error {
	b, err := e.Browser(c)
	if err != nil {
		return err
	}
	c.Note("state of the browser: " + e.signedInNote(b))
	return e.answers.AnswerClient(c, b.ClientID)
}

// createClient is PUT and POST /v1/client.
func (e *API) createClient(c *wire.Call) error {
	b, err := e.Browser(c)
	if err != nil {
		return err
	}
	b = e.Store.EnsureClient(b)
	c.Note("client of the browser")
	return e.answers.AnswerClient(c, b.ClientID)
}

// deleteClient signs out everywhere and forgets the browser.
func (e *API) deleteClient(c *wire.Call) error {
	b, err := e.Browser(c)
	if err != nil {
		return err
	}
	e.Store.ForgetClient(b.ClientID)
	c.Note("signed out, browser forgotten")
	c.SetCookie(&http.Cookie{Name: clerk.CookieClient, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return e.answers.AnswerClient(c, "")
}

// deleteSessions signs out everywhere; the client stays.
func (e *API) deleteSessions(c *wire.Call) error {
	b, err := e.Browser(c)
	if err != nil {
		return err
	}
	e.Store.SignOut(b.ClientID, state.StatusRemoved)
	c.Note("signed out of all sessions")
	return e.answers.AnswerClient(c, b.ClientID)
}

func (e *API) signedInNote(b state.Browser) string {
	state, _ := e.Store.Client(b.ClientID)
	switch len(state.Sessions) {
	case 0:
		return "signed out"
	case 1:
		return "signed in as " + state.Sessions[0].User.ID
	}
	return "several sessions"
}

func (e *API) health(c *wire.Call) error {
	return c.OK(map[string]any{"status": "healthy"})
}

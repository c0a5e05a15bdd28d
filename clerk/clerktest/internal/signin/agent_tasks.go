package signin

import (
	"net/url"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type agentTaskResource struct {
	Object      string `json:"object"`
	AgentID     string `json:"agent_id"`
	AgentTaskID string `json:"agent_task_id"`
	TaskID      string `json:"task_id"` // its old name
	URL         string `json:"url,omitempty"`
}

func agentTaskAnswer(t *state.AgentTask) agentTaskResource {
	return agentTaskResource{Object: "agent_task", AgentID: t.AgentID, AgentTaskID: t.ID, TaskID: t.ID}
}

func (e *API) createAgentTask(c *wire.Call) error {
	var in struct {
		OnBehalfOf struct {
			UserID     string `json:"user_id"`
			Identifier string `json:"identifier"`
		} `json:"on_behalf_of"`
		Permissions string              `json:"permissions"`
		AgentName   string              `json:"agent_name"`
		Description string              `json:"task_description"`
		RedirectURL string              `json:"redirect_url"`
		Duration    wire.Field[float64] `json:"session_max_duration_in_seconds"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	for _, p := range []struct{ name, value string }{
		{"agent_name", in.AgentName}, {"task_description", in.Description}, {"redirect_url", in.RedirectURL}, {"permissions", in.Permissions},
	} {
		if p.value == "" {
			return refusal.Param(p.name, "form_param_missing", p.name+" must be given")
		}
	}
	u, err := url.Parse(in.RedirectURL)
	_, web := hosts.OriginOf(u0(u))
	switch {
	case in.Permissions != "*":
		return refusal.Param("permissions", "form_param_value_invalid", "permissions is not *")
	case (in.OnBehalfOf.UserID == "") == (in.OnBehalfOf.Identifier == ""):
		return refusal.Param("on_behalf_of", "form_param_value_invalid", "on_behalf_of names the user by user_id or by identifier")
	case err != nil || !web || u.Hostname() == "" || e.Config.Instance == clerk.Production && u.Scheme != "https":
		return refusal.Param("redirect_url", "form_param_format_invalid", "redirect_url is not an absolute URL of the application")
	}
	lifetime := state.DefaultAgentSession
	if in.Duration.Set && !in.Duration.Null {
		var ok bool
		if lifetime, ok = wire.Seconds(in.Duration.Value); !ok || lifetime < time.Second {
			return refusal.Param("session_max_duration_in_seconds", "form_param_value_invalid", "session_max_duration_in_seconds is not a number of seconds from 1")
		}
	}
	owner, err := e.Store.User(in.OnBehalfOf.UserID)
	if in.OnBehalfOf.Identifier != "" {
		owner, err = e.Store.UserByIdentifier(in.OnBehalfOf.Identifier)
	}
	if err != nil {
		return refusal.NotFound("user of on_behalf_of")
	}
	t, ticket := e.Store.NewAgentTask(state.AgentTask{AgentID: state.AgentID(in.AgentName), UserID: owner.ID, Redirect: in.RedirectURL, Lifetime: lifetime})
	r := agentTaskAnswer(&t)
	r.URL = e.FaceURL() + "/v1/agents/tasks?ticket=" + ticket
	c.Note("agent task for " + owner.ID)
	return c.OK(r)
}

// u0 is an empty URL for nil.
func u0(u *url.URL) *url.URL {
	if u == nil {
		return &url.URL{}
	}
	return u
}

func (e *API) revokeAgentTask(c *wire.Call) error {
	t, err := e.Store.RevokeAgentTask(c.Param(0))
	if err != nil {
		return err
	}
	c.Note("agent task for " + t.UserID + " revoked")
	return c.OK(agentTaskAnswer(&t))
}

// acceptAgentTask signs an agent's browser in, and sends it to the application
// with the answer of a handshake.
func (e *API) acceptAgentTask(c *wire.Call) error {
	ticket := c.R.URL.Query().Get("ticket")
	t, err := e.Store.AgentTaskOf(ticket)
	if err != nil {
		return err
	}
	redirect, err := e.RedirectURL(t.Redirect)
	if err != nil {
		return err
	}
	domain, err := e.sessions.HandshakeDomain(c, redirect)
	if err != nil {
		return err
	}
	if t, err = e.Store.TakeAgentTask(ticket); err != nil {
		return err
	}
	b := e.Store.EnsureClient(e.BrowserOfPage(c, ""))
	e.Store.SignOut(b.ClientID, state.StatusReplaced)
	rec, err := e.Store.SignIn(state.SignIn{UserID: t.UserID, ClientID: b.ClientID, SecondFactor: -1, Strategy: "ticket"})
	if err != nil {
		return err
	}
	e.Store.LimitSession(rec.ID, t.Lifetime)
	if e.Config.Instance == clerk.Development {
		b = e.Store.EnsureDevBrowser(b)
	}
	e.SetBrowserCookies(c, b.ClientID)
	return e.sessions.SendHandshake(c, b, redirect, domain, "agent task of "+t.UserID)
}

package clerktest

import (
	"net/url"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/hosts"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
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

func (e *Emulator) createAgentTask(c *call) error {
	var in struct {
		OnBehalfOf struct {
			UserID     string `json:"user_id"`
			Identifier string `json:"identifier"`
		} `json:"on_behalf_of"`
		Permissions string         `json:"permissions"`
		AgentName   string         `json:"agent_name"`
		Description string         `json:"task_description"`
		RedirectURL string         `json:"redirect_url"`
		Duration    field[float64] `json:"session_max_duration_in_seconds"`
	}
	if err := c.decode(&in); err != nil {
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
	case err != nil || !web || u.Hostname() == "" || e.cfg.Instance == clerk.Production && u.Scheme != "https":
		return refusal.Param("redirect_url", "form_param_format_invalid", "redirect_url is not an absolute URL of the application")
	}
	lifetime := state.DefaultAgentSession
	if in.Duration.Set && !in.Duration.Null {
		var ok bool
		if lifetime, ok = seconds(in.Duration.Value); !ok || lifetime < time.Second {
			return refusal.Param("session_max_duration_in_seconds", "form_param_value_invalid", "session_max_duration_in_seconds is not a number of seconds from 1")
		}
	}
	owner, err := e.store.User(in.OnBehalfOf.UserID)
	if in.OnBehalfOf.Identifier != "" {
		owner, err = e.store.UserByIdentifier(in.OnBehalfOf.Identifier)
	}
	if err != nil {
		return refusal.NotFound("user of on_behalf_of")
	}
	t, ticket := e.store.NewAgentTask(state.AgentTask{AgentID: state.AgentID(in.AgentName), UserID: owner.ID, Redirect: in.RedirectURL, Lifetime: lifetime})
	r := agentTaskAnswer(&t)
	r.URL = e.faceURL() + "/v1/agents/tasks?ticket=" + ticket
	c.note("agent task for " + owner.ID)
	return c.ok(r)
}

// u0 is an empty URL for nil.
func u0(u *url.URL) *url.URL {
	if u == nil {
		return &url.URL{}
	}
	return u
}

func (e *Emulator) revokeAgentTask(c *call) error {
	t, err := e.store.RevokeAgentTask(c.param(0))
	if err != nil {
		return err
	}
	c.note("agent task for " + t.UserID + " revoked")
	return c.ok(agentTaskAnswer(&t))
}

// acceptAgentTask signs an agent's browser in, and sends it to the application
// with the answer of a handshake.
func (e *Emulator) acceptAgentTask(c *call) error {
	ticket := c.r.URL.Query().Get("ticket")
	t, err := e.store.AgentTaskOf(ticket)
	if err != nil {
		return err
	}
	redirect, err := e.redirectURL(t.Redirect)
	if err != nil {
		return err
	}
	domain, err := e.handshakeDomain(c, redirect)
	if err != nil {
		return err
	}
	if t, err = e.store.TakeAgentTask(ticket); err != nil {
		return err
	}
	b := e.store.EnsureClient(e.browserOfPage(c, ""))
	e.store.SignOut(b.ClientID, state.StatusReplaced)
	rec, err := e.store.SignIn(state.SignIn{UserID: t.UserID, ClientID: b.ClientID, SecondFactor: -1, Strategy: "ticket"})
	if err != nil {
		return err
	}
	e.store.LimitSession(rec.ID, t.Lifetime)
	if e.cfg.Instance == clerk.Development {
		b = e.store.EnsureDevBrowser(b)
	}
	e.setBrowserCookies(c, b.ClientID)
	return e.sendHandshake(c, b, redirect, domain, "agent task of "+t.UserID)
}

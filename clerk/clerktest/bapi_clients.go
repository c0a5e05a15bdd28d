package clerktest

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type backendClient struct {
	Object       string            `json:"object"`
	ID           string            `json:"id"`
	SessionIDs   []string          `json:"session_ids"`
	Sessions     []sessionResource `json:"sessions"`
	SignInID     *string           `json:"sign_in_id"`
	SignUpID     *string           `json:"sign_up_id"`
	LastActive   *string           `json:"last_active_session_id"`
	LastStrategy *string           `json:"last_authentication_strategy"`
	UpdatedAt    int64             `json:"updated_at"`
	CreatedAt    int64             `json:"created_at"`
}

// backendClient describes a browser with its live sessions.
func (e *Emulator) backendClient(id string) (*backendClient, bool) {
	state, ok := e.store.Client(id)
	if !ok {
		return nil, false
	}
	r := &backendClient{
		Object: "client", ID: id, SessionIDs: []string{}, Sessions: []sessionResource{},
		LastActive: optString(state.Client.LastActive), LastStrategy: optString(state.Client.LastStrategy),
		UpdatedAt: millis(state.Client.UpdatedAt), CreatedAt: millis(state.Client.Created.At),
	}
	if state.SignIn != nil {
		r.SignInID = &state.SignIn.ID
	}
	if state.SignUp != nil {
		r.SignUpID = &state.SignUp.ID
	}
	for i := range state.Sessions {
		r.SessionIDs = append(r.SessionIDs, state.Sessions[i].Session.ID)
		r.Sessions = append(r.Sessions, e.backendSession(&state.Sessions[i].Session))
	}
	return r, true
}

func (e *Emulator) listClients(c *call) error {
	s, query := e.store, c.r.URL.Query()
	var all []state.Client
	s.View(func(tx *state.Tx) {
		all = state.List(tx.Clients, func(c *state.Client) state.Made { return c.Created }, nil)
	})
	slices.Reverse(all)
	total := len(all)
	all, err := page(all, query)
	if err != nil {
		return err
	}
	out := []*backendClient{}
	for i := range all {
		if r, ok := e.backendClient(all[i].ID); ok {
			out = append(out, r)
		}
	}
	c.note("list of clients")
	return c.okList(query, out, total)
}

func (e *Emulator) getClientBAPI(c *call) error {
	r, ok := e.backendClient(c.param(0))
	if !ok {
		return refusal.NotFound("client with id " + refusal.Quoted(c.param(0)))
	}
	c.note("client " + r.ID)
	return c.ok(r)
}

// verifyClient finds the browser of a __client cookie.
func (e *Emulator) verifyClient(c *call) error {
	var in struct {
		Token field[string] `json:"token"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Token.Value == "" {
		return &refusal.Error{Kind: refusal.KindBadRequest, Code: "form_param_missing", Message: "is missing", Long: "token must be included.", Param: "token", Meta: nil}
	}
	var id string
	e.store.View(func(tx *state.Tx) {
		id = tx.ClientTokens[in.Token.Value]
	})
	r, ok := e.backendClient(id)
	if !ok {
		return refusal.NotFound("client with this token")
	}
	c.note("client " + r.ID + " by its cookie")
	return c.ok(r)
}

package clerktest

import (
	"net/http"
	"slices"
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
	state, ok := e.store.client(id)
	if !ok {
		return nil, false
	}
	r := &backendClient{
		Object: "client", ID: id, SessionIDs: []string{}, Sessions: []sessionResource{},
		LastActive: optString(state.client.LastActive), LastStrategy: optString(state.client.LastStrategy),
		UpdatedAt: millis(state.client.UpdatedAt), CreatedAt: millis(state.client.Created.At),
	}
	if state.signIn != nil {
		r.SignInID = &state.signIn.ID
	}
	if state.signUp != nil {
		r.SignUpID = &state.signUp.ID
	}
	for i := range state.sessions {
		r.SessionIDs = append(r.SessionIDs, state.sessions[i].session.ID)
		r.Sessions = append(r.Sessions, e.backendSession(&state.sessions[i].session))
	}
	return r, true
}

func (e *Emulator) listClients(c *call) error {
	s, query := e.store, c.r.URL.Query()
	var all []client
	s.View(func(tx *stateTx) {
		all = list(tx.Clients, func(c *client) made { return c.Created }, nil)
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
		return errNotFound("client with id " + quoted(c.param(0)))
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
		return &apiError{http.StatusBadRequest, "form_param_missing", "is missing", "token must be included.", "token", nil}
	}
	var id string
	e.store.View(func(tx *stateTx) {
		id = tx.clientTokens[in.Token.Value]
	})
	r, ok := e.backendClient(id)
	if !ok {
		return errNotFound("client with this token")
	}
	c.note("client " + r.ID + " by its cookie")
	return c.ok(r)
}

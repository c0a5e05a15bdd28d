package sessions

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type backendClient struct {
	Object       string                    `json:"object"`
	ID           string                    `json:"id"`
	SessionIDs   []string                  `json:"session_ids"`
	Sessions     []answers.SessionResource `json:"sessions"`
	SignInID     *string                   `json:"sign_in_id"`
	SignUpID     *string                   `json:"sign_up_id"`
	LastActive   *string                   `json:"last_active_session_id"`
	LastStrategy *string                   `json:"last_authentication_strategy"`
	UpdatedAt    int64                     `json:"updated_at"`
	CreatedAt    int64                     `json:"created_at"`
}

// backendClient describes a browser with its live sessions.
func (e *API) backendClient(id string) (*backendClient, bool) {
	state, ok := e.Store.Client(id)
	if !ok {
		return nil, false
	}
	r := &backendClient{
		Object: "client", ID: id, SessionIDs: []string{}, Sessions: []answers.SessionResource{},
		LastActive: wire.OptString(state.Client.LastActive), LastStrategy: wire.OptString(state.Client.LastStrategy),
		UpdatedAt: wire.Millis(state.Client.UpdatedAt), CreatedAt: wire.Millis(state.Client.Created.At),
	}
	if state.SignIn != nil {
		r.SignInID = &state.SignIn.ID
	}
	if state.SignUp != nil {
		r.SignUpID = &state.SignUp.ID
	}
	for i := range state.Sessions {
		r.SessionIDs = append(r.SessionIDs, state.Sessions[i].Session.ID)
		r.Sessions = append(r.Sessions, e.answers.BackendSession(&state.Sessions[i].Session))
	}
	return r, true
}

func (e *API) listClients(c *wire.Call) error {
	s, query := e.Store, c.R.URL.Query()
	var all []state.Client
	s.View(func(tx *state.Tx) {
		all = state.List(tx.Clients, func(c *state.Client) state.Made { return c.Created }, nil)
	})
	slices.Reverse(all)
	total := len(all)
	all, err := wire.Page(all, query)
	if err != nil {
		return err
	}
	out := []*backendClient{}
	for i := range all {
		if r, ok := e.backendClient(all[i].ID); ok {
			out = append(out, r)
		}
	}
	c.Note("list of clients")
	return c.OkList(query, out, total)
}

func (e *API) getClientBAPI(c *wire.Call) error {
	r, ok := e.backendClient(c.Param(0))
	if !ok {
		return refusal.NotFound("client with id " + refusal.Quoted(c.Param(0)))
	}
	c.Note("client " + r.ID)
	return c.OK(r)
}

// verifyClient finds the browser of a __client cookie.
func (e *API) verifyClient(c *wire.Call) error {
	var in struct {
		Token wire.Field[string] `json:"token"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	if in.Token.Value == "" {
		return &refusal.Error{Kind: refusal.KindBadRequest, Code: "form_param_missing", Message: "is missing", Long: "token must be included.", Param: "token", Meta: nil}
	}
	var id string
	e.Store.View(func(tx *state.Tx) {
		id = tx.ClientTokens[in.Token.Value]
	})
	r, ok := e.backendClient(id)
	if !ok {
		return refusal.NotFound("client with this token")
	}
	c.Note("client " + r.ID + " by its cookie")
	return c.OK(r)
}

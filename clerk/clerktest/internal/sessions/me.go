package sessions

import (
	"net/http"
	"net/url"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// ParamSession names the session of calls below /me and /organizations.
const ParamSession = "_clerk_session_id"

// Me recognizes the user of a call: of the session that the query names, or of
// the browser's active one.
func (e *API) Me(c *wire.Call) (state.Browser, state.SessionState, error) {
	b, err := e.Browser(c)
	if err != nil {
		return b, state.SessionState{}, err
	}
	id := c.R.URL.Query().Get(ParamSession)
	if id == "" {
		id = e.ActiveSession(b.ClientID)
	}
	s, err := e.Store.SessionOf(b.ClientID, id)
	return b, s, err
}

// OnMe works on the signed-in user. What work returns is the answer.
func (e *API) OnMe(c *wire.Call, work func(tx *state.Tx, s *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error)) error {
	b, s, err := e.Me(c)
	if err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	var answer func(*state.User) any
	var after state.User
	e.Store.Apply(func(tx *state.Tx) {
		u := tx.Users[s.User.ID]
		if u == nil {
			err = refusal.SignedOut()
		} else {
			answer, err = work(tx, &s, u, form)
			if err == nil && c.Method != http.MethodGet && tx.Users[u.ID] == u {
				state.Emit(tx, "user.updated", u)
			}
		}
		if u != nil {
			after = *u
		}
	})
	if err != nil {
		return err
	}
	c.Note("own account: " + c.Operation)
	return e.answers.AnswerWrapped(c, b.ClientID, answer(&after))
}

// AsUser is the answer of calls that change the user.
func (e *API) AsUser(u *state.User) any {
	return e.answers.UserResource(u, e.Store.MembershipsOf(u.ID))
}

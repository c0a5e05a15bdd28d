package machines

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/keys"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// apiKeyOwner is whose keys a call of the Frontend API is about: of the user, or
// of the active organization. clerk-js sends a session token.
func (e *API) apiKeyOwner(c *wire.Call, subject string) (state.User, string, error) {
	_, s, err := e.bearerSession(c)
	if err != nil {
		return state.User{}, "", err
	}
	if subject == "" {
		subject = s.User.ID
	}
	if subject != s.User.ID && !slices.ContainsFunc(s.Memberships, func(m state.MemberOf) bool { return m.Organization.ID == subject }) {
		return state.User{}, "", refusal.BadParam("subject", "is neither the user nor an organization of the user")
	}
	return s.User, subject, nil
}

// bearerSession recognizes who calls by the session token in the Authorization
// header, and without one by the browser.
func (e *API) bearerSession(c *wire.Call) (state.Browser, state.SessionState, error) {
	if !wire.IsBearer(c.R) {
		return e.sessions.Me(c)
	}
	jwt, ok := e.Keys.Own(c.R.Header.Get("Authorization")[len("Bearer "):])
	if !ok || jwt.Cat != keys.CategorySession || jwt.SessionID == "" || e.Now().Unix() >= jwt.Exp {
		return state.Browser{}, state.SessionState{}, refusal.SignedOut()
	}
	rec, err := e.Store.Session(jwt.SessionID)
	if err != nil || rec.UserID != jwt.Subject {
		return state.Browser{}, state.SessionState{}, refusal.SignedOut()
	}
	s, err := e.Store.SessionOf(rec.ClientID, rec.ID)
	return state.Browser{ClientID: rec.ClientID}, s, err
}

func (e *API) listOwnAPIKeys(c *wire.Call) error {
	_, subject, err := e.apiKeyOwner(c, c.R.URL.Query().Get("subject"))
	if err != nil {
		return err
	}
	return e.answerAPIKeys(c, subject)
}

func (e *API) createOwnAPIKey(c *wire.Call) error {
	var in apiKeyInput
	if err := Bad400(c.Decode(&in)); err != nil {
		return err
	}
	u, subject, err := e.apiKeyOwner(c, in.Subject)
	if err != nil {
		return err
	}
	if in.Claims.Set || in.Scopes != nil || in.CreatedBy != nil {
		return refusal.BadParam("scopes", "and claims are for the Backend API to set")
	}
	in.Subject = subject
	return e.addAPIKey(c, &in, u.ID)
}

// ownAPIKey changes a key of the caller's own.
func (e *API) ownAPIKey(c *wire.Call, change func(*state.Tx, *state.APIKey) error) error {
	k, err := e.Store.OnAPIKey(c.Param(0), nil)
	if err != nil {
		return err
	}
	if _, _, err := e.apiKeyOwner(c, k.Subject); err != nil {
		if bad, ok := err.(*refusal.Error); ok && bad.Param == "subject" { //nolint:errorlint // handlers do not wrap it
			err = refusal.NotFound("API key with id " + refusal.Quoted(c.Param(0))) // those of others
		}
		return err
	}
	if k, err = e.Store.OnAPIKey(k.ID, change); err != nil {
		return err
	}
	c.Note("own API key: " + c.Operation)
	return c.OK(e.apiKeyResource(&k))
}

func (e *API) updateOwnAPIKey(c *wire.Call) error {
	var in struct {
		Description wire.Field[*string] `json:"description"`
	}
	if err := Bad400(c.Decode(&in)); err != nil {
		return err
	}
	return e.ownAPIKey(c, func(_ *state.Tx, k *state.APIKey) error {
		in.Description.Into(&k.Description)
		return nil
	})
}

func (e *API) revokeOwnAPIKey(c *wire.Call) error {
	var in struct {
		Reason *string `json:"revocation_reason"`
	}
	if err := Bad400(c.Decode(&in)); err != nil {
		return err
	}
	return e.ownAPIKey(c, revocation(in.Reason))
}

package clerktest

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// apiKeyOwner is whose keys a call of the Frontend API is about: of the user, or
// of the active organization. clerk-js sends a session token.
func (e *Emulator) apiKeyOwner(c *call, subject string) (state.User, string, error) {
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
func (e *Emulator) bearerSession(c *call) (state.Browser, state.SessionState, error) {
	if !isBearer(c.r) {
		return e.me(c)
	}
	jwt, ok := e.keys.Own(c.r.Header.Get("Authorization")[len("Bearer "):])
	if !ok || jwt.Cat != CategorySession || jwt.SessionID == "" || e.Now().Unix() >= jwt.Exp {
		return state.Browser{}, state.SessionState{}, refusal.SignedOut()
	}
	rec, err := e.store.Session(jwt.SessionID)
	if err != nil || rec.UserID != jwt.Subject {
		return state.Browser{}, state.SessionState{}, refusal.SignedOut()
	}
	s, err := e.store.SessionOf(rec.ClientID, rec.ID)
	return state.Browser{ClientID: rec.ClientID}, s, err
}

func (e *Emulator) listOwnAPIKeys(c *call) error {
	_, subject, err := e.apiKeyOwner(c, c.r.URL.Query().Get("subject"))
	if err != nil {
		return err
	}
	return e.answerAPIKeys(c, subject)
}

func (e *Emulator) createOwnAPIKey(c *call) error {
	var in apiKeyInput
	if err := bad400(c.decode(&in)); err != nil {
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
func (e *Emulator) ownAPIKey(c *call, change func(*state.Tx, *state.APIKey) error) error {
	k, err := e.store.OnAPIKey(c.param(0), nil)
	if err != nil {
		return err
	}
	if _, _, err := e.apiKeyOwner(c, k.Subject); err != nil {
		if bad, ok := err.(*refusal.Error); ok && bad.Param == "subject" { //nolint:errorlint // handlers do not wrap it
			err = refusal.NotFound("API key with id " + refusal.Quoted(c.param(0))) // those of others
		}
		return err
	}
	if k, err = e.store.OnAPIKey(k.ID, change); err != nil {
		return err
	}
	c.note("own API key: " + c.route.operation)
	return c.ok(e.apiKeyResource(&k))
}

func (e *Emulator) updateOwnAPIKey(c *call) error {
	var in struct {
		Description field[*string] `json:"description"`
	}
	if err := bad400(c.decode(&in)); err != nil {
		return err
	}
	return e.ownAPIKey(c, func(_ *state.Tx, k *state.APIKey) error {
		in.Description.into(&k.Description)
		return nil
	})
}

func (e *Emulator) revokeOwnAPIKey(c *call) error {
	var in struct {
		Reason *string `json:"revocation_reason"`
	}
	if err := bad400(c.decode(&in)); err != nil {
		return err
	}
	return e.ownAPIKey(c, revocation(in.Reason))
}

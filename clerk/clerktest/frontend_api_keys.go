package clerktest

import (
	"slices"
)

// apiKeyOwner is whose keys a call of the Frontend API is about: of the user, or
// of the active organization. clerk-js sends a session token.
func (e *Emulator) apiKeyOwner(c *call, subject string) (user, string, error) {
	_, s, err := e.bearerSession(c)
	if err != nil {
		return user{}, "", err
	}
	if subject == "" {
		subject = s.user.ID
	}
	if subject != s.user.ID && !slices.ContainsFunc(s.memberships, func(m memberOf) bool { return m.organization.ID == subject }) {
		return user{}, "", errBadParam("subject", "is neither the user nor an organization of the user")
	}
	return s.user, subject, nil
}

// bearerSession recognizes who calls by the session token in the Authorization
// header, and without one by the browser.
func (e *Emulator) bearerSession(c *call) (browser, sessionState, error) {
	if !isBearer(c.r) {
		return e.me(c)
	}
	jwt, ok := e.ownJWT(c.r.Header.Get("Authorization")[len("Bearer "):])
	if !ok || jwt.Cat != CategorySession || jwt.SessionID == "" || e.Now().Unix() >= jwt.Exp {
		return browser{}, sessionState{}, errSignedOut()
	}
	rec, err := e.store.session(jwt.SessionID)
	if err != nil || rec.UserID != jwt.Subject {
		return browser{}, sessionState{}, errSignedOut()
	}
	s, err := e.store.sessionOf(rec.ClientID, rec.ID)
	return browser{clientID: rec.ClientID}, s, err
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
		return errBadParam("scopes", "and claims are for the Backend API to set")
	}
	in.Subject = subject
	return e.addAPIKey(c, &in, u.ID)
}

// ownAPIKey changes a key of the caller's own.
func (e *Emulator) ownAPIKey(c *call, change func(*stateTx, *apiKey) error) error {
	k, err := e.store.onAPIKey(c.param(0), nil)
	if err != nil {
		return err
	}
	if _, _, err := e.apiKeyOwner(c, k.Subject); err != nil {
		if bad, ok := err.(*apiError); ok && bad.Param == "subject" { //nolint:errorlint // handlers do not wrap it
			err = errNotFound("API key with id " + quoted(c.param(0))) // those of others
		}
		return err
	}
	if k, err = e.store.onAPIKey(k.ID, change); err != nil {
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
	return e.ownAPIKey(c, func(_ *stateTx, k *apiKey) error {
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

package clerktest

import (
	"net/http"
	"net/url"
	"slices"
)

// paramSession names the session of calls below /me and /organizations.
const paramSession = "_clerk_session_id"

// me recognizes the user of a call: of the session that the query names, or of
// the browser's active one.
func (e *Emulator) me(c *call) (browser, sessionState, error) {
	b, err := e.browser(c)
	if err != nil {
		return b, sessionState{}, err
	}
	id := c.r.URL.Query().Get(paramSession)
	if id == "" {
		id = e.activeSession(b.clientID)
	}
	s, err := e.store.sessionOf(b.clientID, id)
	return b, s, err
}

// onMe works on the signed-in user. What work returns is the answer.
func (e *Emulator) onMe(c *call, work func(tx *stateTx, s *sessionState, u *user, form url.Values) (func(*user) any, error)) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	var answer func(*user) any
	var after user
	e.store.Apply(func(tx *stateTx) {
		u := tx.Users[s.user.ID]
		if u == nil {
			err = errSignedOut()
		} else {
			answer, err = work(tx, &s, u, form)
			if err == nil && c.method != http.MethodGet && tx.Users[u.ID] == u {
				emit(tx, "user.updated", u)
			}
		}
		if u != nil {
			after = *u
		}
	})
	if err != nil {
		return err
	}
	c.note("own account: " + c.route.operation)
	return e.answerWrapped(c, b.clientID, answer(&after))
}

// asUser is the answer of calls that change the user.
func (e *Emulator) asUser(u *user) any { return e.userResource(u, e.store.membershipsOf(u.ID)) }

type deletedResource struct {
	Object  string `json:"object"`
	ID      string `json:"id,omitempty"`
	Slug    string `json:"slug,omitempty"`
	Deleted bool   `json:"deleted"`
	// ExternalID is the user's in the application's tables (Backend API).
	ExternalID string `json:"external_id,omitempty"`
}

func deleted(object, id string) func(*user) any {
	return func(*user) any { return deletedResource{Object: object, ID: id, Deleted: true} }
}

func (e *Emulator) getMe(c *call) error {
	return e.onMe(c, func(*stateTx, *sessionState, *user, url.Values) (func(*user) any, error) { return e.asUser, nil })
}

// updateMe is user.update.
func (e *Emulator) updateMe(c *call) error {
	return e.onMe(c, func(tx *stateTx, _ *sessionState, u *user, form url.Values) (func(*user) any, error) {
		change := *u
		for name, field := range map[string]*string{"first_name": &change.FirstName, "last_name": &change.LastName} {
			if form.Has(name) {
				if *field = form.Get(name); len(*field) > maxName {
					return nil, errParam(name, "form_param_max_length_exceeded", name+" is too long")
				}
			}
		}
		if form.Has("username") {
			name, err := tx.username(form.Get("username"), u.ID)
			if err != nil {
				return nil, err
			}
			change.Username = name
		}
		for _, k := range []*identificationKind{emailKind, phoneKind} {
			id, value := k.primary(&change)
			param := "primary_" + k.param + "_id"
			if !form.Has(param) || form.Get(param) == *id {
				continue
			}
			i := findIdentification(*k.list(u), form.Get(param))
			if i == nil || !i.verified() {
				return nil, errParam(param, "form_param_value_invalid", param+" is not a verified one of this user")
			}
			*id, *value = i.ID, i.Value
		}
		if form.Has("unsafe_metadata") {
			metadata, err := metadataParam("unsafe_metadata", form.Get("unsafe_metadata"))
			if err != nil {
				return nil, err
			}
			change.Unsafe = metadata
		}
		if u.Username != change.Username {
			delete(tx.usernames, u.Username)
			if change.Username != "" {
				tx.usernames[change.Username] = u.ID
			}
		}
		change.UpdatedAt = tx.now()
		*u = change
		return e.asUser, nil
	})
}

// updateMyMetadata merges unsafe metadata; null deletes a key.
func (e *Emulator) updateMyMetadata(c *call) error {
	return e.onMe(c, func(tx *stateTx, _ *sessionState, u *user, form url.Values) (func(*user) any, error) {
		patch, err := metadataParam("unsafe_metadata", form.Get("unsafe_metadata"))
		if err != nil {
			return nil, err
		}
		merged, err := mergeJSON(u.Unsafe, patch)
		if err != nil || len(merged) > maxMetadata {
			return nil, errParam("unsafe_metadata", "form_param_max_length_exceeded", "unsafe_metadata is larger than 8 KB.")
		}
		u.Unsafe, u.UpdatedAt = merged, tx.now()
		return e.asUser, nil
	})
}

func (e *Emulator) deleteMe(c *call) error {
	return e.onMe(c, func(tx *stateTx, s *sessionState, u *user, _ url.Values) (func(*user) any, error) {
		if err := e.fresh(s); err != nil {
			return nil, err
		}
		if u.NoDeleteSelf {
			return nil, errForbidden()
		}
		tx.deleteUser(u)
		return deleted("user", u.ID), nil
	})
}

func (e *Emulator) changePassword(c *call) error {
	return e.onMe(c, func(tx *stateTx, s *sessionState, u *user, form url.Values) (func(*user) any, error) {
		resets := slices.Contains(s.session.Tasks, taskResetPassword) // must not need the old one
		if u.PasswordHash != "" && !resets && !u.checkPassword(form.Get("current_password")) {
			if form.Get("current_password") != "" {
				return nil, errParam("current_password", "form_password_incorrect", "Password is incorrect. Try again, or use another method.")
			}
			if err := e.fresh(s); err != nil || !e.settings().Reverification {
				if err == nil {
					err = errParam("current_password", "form_param_nil", "Enter current password.")
				}
				return nil, err
			}
		}
		if err := checkNewPassword("new_password", form.Get("new_password")); err != nil {
			return nil, err
		}
		tx.setPassword(u, form.Get("new_password"))
		tx.finishTasks(u, taskResetPassword)
		if form.Get("sign_out_of_other_sessions") == "true" {
			tx.endSessions(u.ID, s.session.ID, statusRevoked)
		}
		return e.asUser, nil
	})
}

func (e *Emulator) removePassword(c *call) error {
	return e.onMe(c, func(tx *stateTx, _ *sessionState, u *user, form url.Values) (func(*user) any, error) {
		if u.PasswordHash == "" {
			return nil, errBadRequest("no_password_set", "This user has no password.")
		}
		if !u.checkPassword(form.Get("current_password")) {
			return nil, errParam("current_password", "form_password_incorrect", "Password is incorrect. Try again, or use another method.")
		}
		u.PasswordHash, u.PasswordSalt, u.UpdatedAt = "", "", tx.now()
		return e.asUser, nil
	})
}

// mySessions lists the sessions of the user in all browsers; it is bare.
func (e *Emulator) mySessions(c *call) error {
	_, s, err := e.me(c)
	if err != nil {
		return err
	}
	out := []sessionActivity{}
	for _, rec := range e.store.listSessions(func(rec *session) bool { return rec.UserID == s.user.ID && rec.live() }) {
		state := sessionState{session: rec, user: s.user, memberships: s.memberships}
		out = append(out, sessionActivity{e.frontendSession(&state, ""), activity(rec.ID, e.store.agent(rec.ClientID))})
	}
	c.note("own sessions")
	return c.ok(out)
}

// revokeMySession ends a session of the user in any browser.
func (e *Emulator) revokeMySession(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	rec, err := e.store.session(c.param(0))
	if err != nil || rec.UserID != s.user.ID {
		return errNotFound("session with id " + quoted(c.param(0)))
	}
	if rec, err = e.store.endSession(rec.ID, statusRevoked); err != nil {
		return err
	}
	c.note("own session revoked")
	state := sessionState{session: rec, user: s.user, memberships: s.memberships}
	return e.answerWrapped(c, b.clientID, e.frontendSession(&state, ""))
}

// createTemplateToken answers with a token of a JWT template, bare.
func (e *Emulator) createTemplateToken(c *call) error {
	_, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	token, err := e.templateToken(s.session.ID, c.param(1), e.requestOrigin(c), 0)
	if err != nil {
		return err
	}
	c.note("token of template " + quoted(c.param(1)))
	return c.ok(tokenResource{"token", token})
}

package clerktest

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// paramSession names the session of calls below /me and /organizations.
const paramSession = "_clerk_session_id"

// me recognizes the user of a call: of the session that the query names, or of
// the browser's active one.
func (e *Emulator) me(c *call) (state.Browser, state.SessionState, error) {
	b, err := e.browser(c)
	if err != nil {
		return b, state.SessionState{}, err
	}
	id := c.r.URL.Query().Get(paramSession)
	if id == "" {
		id = e.activeSession(b.ClientID)
	}
	s, err := e.store.SessionOf(b.ClientID, id)
	return b, s, err
}

// onMe works on the signed-in user. What work returns is the answer.
func (e *Emulator) onMe(c *call, work func(tx *state.Tx, s *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error)) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	var answer func(*state.User) any
	var after state.User
	e.store.Apply(func(tx *state.Tx) {
		u := tx.Users[s.User.ID]
		if u == nil {
			err = refusal.SignedOut()
		} else {
			answer, err = work(tx, &s, u, form)
			if err == nil && c.method != http.MethodGet && tx.Users[u.ID] == u {
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
	c.note("own account: " + c.route.operation)
	return e.answerWrapped(c, b.ClientID, answer(&after))
}

// asUser is the answer of calls that change the user.
func (e *Emulator) asUser(u *state.User) any { return e.userResource(u, e.store.MembershipsOf(u.ID)) }

type deletedResource struct {
	Object  string `json:"object"`
	ID      string `json:"id,omitempty"`
	Slug    string `json:"slug,omitempty"`
	Deleted bool   `json:"deleted"`
	// ExternalID is the user's in the application's tables (Backend API).
	ExternalID string `json:"external_id,omitempty"`
}

func deleted(object, id string) func(*state.User) any {
	return func(*state.User) any { return deletedResource{Object: object, ID: id, Deleted: true} }
}

func (e *Emulator) getMe(c *call) error {
	return e.onMe(c, func(*state.Tx, *state.SessionState, *state.User, url.Values) (func(*state.User) any, error) {
		return e.asUser, nil
	})
}

// updateMe is user.update.
func (e *Emulator) updateMe(c *call) error {
	return e.onMe(c, func(tx *state.Tx, _ *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		change := *u
		for name, field := range map[string]*string{"first_name": &change.FirstName, "last_name": &change.LastName} {
			if form.Has(name) {
				if *field = form.Get(name); len(*field) > state.MaxName {
					return nil, refusal.Param(name, "form_param_max_length_exceeded", name+" is too long")
				}
			}
		}
		if form.Has("username") {
			name, err := username(tx, form.Get("username"), u.ID)
			if err != nil {
				return nil, err
			}
			change.Username = name
		}
		for _, k := range []*state.IdentificationKind{state.EmailKind, state.PhoneKind} {
			id, value := k.Primary(&change)
			param := "primary_" + k.Param + "_id"
			if !form.Has(param) || form.Get(param) == *id {
				continue
			}
			i := state.FindIdentification(*k.List(u), form.Get(param))
			if i == nil || !i.Verified() {
				return nil, refusal.Param(param, "form_param_value_invalid", param+" is not a verified one of this user")
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
			delete(tx.Usernames, u.Username)
			if change.Username != "" {
				tx.Usernames[change.Username] = u.ID
			}
		}
		change.UpdatedAt = tx.Now()
		*u = change
		return e.asUser, nil
	})
}

// updateMyMetadata merges unsafe metadata; null deletes a key.
func (e *Emulator) updateMyMetadata(c *call) error {
	return e.onMe(c, func(tx *state.Tx, _ *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		patch, err := metadataParam("unsafe_metadata", form.Get("unsafe_metadata"))
		if err != nil {
			return nil, err
		}
		merged, err := mergeJSON(u.Unsafe, patch)
		if err != nil || len(merged) > state.MaxMetadata {
			return nil, refusal.Param("unsafe_metadata", "form_param_max_length_exceeded", "unsafe_metadata is larger than 8 KB.")
		}
		u.Unsafe, u.UpdatedAt = merged, tx.Now()
		return e.asUser, nil
	})
}

func (e *Emulator) deleteMe(c *call) error {
	return e.onMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, _ url.Values) (func(*state.User) any, error) {
		if err := e.fresh(s); err != nil {
			return nil, err
		}
		if u.NoDeleteSelf {
			return nil, refusal.Forbidden()
		}
		tx.DeleteUser(u)
		return deleted("user", u.ID), nil
	})
}

func (e *Emulator) changePassword(c *call) error {
	return e.onMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		resets := slices.Contains(s.Session.Tasks, state.TaskResetPassword) // must not need the old one
		if u.PasswordHash != "" && !resets && !u.CheckPassword(form.Get("current_password")) {
			if form.Get("current_password") != "" {
				return nil, refusal.Param("current_password", "form_password_incorrect", "Password is incorrect. Try again, or use another method.")
			}
			if err := e.fresh(s); err != nil || !e.settings().Reverification {
				if err == nil {
					err = refusal.Param("current_password", "form_param_nil", "Enter current password.")
				}
				return nil, err
			}
		}
		if err := passwords.Check("new_password", form.Get("new_password")); err != nil {
			return nil, err
		}
		setPassword(tx, u, form.Get("new_password"))
		tx.FinishTasks(u, state.TaskResetPassword)
		if form.Get("sign_out_of_other_sessions") == "true" {
			tx.EndSessions(u.ID, s.Session.ID, state.StatusRevoked)
		}
		return e.asUser, nil
	})
}

func (e *Emulator) removePassword(c *call) error {
	return e.onMe(c, func(tx *state.Tx, _ *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		if u.PasswordHash == "" {
			return nil, refusal.BadRequest("no_password_set", "This user has no password.")
		}
		if !u.CheckPassword(form.Get("current_password")) {
			return nil, refusal.Param("current_password", "form_password_incorrect", "Password is incorrect. Try again, or use another method.")
		}
		u.PasswordHash, u.PasswordSalt, u.UpdatedAt = "", "", tx.Now()
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
	for _, rec := range e.store.ListSessions(func(rec *state.Session) bool { return rec.UserID == s.User.ID && rec.Live() }) {
		state := state.SessionState{Session: rec, User: s.User, Memberships: s.Memberships}
		out = append(out, sessionActivity{e.frontendSession(&state, ""), activity(rec.ID, agent(e.store, rec.ClientID))})
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
	rec, err := e.store.Session(c.param(0))
	if err != nil || rec.UserID != s.User.ID {
		return refusal.NotFound("session with id " + refusal.Quoted(c.param(0)))
	}
	if rec, err = e.store.EndSession(rec.ID, state.StatusRevoked); err != nil {
		return err
	}
	c.note("own session revoked")
	state := state.SessionState{Session: rec, User: s.User, Memberships: s.Memberships}
	return e.answerWrapped(c, b.ClientID, e.frontendSession(&state, ""))
}

// createTemplateToken answers with a token of a JWT template, bare.
func (e *Emulator) createTemplateToken(c *call) error {
	_, s, err := e.ownSession(c)
	if err != nil {
		return err
	}
	token, err := e.templateToken(s.Session.ID, c.param(1), e.requestOrigin(c), 0)
	if err != nil {
		return err
	}
	c.note("token of template " + refusal.Quoted(c.param(1)))
	return c.ok(tokenResource{"token", token})
}

package people

import (
	"net/url"
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func (e *API) getMe(c *wire.Call) error {
	return e.sessions.OnMe(c, func(*state.Tx, *state.SessionState, *state.User, url.Values) (func(*state.User) any, error) {
		return e.sessions.AsUser, nil
	})
}

// updateMe is user.update.
func (e *API) updateMe(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, _ *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		change := *u
		for name, field := range map[string]*string{"first_name": &change.FirstName, "last_name": &change.LastName} {
			if form.Has(name) {
				if *field = form.Get(name); len(*field) > state.MaxName {
					return nil, refusal.Param(name, "form_param_max_length_exceeded", name+" is too long")
				}
			}
		}
		if form.Has("username") {
			name, err := state.Username(tx, form.Get("username"), u.ID)
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
			metadata, err := wire.MetadataParam("unsafe_metadata", form.Get("unsafe_metadata"))
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
		return e.sessions.AsUser, nil
	})
}

// updateMyMetadata merges unsafe metadata; null deletes a key.
func (e *API) updateMyMetadata(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, _ *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		patch, err := wire.MetadataParam("unsafe_metadata", form.Get("unsafe_metadata"))
		if err != nil {
			return nil, err
		}
		merged, err := wire.MergeJSON(u.Unsafe, patch)
		if err != nil || len(merged) > state.MaxMetadata {
			return nil, refusal.Param("unsafe_metadata", "form_param_max_length_exceeded", "unsafe_metadata is larger than 8 KB.")
		}
		u.Unsafe, u.UpdatedAt = merged, tx.Now()
		return e.sessions.AsUser, nil
	})
}

func (e *API) deleteMe(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, _ url.Values) (func(*state.User) any, error) {
		if err := e.sessions.Fresh(s); err != nil {
			return nil, err
		}
		if u.NoDeleteSelf {
			return nil, refusal.Forbidden()
		}
		tx.DeleteUser(u)
		return answers.Deleted("user", u.ID), nil
	})
}

func (e *API) changePassword(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		resets := slices.Contains(s.Session.Tasks, state.TaskResetPassword) // must not need the old one
		if u.PasswordHash != "" && !resets && !u.CheckPassword(form.Get("current_password")) {
			if form.Get("current_password") != "" {
				return nil, refusal.Param("current_password", "form_password_incorrect", "Password is incorrect. Try again, or use another method.")
			}
			if err := e.sessions.Fresh(s); err != nil || !e.Settings().Reverification {
				if err == nil {
					err = refusal.Param("current_password", "form_param_nil", "Enter current password.")
				}
				return nil, err
			}
		}
		if err := passwords.Check("new_password", form.Get("new_password")); err != nil {
			return nil, err
		}
		strategies.SetPassword(tx, u, form.Get("new_password"))
		tx.FinishTasks(u, state.TaskResetPassword)
		if form.Get("sign_out_of_other_sessions") == "true" {
			tx.EndSessions(u.ID, s.Session.ID, state.StatusRevoked)
		}
		return e.sessions.AsUser, nil
	})
}

func (e *API) removePassword(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, _ *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		if u.PasswordHash == "" {
			return nil, refusal.BadRequest("no_password_set", "This user has no password.")
		}
		if !u.CheckPassword(form.Get("current_password")) {
			return nil, refusal.Param("current_password", "form_password_incorrect", "Password is incorrect. Try again, or use another method.")
		}
		u.PasswordHash, u.PasswordSalt, u.UpdatedAt = "", "", tx.Now()
		return e.sessions.AsUser, nil
	})
}

// mySessions lists the sessions of the user in all browsers; it is bare.
func (e *API) mySessions(c *wire.Call) error {
	_, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	out := []sessions.SessionActivity{}
	for _, rec := range e.Store.ListSessions(func(rec *state.Session) bool { return rec.UserID == s.User.ID && rec.Live() }) {
		state := state.SessionState{Session: rec, User: s.User, Memberships: s.Memberships}
		out = append(out, sessions.SessionActivity{SessionResource: e.answers.FrontendSession(&state, ""), Activity: sessions.Activity(rec.ID, sessions.Agent(e.Store, rec.ClientID))})
	}
	c.Note("own sessions")
	return c.OK(out)
}

// revokeMySession ends a session of the user in any browser.
func (e *API) revokeMySession(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	rec, err := e.Store.Session(c.Param(0))
	if err != nil || rec.UserID != s.User.ID {
		return refusal.NotFound("session with id " + refusal.Quoted(c.Param(0)))
	}
	if rec, err = e.Store.EndSession(rec.ID, state.StatusRevoked); err != nil {
		return err
	}
	c.Note("own session revoked")
	state := state.SessionState{Session: rec, User: s.User, Memberships: s.Memberships}
	return e.answers.AnswerWrapped(c, b.ClientID, e.answers.FrontendSession(&state, ""))
}

// createTemplateToken answers with a token of a JWT template, bare.
func (e *API) createTemplateToken(c *wire.Call) error {
	_, s, err := e.sessions.OwnSession(c)
	if err != nil {
		return err
	}
	token, err := e.sessions.TemplateToken(s.Session.ID, c.Param(1), e.RequestOrigin(c), 0)
	if err != nil {
		return err
	}
	c.Note("token of template " + refusal.Quoted(c.Param(1)))
	return c.OK(answers.TokenResource{Object: "token", JWT: token})
}

package people

import (
	"net/url"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

type totpResource struct {
	Object      string   `json:"object"`
	ID          string   `json:"id"`
	Secret      *string  `json:"secret"`
	URI         *string  `json:"uri"`
	Verified    bool     `json:"verified"`
	BackupCodes []string `json:"backup_codes"`
	CreatedAt   int64    `json:"created_at"`
	UpdatedAt   int64    `json:"updated_at"`
}

// createTOTP makes the secret of an authenticator app. It counts once a code of
// it was verified.
func (e *API) createTOTP(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, _ url.Values) (func(*state.User) any, error) {
		if err := e.sessions.Fresh(s); err != nil {
			return nil, err
		}
		if u.TOTP != nil && u.TOTP.Verified {
			return nil, refusal.BadRequest("totp_already_enabled", "This user has an authenticator app already.")
		}
		now := tx.Now()
		u.TOTP = &state.TOTPSecret{ID: tx.IDs.Next("totp"), Secret: strategies.NewTOTPSecret(tx.IDs), Verified: false, Created: now, UpdatedAt: now}
		u.UpdatedAt = now
		issuer := e.Settings().ApplicationName
		uri := url.URL{
			Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + u.Identifier(),
			RawQuery: url.Values{"secret": {u.TOTP.Secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}.Encode(),
		}
		text := uri.String()
		r := totpOf(u.TOTP)
		r.Secret, r.URI = &u.TOTP.Secret, &text
		return func(*state.User) any { return r }, nil
	})
}

func totpOf(t *state.TOTPSecret) *totpResource {
	return &totpResource{Object: "totp", ID: t.ID, Verified: t.Verified, CreatedAt: wire.Millis(t.Created), UpdatedAt: wire.Millis(t.UpdatedAt)}
}

// verifyTOTP takes the first code, and hands out backup codes where there are
// none.
func (e *API) verifyTOTP(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, _ *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		switch {
		case u.TOTP == nil:
			return nil, refusal.NotFound("authenticator app")
		case form.Get("code") == "":
			return nil, refusal.Param("code", "form_param_nil", "Enter code.")
		case !strategies.CheckTOTP(u.TOTP.Secret, form.Get("code"), tx.Now()):
			return nil, refusal.Param("code", "form_code_incorrect", "Incorrect code")
		}
		t := *u.TOTP
		t.Verified, t.UpdatedAt = true, tx.Now()
		u.TOTP, u.UpdatedAt = &t, t.UpdatedAt
		noteSecondFactor(tx, u)
		r := totpOf(&t)
		if len(u.BackupCodes) == 0 {
			r.BackupCodes = strategies.NewBackupCodes(tx, u)
		}
		return func(*state.User) any { return r }, nil
	})
}

func (e *API) deleteTOTP(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, _ url.Values) (func(*state.User) any, error) {
		if err := e.sessions.Fresh(s); err != nil {
			return nil, err
		}
		if u.TOTP == nil {
			return nil, refusal.NotFound("authenticator app")
		}
		id := u.TOTP.ID
		u.TOTP, u.UpdatedAt = nil, tx.Now()
		noteSecondFactor(tx, u)
		return answers.Deleted("totp", id), nil
	})
}

func (e *API) createBackupCodes(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, _ url.Values) (func(*state.User) any, error) {
		if err := e.sessions.Fresh(s); err != nil {
			return nil, err
		}
		if !u.HasSecondFactor() {
			return nil, refusal.BadRequest("backup_codes_not_available", "Backup codes need another second factor first.")
		}
		codes := strategies.NewBackupCodes(tx, u)
		at := wire.Millis(u.UpdatedAt)
		return func(*state.User) any {
			return map[string]any{"object": "backup_code", "id": "backup_" + u.ID, "codes": codes, "created_at": at, "updated_at": at}
		}, nil
	})
}

// createAccount begins to connect a provider's account.
func (e *API) createAccount(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, _ *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		provider := state.ProviderOf(form.Get("strategy"))
		if provider == "" {
			return nil, refusal.Param("strategy", "form_param_value_invalid", refusal.Quoted(form.Get("strategy"))+" is not a provider that the emulator plays")
		}
		if len(u.Accounts) >= maxIdentifications {
			return nil, refusal.BadRequest("identification_quota_exceeded", "This user has too many of these.")
		}
		at := tx.Made()
		a := state.ExternalAccount{
			ID: tx.IDs.Next("eac"), IdentificationID: tx.IDs.Next("idn"), Provider: provider, Created: at, UpdatedAt: at.At,
		}
		if err := e.connect(tx, c, &a, u, form); err != nil {
			return nil, err
		}
		// One that nobody finished is replaced.
		u.Accounts = slices.DeleteFunc(slices.Clone(u.Accounts), func(old state.ExternalAccount) bool {
			return old.Provider == provider && old.Proof.Status != state.Verified
		})
		u.Accounts = append(u.Accounts, a)
		return e.accountAnswer(a.ID), nil
	})
}

func (e *API) connect(tx *state.Tx, c *wire.Call, a *state.ExternalAccount, u *state.User, form url.Values) error {
	form.Set("strategy", "oauth_"+a.Provider)
	// clerk-js sends what the application gave it, which may be a path.
	if back := form.Get("redirect_url"); strings.HasPrefix(back, "/") && e.RequestOrigin(c) != "" {
		form.Set("redirect_url", e.RequestOrigin(c)+back)
	}
	p := &strategies.Proof{
		E: e.strategies, Tx: tx, User: u, Form: form, V: &a.Proof, Purpose: state.TargetAccount,
		Target: state.LinkTarget{Kind: state.TargetAccount, ID: u.ID, Item: a.ID},
	}
	_, err := p.Prepare(func(*strategies.Strategy) bool { return true })
	return refusal.OrNil(err)
}

func (e *API) accountAnswer(id string) func(*state.User) any {
	return func(u *state.User) any {
		for i := range u.Accounts {
			if u.Accounts[i].ID == id {
				return e.answers.AccountResource(&u.Accounts[i])
			}
		}
		return nil
	}
}

// reauthorizeAccount goes through the provider once more.
func (e *API) reauthorizeAccount(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, _ *state.SessionState, u *state.User, form url.Values) (func(*state.User) any, error) {
		n := slices.IndexFunc(u.Accounts, func(a state.ExternalAccount) bool { return a.ID == c.Param(0) })
		if n < 0 {
			return nil, refusal.NotFound("external account with id " + refusal.Quoted(c.Param(0)))
		}
		a := u.Accounts[n]
		delete(tx.Accounts, a.Key())
		if err := e.connect(tx, c, &a, u, form); err != nil {
			return nil, err
		}
		u.Accounts = slices.Clone(u.Accounts)
		u.Accounts[n] = a
		return e.accountAnswer(a.ID), nil
	})
}

func (e *API) deleteAccount(c *wire.Call) error {
	return e.sessions.OnMe(c, func(tx *state.Tx, s *state.SessionState, u *state.User, _ url.Values) (func(*state.User) any, error) {
		if err := e.sessions.Fresh(s); err != nil {
			return nil, err
		}
		n := slices.IndexFunc(u.Accounts, func(a state.ExternalAccount) bool { return a.ID == c.Param(0) })
		if n < 0 {
			return nil, refusal.NotFound("external account with id " + refusal.Quoted(c.Param(0)))
		}
		a := u.Accounts[n]
		delete(tx.Accounts, a.Key())
		u.Accounts = slices.Delete(slices.Clone(u.Accounts), n, n+1)
		u.UpdatedAt = tx.Now()
		return answers.Deleted("external_account", a.ID), nil
	})
}

// joinWaitlist puts an address on the waitlist. It concerns no client.
func (e *API) joinWaitlist(c *wire.Call) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if e.Settings().SignUpMode != state.ModeWaitlist {
		return &refusal.Error{Kind: refusal.KindNotAllowed, Code: "waitlist_disabled", Message: "Waitlist is disabled", Long: "This instance has no waitlist.", Param: "", Meta: nil}
	}
	w, err := e.Store.JoinWaitlist(form.Get("email_address"), false)
	if err != nil {
		return err
	}
	c.Note("joined the waitlist")
	at := wire.Millis(w.Created.At)
	entry := map[string]any{"object": "waitlist_entry", "id": w.ID, "created_at": at, "updated_at": wire.Millis(w.UpdatedAt)}
	if version := c.R.URL.Query().Get("__clerk_api_version"); version != "" && version < "2026" {
		return c.OK(answers.Wrapped{Response: entry}) // clerk-js 5 reads it there, and clerk-js 6 bare
	}
	return c.OK(entry)
}

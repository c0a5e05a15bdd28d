package clerktest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
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
func (e *Emulator) createTOTP(c *call) error {
	return e.onMe(c, func(tx *stateTx, s *sessionState, u *user, _ url.Values) (func(*user) any, error) {
		if err := e.fresh(s); err != nil {
			return nil, err
		}
		if u.TOTP != nil && u.TOTP.Verified {
			return nil, errBadRequest("totp_already_enabled", "This user has an authenticator app already.")
		}
		now := tx.now()
		u.TOTP = &totpSecret{tx.ids.next("totp"), tx.ids.newTOTPSecret(), false, now, now}
		u.UpdatedAt = now
		issuer := e.settings().ApplicationName
		uri := url.URL{
			Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + u.identifier(),
			RawQuery: url.Values{"secret": {u.TOTP.Secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}.Encode(),
		}
		text := uri.String()
		r := totpOf(u.TOTP)
		r.Secret, r.URI = &u.TOTP.Secret, &text
		return func(*user) any { return r }, nil
	})
}

func totpOf(t *totpSecret) *totpResource {
	return &totpResource{Object: "totp", ID: t.ID, Verified: t.Verified, CreatedAt: millis(t.Created), UpdatedAt: millis(t.UpdatedAt)}
}

// verifyTOTP takes the first code, and hands out backup codes where there are
// none.
func (e *Emulator) verifyTOTP(c *call) error {
	return e.onMe(c, func(tx *stateTx, _ *sessionState, u *user, form url.Values) (func(*user) any, error) {
		switch {
		case u.TOTP == nil:
			return nil, errNotFound("authenticator app")
		case form.Get("code") == "":
			return nil, errParam("code", "form_param_nil", "Enter code.")
		case !checkTOTP(u.TOTP.Secret, form.Get("code"), tx.now()):
			return nil, errParam("code", "form_code_incorrect", "Incorrect code")
		}
		t := *u.TOTP
		t.Verified, t.UpdatedAt = true, tx.now()
		u.TOTP, u.UpdatedAt = &t, t.UpdatedAt
		tx.noteSecondFactor(u)
		r := totpOf(&t)
		if len(u.BackupCodes) == 0 {
			r.BackupCodes = tx.newBackupCodes(u)
		}
		return func(*user) any { return r }, nil
	})
}

func (e *Emulator) deleteTOTP(c *call) error {
	return e.onMe(c, func(tx *stateTx, s *sessionState, u *user, _ url.Values) (func(*user) any, error) {
		if err := e.fresh(s); err != nil {
			return nil, err
		}
		if u.TOTP == nil {
			return nil, errNotFound("authenticator app")
		}
		id := u.TOTP.ID
		u.TOTP, u.UpdatedAt = nil, tx.now()
		tx.noteSecondFactor(u)
		return deleted("totp", id), nil
	})
}

func (e *Emulator) createBackupCodes(c *call) error {
	return e.onMe(c, func(tx *stateTx, s *sessionState, u *user, _ url.Values) (func(*user) any, error) {
		if err := e.fresh(s); err != nil {
			return nil, err
		}
		if !u.hasSecondFactor() {
			return nil, errBadRequest("backup_codes_not_available", "Backup codes need another second factor first.")
		}
		codes := tx.newBackupCodes(u)
		at := millis(u.UpdatedAt)
		return func(*user) any {
			return map[string]any{"object": "backup_code", "id": "backup_" + u.ID, "codes": codes, "created_at": at, "updated_at": at}
		}, nil
	})
}

// createAccount begins to connect a provider's account.
func (e *Emulator) createAccount(c *call) error {
	return e.onMe(c, func(tx *stateTx, _ *sessionState, u *user, form url.Values) (func(*user) any, error) {
		provider := providerOf(form.Get("strategy"))
		if provider == "" {
			return nil, errParam("strategy", "form_param_value_invalid", quoted(form.Get("strategy"))+" is not a provider that the emulator plays")
		}
		if len(u.Accounts) >= maxIdentifications {
			return nil, errBadRequest("identification_quota_exceeded", "This user has too many of these.")
		}
		at := tx.made()
		a := externalAccount{
			ID: tx.ids.next("eac"), IdentificationID: tx.ids.next("idn"), Provider: provider, Created: at, UpdatedAt: at.At,
		}
		if err := e.connect(tx, c, &a, u, form); err != nil {
			return nil, err
		}
		// One that nobody finished is replaced.
		u.Accounts = slices.DeleteFunc(slices.Clone(u.Accounts), func(old externalAccount) bool {
			return old.Provider == provider && old.Proof.Status != verified
		})
		u.Accounts = append(u.Accounts, a)
		return e.accountAnswer(a.ID), nil
	})
}

func (e *Emulator) connect(tx *stateTx, c *call, a *externalAccount, u *user, form url.Values) error {
	form.Set("strategy", "oauth_"+a.Provider)
	// clerk-js sends what the application gave it, which may be a path.
	if back := form.Get("redirect_url"); strings.HasPrefix(back, "/") && e.requestOrigin(c) != "" {
		form.Set("redirect_url", e.requestOrigin(c)+back)
	}
	p := &proof{
		e: e, tx: tx, user: u, form: form, v: &a.Proof, purpose: targetAccount,
		target: linkTarget{Kind: targetAccount, ID: u.ID, Item: a.ID},
	}
	_, err := p.prepare(func(*strategy) bool { return true })
	return orNil(err)
}

func (e *Emulator) accountAnswer(id string) func(*user) any {
	return func(u *user) any {
		for i := range u.Accounts {
			if u.Accounts[i].ID == id {
				return e.accountResource(&u.Accounts[i])
			}
		}
		return nil
	}
}

// reauthorizeAccount goes through the provider once more.
func (e *Emulator) reauthorizeAccount(c *call) error {
	return e.onMe(c, func(tx *stateTx, _ *sessionState, u *user, form url.Values) (func(*user) any, error) {
		n := slices.IndexFunc(u.Accounts, func(a externalAccount) bool { return a.ID == c.param(0) })
		if n < 0 {
			return nil, errNotFound("external account with id " + quoted(c.param(0)))
		}
		a := u.Accounts[n]
		delete(tx.accounts, a.key())
		if err := e.connect(tx, c, &a, u, form); err != nil {
			return nil, err
		}
		u.Accounts = slices.Clone(u.Accounts)
		u.Accounts[n] = a
		return e.accountAnswer(a.ID), nil
	})
}

func (e *Emulator) deleteAccount(c *call) error {
	return e.onMe(c, func(tx *stateTx, s *sessionState, u *user, _ url.Values) (func(*user) any, error) {
		if err := e.fresh(s); err != nil {
			return nil, err
		}
		n := slices.IndexFunc(u.Accounts, func(a externalAccount) bool { return a.ID == c.param(0) })
		if n < 0 {
			return nil, errNotFound("external account with id " + quoted(c.param(0)))
		}
		a := u.Accounts[n]
		delete(tx.accounts, a.key())
		u.Accounts = slices.Delete(slices.Clone(u.Accounts), n, n+1)
		u.UpdatedAt = tx.now()
		return deleted("external_account", a.ID), nil
	})
}

// joinWaitlist puts an address on the waitlist. It concerns no client.
func (e *Emulator) joinWaitlist(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	if e.settings().SignUpMode != modeWaitlist {
		return &apiError{http.StatusForbidden, "waitlist_disabled", "Waitlist is disabled", "This instance has no waitlist.", "", nil}
	}
	w, err := e.store.joinWaitlist(form.Get("email_address"), false)
	if err != nil {
		return err
	}
	c.note("joined the waitlist")
	at := millis(w.Created.At)
	entry := map[string]any{"object": "waitlist_entry", "id": w.ID, "created_at": at, "updated_at": millis(w.UpdatedAt)}
	if version := c.r.URL.Query().Get("__clerk_api_version"); version != "" && version < "2026" {
		return c.ok(wrapped{Response: entry}) // clerk-js 5 reads it there, and clerk-js 6 bare
	}
	return c.ok(entry)
}

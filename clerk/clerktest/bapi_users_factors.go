package clerktest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// removeUserPassword leaves a user who has none as it is.
func (e *Emulator) removeUserPassword(c *call) error {
	var in struct {
		SignOut field[bool] `json:"sign_out_of_other_sessions"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return e.changeUser(c, func(tx *stateTx, u *user) error {
		if u.PasswordHash != "" {
			u.PasswordHash, u.PasswordSalt, u.Hasher, u.Compromised = "", "", "", false
			tx.changed(u)
		}
		if in.SignOut.Value {
			tx.endSessions(u.ID, "", statusRevoked)
		}
		return nil
	})
}

func (e *Emulator) verifyUserPassword(c *call) error {
	var in struct {
		Password field[string] `json:"password"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	_, err := e.withUser(c, func(_ *stateTx, u *user) error {
		switch {
		case in.Password.Value == "":
			return errMissing("password")
		case u.PasswordHash == "":
			return errBadRequest("no_password_set", "This user does not have a password set for their account")
		case !u.checkPassword(in.Password.Value):
			return errParam("password", "incorrect_password", "The provided password is not the one the user has set")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.ok(map[string]any{"verified": true})
}

// verifyUserTOTP checks the code of an authenticator app, or uses a backup code up.
func (e *Emulator) verifyUserTOTP(c *call) error {
	var in struct {
		Code field[string] `json:"code"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	kind := ""
	_, err := e.withUser(c, func(tx *stateTx, u *user) error {
		code := in.Code.Value
		switch {
		case code == "":
			return errMissing("code")
		case u.TOTP == nil || !u.TOTP.Verified:
			return errBadRequest("totp_disabled", "This user does not have TOTP enabled in their account")
		case checkTOTP(u.TOTP.Secret, code, tx.now()):
			kind = "totp"
			return nil
		case u.useBackupCode(code):
			kind = "backup_code"
			tx.changed(u)
			return nil
		}
		return errParam("code", "totp_incorrect_code", "The provided TOTP code is incorrect")
	})
	if err != nil {
		return err
	}
	return c.ok(map[string]any{"verified": true, "code_type": kind})
}

// useBackupCode takes a code away, and reports whether it was there. Codes that
// were imported may be bcrypt digests.
func (u *user) useBackupCode(code string) bool {
	for i, known := range u.BackupCodes {
		if subtle.ConstantTimeCompare([]byte(known), []byte(code)) == 1 ||
			strings.HasPrefix(known, "$2") && checkBcrypt(known, []byte(code)) {
			u.BackupCodes = slices.Delete(slices.Clone(u.BackupCodes), i, i+1)
			return true
		}
	}
	return false
}

// changeFactors changes the second factors of a user, and answers with the id
// alone.
func changeFactors(change func(*stateTx, *user)) func(*Emulator, *call) error {
	return func(e *Emulator, c *call) error {
		u, err := e.withUser(c, func(tx *stateTx, u *user) error {
			change(tx, u)
			tx.noteSecondFactor(u)
			tx.changed(u)
			return nil
		})
		if err != nil {
			return err
		}
		return c.ok(map[string]any{"user_id": u.ID})
	}
}

func (tx *stateTx) disableMFA(u *user) {
	u.TOTP, u.BackupCodes = nil, nil
	u.PhoneList = slices.Clone(u.PhoneList)
	for i := range u.PhoneList {
		u.PhoneList[i].SecondFactor, u.PhoneList[i].DefaultPhone = false, false
	}
}

func (tx *stateTx) dropBackupCodes(u *user) { u.BackupCodes = nil }

// dropTOTP takes the authenticator app away, and the backup codes with the
// last second factor.
func (tx *stateTx) dropTOTP(u *user) {
	u.TOTP = nil
	if !u.hasSecondFactor() {
		u.BackupCodes = nil
	}
}

func (e *Emulator) deleteUserAccount(c *call) error {
	_, err := e.withUser(c, func(tx *stateTx, u *user) error {
		n := slices.IndexFunc(u.Accounts, func(a externalAccount) bool { return a.ID == c.param(1) })
		if n < 0 {
			return errNotFound("external account with id " + quoted(c.param(1)))
		}
		delete(tx.accounts, mineOnly(tx.accounts, u.Accounts[n].key(), u.ID))
		u.Accounts = slices.Delete(slices.Clone(u.Accounts), n, n+1)
		tx.changed(u)
		return nil
	})
	if err != nil {
		return err
	}
	return c.ok(deletedResource{Object: "external_account", ID: c.param(1), Deleted: true})
}

// withoutAny makes a handler for things that no user of the emulator has.
func withoutAny(what string) func(*Emulator, *call) error {
	return func(e *Emulator, c *call) error {
		_, err := e.withUser(c, func(*stateTx, *user) error { return errNotFound(what + " with id " + quoted(c.param(1))) })
		return err
	}
}

func (e *Emulator) listTrustedDevices(c *call) error {
	if _, err := e.withUser(c, func(*stateTx, *user) error { return nil }); err != nil {
		return err
	}
	return c.ok(map[string]any{"data": []struct{}{}, "total_count": 0})
}

func (e *Emulator) setPasswordCompromised(c *call) error {
	var in struct {
		Revoke field[bool] `json:"revoke_all_sessions"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return e.changeUser(c, func(tx *stateTx, u *user) error {
		if u.PasswordHash == "" {
			return errBadRequest("no_password_set", "This user does not have a password set for their account")
		}
		u.Compromised = true
		if in.Revoke.Value {
			tx.endSessions(u.ID, "", statusRevoked)
		}
		tx.changed(u)
		return nil
	})
}

func (tx *stateTx) unsetCompromised(u *user) {
	u.Compromised = false
	tx.changed(u)
}

type accountTokenResource struct {
	Object         string          `json:"object"`
	AccountID      string          `json:"external_account_id"`
	ProviderUserID string          `json:"provider_user_id"`
	Token          string          `json:"token"`
	ExpiresAt      *int64          `json:"expires_at"`
	Provider       string          `json:"provider"`
	PublicMetadata json.RawMessage `json:"public_metadata"`
	Label          *string         `json:"label"`
	Scopes         []string        `json:"scopes"`
}

// listOAuthTokens answers with the tokens of the accounts that a user connected
// through the emulator's provider pages. No provider knows them.
func (e *Emulator) listOAuthTokens(c *call) error {
	provider := providerOf("oauth_" + strings.TrimPrefix(c.param(1), "oauth_"))
	if provider == "" {
		return &apiError{
			http.StatusBadRequest, "oauth_unsupported_provider", "Unsupported provider", quoted(c.param(1)) + " OAuth is not supported.", "", nil,
		}
	}
	u, err := e.store.user(c.param(0))
	if err != nil {
		return err
	}
	out := []accountTokenResource{}
	for i := range u.Accounts {
		if a := &u.Accounts[i]; a.Provider == provider && a.Proof.Status == verified {
			out = append(out, accountTokenResource{
				Object: "oauth_access_token", AccountID: a.ID, ProviderUserID: a.ProviderUserID, Token: accessToken(a),
				Provider: "oauth_" + a.Provider, PublicMetadata: json.RawMessage("{}"), Scopes: []string{"email", "openid", "profile"},
			})
		}
	}
	total, query := len(out), c.r.URL.Query()
	if out, err = page(out, query); err != nil {
		return err
	}
	c.note("tokens of " + u.ID + " at a provider")
	return c.okList(query, out, total)
}

// accessToken is the same for an account as long as it is connected.
func accessToken(a *externalAccount) string {
	sum := sha256.Sum256([]byte("access token of " + a.ID))
	return "emulator_" + hex.EncodeToString(sum[:20])
}

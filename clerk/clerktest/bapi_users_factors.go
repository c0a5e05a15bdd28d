package clerktest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/passwords"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// removeUserPassword leaves a user who has none as it is.
func (e *Emulator) removeUserPassword(c *call) error {
	var in struct {
		SignOut field[bool] `json:"sign_out_of_other_sessions"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return e.changeUser(c, func(tx *state.Tx, u *state.User) error {
		if u.PasswordHash != "" {
			u.PasswordHash, u.PasswordSalt, u.Hasher, u.Compromised = "", "", "", false
			tx.Changed(u)
		}
		if in.SignOut.Value {
			tx.EndSessions(u.ID, "", state.StatusRevoked)
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
	_, err := e.withUser(c, func(_ *state.Tx, u *state.User) error {
		switch {
		case in.Password.Value == "":
			return refusal.Missing("password")
		case u.PasswordHash == "":
			return refusal.BadRequest("no_password_set", "This user does not have a password set for their account")
		case !u.CheckPassword(in.Password.Value):
			return refusal.Param("password", "incorrect_password", "The provided password is not the one the user has set")
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
	_, err := e.withUser(c, func(tx *state.Tx, u *state.User) error {
		code := in.Code.Value
		switch {
		case code == "":
			return refusal.Missing("code")
		case u.TOTP == nil || !u.TOTP.Verified:
			return refusal.BadRequest("totp_disabled", "This user does not have TOTP enabled in their account")
		case checkTOTP(u.TOTP.Secret, code, tx.Now()):
			kind = "totp"
			return nil
		case useBackupCode(u, code):
			kind = "backup_code"
			tx.Changed(u)
			return nil
		}
		return refusal.Param("code", "totp_incorrect_code", "The provided TOTP code is incorrect")
	})
	if err != nil {
		return err
	}
	return c.ok(map[string]any{"verified": true, "code_type": kind})
}

// useBackupCode takes a code away, and reports whether it was there. Codes that
// were imported may be bcrypt digests.
func useBackupCode(u *state.User, code string) bool {
	for i, known := range u.BackupCodes {
		if subtle.ConstantTimeCompare([]byte(known), []byte(code)) == 1 ||
			strings.HasPrefix(known, "$2") && passwords.CheckBcrypt(known, []byte(code)) {
			u.BackupCodes = slices.Delete(slices.Clone(u.BackupCodes), i, i+1)
			return true
		}
	}
	return false
}

// changeFactors changes the second factors of a user, and answers with the id
// alone.
func changeFactors(change func(*state.Tx, *state.User)) func(*Emulator, *call) error {
	return func(e *Emulator, c *call) error {
		u, err := e.withUser(c, func(tx *state.Tx, u *state.User) error {
			change(tx, u)
			noteSecondFactor(tx, u)
			tx.Changed(u)
			return nil
		})
		if err != nil {
			return err
		}
		return c.ok(map[string]any{"user_id": u.ID})
	}
}

func disableMFA(tx *state.Tx, u *state.User) {
	u.TOTP, u.BackupCodes = nil, nil
	u.PhoneList = slices.Clone(u.PhoneList)
	for i := range u.PhoneList {
		u.PhoneList[i].SecondFactor, u.PhoneList[i].DefaultPhone = false, false
	}
}

func dropBackupCodes(tx *state.Tx, u *state.User) { u.BackupCodes = nil }

// dropTOTP takes the authenticator app away, and the backup codes with the
// last second factor.
func dropTOTP(tx *state.Tx, u *state.User) {
	u.TOTP = nil
	if !u.HasSecondFactor() {
		u.BackupCodes = nil
	}
}

func (e *Emulator) deleteUserAccount(c *call) error {
	_, err := e.withUser(c, func(tx *state.Tx, u *state.User) error {
		n := slices.IndexFunc(u.Accounts, func(a state.ExternalAccount) bool { return a.ID == c.param(1) })
		if n < 0 {
			return refusal.NotFound("external account with id " + refusal.Quoted(c.param(1)))
		}
		delete(tx.Accounts, state.MineOnly(tx.Accounts, u.Accounts[n].Key(), u.ID))
		u.Accounts = slices.Delete(slices.Clone(u.Accounts), n, n+1)
		tx.Changed(u)
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
		_, err := e.withUser(c, func(*state.Tx, *state.User) error {
			return refusal.NotFound(what + " with id " + refusal.Quoted(c.param(1)))
		})
		return err
	}
}

func (e *Emulator) listTrustedDevices(c *call) error {
	if _, err := e.withUser(c, func(*state.Tx, *state.User) error { return nil }); err != nil {
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
	return e.changeUser(c, func(tx *state.Tx, u *state.User) error {
		if u.PasswordHash == "" {
			return refusal.BadRequest("no_password_set", "This user does not have a password set for their account")
		}
		u.Compromised = true
		if in.Revoke.Value {
			tx.EndSessions(u.ID, "", state.StatusRevoked)
		}
		tx.Changed(u)
		return nil
	})
}

func unsetCompromised(tx *state.Tx, u *state.User) {
	u.Compromised = false
	tx.Changed(u)
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
	provider := state.ProviderOf("oauth_" + strings.TrimPrefix(c.param(1), "oauth_"))
	if provider == "" {
		return &refusal.Error{
			Kind: refusal.KindBadRequest, Code: "oauth_unsupported_provider", Message: "Unsupported provider", Long: refusal.Quoted(c.param(1)) + " OAuth is not supported.", Param: "", Meta: nil,
		}
	}
	u, err := e.store.User(c.param(0))
	if err != nil {
		return err
	}
	out := []accountTokenResource{}
	for i := range u.Accounts {
		if a := &u.Accounts[i]; a.Provider == provider && a.Proof.Status == state.Verified {
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
func accessToken(a *state.ExternalAccount) string {
	sum := sha256.Sum256([]byte("access token of " + a.ID))
	return "emulator_" + hex.EncodeToString(sum[:20])
}

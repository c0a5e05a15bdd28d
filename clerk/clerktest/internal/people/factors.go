package people

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// removeUserPassword leaves a user who has none as it is.
func (e *API) removeUserPassword(c *wire.Call) error {
	var in struct {
		SignOut wire.Field[bool] `json:"sign_out_of_other_sessions"`
	}
	if err := c.Decode(&in); err != nil {
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

func (e *API) verifyUserPassword(c *wire.Call) error {
	var in struct {
		Password wire.Field[string] `json:"password"`
	}
	if err := c.Decode(&in); err != nil {
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
	return c.OK(map[string]any{"verified": true})
}

// verifyUserTOTP checks the code of an authenticator app, or uses a backup code up.
func (e *API) verifyUserTOTP(c *wire.Call) error {
	var in struct {
		Code wire.Field[string] `json:"code"`
	}
	if err := c.Decode(&in); err != nil {
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
		case strategies.CheckTOTP(u.TOTP.Secret, code, tx.Now()):
			kind = "totp"
			return nil
		case state.UseBackupCode(u, code):
			kind = "backup_code"
			tx.Changed(u)
			return nil
		}
		return refusal.Param("code", "totp_incorrect_code", "The provided TOTP code is incorrect")
	})
	if err != nil {
		return err
	}
	return c.OK(map[string]any{"verified": true, "code_type": kind})
}

// changeFactors changes the second factors of a user, and answers with the id
// alone.
func changeFactors(change func(*state.Tx, *state.User)) func(*API, *wire.Call) error {
	return func(e *API, c *wire.Call) error {
		u, err := e.withUser(c, func(tx *state.Tx, u *state.User) error {
			change(tx, u)
			noteSecondFactor(tx, u)
			tx.Changed(u)
			return nil
		})
		if err != nil {
			return err
		}
		return c.OK(map[string]any{"user_id": u.ID})
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

func (e *API) deleteUserAccount(c *wire.Call) error {
	_, err := e.withUser(c, func(tx *state.Tx, u *state.User) error {
		n := slices.IndexFunc(u.Accounts, func(a state.ExternalAccount) bool { return a.ID == c.Param(1) })
		if n < 0 {
			return refusal.NotFound("external account with id " + refusal.Quoted(c.Param(1)))
		}
		delete(tx.Accounts, state.MineOnly(tx.Accounts, u.Accounts[n].Key(), u.ID))
		u.Accounts = slices.Delete(slices.Clone(u.Accounts), n, n+1)
		tx.Changed(u)
		return nil
	})
	if err != nil {
		return err
	}
	return c.OK(answers.DeletedResource{Object: "external_account", ID: c.Param(1), Deleted: true})
}

// withoutAny makes a handler for things that no user of the emulator has.
func withoutAny(what string) func(*API, *wire.Call) error {
	return func(e *API, c *wire.Call) error {
		_, err := e.withUser(c, func(*state.Tx, *state.User) error {
			return refusal.NotFound(what + " with id " + refusal.Quoted(c.Param(1)))
		})
		return err
	}
}

func (e *API) listTrustedDevices(c *wire.Call) error {
	if _, err := e.withUser(c, func(*state.Tx, *state.User) error { return nil }); err != nil {
		return err
	}
	return c.OK(map[string]any{"data": []struct{}{}, "total_count": 0})
}

func (e *API) setPasswordCompromised(c *wire.Call) error {
	var in struct {
		Revoke wire.Field[bool] `json:"revoke_all_sessions"`
	}
	if err := c.Decode(&in); err != nil {
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
func (e *API) listOAuthTokens(c *wire.Call) error {
	provider := state.ProviderOf("oauth_" + strings.TrimPrefix(c.Param(1), "oauth_"))
	if provider == "" {
		return &refusal.Error{
			Kind: refusal.KindBadRequest, Code: "oauth_unsupported_provider", Message: "Unsupported provider", Long: refusal.Quoted(c.Param(1)) + " OAuth is not supported.", Param: "", Meta: nil,
		}
	}
	u, err := e.Store.User(c.Param(0))
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
	total, query := len(out), c.R.URL.Query()
	if out, err = wire.Page(out, query); err != nil {
		return err
	}
	c.Note("tokens of " + u.ID + " at a provider")
	return c.OkList(query, out, total)
}

// accessToken is the same for an account as long as it is connected.
func accessToken(a *state.ExternalAccount) string {
	sum := sha256.Sum256([]byte("access token of " + a.ID))
	return "emulator_" + hex.EncodeToString(sum[:20])
}

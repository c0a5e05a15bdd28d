package strategies

import (
	"slices"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// backupCodeStrategy is a list of codes that each stand in for the second factor
// once.
var backupCodeStrategy = &Strategy{
	Name: "backup_code", Object: "verification_backup_code", Reverify: true,
	factors: func(u *state.User, second bool) []Factor {
		// Codes alone are no second factor: they are for those who lost theirs.
		if !second || len(u.BackupCodes) == 0 || !u.HasSecondFactor() {
			return nil
		}
		return []Factor{{Strategy: "backup_code"}}
	},
	attempt: func(p *Proof) *refusal.Error {
		code := p.Form.Get("code")
		if code == "" {
			return refusal.Param("code", "form_param_nil", "Enter code.")
		}
		if p.V.Attempts >= state.MaxAttempts {
			return refusal.TooManyAttempts()
		}
		if state.UseBackupCode(p.User, code) {
			*p.V = state.Done("backup_code")
			return nil
		}
		*p.V = state.Verification{Strategy: "backup_code", Status: state.Unverified, Attempts: p.V.Attempts + 1}
		return refusal.Param("code", "form_code_incorrect", "Incorrect code")
	},
}

// backupCodes is how many a user gets.
const backupCodes = 10

func NewBackupCodes(tx *state.Tx, u *state.User) []string {
	codes := make([]string, backupCodes)
	for i := range codes {
		codes[i] = tx.IDs.Lower(8)
	}
	u.BackupCodes, u.UpdatedAt = codes, tx.Now()
	return slices.Clone(codes)
}

package clerktest

import (
	"slices"
)

// backupCodeStrategy is a list of codes that each stand in for the second factor
// once.
var backupCodeStrategy = &strategy{
	name: "backup_code", object: "verification_backup_code", reverify: true,
	factors: func(u *user, second bool) []factor {
		// Codes alone are no second factor: they are for those who lost theirs.
		if !second || len(u.BackupCodes) == 0 || !u.hasSecondFactor() {
			return nil
		}
		return []factor{{Strategy: "backup_code"}}
	},
	attempt: func(p *proof) *apiError {
		code := p.form.Get("code")
		if code == "" {
			return errParam("code", "form_param_nil", "Enter code.")
		}
		if p.v.Attempts >= maxAttempts {
			return errTooManyAttempts()
		}
		if p.user.useBackupCode(code) {
			*p.v = done("backup_code")
			return nil
		}
		*p.v = verification{Strategy: "backup_code", Status: unverified, Attempts: p.v.Attempts + 1}
		return errParam("code", "form_code_incorrect", "Incorrect code")
	},
}

// backupCodes is how many a user gets.
const backupCodes = 10

func (tx *stateTx) newBackupCodes(u *user) []string {
	codes := make([]string, backupCodes)
	for i := range codes {
		codes[i] = tx.ids.lower(8)
	}
	u.BackupCodes, u.UpdatedAt = codes, tx.now()
	return slices.Clone(codes)
}

package strategies

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// PasswordStrategy is the user's password.
var PasswordStrategy = &Strategy{
	Name: "password", Object: "verification_password", Reverify: true,
	factors: func(u *state.User, second bool) []Factor {
		if second || u.PasswordHash == "" {
			return nil
		}
		return []Factor{{Strategy: "password"}}
	},
	attempt: func(p *Proof) *refusal.Error {
		password := p.Form.Get("password")
		if password == "" {
			return refusal.Param("password", "form_param_nil", "Enter password.")
		}
		if !p.User.CheckPassword(password) {
			return refusal.IncorrectPassword()
		}
		if p.User.Compromised && p.Purpose == "sign_in" && len(p.Emails)+len(p.Phones) > 0 {
			return refusal.Param("password", "form_password_compromised", "Your password may be compromised. To protect your account, please "+
				"continue with an alternative sign-in method. You will be required to reset your password after signing in.")
		}
		if p.User.Hasher != "" { // Clerk replaces digests from elsewhere by its own when it learns the password
			at, compromised := p.User.PasswordAt, p.User.Compromised
			p.User.SetPassword(p.Tx.IDs.Random(16), password)
			p.User.PasswordAt, p.User.Compromised = at, compromised
		}
		*p.V = state.Done("password")
		return nil
	},
}

func SetPassword(tx *state.Tx, u *state.User, password string) {
	u.SetPassword(tx.IDs.Random(16), password)
	u.PasswordAt, u.UpdatedAt = tx.Now(), tx.Now()
	if u.LastSignInAt.IsZero() {
		return // a new one has no sessions
	}
	tx.FinishTasks(u, state.TaskResetPassword)
}

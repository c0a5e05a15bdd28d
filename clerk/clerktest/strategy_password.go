package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// passwordStrategy is the user's password.
var passwordStrategy = &strategy{
	name: "password", object: "verification_password", reverify: true,
	factors: func(u *state.User, second bool) []factor {
		if second || u.PasswordHash == "" {
			return nil
		}
		return []factor{{Strategy: "password"}}
	},
	attempt: func(p *proof) *refusal.Error {
		password := p.form.Get("password")
		if password == "" {
			return refusal.Param("password", "form_param_nil", "Enter password.")
		}
		if !p.user.CheckPassword(password) {
			return refusal.IncorrectPassword()
		}
		if p.user.Compromised && p.purpose == "sign_in" && len(p.emails)+len(p.phones) > 0 {
			return refusal.Param("password", "form_password_compromised", "Your password may be compromised. To protect your account, please "+
				"continue with an alternative sign-in method. You will be required to reset your password after signing in.")
		}
		if p.user.Hasher != "" { // Clerk replaces digests from elsewhere by its own when it learns the password
			at, compromised := p.user.PasswordAt, p.user.Compromised
			p.user.SetPassword(p.tx.IDs.Random(16), password)
			p.user.PasswordAt, p.user.Compromised = at, compromised
		}
		*p.v = state.Done("password")
		return nil
	},
}

func setPassword(tx *state.Tx, u *state.User, password string) {
	u.SetPassword(tx.IDs.Random(16), password)
	u.PasswordAt, u.UpdatedAt = tx.Now(), tx.Now()
	if u.LastSignInAt.IsZero() {
		return // a new one has no sessions
	}
	tx.FinishTasks(u, state.TaskResetPassword)
}

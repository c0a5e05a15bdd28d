package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// passwordStrategy is the user's password.
var passwordStrategy = &strategy{
	name: "password", object: "verification_password", reverify: true,
	factors: func(u *user, second bool) []factor {
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
		if !p.user.checkPassword(password) {
			return refusal.IncorrectPassword()
		}
		if p.user.Compromised && p.purpose == "sign_in" && len(p.emails)+len(p.phones) > 0 {
			return refusal.Param("password", "form_password_compromised", "Your password may be compromised. To protect your account, please "+
				"continue with an alternative sign-in method. You will be required to reset your password after signing in.")
		}
		if p.user.Hasher != "" { // Clerk replaces digests from elsewhere by its own when it learns the password
			at, compromised := p.user.PasswordAt, p.user.Compromised
			p.user.setPassword(p.tx.ids.Random(16), password)
			p.user.PasswordAt, p.user.Compromised = at, compromised
		}
		*p.v = done("password")
		return nil
	},
}

func (tx *stateTx) setPassword(u *user, password string) {
	u.setPassword(tx.ids.Random(16), password)
	u.PasswordAt, u.UpdatedAt = tx.now(), tx.now()
	if u.LastSignInAt.IsZero() {
		return // a new one has no sessions
	}
	tx.finishTasks(u, taskResetPassword)
}

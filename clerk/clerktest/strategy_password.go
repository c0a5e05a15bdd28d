package clerktest

// passwordStrategy is the user's password.
var passwordStrategy = &strategy{
	name: "password", object: "verification_password", reverify: true,
	factors: func(u *user, second bool) []factor {
		if second || u.PasswordHash == "" {
			return nil
		}
		return []factor{{Strategy: "password"}}
	},
	attempt: func(p *proof) *apiError {
		password := p.form.Get("password")
		if password == "" {
			return errParam("password", "form_param_nil", "Enter password.")
		}
		if !p.user.checkPassword(password) {
			return errIncorrectPassword()
		}
		if p.user.Compromised && p.purpose == "sign_in" && len(p.emails)+len(p.phones) > 0 {
			return errParam("password", "form_password_compromised", "Your password may be compromised. To protect your account, please "+
				"continue with an alternative sign-in method. You will be required to reset your password after signing in.")
		}
		if p.user.Hasher != "" { // Clerk replaces digests from elsewhere by its own when it learns the password
			at, compromised := p.user.PasswordAt, p.user.Compromised
			p.user.setPassword(p.tx.ids.random(16), password)
			p.user.PasswordAt, p.user.Compromised = at, compromised
		}
		*p.v = done("password")
		return nil
	},
}

// Bounds of passwords, as Clerk's defaults are. bcrypt's is the upper one.
const (
	minPassword = 8
	maxPassword = 72
)

// checkNewPassword refuses what cannot be a password.
func checkNewPassword(param, password string) *apiError {
	switch {
	case password == "":
		return errParam(param, "form_param_nil", "Enter password.")
	case len([]rune(password)) < minPassword:
		return errParam(param, "form_password_length_too_short", "Passwords must be 8 characters or more.")
	case pwned(password):
		return errParam(param, "form_password_pwned", "Password has been found in an online data breach. For account safety, please use a different password.")
	case len(password) > maxPassword:
		return errParam(param, "form_password_size_in_bytes_exceeded", "Your password has exceeded the maximum number of bytes allowed.")
	}
	return nil
}

func (tx *stateTx) setPassword(u *user, password string) {
	u.setPassword(tx.ids.random(16), password)
	u.PasswordAt, u.UpdatedAt = tx.now(), tx.now()
	if u.LastSignInAt.IsZero() {
		return // a new one has no sessions
	}
	tx.finishTasks(u, taskResetPassword)
}

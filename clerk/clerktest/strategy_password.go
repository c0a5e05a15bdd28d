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
	case len(password) > maxPassword:
		return errParam(param, "form_password_size_in_bytes_exceeded", "Your password has exceeded the maximum number of bytes allowed.")
	}
	return nil
}

func (s *store) setPasswordLocked(u *user, password string) {
	u.setPassword(s.ids.random(16), password)
	u.PasswordAt, u.UpdatedAt = s.now(), s.now()
}

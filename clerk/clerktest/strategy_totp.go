package clerktest

import (
	"crypto/subtle"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// totpStrategy is an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds).
var totpStrategy = &strategy{
	name: "totp", object: "verification_totp", reverify: true,
	factors: func(u *state.User, second bool) []factor {
		if !second || u.TOTP == nil || !u.TOTP.Verified {
			return nil
		}
		return []factor{{Strategy: "totp"}}
	},
	attempt: func(p *proof) *refusal.Error {
		code := p.form.Get("code")
		if code == "" {
			return refusal.Param("code", "form_param_nil", "Enter code.")
		}
		if p.v.Attempts >= state.MaxAttempts {
			return refusal.TooManyAttempts()
		}
		if !checkTOTP(p.user.TOTP.Secret, code, p.now()) {
			*p.v = state.Verification{Strategy: "totp", Status: state.Unverified, Attempts: p.v.Attempts + 1}
			return refusal.Param("code", "form_code_incorrect", "Incorrect code")
		}
		*p.v = state.Done("totp")
		return nil
	},
}

const totpPeriod = 30

// TOTPCode returns the code that an authenticator app with the secret shows now,
// by the emulator's clock. The secret is base32, as in [User.TOTPSecret].
func (e *Emulator) TOTPCode(secret string) string {
	e.helper()
	code, err := state.TOTPCode(secret, e.Now().Unix()/totpPeriod)
	if err != nil {
		e.fail("TOTPCode: the secret is not base32")
	}
	return code
}

// checkTOTP takes the codes of this period and of the two beside it, for clocks
// that differ.
func checkTOTP(secret, code string, now time.Time) bool {
	ok := 0
	for step := int64(-1); step <= 1; step++ {
		if want, err := state.TOTPCode(secret, now.Unix()/totpPeriod+step); err == nil {
			ok |= subtle.ConstantTimeCompare([]byte(want), []byte(code))
		}
	}
	return ok == 1
}

// newTOTPSecret returns 20 bytes in base32.
func newTOTPSecret(s *ids.Source) string { return s.From("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32) }

package strategies

import (
	"crypto/subtle"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// totpStrategy is an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds).
var totpStrategy = &Strategy{
	Name: "totp", Object: "verification_totp", Reverify: true,
	factors: func(u *state.User, second bool) []Factor {
		if !second || u.TOTP == nil || !u.TOTP.Verified {
			return nil
		}
		return []Factor{{Strategy: "totp"}}
	},
	attempt: func(p *Proof) *refusal.Error {
		code := p.Form.Get("code")
		if code == "" {
			return refusal.Param("code", "form_param_nil", "Enter code.")
		}
		if p.V.Attempts >= state.MaxAttempts {
			return refusal.TooManyAttempts()
		}
		if !CheckTOTP(p.User.TOTP.Secret, code, p.now()) {
			*p.V = state.Verification{Strategy: "totp", Status: state.Unverified, Attempts: p.V.Attempts + 1}
			return refusal.Param("code", "form_code_incorrect", "Incorrect code")
		}
		*p.V = state.Done("totp")
		return nil
	},
}

const TOTPPeriod = 30

// CheckTOTP takes the codes of this period and of the two beside it, for clocks
// that differ.
func CheckTOTP(secret, code string, now time.Time) bool {
	ok := 0
	for step := int64(-1); step <= 1; step++ {
		if want, err := state.TOTPCode(secret, now.Unix()/TOTPPeriod+step); err == nil {
			ok |= subtle.ConstantTimeCompare([]byte(want), []byte(code))
		}
	}
	return ok == 1
}

// NewTOTPSecret returns 20 bytes in base32.
func NewTOTPSecret(s *ids.Source) string { return s.From("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32) }

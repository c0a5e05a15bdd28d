package clerktest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/ids"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// totpStrategy is an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds).
var totpStrategy = &strategy{
	name: "totp", object: "verification_totp", reverify: true,
	factors: func(u *user, second bool) []factor {
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
		if p.v.Attempts >= maxAttempts {
			return refusal.TooManyAttempts()
		}
		if !checkTOTP(p.user.TOTP.Secret, code, p.now()) {
			*p.v = verification{Strategy: "totp", Status: unverified, Attempts: p.v.Attempts + 1}
			return refusal.Param("code", "form_code_incorrect", "Incorrect code")
		}
		*p.v = done("totp")
		return nil
	},
}

const totpPeriod = 30

// TOTPCode returns the code that an authenticator app with the secret shows now,
// by the emulator's clock. The secret is base32, as in [User.TOTPSecret].
func (e *Emulator) TOTPCode(secret string) string {
	e.helper()
	code, err := totpCode(secret, e.Now().Unix()/totpPeriod)
	if err != nil {
		e.fail("TOTPCode: the secret is not base32")
	}
	return code
}

func validTOTPSecret(secret string) bool {
	_, err := totpCode(secret, 0)
	return err == nil && secret != ""
}

// checkTOTP takes the codes of this period and of the two beside it, for clocks
// that differ.
func checkTOTP(secret, code string, now time.Time) bool {
	ok := 0
	for step := int64(-1); step <= 1; step++ {
		if want, err := totpCode(secret, now.Unix()/totpPeriod+step); err == nil {
			ok |= subtle.ConstantTimeCompare([]byte(want), []byte(code))
		}
	}
	return ok == 1
}

func totpCode(secret string, counter int64) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(secret, "=")))
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha1.New, key)
	var message [8]byte
	binary.BigEndian.PutUint64(message[:], uint64(counter)) //nolint:gosec // times after 1970
	mac.Write(message[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf // RFC 4226 section 5.3
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1_000_000), nil
}

// newTOTPSecret returns 20 bytes in base32.
func newTOTPSecret(s *ids.Source) string { return s.From("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32) }

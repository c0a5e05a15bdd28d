// Package passwords hashes passwords, checks what may be one, and compares them
// with digests from elsewhere.
package passwords

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// Hash keeps passwords out of dumps and logs. It is fast, not strong:
// they live in the memory of an emulator.
func Hash(salt, password string) string {
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte(password))
	return hex.EncodeToString(mac.Sum(nil)) // text, because a snapshot is
}

// Bounds of passwords, as Clerk's defaults are. bcrypt's is the upper one.
const (
	MinLength = 8
	MaxLength = 72
)

// Check refuses what cannot be a password.
func Check(param, password string) *refusal.Error {
	switch {
	case password == "":
		return refusal.Param(param, "form_param_nil", "Enter password.")
	case len([]rune(password)) < MinLength:
		return refusal.Param(param, "form_password_length_too_short", "Passwords must be 8 characters or more.")
	case pwned(password):
		return refusal.Param(param, "form_password_pwned", "Password has been found in an online data breach. For account safety, please use a different password.")
	case len(password) > MaxLength:
		return refusal.Param(param, "form_password_size_in_bytes_exceeded", "Your password has exceeded the maximum number of bytes allowed.")
	}
	return nil
}

package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
)

// TOTPCode returns the code that an authenticator app with the secret shows now,
// by the emulator's clock. The secret is base32, as in [User.TOTPSecret].
func (e *Emulator) TOTPCode(secret string) string {
	e.helper()
	code, err := state.TOTPCode(secret, e.server.Now().Unix()/strategies.TOTPPeriod)
	if err != nil {
		e.fail("TOTPCode: the secret is not base32")
	}
	return code
}

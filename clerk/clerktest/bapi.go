package clerktest

import (
	"crypto/subtle"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// authorizeBackend checks the secret key. Only the emulator's own is accepted,
// and for M2M tokens that of a machine.
func (e *Emulator) authorizeBackend(c *call) error {
	key, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return &refusal.Error{
			Kind: refusal.KindUnauthenticated, Code: "authorization_header_format_invalid", Message: "Invalid Authorization header format",
			Long: "Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'", Param: "", Meta: nil,
		}
	}
	if machineOperation(c.route) {
		if c.machine = e.store.MachineOfSecret(key); c.machine != nil {
			return nil
		}
	}
	if subtle.ConstantTimeCompare([]byte(key), []byte(e.cfg.SecretKey)) != 1 {
		return errSecretKey()
	}
	return nil
}

func errSecretKey() *refusal.Error {
	return &refusal.Error{
		Kind: refusal.KindUnauthenticated, Code: "clerk_key_invalid", Message: "The provided Clerk Secret Key is invalid",
		Long: "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is the emulator's.", Param: "", Meta: nil,
	}
}

func (e *Emulator) getJWKS(c *call) error {
	c.note("signing keys")
	return c.ok(e.keys.JWKS())
}

package wire

import (
	"crypto/subtle"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
)

// authorizeBackend checks the secret key. Only the emulator's own is accepted,
// and for M2M tokens that of a machine.
func (e *Server) authorizeBackend(c *Call) error {
	key, ok := strings.CutPrefix(c.R.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return &refusal.Error{
			Kind: refusal.KindUnauthenticated, Code: "authorization_header_format_invalid", Message: "Invalid Authorization header format",
			Long: "Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'", Param: "", Meta: nil,
		}
	}
	if machineOperation(c) {
		if c.Machine = e.Store.MachineOfSecret(key); c.Machine != nil {
			return nil
		}
	}
	if subtle.ConstantTimeCompare([]byte(key), []byte(e.Config.SecretKey)) != 1 {
		return ErrSecretKey()
	}
	return nil
}

func ErrSecretKey() *refusal.Error {
	return &refusal.Error{
		Kind: refusal.KindUnauthenticated, Code: "clerk_key_invalid", Message: "The provided Clerk Secret Key is invalid",
		Long: "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is the emulator's.", Param: "", Meta: nil,
	}
}

// machineOperation tells the operations that a machine's secret key opens.
func machineOperation(c *Call) bool {
	switch c.Operation {
	case "createM2MToken", "getM2MTokens", "revokeM2MToken", "verifyM2MToken":
		return true
	}
	return false
}

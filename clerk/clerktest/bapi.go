package clerktest

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// authorizeBackend checks the secret key. Only the emulator's own is accepted,
// and for M2M tokens that of a machine.
func (e *Emulator) authorizeBackend(c *call) error {
	key, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return &apiError{
			http.StatusUnauthorized, "authorization_header_format_invalid", "Invalid Authorization header format",
			"Invalid Authorization header format. Must be 'Bearer <YOUR_API_KEY>'", "", nil,
		}
	}
	if machineOperation(c.route) {
		if c.machine = e.store.machineOfSecret(key); c.machine != nil {
			return nil
		}
	}
	if subtle.ConstantTimeCompare([]byte(key), []byte(e.cfg.SecretKey)) != 1 {
		return errSecretKey()
	}
	return nil
}

func errSecretKey() *apiError {
	return &apiError{
		http.StatusUnauthorized, "clerk_key_invalid", "The provided Clerk Secret Key is invalid",
		"The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is the emulator's.", "", nil,
	}
}

func (e *Emulator) getJWKS(c *call) error {
	c.note("signing keys")
	return c.ok(e.keys.set())
}

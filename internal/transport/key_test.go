package transport_test

import (
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/internal/transport"
)

// TestKeyInAWrongPlace: the error names the kind of the pasted value without repeating
// it.
func TestKeyInAWrongPlace(t *testing.T) {
	for key, says := range map[string]string{
		"pk_test_SuperSecret":   "CLERK_SECRET_KEY",
		`"pk_live_SuperSecret"`: "publishable key",
		`"sk_live_SuperSecret"`: "quotes",
	} {
		_, err := transport.New(transport.Config{SecretKey: key})
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "Super") {
			t.Errorf("%s: %v", key, err)
		}
	}
}

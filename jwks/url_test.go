package jwks_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/jwks"
)

// TestURLsTakeTheVersion: a URL may end in /v1, as many documents show it.
func TestURLsTakeTheVersion(t *testing.T) {
	for _, api := range []string{"https://api.example.com", "https://api.example.com/", "https://api.example.com/v1", "https://api.example.com/v1/"} {
		if got := jwks.BackendURL(api); got != "https://api.example.com/v1/jwks" {
			t.Errorf("%s: %s", api, got)
		}
	}
	for _, fapi := range []string{"clerk.example.com", "https://clerk.example.com/v1", "https://clerk.example.com/v1/"} {
		if got := jwks.FrontendURL(fapi); got != "https://clerk.example.com/.well-known/jwks.json" {
			t.Errorf("%s: %s", fapi, got)
		}
	}
}

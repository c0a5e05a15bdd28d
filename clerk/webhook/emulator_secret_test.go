package webhook_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

// published is the default secret of clerk-emulator.
const published = "whsec_ZW11bGF0b3JPblRoaXNNYWNoaW5lT25seTAx"

// TestEmulatorSecretIsRefused tries all spellings of the secret and of equal HMAC keys.
// Invalid spellings are refused for that reason.
func TestEmulatorSecretIsRefused(t *testing.T) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(published, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	longer := append(append([]byte(nil), raw...), 0, 0)
	for name, secret := range map[string]string{
		"as it is":            published,
		"without the prefix":  strings.TrimPrefix(published, "whsec_"),
		"zero bytes after it": "whsec_" + base64.StdEncoding.EncodeToString(longer),
		"unpadded":            "whsec_" + base64.RawStdEncoding.EncodeToString(longer),
		"URL alphabet":        "whsec_" + base64.URLEncoding.EncodeToString(raw),
		"with a line break":   published + "\n",
		"padded further":      published + "====",
		"prefix twice":        "whsec_" + published,
	} {
		for _, secrets := range [][]string{{secret}, {"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", secret}} {
			v, err := webhook.New(webhook.Config{Secrets: secrets})
			ce := (*clerk.ConfigError)(nil)
			if v != nil || !errors.As(err, &ce) {
				t.Fatalf("%s: got %v, %v", name, v, err)
			}
			if strings.Contains(err.Error(), strings.TrimPrefix(published, "whsec_")) {
				t.Errorf("%s: the error shows the secret: %v", name, err)
			}
		}
	}
	_, err = webhook.New(webhook.Config{Secrets: []string{published}})
	for _, word := range []string{"published", "InsecureEmulator", "CLERK_INSECURE_EMULATOR", "CLERK_WEBHOOK_SIGNING_SECRET"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not say %s: %v", word, err)
		}
	}
	if _, err := webhook.New(webhook.Config{Secrets: []string{published}, InsecureEmulator: true}); err != nil {
		t.Errorf("with InsecureEmulator: %v", err)
	}
	if _, err := webhook.NewSigner(published); err != nil {
		t.Errorf("the emulator cannot sign: %v", err)
	}
}

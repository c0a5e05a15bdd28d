package webhook_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

func TestFromConfig(t *testing.T) {
	const older, newer = "whsec_c29tZXRoaW5nIHRoYXQgbm9ib2R5IGd1ZXNzZXMh", "whsec_YW5vdGhlciB0aGluZyB0aGF0IG5vYm9keSBndWVzc2Vz"
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	v, err := webhook.FromConfig(clerk.Config{WebhookSigningSecret: newer + " " + older, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":"user.created","data":{"id":"user_1"},"object":"event"}`)
	for _, secret := range []string{older, newer} {
		s, err := webhook.NewSigner(secret)
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{}
		if err := s.Sign(h, "msg_1", at, body); err != nil {
			t.Fatal(err)
		}
		if ev, err := v.Verify(h, body); err != nil || ev.Type != webhook.UserCreated {
			t.Errorf("%v, %v", ev, err)
		}
	}
	for _, secret := range []string{"", " ", "whsec_", "sk_test_x", older + ",x"} {
		var e *clerk.ConfigError
		if v, err := webhook.FromConfig(clerk.Config{WebhookSigningSecret: secret}); !errors.As(err, &e) || v != nil {
			t.Errorf("%q: %v", secret, err)
		} else if e.Field != "WebhookSigningSecret" {
			t.Errorf("%q: the error names %s", secret, e.Field)
		}
	}
}

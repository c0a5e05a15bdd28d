package webhook_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk/webhook"
	"github.com/clerkkit/clerkkit/internal/zerocall"
)

// TestNothingPanics calls all of the package with zero values.
func TestNothingPanics(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	v, err := webhook.New(webhook.Config{Secrets: []string{secret}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := webhook.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	zerocall.Check(t, zerocall.Package{
		Path: "github.com/clerkkit/clerkkit/clerk/webhook", Dir: ".",
		Funcs: map[string]any{
			"Decode": webhook.Decode[map[string]any], "FromConfig": webhook.FromConfig, "New": webhook.New,
			"NewSigner": webhook.NewSigner, "Permanent": webhook.Permanent,
		},
		Types: []any{(*webhook.Error)(nil)},
		Made:  []any{v, s, &webhook.Event{Type: webhook.UserCreated}},
	})
}

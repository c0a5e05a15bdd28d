package webhook

import (
	"errors"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// FromConfig returns a Verifier for the endpoint of a shared configuration: with its
// WebhookSigningSecret (CLERK_WEBHOOK_SIGNING_SECRET; two with a space between them while a
// secret is rotated), logger and clock. Without a secret, and with one that cannot be used,
// the error is a *clerk.ConfigError.
func FromConfig(cfg clerk.Config) (*Verifier, error) {
	v, err := New(Config{
		Secrets:          strings.Fields(cfg.WebhookSigningSecret),
		InsecureEmulator: cfg.InsecureEmulator,
		Logger:           cfg.Logger,
		Observer:         cfg.Observer,
		Now:              cfg.Now,
	})
	var ce *clerk.ConfigError
	if errors.As(err, &ce) { // the secrets: nothing else of a clerk.Config can be wrong
		return nil, &clerk.ConfigError{Field: "WebhookSigningSecret", Problem: ce.Problem}
	}
	return v, err
}

package webhook

import (
	"errors"
	"strings"

	"github.com/clerkkit/clerkkit/clerk"
)

// FromConfig returns a Verifier with the WebhookSigningSecret, logger and clock of cfg.
// During a rotation CLERK_WEBHOOK_SIGNING_SECRET can contain two secrets, separated by
// a space. If there is no secret, or it is invalid, the error is a *clerk.ConfigError.
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

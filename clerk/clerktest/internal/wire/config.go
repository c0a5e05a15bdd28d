package wire

import (
	"log/slog"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// Config is what requests need of clerktest.Config.
type Config struct {
	Instance      clerk.InstanceType
	FrontendAPI   string
	SecretKey     string
	Origins       []string
	Settings      state.Settings
	TokenVersion  int
	TokenLifetime time.Duration
	RateLimits    bool
	Deterministic bool
	Now           func() time.Time
	Logger        *slog.Logger
}

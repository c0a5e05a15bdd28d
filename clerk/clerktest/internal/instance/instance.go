// Package instance holds the operations on the instance: settings, domains, texts of
// messages and what front ends ask for first.
package instance

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/organizations"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// API is what this room does.
type API struct {
	*wire.Server
	answers       *answers.API
	organizations *organizations.API
	sessions      *sessions.API
	strategies    *strategies.API
}

// New returns the room, on those that it needs.
func New(server *wire.Server, theAnswers *answers.API, theOrganizations *organizations.API, theSessions *sessions.API, theStrategies *strategies.API) *API {
	return &API{Server: server, answers: theAnswers, organizations: theOrganizations, sessions: theSessions, strategies: theStrategies}
}

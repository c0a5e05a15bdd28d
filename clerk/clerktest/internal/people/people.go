// Package people holds the operations on users: what they are told apart by, their
// factors and pictures, who may sign up, the waitlist and invitations.
package people

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

// Package signin holds sign-ins and sign-ups, reverification, links, tickets and the
// sign-in pages.
package signin

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// API is what this room does.
type API struct {
	*wire.Server
	answers    *answers.API
	sessions   *sessions.API
	strategies *strategies.API
}

// New returns the room, on those that it needs.
func New(server *wire.Server, theAnswers *answers.API, theSessions *sessions.API, theStrategies *strategies.API) *API {
	return &API{Server: server, answers: theAnswers, sessions: theSessions, strategies: theStrategies}
}

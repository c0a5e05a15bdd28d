// Package oauth is the OAuth provider: applications, tokens and consent.
package oauth

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// API is what this room does.
type API struct {
	*wire.Server
	answers  *answers.API
	sessions *sessions.API
}

// New returns the room, on those that it needs.
func New(server *wire.Server, theAnswers *answers.API, theSessions *sessions.API) *API {
	return &API{Server: server, answers: theAnswers, sessions: theSessions}
}

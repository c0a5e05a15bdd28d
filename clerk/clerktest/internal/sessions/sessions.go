// Package sessions holds the operations on clients, sessions and their tokens, the
// handshake, and the way of browsers between domains.
package sessions

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// API is what this room does.
type API struct {
	*wire.Server
	answers *answers.API
	tokens  *tokens.API
}

// New returns the room, on those that it needs.
func New(server *wire.Server, theAnswers *answers.API, theTokens *tokens.API) *API {
	return &API{Server: server, answers: theAnswers, tokens: theTokens}
}

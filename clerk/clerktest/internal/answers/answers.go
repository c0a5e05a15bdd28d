// Package answers is what both APIs say of users, sessions, clients and organizations,
// wherever an operation answers with one.
package answers

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/strategies"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/tokens"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// API is what this room does.
type API struct {
	*wire.Server
	strategies *strategies.API
	tokens     *tokens.API
}

// New returns the room, on those that it needs.
func New(server *wire.Server, theStrategies *strategies.API, theTokens *tokens.API) *API {
	return &API{Server: server, strategies: theStrategies, tokens: theTokens}
}

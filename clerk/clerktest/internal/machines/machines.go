// Package machines holds the operations on machines, their tokens, and API keys.
package machines

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// API is what this room does.
type API struct {
	*wire.Server
	sessions *sessions.API
}

// New returns the room, on those that it needs.
func New(server *wire.Server, theSessions *sessions.API) *API {
	return &API{Server: server, sessions: theSessions}
}

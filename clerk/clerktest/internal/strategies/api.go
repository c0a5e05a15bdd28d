// Package strategies holds the ways for somebody to prove who they are, one file each.
package strategies

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// API is what this room does.
type API struct {
	*wire.Server
}

// New returns the room, on those that it needs.
func New(server *wire.Server) *API {
	return &API{Server: server}
}

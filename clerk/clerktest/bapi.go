package clerktest

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func (e *Emulator) getJWKS(c *wire.Call) error {
	c.Note("signing keys")
	return c.OK(e.server.Keys.JWKS())
}

package instance

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

func (e *API) getJWKS(c *wire.Call) error {
	c.Note("signing keys")
	return c.OK(e.Keys.JWKS())
}

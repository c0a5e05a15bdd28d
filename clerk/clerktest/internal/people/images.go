package people

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// serveImage answers with a picture that was uploaded.
func (e *API) serveImage(c *wire.Call) error {
	var i *state.Image
	e.Store.View(func(tx *state.Tx) {
		i = tx.Images[c.Param(0)]
	})
	if i == nil {
		return &refusal.Error{Kind: refusal.KindNotFound, Code: "image_not_found", Message: "Image not found", Long: "", Param: "", Meta: nil}
	}
	h := c.W.Header()
	h.Set("Content-Type", i.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Access-Control-Allow-Origin", "*") // components fetch it without credentials
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = c.W.Write(i.Data) // the client may have gone
	return nil
}

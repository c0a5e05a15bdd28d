package clerktest

import (
	"net/http"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// operation is one operation of an API.
type operation = wire.Route[*Emulator]

// ServeHTTP answers a request to either API or to the pages.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	routes := wire.Router[*Emulator]{Frontend: frontendRoutes, Backend: backendRoutes, Pages: pageRoutes, Control: controlRoutes}
	routes.Answer(e.server, e, w, r)
}

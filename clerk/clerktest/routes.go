package clerktest

import (
	"maps"
	"net/http"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/instance"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/machines"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/oauth"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/organizations"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/people"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/sessions"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/signin"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// operation is one operation of an API.
type operation = wire.Route[*Emulator]

// ServeHTTP answers a request to either API or to the pages.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	routes := wire.Router[*Emulator]{Frontend: frontendRoutes, Backend: backendRoutes, Pages: pageRoutes, Control: controlRoutes}
	routes.Answer(e.server, e, w, r)
}

// handler is what an operation does on an emulator.
type handler = func(*Emulator, *wire.Call) error

// The operations that rooms answer, by their names.
var (
	inFrontend = handlersOf(
		in(func(e *Emulator) *sessions.API { return e.sessions }, sessions.Frontend),
		in(func(e *Emulator) *organizations.API { return e.organizations }, organizations.Frontend),
		in(func(e *Emulator) *people.API { return e.people }, people.Frontend),
		in(func(e *Emulator) *signin.API { return e.signin }, signin.Frontend),
		in(func(e *Emulator) *machines.API { return e.machines }, machines.Frontend),
		in(func(e *Emulator) *oauth.API { return e.oauth }, oauth.Frontend),
		in(func(e *Emulator) *instance.API { return e.instance }, instance.Frontend),
	)
	inBackend = handlersOf(
		in(func(e *Emulator) *sessions.API { return e.sessions }, sessions.Backend),
		in(func(e *Emulator) *organizations.API { return e.organizations }, organizations.Backend),
		in(func(e *Emulator) *people.API { return e.people }, people.Backend),
		in(func(e *Emulator) *signin.API { return e.signin }, signin.Backend),
		in(func(e *Emulator) *machines.API { return e.machines }, machines.Backend),
		in(func(e *Emulator) *oauth.API { return e.oauth }, oauth.Backend),
		in(func(e *Emulator) *instance.API { return e.instance }, instance.Backend),
	)
)

// in finds the room of an emulator for its operations.
func in[R any](room func(*Emulator) R, operations map[string]func(R, *wire.Call) error) map[string]handler {
	out := make(map[string]handler, len(operations))
	for name, do := range operations {
		out[name] = func(e *Emulator, c *wire.Call) error { return do(room(e), c) }
	}
	return out
}

func handlersOf(rooms ...map[string]handler) map[string]handler {
	out := map[string]handler{}
	for _, one := range rooms {
		maps.Copy(out, one)
	}
	return out
}

// answered gives the operations of a table the handlers that rooms have for them.
func answered(table []operation, by map[string]handler) []operation {
	for i := range table {
		if do, ok := by[table[i].Operation]; ok {
			table[i].Handler = do
		}
	}
	return table
}

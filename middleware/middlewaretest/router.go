package middlewaretest

import (
	"context"
	"net"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/adapter"
)

// Router is a router together with its adapter.
type Router struct {
	// New builds an application, and returns what serves it until the listener is
	// closed: the Serve of an http.Server. A middleware of the router that recovers
	// from panics may wrap everything else; no other may.
	New func(App) (serve func(net.Listener) error, err error)

	// NoDisconnect is set where handlers cannot learn that their client has gone
	// (fasthttp). The adapter then must bound how long it waits for Clerk.
	NoDisconnect bool

	// EveryMethod names the ways in which the router has one route take every
	// method, and every handler that takes any: "Any", "NoRoute", "file server",
	// "mounted handler". New builds a Route whose Every is one of them that way. No
	// way that the router has may be missing: what a gate forgets is found there.
	EveryMethod []string
}

// App is the application to build.
type App struct {
	// Group are the routes of the application itself. Its Prefix is empty.
	Group
	// OnRefusal, if set, says what the application answers to requests that a gate
	// refused. Routers with an error handler of their own set one that finds the
	// *middleware.Failure in the error. Where [middleware.WithErrorHandler] is the
	// way, there is nothing to do: Auth has such a handler already.
	OnRefusal func(*middleware.Failure) (status int, body string)
}

// Group is a group of routes, or sub-router, with its Handler and gates.
type Group struct {
	// Prefix is the common path of the routes: /api.
	Prefix string
	// Auth is the middleware of the group, for Handler and for the gates.
	Auth adapter.Middleware
	// Handler says that Handler(Auth) wraps everything in the group.
	Handler bool
	// Gates are calls of Require(Auth, …) above everything in the group, in order.
	Gates []Gate
	// Routes and Groups are what the group holds. The paths of the routes go on
	// where Prefix ends.
	Routes []Route
	Groups []Group
}

// Gate holds the arguments of one call of Require.
type Gate []clerk.Requirement

// Route is one route.
type Route struct {
	// Method and Path are matched as they are; there are no parameters.
	Method, Path string
	// Every, if it is set, is one of [Router].EveryMethod: the route takes every
	// method in that way, and Method is empty. A way that has no path, such as
	// "NoRoute", takes every path that has no route. A file server serves
	// [Route.Files], other handlers call Handle.
	Every string
	// Gates are calls of Require(Auth, …) for this route alone, in order, with the
	// Auth of its group.
	Gates []Gate
	// Handle is the handler. Its error goes wherever the router's handlers return
	// errors to; routers whose handlers return none answer it with status 500.
	Handle func(Exchange) error
}

// Exchange is one request in a handler, by the router's own means.
type Exchange interface {
	// Auth is what the adapter's accessor gives: clerkgin.Auth(c).
	Auth() clerk.Auth
	// Context is the standard context that handlers hand on.
	Context() context.Context

	// Method is the method of the request, Host the host that it was sent to with its
	// port, as the router's own accessor gives them; Header is a field of it, Body its
	// whole body.
	Method() string
	Host() string
	Header(name string) string
	Body() ([]byte, error)

	// SetHeader sets a response field, replacing what it had; AddHeader adds one.
	SetHeader(name, value string)
	AddHeader(name, value string)
	// SetCookie sets a cookie as the router does that.
	SetCookie(name, value string)

	// Text answers with a text, Redirect with a redirect.
	Text(status int, body string) error
	Redirect(status int, location string) error
	// RedirectToSignIn is the adapter's: clerkgin.RedirectToSignIn(c, auth).
	RedirectToSignIn(auth adapter.Middleware) error
	// Deny is the adapter's: clerkgin.Deny(c, auth, err).
	Deny(auth adapter.Middleware, err error) error
	// Stream answers 200 with whatever send is given, each piece flushed; an empty
	// piece is a flush and nothing else. stream may run after the handler has
	// returned.
	Stream(stream func(send func(string))) error
	// Hijack takes the connection over, with nothing answered yet. take may run
	// after the handler has returned, and closes the connection.
	Hijack(take func(net.Conn)) error
}

// Package middlewaretest is the conformance suite of the adapters: it checks that
// an application on a router answers, request by request, what the net/http
// middleware answers. It is for tests, like testing/slogtest: who writes an
// adapter for another router describes to [Run] how an application is built on it.
//
//	func TestConformance(t *testing.T) {
//		middlewaretest.Run(t, middlewaretest.Router{New: newApp})
//	}
//
// newApp builds a server from an [App]: groups, routes, gates, and handlers that
// speak to an [Exchange], which the test makes of the router's own context. More
// than a hundred behaviours are then checked over connections in memory, with the
// emulator of package clerktest as the Clerk behind it. Nothing reaches a network.
package middlewaretest

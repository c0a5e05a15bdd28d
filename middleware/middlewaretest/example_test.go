package middlewaretest_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"

	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

// newApp builds an application on the router that the adapter is for, here a ServeMux.
func newApp(app middlewaretest.App) (serve func(net.Listener) error, err error) {
	mux := http.NewServeMux()
	addGroup(mux, "", nil, app.Group)
	return (&http.Server{Handler: mux}).Serve, nil
}

// addGroup adds the routes of a group, below the middleware of the groups around it.
// Handler and Require are what is tested: those of another adapter are functions like
// clerkmine.Handler(g.Auth) and clerkmine.Require(g.Auth, gate...).
func addGroup(mux *http.ServeMux, prefix string, above []func(http.Handler) http.Handler, g middlewaretest.Group) {
	prefix, above = prefix+g.Prefix, slices.Clone(above)
	if g.Handler {
		above = append(above, g.Auth.Handler)
	}
	for _, gate := range g.Gates {
		above = append(above, g.Auth.Require(gate...))
	}
	for _, route := range g.Routes {
		layers := slices.Clone(above)
		for _, gate := range route.Gates {
			layers = append(layers, g.Auth.Require(gate...))
		}
		var h http.Handler = route.HandlerFunc()
		for _, layer := range slices.Backward(layers) { // the first one is the outermost
			h = layer(h)
		}
		pattern := prefix + route.Path
		if route.Every == "" { // else it takes every method
			pattern = route.Method + " " + pattern
		}
		mux.Handle(pattern, h)
	}
	for _, inner := range g.Groups {
		addGroup(mux, prefix, above, inner)
	}
}

// The test of an adapter is one line:
//
//	func TestConformance(t *testing.T) { middlewaretest.Run(t, router) }
//
// Check does the same without a *testing.T, for the behaviours that it is given.
func ExampleRun() {
	router := middlewaretest.Router{New: newApp, EveryMethod: []string{"a pattern without a method"}}

	err := middlewaretest.Check(router, "refusals/signed out", "gates/role")
	fmt.Println(err)

	// Of an application that forgets the gates, the suite says what is wrong.
	ungated := middlewaretest.Router{New: func(app middlewaretest.App) (func(net.Listener) error, error) {
		mux := http.NewServeMux()
		for _, route := range app.Routes {
			mux.HandleFunc(route.Method+" "+route.Path, route.HandlerFunc())
		}
		return (&http.Server{Handler: mux}).Serve, nil
	}}
	var v *middlewaretest.Violation
	if errors.As(middlewaretest.Check(ungated, "refusals/signed out"), &v) {
		fmt.Println("violated:", v.Behaviour) // v.Problem says what was seen
	}
	// Output:
	// <nil>
	// violated: refusals/signed out
}

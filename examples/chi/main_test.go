package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	chimw "github.com/go-chi/chi/v5/middleware"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

func TestNotes(t *testing.T) {
	em := clerktest.NewServer(t)
	em.AddRole("org:editor", "org:notes:delete")
	auth, err := middleware.New(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	app := routes(auth, new(store))
	alice := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}), clerktest.WithOrg("acme", "org:editor"))
	bob := em.SignIn(em.AddUser(clerktest.User{Email: "bob@example.com"}), clerktest.WithOrg("acme", "org:member"))
	eve := em.SignIn(em.AddUser(clerktest.User{Email: "eve@example.com"}))

	for _, step := range []struct {
		who          *clerktest.Session
		method, path string
		body         string
		status       int
		want         string
	}{
		{nil, "GET", "/healthz", "", 204, ""},
		{nil, "GET", "/notes/", "", 401, "authentication_required"},
		{alice, "POST", "/notes/", `{"text":"buy milk"}`, 201, `"id":"1","text":"buy milk","author":"` + alice.UserID},
		{alice, "POST", "/notes/", `{}`, 400, "needs a text"},
		{bob, "GET", "/notes/", "", 200, "buy milk"},
		{bob, "GET", "/notes/1/", "", 200, "buy milk"},
		{eve, "GET", "/notes/", "", 200, "[]"},
		{eve, "GET", "/notes/1/", "", 404, "no such note"},
		{bob, "DELETE", "/notes/1/", "", 403, "authorization_denied"},
		{alice, "DELETE", "/notes/1/", "", 204, ""},
		{alice, "GET", "/notes/1/", "", 404, "no such note"},
	} {
		r := httptest.NewRequest(step.method, step.path, strings.NewReader(step.body))
		if step.who != nil {
			step.who.Authorize(r)
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != step.status || !strings.Contains(w.Body.String(), step.want) {
			t.Errorf("%s %s: %d %s, want %d %s", step.method, step.path, w.Code, w.Body, step.status, step.want)
		}
	}
}

// TestConformance: chi uses the net/http middleware unchanged, in chains and
// sub-routers.
func TestConformance(t *testing.T) {
	middlewaretest.Run(t, router)
}

// BenchmarkSignedIn compares a signed-in request with one on the bare router.
func BenchmarkSignedIn(b *testing.B) { middlewaretest.Benchmark(b, router) }

var router = middlewaretest.Router{EveryMethod: []string{"Handle", "Handle with a parameter", "Mount", "NotFound", "file server"}, New: func(app middlewaretest.App) (func(net.Listener) error, error) {
	r := chi.NewRouter()
	r.Use(chimw.Recoverer)
	register(r, app.Group)
	return (&http.Server{Handler: r, ErrorLog: log.New(io.Discard, "", 0)}).Serve, nil
}}

func register(r chi.Router, g middlewaretest.Group) {
	if g.Handler {
		r.Use(g.Auth.Handler)
	}
	for _, gate := range g.Gates {
		r.Use(g.Auth.Require(gate...))
	}
	for _, route := range g.Routes {
		with := r
		for _, gate := range route.Gates {
			with = with.With(g.Auth.Require(gate...))
		}
		switch route.Every {
		case "":
			with.Method(route.Method, route.Path, route.HandlerFunc())
		case "Handle":
			with.Handle(route.Path, route.HandlerFunc())
		case "Handle with a parameter":
			with.Handle(path.Dir(route.Path)+"/*", route.HandlerFunc())
		case "Mount":
			with.Mount(path.Dir(route.Path), route.HandlerFunc())
		case "NotFound":
			with.NotFound(route.HandlerFunc())
		case "file server":
			with.Handle(route.Path, http.FileServerFS(route.Files()))
		}
	}
	for _, sub := range g.Groups {
		r.Route(sub.Prefix, func(r chi.Router) { register(r, sub) })
	}
}

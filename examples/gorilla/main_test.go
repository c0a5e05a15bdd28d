package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware/middlewaretest"
)

// TestOpenPage tests a page that stays open: signed in, then with an expired token in
// requests of htmx, then reloaded.
func TestOpenPage(t *testing.T) {
	em := clerktest.NewServer(t)
	auth, err := newAuth(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	app := routes(auth)
	sess := em.SignIn(em.AddUser(clerktest.User{Email: "alice@example.com"}))
	send := func(method, target, form string, change ...func(*http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://localhost:3000"+target, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, f := range change {
			f(r)
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		return w
	}
	want := func(w *httptest.ResponseRecorder, status int, text string) {
		t.Helper()
		if w.Code != status || !strings.Contains(w.Body.String(), text) {
			t.Errorf("got %d %s, want %d with %q", w.Code, w.Body, status, text)
		}
	}
	page := func(r *http.Request) { r.Header.Set("Sec-Fetch-Dest", "document") }
	fragment := func(r *http.Request) { r.Header.Set("Hx-Request", "true"); r.Header.Set("Sec-Fetch-Dest", "empty") }
	fresh := func(r *http.Request) { sess.Cookies(r) }
	expired := func(r *http.Request) { sess.Cookies(r, clerktest.WithLifetime(-time.Minute)) }

	want(send("GET", "/", "", fresh, page), 200, "Welcome back, "+sess.UserID)
	want(send("GET", "/todo", "", fresh, page), 200, "Your list")
	want(send("POST", "/todo/items", "text=buy+%3Cmilk%3E", fresh, fragment), 200, "buy &lt;milk&gt;")
	want(send("POST", "/todo/items", "text=", fresh, fragment), 422, "what is to be done?")
	if w := send("POST", "/todo/items", "text=x", fresh); w.Code != http.StatusNotFound {
		t.Errorf("a form of another site: got %d", w.Code)
	}

	// The token expires while the page is open.
	w := send("DELETE", "/todo/items/1", "", expired, fragment)
	if w.Code != http.StatusUnauthorized || w.Header().Get("Hx-Refresh") != "true" || w.Header().Get("Location") != "" {
		t.Errorf("fragment with an expired token: got %d %v", w.Code, w.Header())
	}
	w = send("GET", "/todo", "", expired, page)
	if w.Code != http.StatusTemporaryRedirect || !strings.Contains(w.Header().Get("Location"), "/v1/client/handshake?") {
		t.Errorf("the page loaded anew: got %d %v", w.Code, w.Header())
	}
	want(send("DELETE", "/todo/items/1", "", fresh, fragment), 200, "<ul")

	// After the session has ended, it shows the sign-in page.
	sess.End()
	w = send("GET", "/todo", "", page, func(r *http.Request) { r.Header.Set("Cookie", "__clerk_db_jwt=dvb_1") })
	if w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != em.URL+"/sign-in?redirect_url=http%3A%2F%2Flocalhost%3A3000%2Ftodo&__clerk_db_jwt=dvb_1" {
		t.Errorf("signed out: got %d %v", w.Code, w.Header())
	}
}

// TestConformance: gorilla/mux uses the net/http middleware unchanged, in subrouters.
func TestConformance(t *testing.T) {
	middlewaretest.Run(t, router)
}

// BenchmarkSignedIn compares a signed-in request with one on the bare router.
func BenchmarkSignedIn(b *testing.B) { middlewaretest.Benchmark(b, router) }

var router = middlewaretest.Router{EveryMethod: []string{"Handle", "PathPrefix", "NotFoundHandler", "MethodNotAllowedHandler", "file server"}, New: func(app middlewaretest.App) (func(net.Listener) error, error) {
	r := mux.NewRouter()
	register(r, app.Group)
	return (&http.Server{Handler: r, ErrorLog: log.New(io.Discard, "", 0)}).Serve, nil
}}

func register(r *mux.Router, g middlewaretest.Group) {
	if g.Handler {
		r.Use(g.Auth.Handler)
	}
	for _, gate := range g.Gates {
		r.Use(g.Auth.Require(gate...))
	}
	for _, route := range g.Routes {
		var h http.Handler = route.HandlerFunc()
		if route.Every == "file server" {
			h = http.FileServerFS(route.Files())
		}
		for i := len(route.Gates) - 1; i >= 0; i-- {
			h = g.Auth.Require(route.Gates[i]...)(h)
		}
		switch route.Every {
		case "":
			r.Handle(route.Path, h).Methods(route.Method)
		case "Handle", "file server":
			r.Handle(route.Path, h)
		case "PathPrefix":
			r.PathPrefix(path.Dir(route.Path)).Handler(h)
		case "NotFoundHandler": // gorilla runs no middleware for these two, so wrap the handlers
			r.NotFoundHandler = around(g, h)
		case "MethodNotAllowedHandler":
			r.Handle(route.Path, http.NotFoundHandler()).Methods("LINK")
			r.MethodNotAllowedHandler = around(g, h)
		}
	}
	for _, sub := range g.Groups {
		register(r.PathPrefix(sub.Prefix).Subrouter(), sub)
	}
}

// around wraps a handler in the middleware of a group.
func around(g middlewaretest.Group, h http.Handler) http.Handler {
	for _, gate := range slices.Backward(g.Gates) {
		h = g.Auth.Require(gate...)(h)
	}
	return h
}

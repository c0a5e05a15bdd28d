package browser_test

import (
	"fmt"
	"html"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

// shape describes the domains of an application and its Clerk instance, which determine
// the cookies that they share.
type shape struct {
	name         string
	instance     clerk.InstanceType
	app, clerk   string // hosts
	https        bool
	confirmsExit bool // Clerk asks before a sign-out that another site wants
}

var shapes = []shape{
	{name: "development", instance: clerk.Development, app: "localhost", clerk: "localhost"},
	// Like a real development instance with its Frontend API below accounts.dev: the two
	// share no cookies.
	{name: "development across sites", instance: clerk.Development, app: "localhost", clerk: "127.0.0.1", confirmsExit: true},
	{name: "production on one host", instance: clerk.Production, app: "localhost", clerk: "localhost"},
	// Like real production: https, and a common parent domain for cookies.
	{name: "production on one site", instance: clerk.Production, app: "app.example.test", clerk: "clerk.example.test", https: true},
}

// site is a running application with its emulator.
type site struct {
	em      *clerktest.Emulator
	origin  string // of the application
	clerk   string // of Clerk, as the browser knows it
	cfg     clerk.Config
	session atomic.Pointer[clerk.Auth] // the last that came to /me signed in

	// Optional wrappers around the two, with which a test can break something.
	beforeApp, beforeClerk atomic.Pointer[wrapper]
}

type wrapper func(next http.Handler) http.Handler

func newSite(t *testing.T, s shape) *site {
	t.Helper()
	needChromium(t)
	app, front := httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	t.Cleanup(app.Close)
	t.Cleanup(front.Close)
	scheme := "http://"
	if s.https {
		scheme = "https://"
	}
	at := func(host string, server *httptest.Server) string {
		_, port, ok := strings.Cut(server.Listener.Addr().String(), ":")
		if !ok {
			t.Fatalf("the address %s has no port", server.Listener.Addr())
		}
		return host + ":" + port
	}
	x := &site{origin: scheme + at(s.app, app), clerk: scheme + at(s.clerk, front)}

	emCfg := clerktest.Config{Instance: s.instance, Origins: []string{x.origin}}
	if s.https {
		emCfg.FrontendAPI = at(s.clerk, front)
	}
	var err error
	if x.em, err = clerktest.New(emCfg); err != nil {
		t.Fatal(err)
	}
	x.em.AddUser(clerktest.User{Email: "alice@example.com", FirstName: "Alice", Password: password})

	x.cfg = x.em.Config()
	x.cfg.Logger = slog.New(slog.DiscardHandler)
	if !s.https {
		x.cfg.ProxyURL = x.clerk
	}
	auth, err := middleware.New(x.cfg, middleware.WithErrorHandler(refuse))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = auth.Close() })

	start(app, s.https, behind(&x.beforeApp, auth.Handler(x.routes(auth))))
	start(front, s.https, behind(&x.beforeClerk, x.em))
	return x
}

func start(server *httptest.Server, https bool, h http.Handler) {
	server.Config.Handler = h
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // browsers first try without the certificate
	if https {
		server.EnableHTTP2 = true
		server.StartTLS()
		return
	}
	server.Start()
}

// behind lets a test wrap a handler that is already serving.
func behind(before *atomic.Pointer[wrapper], h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wrap := before.Load(); wrap != nil {
			(*wrap)(h).ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// put stores a wrapper made on the spot.
func put(before *atomic.Pointer[wrapper], wrap wrapper) { before.Store(&wrap) }

func (x *site) routes(auth *middleware.Middleware) http.Handler {
	to := func(page, back string) http.Handler {
		return http.RedirectHandler(x.clerk+page+"?redirect_url="+url.QueryEscape(x.origin+back), http.StatusSeeOther)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /me", auth.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := clerk.FromContext(r.Context())
		x.session.Store(&a)
		write(w, http.StatusOK, "Signed in", a.UserID)
	})))
	mux.Handle("GET /sign-in", to("/sign-in", "/me?tab=1&tab=2"))
	mux.Handle("GET /sign-out", to("/sign-out", "/me"))
	return mux
}

func refuse(w http.ResponseWriter, _ *http.Request, f *middleware.Failure) {
	write(w, f.Status, "Not signed in", string(f.Reason))
}

func write(w http.ResponseWriter, status int, heading, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,"><h1>%s</h1><p>%s</p>
<a href="/sign-in">Sign in</a> <a href="/sign-out">Sign out</a>`, html.EscapeString(heading), html.EscapeString(text))
}

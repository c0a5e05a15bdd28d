package main

import (
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/middleware"
)

//go:embed page.html
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.html"))

// app is an ordinary net/http server. newApp has everything about Clerk: one
// middleware, and Require on the routes that need it.
type app struct {
	http.Handler
	auth   *middleware.Middleware
	em     *clerktest.Emulator
	origin string
	wire   wireLog
}

func newApp(em *clerktest.Emulator, origin string, logger *slog.Logger) (*app, error) {
	cfg := em.Config() // a real server: clerk.ConfigFromEnv()
	cfg.AuthorizedParties = []string{origin}
	cfg.Logger = logger
	// A page below /orgs/acme belongs to Acme: the middleware activates that organization
	// if the user is a member.
	cfg.OrganizationSync.OrganizationPatterns = []string{"/orgs/:slug", "/orgs/:slug/(.*)"}

	a := &app{em: em, origin: origin}
	var err error
	a.auth, err = middleware.New(cfg, middleware.WithErrorHandler(a.refused))
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.Handle("GET /me", a.auth.Require()(http.HandlerFunc(a.me)))
	mux.Handle("GET /orgs/{org}", a.auth.Require()(http.HandlerFunc(a.me)))
	mux.Handle("GET /orgs/{org}/invoices/new", a.auth.Require(clerk.Permission("org:invoices:create"))(http.HandlerFunc(a.newInvoice)))
	mux.Handle("GET /api/me", a.auth.Require()(http.HandlerFunc(a.apiMe)))
	mux.HandleFunc("GET /sign-in", a.signIn)
	mux.HandleFunc("GET /sign-out", a.signOut)
	mux.HandleFunc("GET /favicon.ico", http.NotFound)
	a.Handler = a.wire.record(em, a.auth.Handler(mux))
	return a, nil
}

// view is the data of the page.
type view struct {
	Title string
	Text  string
	Auth  clerk.Auth
	Wire  []step
}

func (a *app) render(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // the page is personal: after sign-out, Back must not show it
	w.WriteHeader(status)
	v := view{Title: title, Text: text, Auth: clerk.FromContext(r.Context()), Wire: a.wire.latest()}
	if err := page.Execute(w, v); err != nil {
		slog.Error("page not written", "err", err)
	}
}

func (a *app) home(w http.ResponseWriter, r *http.Request) {
	a.render(w, r, http.StatusOK, "A public page", "Anyone can read this page. If you are signed in, it shows who you are.")
}

func (a *app) me(w http.ResponseWriter, r *http.Request) {
	a.render(w, r, http.StatusOK, "A protected page", "Only signed-in users can open this page. This is what the server has verified about you.")
}

func (a *app) newInvoice(w http.ResponseWriter, r *http.Request) {
	a.render(w, r, http.StatusOK, "A new invoice", "You have the permission org:invoices:create.")
}

func (a *app) apiMe(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(clerk.FromContext(r.Context()).RawClaims())
}

// refused writes the response for refusals of Require: a page for browsers, the kit's
// JSON for other clients.
func (a *app) refused(w http.ResponseWriter, r *http.Request, f *middleware.Failure) {
	if r.Header.Get("Sec-Fetch-Dest") != "document" {
		f.ServeHTTP(w, r)
		return
	}
	switch f.Status {
	case http.StatusUnauthorized:
		a.render(w, r, f.Status, "Not signed in", "This page needs a signed-in user. Reason: "+string(f.Reason)+".")
	case http.StatusForbidden:
		a.render(w, r, f.Status, "Not allowed", "You are signed in, but this needs the "+reason(f)+".")
	default:
		a.render(w, r, f.Status, "Try again later", "Clerk is unavailable right now. You are not signed out.")
	}
}

func reason(f *middleware.Failure) string {
	if denied, ok := f.Err.(*clerk.DeniedError); ok { //nolint:errorlint // Failure.Err is not wrapped
		return denied.Requirement.String()
	}
	return f.Err.Error()
}

func (a *app) signIn(w http.ResponseWriter, r *http.Request) {
	back := url.Values{"redirect_url": {a.origin + "/orgs/acme"}}
	http.Redirect(w, r, a.em.URL+"/sign-in?"+back.Encode(), http.StatusSeeOther)
}

func (a *app) signOut(w http.ResponseWriter, r *http.Request) {
	back := url.Values{"redirect_url": {a.origin + "/"}}
	http.Redirect(w, r, a.em.URL+"/sign-out?"+back.Encode(), http.StatusSeeOther)
}

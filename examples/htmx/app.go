package main

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

//go:embed pages.html
var files embed.FS

var pages = template.Must(template.ParseFS(files, "pages.html"))

// app stores notes for each user.
type app struct {
	http.Handler
	auth   *middleware.Middleware
	api    *bapi.Client
	script string // URL of htmx
	csp    string
	logger *slog.Logger

	mu    sync.Mutex
	notes map[string][]string // by user id
}

func newApp(cfg clerk.Config, script string) (*app, error) {
	if len(cfg.AuthorizedParties) == 0 {
		return nil, errors.New("CLERK_AUTHORIZED_PARTIES must be set")
	}
	source, err := url.Parse(script)
	if err != nil || source.Host == "" {
		return nil, errors.New("htmx is not at an absolute URL")
	}
	a := &app{script: script, logger: cmp.Or(cfg.Logger, slog.Default()), notes: map[string][]string{}}
	a.csp = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; script-src " + source.Scheme + "://" + source.Host

	if a.auth, err = middleware.New(cfg, middleware.WithErrorHandler(a.refused), middleware.WithSignInRedirect()); err != nil {
		return nil, err
	}
	if a.api, err = bapi.FromConfig(cfg); err != nil {
		return nil, err
	}

	signedIn := a.auth.Require()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.Handle("GET /notes", signedIn(http.HandlerFunc(a.page)))
	mux.Handle("GET /notes/list", signedIn(http.HandlerFunc(a.list))) // a fragment for htmx
	mux.Handle("POST /notes", signedIn(http.HandlerFunc(a.add)))      // responds with the same fragment
	mux.Handle("POST /sign-out", signedIn(http.HandlerFunc(a.signOut)))

	// Browsers send cookies with forms of other sites too: refuse those.
	a.Handler = http.NewCrossOriginProtection().Handler(a.auth.Handler(mux))
	return a, nil
}

// partial reports whether htmx sent the request. The middleware never redirects such
// requests.
func partial(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// refused writes the response for refusals of Require.
//
// For a fragment, 401 means that this token is not valid. Reloading the page shows
// whether the user is still signed in: it shows the notes, or else the sign-in page,
// which returns to the notes. There is no loop. (If the page itself is public, or uses
// hx-boost, leave HX-Redirect unchanged.)
//
// Other errors do not change the page. Version 2 of htmx does that by default, version
// 4 with HX-Reswap. With 503 the authentication status is unknown, and the user keeps
// the page.
func (a *app) refused(w http.ResponseWriter, r *http.Request, f *middleware.Failure) {
	switch {
	case partial(r) && f.Status == http.StatusUnauthorized:
		w.Header().Del("HX-Redirect") // set by WithSignInRedirect; the page requires a session, so reloading it is better
		w.Header().Set("HX-Refresh", "true")
		w.WriteHeader(f.Status)
	case partial(r):
		w.Header().Set("HX-Reswap", "none")
		f.ServeHTTP(w, r)
	case f.Status == http.StatusUnauthorized:
		a.render(w, r, f.Status, "home", "Sign in to see your notes.")
	case f.Status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
		a.render(w, r, f.Status, "message", "Clerk is unavailable right now. You are not signed out: try again in a moment.")
	default:
		a.render(w, r, f.Status, "message", "You may not do this.")
	}
}

// view is the data of the templates. It has no token; only the cookie has it.
type view struct {
	User, Message   string
	HTMX, Integrity string
	Notes           []string
	MaxNoteLength   int
}

const (
	maxNotes      = 50
	maxNoteLength = 280
)

func (a *app) render(w http.ResponseWriter, r *http.Request, status int, name, message string) {
	id := clerk.FromContext(r.Context())
	v := view{User: id.UserID, Message: message, HTMX: a.script, MaxNoteLength: maxNoteLength}
	if a.script == htmxURL {
		v.Integrity = htmxIntegrity
	}
	a.mu.Lock()
	v.Notes = append(v.Notes, a.notes[id.UserID]...) // "" has none
	a.mu.Unlock()
	var page bytes.Buffer // do not send half a page
	if err := pages.ExecuteTemplate(&page, name, v); err != nil {
		a.logger.ErrorContext(r.Context(), "page not written", "err", err)
		http.Error(w, "the page could not be written", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store") // the page is personal
	h.Set("Content-Security-Policy", a.csp)
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the browser may have disconnected
}

func (a *app) home(w http.ResponseWriter, r *http.Request) { a.render(w, r, http.StatusOK, "home", "") }
func (a *app) page(w http.ResponseWriter, r *http.Request) {
	a.render(w, r, http.StatusOK, "notes", "")
}
func (a *app) list(w http.ResponseWriter, r *http.Request) { a.render(w, r, http.StatusOK, "list", "") }

func (a *app) add(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	note := strings.TrimSpace(r.PostFormValue("note"))
	if note == "" || len([]rune(note)) > maxNoteLength {
		http.Error(w, "a note has 1 to 280 characters", http.StatusUnprocessableEntity)
		return
	}
	user := clerk.FromContext(r.Context()).UserID
	a.mu.Lock()
	notes := append([]string{note}, a.notes[user]...)
	a.notes[user] = notes[:min(len(notes), maxNotes)]
	a.mu.Unlock()
	a.render(w, r, http.StatusOK, "list", "")
}

// signOut ends the session at Clerk and removes the token from the browser. The next
// page request has no token and goes through the handshake, which removes the other
// cookies. A copy of the token stays valid for up to a minute.
func (a *app) signOut(w http.ResponseWriter, r *http.Request) {
	if _, err := a.api.Sessions.Revoke(r.Context(), clerk.FromContext(r.Context()).SessionID); err != nil {
		a.logger.ErrorContext(r.Context(), "session not revoked", "err", err)
		a.render(w, r, http.StatusBadGateway, "message", "You are still signed in: Clerk did not answer. Try again.")
		return
	}
	for _, c := range r.Cookies() {
		if c.Name == clerk.CookieSession || strings.HasPrefix(c.Name, clerk.CookieSession+"_") { // with and without suffix
			http.SetCookie(w, &http.Cookie{Name: c.Name, Path: "/", MaxAge: -1}) //nolint:gosec // it removes a cookie
		}
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

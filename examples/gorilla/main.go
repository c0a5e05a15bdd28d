// Gorilla is a server-rendered to-do list with gorilla/mux and htmx. Pages stay open
// for hours, but session tokens expire after a minute. Usually clerk-js renews them in
// the page. If it could not (the laptop slept), htmx sends a request with an expired
// token.
//
// Requests for fragments are never redirected. Require responds with 401, and the error
// handler tells htmx to reload the page. The reload is a document request, which goes
// through the handshake and then shows the page or the sign-in page. The option
// WithSignInRedirect redirects to the sign-in page, also on satellites and in
// development.
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… go run ./examples/gorilla
package main

import (
	"embed"
	"html/template"
	"log"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

//go:embed page.html
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.html"))

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		return err
	}
	auth, err := newAuth(cfg)
	if err != nil {
		return err
	}
	defer auth.Close()
	log.Println("listening on http://localhost:3000 (for a Clerk of your own: go run ./clerk/clerk-emulator prints the environment)")
	server := &http.Server{Addr: "localhost:3000", Handler: routes(auth), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

// newAuth returns the middleware with responses for humans instead of JSON.
func newAuth(cfg clerk.Config) (*middleware.Middleware, error) {
	// README:refused
	refused := func(w http.ResponseWriter, r *http.Request, f *middleware.Failure) {
		if f.Status == http.StatusUnauthorized && r.Header.Get("Hx-Request") == "true" {
			// The page requires a session too, so htmx does not go to the sign-in page but
			// reloads the page, which renews a token that has only expired.
			w.Header().Del("Hx-Redirect")
			w.Header().Set("Hx-Refresh", "true")
		}
		http.Error(w, http.StatusText(f.Status), f.Status)
	}
	return middleware.New(cfg, middleware.WithErrorHandler(refused), middleware.WithSignInRedirect())
	// README:end
}

func routes(auth *middleware.Middleware) http.Handler {
	l := &lists{items: map[string][]item{}}
	// README:routes
	r := mux.NewRouter()
	r.Use(auth.Handler)
	r.HandleFunc("/", home).Methods(http.MethodGet)
	todo := r.PathPrefix("/todo").Subrouter()
	todo.Use(auth.Require())
	todo.HandleFunc("", l.show).Methods(http.MethodGet)
	// README:end htmx sends this field with every request; a form on another site cannot.
	fragments := todo.PathPrefix("/items").Headers("Hx-Request", "true").Subrouter()
	fragments.HandleFunc("", l.add).Methods(http.MethodPost)
	fragments.HandleFunc("/{id:[0-9]+}", l.done).Methods(http.MethodDelete)
	return r
}

func home(w http.ResponseWriter, r *http.Request) {
	render(w, "home", clerk.FromContext(r.Context()))
}

type item struct {
	ID   int
	Text string
}

// lists holds the to-do lists of all users.
type lists struct {
	mu    sync.Mutex
	last  int
	items map[string][]item
}

func (l *lists) show(w http.ResponseWriter, r *http.Request) {
	render(w, "todo", l.change(r, func(mine []item) []item { return mine }))
}

func (l *lists) add(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	text := r.FormValue("text")
	if text == "" {
		http.Error(w, "what is to be done?", http.StatusUnprocessableEntity)
		return
	}
	render(w, "items", l.change(r, func(mine []item) []item {
		l.last++
		return append(mine, item{l.last, text})
	}))
}

func (l *lists) done(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(mux.Vars(r)["id"])
	if err != nil {
		http.NotFound(w, r)
		return
	}
	render(w, "items", l.change(r, func(mine []item) []item {
		return slices.DeleteFunc(mine, func(i item) bool { return i.ID == id })
	}))
}

// change replaces the user's list and returns the new list.
func (l *lists) change(r *http.Request, f func([]item) []item) []item {
	user := clerk.FromContext(r.Context()).UserID
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items[user] = f(l.items[user])
	return slices.Clone(l.items[user])
}

func render(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // the page is personal: after sign-out, Back must not show it
	if err := page.ExecuteTemplate(w, name, data); err != nil {
		log.Print("page not written: ", err)
	}
}

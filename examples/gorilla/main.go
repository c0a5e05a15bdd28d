// Gorilla is a to-do list rendered on the server, with gorilla/mux and htmx. Pages
// stay open for hours, and session tokens live for a minute: most of the time
// clerk-js renews them in the page, and when it could not (the laptop slept), htmx
// asks with an expired one.
//
// Fragments are no documents, so they are never redirected. The gate answers 401,
// and the error handler tells htmx to load the page anew: that is a document, which
// goes through the handshake and comes back signed in, or to the sign-in page. The
// option WithSignInRedirect does the latter, on satellites and in development too.
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

// newAuth is the middleware with answers for people instead of JSON.
func newAuth(cfg clerk.Config) (*middleware.Middleware, error) {
	// README:refused
	refused := func(w http.ResponseWriter, r *http.Request, f *middleware.Failure) {
		if f.Status == http.StatusUnauthorized && r.Header.Get("Hx-Request") == "true" {
			// The page is gated too, so htmx need not go to the sign-in page: it loads the
			// page anew, and a token that has only expired is renewed there.
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
	// README:end
	// htmx sends this field with every request, and another site's form cannot.
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

// lists are the to-do lists of all users.
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

// change replaces the list of the user, and returns what it is then.
func (l *lists) change(r *http.Request, f func([]item) []item) []item {
	user := clerk.FromContext(r.Context()).UserID
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items[user] = f(l.items[user])
	return slices.Clone(l.items[user])
}

func render(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // a page of one user: after sign-out, Back must not show it
	if err := page.ExecuteTemplate(w, name, data); err != nil {
		log.Print("page not written: ", err)
	}
}

// Chi is a notes API for teams with chi. It shows chained middleware, a sub-router per
// resource, and an additional Require on single routes.
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… go run ./examples/chi
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	chimw "github.com/go-chi/chi/v5/middleware"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
)

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
	auth, err := middleware.New(cfg)
	if err != nil {
		return err
	}
	defer auth.Close()
	log.Println("listening on http://localhost:3000 (for a Clerk of your own: go run ./clerk/clerk-emulator prints the environment)")
	server := &http.Server{Addr: "localhost:3000", Handler: routes(auth, new(store)), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func routes(auth *middleware.Middleware, notes *store) http.Handler {
	api := &api{notes}
	// README:routes
	r := chi.NewRouter()
	r.Use(chimw.RequestID, chimw.Recoverer)
	r.Use(auth.Handler) // authenticates every request and rejects none
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	r.Route("/notes", func(r chi.Router) {
		r.Use(auth.Require()) // the routes in this group require a session
		r.Get("/", api.list)
		r.Post("/", api.create)
		r.Route("/{id}", func(r chi.Router) {
			r.Use(api.load)
			r.Get("/", api.show)
			r.With(auth.Require(clerk.Permission("org:notes:delete"))).Delete("/", api.remove)
		})
	})
	return r
	// README:end
}

type api struct{ notes *store }

// owner returns the owner of the notes: the active organization, or else the user.
func owner(r *http.Request) string {
	id := clerk.FromContext(r.Context())
	if id.OrgID != "" {
		return id.OrgID
	}
	return id.UserID
}

func (a *api) list(w http.ResponseWriter, r *http.Request) {
	write(w, http.StatusOK, a.notes.of(owner(r)))
}

func (a *api) create(w http.ResponseWriter, r *http.Request) {
	var in struct{ Text string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil || in.Text == "" {
		http.Error(w, "a note needs a text", http.StatusBadRequest)
		return
	}
	write(w, http.StatusCreated, a.notes.add(owner(r), note{Text: in.Text, Author: clerk.FromContext(r.Context()).UserID}))
}

type noteKey struct{}

// load finds the note in the path among the notes of the owner.
func (a *api) load(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, ok := a.notes.find(owner(r), chi.URLParam(r, "id"))
		if !ok {
			http.Error(w, "no such note", http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), noteKey{}, n)))
	})
}

func (a *api) show(w http.ResponseWriter, r *http.Request) {
	write(w, http.StatusOK, r.Context().Value(noteKey{}))
}

func (a *api) remove(w http.ResponseWriter, r *http.Request) {
	if n, ok := r.Context().Value(noteKey{}).(note); ok {
		a.notes.remove(owner(r), n.ID)
	}
	w.WriteHeader(http.StatusNoContent)
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may have disconnected
}

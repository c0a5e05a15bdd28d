// Users is a server with its own account row for each Clerk user. The first request of
// a user creates the row, also with concurrent requests. Later requests read the row
// and do not call Clerk. A webhook drops changed users from the cache.
//
//	CLERK_SECRET_KEY=sk_… CLERK_AUTHORIZED_PARTIES=http://localhost:3000 \
//	CLERK_WEBHOOK_SIGNING_SECRET=whsec_… go run ./examples/users
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
	"github.com/clerkkit/clerkkit/middleware"

	_ "modernc.org/sqlite" // the driver "sqlite": SQLite without cgo
)

func main() {
	cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	a, err := newApp(cfg, "users.db")
	if err != nil {
		log.Fatal(err)
	}
	addr := os.Getenv("ADDR")
	if addr == "" {
		addr = "127.0.0.1:3000"
	}
	log.Printf("listening on http://%s (for a Clerk of your own: go run ./clerk/clerk-emulator prints the environment)", addr)
	server := &http.Server{Addr: addr, Handler: a, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// app is the server.
type app struct {
	http.Handler
	auth    *middleware.Middleware
	users   *bapi.UserCache
	db      *sql.DB
	account func(ctx context.Context, userID string) (account, error)
}

// account is a row of the application's own table.
type account struct {
	Number int64
	Email  string
}

func newApp(cfg clerk.Config, file string) (*app, error) {
	a := &app{}
	api, err := bapi.FromConfig(cfg)
	if err != nil {
		return nil, err
	}
	hook, err := webhook.FromConfig(cfg)
	if err != nil {
		return nil, err
	}
	if a.auth, err = middleware.New(cfg); err != nil {
		return nil, err
	}
	if a.users, err = bapi.NewUserCache(api.Users, bapi.CacheConfig{}); err != nil {
		return nil, err
	}
	if a.db, err = sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)"); err != nil {
		return nil, err
	}
	if _, err = a.db.Exec(`CREATE TABLE IF NOT EXISTS accounts (
		number   INTEGER PRIMARY KEY,
		clerk_id TEXT NOT NULL UNIQUE, -- another server may insert the same user
		email    TEXT NOT NULL
	)`); err != nil {
		return nil, err
	}
	a.account = bapi.Ensure(a.users, a.findOrCreate)

	mux := http.NewServeMux()
	mux.Handle("GET /me", a.auth.Require()(http.HandlerFunc(a.me)))
	mux.Handle("POST /webhooks", hook.Handler(a.users.Handle)) // authenticated by its signature: no Require
	a.Handler = mux
	return a, nil
}

// findOrCreate reads or creates the row of a user. It runs once for concurrent requests
// of one user.
func (a *app) findOrCreate(ctx context.Context, id string, user func() (*bapi.User, error)) (account, error) {
	var row account
	err := a.db.QueryRowContext(ctx, `SELECT number, email FROM accounts WHERE clerk_id = ?`, id).Scan(&row.Number, &row.Email)
	if !errors.Is(err, sql.ErrNoRows) {
		return row, err // usually without a call to Clerk
	}
	u, err := user()
	if err != nil {
		return row, err
	}
	err = a.db.QueryRowContext(ctx, `
		INSERT INTO accounts (clerk_id, email) VALUES (?, ?)
		ON CONFLICT (clerk_id) DO UPDATE SET email = excluded.email
		RETURNING number, email`, id, u.PrimaryEmail()).Scan(&row.Number, &row.Email)
	return row, err
}

func (a *app) me(w http.ResponseWriter, r *http.Request) {
	id := clerk.FromContext(r.Context()).UserID
	row, err := a.account(r.Context(), id)
	if err != nil {
		fail(w, err)
		return
	}
	u, err := a.users.Get(r.Context(), id) // from the cache; stale during an outage
	if err != nil {
		fail(w, err)
		return
	}
	_, _ = fmt.Fprintf(w, "account %d of %s, %s\n", row.Number, u.FirstName, row.Email)
}

// fail responds with 503 for an outage and 500 otherwise.
func fail(w http.ResponseWriter, err error) {
	if e := (*bapi.Error)(nil); errors.As(err, &e) && e.Unavailable() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "Clerk is unavailable, try again in a moment", http.StatusServiceUnavailable)
		return
	}
	log.Print(err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}

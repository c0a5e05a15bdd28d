// Webhooks keeps a table of users in SQLite in step with Clerk. Deliveries repeat,
// overtake each other, and arrive while the database is down; the table comes out
// right all the same:
//
//   - The id of a message is remembered in the transaction that handles it, so a
//     message that comes again changes nothing (store.go).
//   - A user's updated_at decides which of two versions is newer, not the order in
//     which they arrive. A deleted user leaves a tombstone that no late message
//     brings back to life.
//   - A database that fails is answered 500, and the message comes again. What no
//     redelivery can mend is answered so that it does not (receiver.go).
//
// Without keys an emulator plays Clerk's part (demo.go): it delivers what happens,
// then everything again and the newest first, and says whether the table came out
// right:
//
//	go run ./examples/webhooks
//
// With those of a real instance it serves POST /webhooks/clerk, which the Clerk
// Dashboard must be told under Webhooks (events user.created, user.updated and
// user.deleted). With the secret key too it first fetches the users there are:
//
//	CLERK_WEBHOOK_SIGNING_SECRET=whsec_… CLERK_SECRET_KEY=sk_… go run ./examples/webhooks -db users.db
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

func main() {
	addr := flag.String("addr", "localhost:3000", "where to listen for webhooks")
	file := flag.String("db", "users.db", "the SQLite database, made if it is missing")
	emulator := flag.Bool("emulator", os.Getenv("CLERK_SECRET_KEY") == "" && os.Getenv("CLERK_WEBHOOK_SIGNING_SECRET") == "",
		"play Clerk's part too, with a database that is thrown away, and exit")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *emulator {
		err = demo(ctx, os.Stdout)
	} else {
		err = serve(ctx, *addr, *file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "webhooks:", err)
		os.Exit(1)
	}
}

// serve runs until ctx ends.
func serve(ctx context.Context, addr, file string) error {
	cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		return err
	}
	a, err := start(ctx, cfg, addr, file)
	if err != nil {
		return err
	}
	slog.Info("receiving webhooks", "url", a.url, "without an account", "-emulator, or clerk-emulator -webhook URL")
	// Fetched after the first webhook can come: a change in between arrives both
	// ways, and updated_at says which is newer.
	if cfg.SecretKey != "" {
		if n, err := a.backfill(ctx, cfg); err != nil {
			slog.Error("not all users fetched; the next start tries again", "fetched", n, "err", err)
		}
	}
	<-ctx.Done()
	return a.close()
}

// app is the receiver, listening.
type app struct {
	users  *store
	server *http.Server
	url    string // of the endpoint
}

func start(ctx context.Context, cfg clerk.Config, addr, file string) (*app, error) {
	// README:hook
	hook, err := webhook.New(webhook.Config{
		Secrets:          []string{cfg.WebhookSigningSecret}, // an empty one is an error
		InsecureEmulator: cfg.InsecureEmulator,
		Logger:           cfg.Logger,
		Now:              cfg.Now,
	})
	if err != nil {
		return nil, err
	}
	// README:end
	users, err := openStore(ctx, file)
	if err != nil {
		return nil, err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, errors.Join(err, users.db.Close())
	}
	// No middleware for signed-in users here: a webhook is known by its signature,
	// which Handler checks before handle sees anything.
	mux := http.NewServeMux()
	mux.Handle(endpoint, hook.Handler(users.handle))
	a := &app{users: users, url: "http://" + ln.Addr().String() + endpoint}
	a.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second}
	go func() {
		if err := a.server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("the receiver stopped", "err", err)
		}
	}()
	return a, nil
}

// close lets finish what is being handled; what is cut off comes again.
func (a *app) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), handleTimeout)
	defer cancel()
	return errors.Join(a.server.Shutdown(ctx), a.users.db.Close())
}

// backfill puts all users of the instance into the table: those from before the
// webhook was there, and those whose messages were lost. It may run at any time,
// beside webhooks too. Rows it does not find at Clerk are left alone: a user who
// was created since the list was made is not a deleted one.
func (a *app) backfill(ctx context.Context, cfg clerk.Config) (n int, err error) {
	api, err := bapi.FromConfig(cfg)
	if err != nil {
		return 0, err
	}
	for u, err := range api.Users.All(ctx, bapi.UserListParams{}) {
		if err != nil {
			return n, err
		}
		if err := put(ctx, a.users.db, fromClerk(u)); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

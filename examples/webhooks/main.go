// Webhooks keeps a SQLite users table in sync with Clerk, despite duplicate or
// out-of-order events and failures of the database:
//
//   - The transaction that handles a message also stores its id, so a duplicate changes
//     nothing (store.go).
//   - A user's updated_at decides which of two versions is newer, not the order of
//     arrival. A deleted user leaves a tombstone, so a late message does not create the
//     user again.
//   - If the database fails, the response is 500, and Clerk delivers the message again.
//     If a redelivery cannot succeed, the response says not to redeliver (receiver.go).
//
// Without keys the program starts an emulator in place of Clerk (demo.go). It delivers
// events, then all of them again with the newest first, and checks the table:
//
//	go run ./examples/webhooks
//
// With a signing secret of a real instance it serves POST /webhooks/clerk. Add that
// endpoint in the Clerk Dashboard under Webhooks, with the events user.created,
// user.updated and user.deleted. With the secret key it first fetches the existing
// users:
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
	file := flag.String("db", "users.db", "the SQLite database, created if it is missing")
	emulator := flag.Bool("emulator", os.Getenv("CLERK_SECRET_KEY") == "" && os.Getenv("CLERK_WEBHOOK_SIGNING_SECRET") == "",
		"run against an emulator with a temporary database, and exit")
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
	// Fetch the users only when webhooks can already arrive. A change in between then
	// arrives both ways, and updated_at decides which is newer.
	if cfg.SecretKey != "" {
		if n, err := a.backfill(ctx, cfg); err != nil {
			slog.Error("not all users were fetched; the next start retries", "fetched", n, "err", err)
		}
	}
	<-ctx.Done()
	return a.close()
}

// app is the running receiver.
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
	// Do not put Require in front: a webhook is authenticated by its signature, which
	// Handler checks before it calls handle.
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

// close waits for running deliveries. Clerk delivers interrupted ones again.
func (a *app) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), handleTimeout)
	defer cancel()
	return errors.Join(a.server.Shutdown(ctx), a.users.db.Close())
}

// backfill adds all users of the instance to the table: users from before the webhook
// existed, and users whose messages were lost. It can run at any time, also while
// webhooks arrive. It does not delete rows of users that are missing in the list,
// because they may have been created after the list was made.
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

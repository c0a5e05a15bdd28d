// Command quickstart is a Go server whose users sign in with Clerk. It starts a Clerk
// emulator in the same process, so it needs only Go.
//
//	go run ./examples/quickstart          # then open the URL that it prints
//	go run ./examples/quickstart -walk    # the same with a scripted client, hop by hop
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
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func main() {
	addr := flag.String("addr", "localhost:3000", "where the app listens; localhost:0 takes any free port")
	emulator := flag.String("emulator", "localhost:4010", "where the emulator listens")
	walk := flag.Bool("walk", false, "run the whole story with a scripted client, then send hostile requests, and exit")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *walk {
		err = runWalk(ctx, os.Stdout)
	} else {
		err = serve(ctx, *addr, *emulator)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// serve runs the app until it is interrupted.
func serve(ctx context.Context, addr, emulator string) error {
	world, err := start(addr, emulator, slog.LevelInfo)
	if err != nil {
		return err
	}
	defer world.close()
	fmt.Printf(`
  The app       %s
  Its Clerk     %s  (an emulator; nothing leaves this machine)

  Sign in as    alice@example.com  (admin of Acme, may create invoices)
          or    bob@example.com    (member of Acme, may not)
  Password      %s

  Stop with Ctrl-C.

`, world.origin, world.em.URL, password)
	<-ctx.Done()
	return nil
}

// world is the running emulator and app.
type world struct {
	em     *clerktest.Emulator
	app    *app
	origin string
	server *http.Server
}

func start(addr, emulatorAddr string, level slog.Level) (*world, error) {
	// The emulator needs the app's origin at its start: it issues tokens to that origin
	// and redirects only there.
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return nil, err
	}
	w := &world{origin: "http://localhost:" + port}
	w.em, err = clerktest.Start(clerktest.Config{Addr: emulatorAddr, Origins: []string{w.origin}})
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	seed(w.em)

	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	w.app, err = newApp(w.em, w.origin, logger)
	if err != nil {
		return nil, errors.Join(err, w.em.Close(), ln.Close())
	}
	w.server = &http.Server{Handler: w.app, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := w.server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("the app stopped", "err", err)
		}
	}()
	return w, nil
}

func (w *world) close() {
	_ = w.server.Close()
	_ = w.app.auth.Close()
	_ = w.em.Close()
}

const password = "correct horse battery staple"

// seed adds two users of one organization to the emulator. Only the admin may create
// invoices.
func seed(em *clerktest.Emulator) {
	alice := em.AddUser(clerktest.User{Email: "alice@example.com", FirstName: "Alice", Password: password})
	bob := em.AddUser(clerktest.User{Email: "bob@example.com", FirstName: "Bob", Password: password})
	acme := em.AddOrganization(clerktest.Organization{Name: "Acme", Slug: "acme"})
	em.AddRole("org:admin", "org:invoices:create", "org:invoices:read")
	em.AddRole("org:member", "org:invoices:read")
	em.AddMember(acme.ID, alice.ID, "org:admin")
	em.AddMember(acme.ID, bob.ID, "org:member")
}

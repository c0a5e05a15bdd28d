// Htmx is a server-rendered app whose pages stay open longer than the one minute that a
// session token lives. The server renders HTML and htmx swaps fragments of it. No
// front-end SDK fetches new tokens.
//
//   - A page is a document request. If its token has expired, the middleware uses the
//     refresh cookie, or redirects the browser to Clerk's Frontend API and back (the
//     handshake). The user does not notice.
//   - A fragment is fetched by a script, which cannot follow a redirect to another
//     origin. If there is no refresh cookie, the response is 401 with HX-Refresh. htmx
//     then reloads the page, and that request goes through the handshake.
//
// The handler of refused requests in app.go does the second. Without keys the program
// starts an emulator:
//
//	go run ./examples/htmx            # http://localhost:3000, alice@example.com
//
// With a real instance, users sign in on its Account Portal, or at CLERK_SIGN_IN_URL:
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… CLERK_AUTHORIZED_PARTIES=http://localhost:3000 \
//	go run ./examples/htmx
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// htmx comes from a CDN. The browser checks its digest.
const (
	htmxURL       = "https://cdn.jsdelivr.net/npm/htmx.org@2.0.11/dist/htmx.min.js"
	htmxIntegrity = "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg"
)

func main() {
	addr := flag.String("addr", "localhost:3000", "address of the app")
	emulator := flag.Bool("emulator", os.Getenv("CLERK_SECRET_KEY") == "", "run with an emulated Clerk")
	script := flag.String("htmx", htmxURL, "URL of htmx")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *addr, *script, *emulator); err != nil {
		fmt.Fprintln(os.Stderr, "htmx:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, out io.Writer, addr, script string, emulator bool) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer ln.Close() //nolint:errcheck // the server closes it too
	var cfg clerk.Config
	if emulator {
		_, port, err := net.SplitHostPort(ln.Addr().String())
		if err != nil {
			return err
		}
		// The emulator issues tokens to the app's origin, so listen first.
		em, err := clerktest.Start(clerktest.Config{Origins: []string{"http://localhost:" + port}})
		if err != nil {
			return err
		}
		defer em.Close() //nolint:errcheck // it has no data to save
		em.AddUser(clerktest.User{Email: "alice@example.com", FirstName: "Alice"})
		cfg = em.Config()
		cfg.SignInURL = em.URL + "/sign-in"
	} else if cfg, err = clerk.ConfigFromEnv(); err != nil {
		return err
	}

	a, err := newApp(cfg, script)
	if err != nil {
		return err
	}
	defer a.auth.Close()
	server := &http.Server{Handler: a, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	fmt.Fprintln(out, "listening on", cfg.AuthorizedParties[0])
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Command clerk-emulator is a Clerk on your laptop: Frontend API, Backend API and
// sign-in pages on one address of this machine, without an account and without
// the network.
//
//	go run github.com/clerkkit/clerkkit/clerk/clerk-emulator@latest -seed users.json
//
// Whatever changes is told to webhook endpoints: -webhook http://localhost:3000/api/webhooks.
//
// It prints the environment variables for an application. Keys are the same in
// each run, so that they can stay in a .env file. What it holds is gone when it
// ends, and a seed file brings the start of it back; with -data FILE all of it is
// kept: users, sessions, organizations, signing keys, the clock.
//
// It is for development and tests only: its signing key is published, and
// everyone who reaches it can sign in as anyone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
	"github.com/clerkkit/clerkkit/internal/endpoint"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// shutdownTimeout is how long open requests may take at the end.
const shutdownTimeout = 5 * time.Second

// webhookSecret is the same in each run, as the secret key is.
const webhookSecret = "whsec_ZW11bGF0b3JPblRoaXNNYWNoaW5lT25seTAx"

// options are the flags.
type options struct {
	addr, seed, data, origins, instance, frontendAPI string
	webhooks                                         []string
	webhookSecret                                    string
	generateKey, quiet                               bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("clerk-emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:4010", "`address` to listen on; port 0 picks a free one")
	flags.StringVar(&o.seed, "seed", "", "JSON `file` with roles, users and organizations")
	flags.StringVar(&o.data, "data", "", "`file` to keep all state in: read at the start if it is there (the seed is not, then), written after changes and at the end")
	flags.StringVar(&o.origins, "origins", "http://localhost:3000", "`origins` of the application, separated by commas")
	flags.StringVar(&o.instance, "instance", "development", "`kind` of instance: development or production")
	flags.StringVar(&o.frontendAPI, "frontend-api", "", "`host` in the publishable key (default clerkkit-emulator.clerk.accounts.dev, or clerk.example.test in production)")
	flags.Func("webhook", "`URL` of an endpoint that hears of all that happens, the seeding too; may be given more than once", func(s string) error {
		o.webhooks = append(o.webhooks, s)
		return nil
	})
	flags.StringVar(&o.webhookSecret, "webhook-secret", webhookSecret, "`secret` that signs webhooks, whsec_…")
	flags.BoolVar(&o.generateKey, "generate-key", false, "sign with a new key instead of the published one")
	flags.BoolVar(&o.quiet, "quiet", false, "do not log requests")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		err := fmt.Errorf("unexpected argument %q", flags.Arg(0))
		_, _ = fmt.Fprintln(stderr, err)
		flags.Usage()
		return o, err
	}
	return o, nil
}

// config makes the instance's settings of the flags.
func (o *options) config(log *slog.Logger) clerktest.Config {
	cfg := clerktest.Config{
		Addr: o.addr, Instance: clerk.InstanceType(o.instance), FrontendAPI: o.frontendAPI,
		SecretKey: "sk_test_emulatorOnThisMachineOnly", GenerateKey: o.generateKey, Logger: log,
	}
	if cfg.Instance == clerk.Production {
		cfg.SecretKey = "sk_live_emulatorOnThisMachineOnly"
	} else if cfg.FrontendAPI == "" {
		cfg.FrontendAPI = "clerkkit-emulator.clerk.accounts.dev"
	}
	for origin := range strings.SplitSeq(o.origins, ",") {
		if origin = strings.TrimSpace(origin); origin != "" {
			cfg.Origins = append(cfg.Origins, origin)
		}
	}
	for _, url := range o.webhooks {
		cfg.Webhooks = append(cfg.Webhooks, clerktest.WebhookEndpoint{URL: url, Secret: o.webhookSecret})
	}
	return cfg
}

// run is the program: it ends with ctx and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	fail := func(err error) int {
		_, _ = fmt.Fprintln(stderr, "clerk-emulator:", err)
		return 1
	}
	var seed clerktest.Seed
	if o.seed != "" {
		if seed, err = readSeed(o.seed); err != nil {
			return fail(err)
		}
	}
	level := slog.LevelInfo
	if o.quiet {
		level = slog.LevelWarn
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	em, err := clerktest.Start(o.config(log))
	if err != nil {
		return fail(err)
	}
	kept, err := o.fill(em, seed, log)
	if err == nil {
		err = banner(stdout, em, &o, &seed, kept != nil && kept.restored) // or nobody would learn the keys
	}
	if err != nil {
		_ = em.Close() // the first error counts
		return fail(err)
	}
	if kept != nil {
		kept.keep(ctx)
	}
	<-ctx.Done()
	_, _ = fmt.Fprintln(stdout, "\nshutting down")
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err = em.Shutdown(shutdown)
	if kept != nil {
		err = errors.Join(err, kept.save())
	}
	if err != nil {
		return fail(err)
	}
	return 0
}

// fill gives the instance its state: that of the data file if there is one, else
// the seed.
func (o *options) fill(em *clerktest.Emulator, seed clerktest.Seed, log *slog.Logger) (*data, error) {
	var kept *data
	if o.data != "" {
		var err error
		if kept, err = openData(o.data, em, log); err != nil {
			return nil, err
		}
	}
	if kept == nil || !kept.restored {
		if err := em.Load(seed); err != nil {
			return nil, fmt.Errorf("%s: %w", o.seed, err)
		}
	}
	if kept != nil {
		return kept, kept.save() // a file that cannot be written is told of at once
	}
	return nil, nil
}

func readSeed(name string) (clerktest.Seed, error) {
	f, err := os.Open(name) //nolint:gosec // the user names the file
	if err != nil {
		return clerktest.Seed{}, err
	}
	defer func() { _ = f.Close() }() // only read
	seed, err := clerktest.ReadSeed(f)
	if err != nil {
		return seed, fmt.Errorf("%s: %w", name, err)
	}
	return seed, nil
}

// banner says what this is, where it is, and how an application finds it.
func banner(w io.Writer, em *clerktest.Emulator, o *options, seed *clerktest.Seed, restored bool) error {
	var b strings.Builder
	b.WriteString("clerk-emulator " + clerk.Version + ": an EMULATOR of Clerk, for development and tests. NOT A REAL CLERK INSTANCE.\n")
	if o.generateKey {
		b.WriteString("Everyone who reaches it can sign in as anyone.\n")
	} else {
		b.WriteString("Its signing key is published, and everyone who reaches it can sign in as anyone.\n")
	}
	if host, _, err := net.SplitHostPort(o.addr); err == nil && !endpoint.Loopback(host) {
		b.WriteString("WARNING: it listens beyond this machine, on " + o.addr + ".\n")
	}
	fmt.Fprintf(&b, "\nSign-in page  %s/sign-in\n", em.URL)
	fmt.Fprintf(&b, "Inspector     %s/_emulator/\n", em.URL)
	fmt.Fprintf(&b, "Instance      %s, %s\n", o.instance, em.Issuer())
	for _, hook := range em.Webhooks() {
		fmt.Fprintf(&b, "Webhooks      %s\n", hook.URL)
	}
	if restored {
		fmt.Fprintf(&b, "Restored      from %s\n", o.data)
	} else {
		fmt.Fprintf(&b, "Seeded        %d users, %d organizations, %d roles\n", len(seed.Users), len(seed.Organizations), len(seed.Roles))
	}
	b.WriteString("\n# Environment of the application\n")
	for _, line := range em.Environ() {
		b.WriteString(line + "\n")
	}
	if o.data != "" {
		fmt.Fprintf(&b, "\nCtrl-C ends it; all state is kept in %s.\n", o.data)
	} else {
		b.WriteString("\nCtrl-C ends it; what is not in the seed file is gone then.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

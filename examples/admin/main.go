// Command admin manages the users and organizations of a Clerk instance from a
// terminal. It uses only package bapi.
//
//	admin [flags] users [-query ada] [-n 20] [-orgs=false]   a table of users and their organizations
//	admin [flags] export -o users.csv                        all users, as .csv or .json
//	admin [flags] apply -f rows.csv [-yes]                   ban, unban, metadata, one row for each user
//	admin [flags] invite -f people.csv [-org org_1] [-yes]   invitations, in bulk
//	admin [flags] revoke-sessions [-yes] user_1              sign a user out everywhere
//	admin [flags] audit                                      organizations with problems
//
// Commands that change something only print what they would do, unless -yes is given.
// The secret key is CLERK_SECRET_KEY. With -emulator the command uses an emulator in
// the same process and changes nothing in your instance.
//
//	go run ./examples/admin -emulator users
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "admin:", err)
		os.Exit(1)
	}
}

// app is shared by all commands.
type app struct {
	api  *bapi.Client
	out  io.Writer // the result
	note io.Writer // progress and remarks
}

// command parses its flags and runs.
type command func(ctx context.Context, a *app, args []string) error

var commands = map[string]command{
	"users":           users,
	"export":          export,
	"apply":           apply,
	"invite":          invite,
	"revoke-sessions": revokeSessions,
	"audit":           audit,
}

func run(ctx context.Context, args []string, out, note io.Writer) error {
	flags := newFlags("admin", note)
	emulator := flags.Bool("emulator", false, "work on an emulator with a few users instead of a real instance")
	rate := flags.Int("rate", 0, "requests in 10 seconds; 0 means 90 % of Clerk's limit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cmd, ok := commands[flags.Arg(0)]
	if !ok {
		return fmt.Errorf("no command %q; there are users, export, apply, invite, revoke-sessions, audit", flags.Arg(0))
	}
	cfg, err := clerk.ConfigFromEnv()
	if *emulator {
		em, startErr := startEmulator()
		if startErr != nil {
			return startErr
		}
		defer func() { _ = em.Close() }() // the process ends anyway
		cfg, err = em.Config(), nil
	}
	if err != nil {
		return err
	}
	api, err := newClient(cfg, *rate)
	if err != nil {
		return err
	}
	defer api.CloseIdleConnections()
	return cmd(ctx, &app{api, out, note}, flags.Args()[1:])
}

// newClient returns a client that stays below the rate limits of the instance: 1000
// requests in 10 seconds in production, 100 in development.
func newClient(cfg clerk.Config, rate int) (*bapi.Client, error) {
	instance, err := clerk.SecretKeyInstance(cfg.SecretKey)
	if err != nil {
		return nil, err
	}
	if rate == 0 {
		if rate = 90; instance == clerk.Production {
			rate = 900
		}
	}
	return bapi.FromConfig(cfg, func(c *bapi.Config) {
		c.RateLimit, c.UserAgent = rate, "clerkkit-admin"
		c.MaxRetries, c.MaxRetryWait = 5, time.Minute // no user waits for this command
	})
}

func newFlags(name string, note io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(note)
	return flags
}

// startEmulator starts an emulator with sample data.
func startEmulator() (*clerktest.Emulator, error) {
	em, err := clerktest.Start(clerktest.Config{})
	if err != nil {
		return nil, err
	}
	acme := em.AddOrganization(clerktest.Organization{Name: "Acme"})
	em.AddOrganization(clerktest.Organization{Name: "Empty Ltd"})
	for i, first := range []string{"Ada", "Grace", "Edsger", "Barbara", "Niklaus"} {
		u := em.AddUser(clerktest.User{FirstName: first, Email: strings.ToLower(first) + "@example.com", PublicMetadata: map[string]any{"seat": i}})
		if i < 3 {
			em.AddMember(acme.ID, u.ID, "org:member")
		}
		em.SignIn(u)
	}
	return em, nil
}

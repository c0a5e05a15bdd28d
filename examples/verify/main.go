// Verify reads session tokens, one per line, and prints the user of each or why it is
// refused. It shows how a gRPC server, a WebSocket handler or a queue worker verifies a
// token that is not in an HTTP request. It needs no network, only the instance's public
// key as PEM in CLERK_JWT_KEY.
//
//	CLERK_JWT_KEY="$(cat key.pem)" CLERK_AUTHORIZED_PARTIES=https://app.example.com go run ./examples/verify < tokens
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

func main() {
	cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	if err := run(context.Background(), cfg, os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, cfg clerk.Config, in io.Reader, out io.Writer) error {
	// README:verify
	v, err := verify.FromConfig(cfg, nil) // with the key in CLERK_JWT_KEY
	if err != nil {
		return err
	}
	// README:end
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		claims, err := v.Verify(ctx, lines.Text())
		if err != nil {
			var refused *verify.Error
			if errors.As(err, &refused) {
				fmt.Fprintln(out, "refused:", refused.Reason)
			}
			continue
		}
		auth := claims.Auth()
		fmt.Fprintln(out, "user:", auth.UserID, "organization:", auth.OrgID, "until:", auth.ExpiresAt.UTC())
	}
	return lines.Err()
}

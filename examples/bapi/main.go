// Bapi bans the users with the given e-mail addresses, which ends their sessions, and
// records the reason in their private metadata. It shows a small script that calls
// Clerk's Backend API. examples/admin is a complete tool.
//
//	CLERK_SECRET_KEY=sk_… go run ./examples/bapi mallory@example.com
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/clerkkit/clerkkit/bapi"
)

func main() {
	api, err := bapi.New(bapi.Config{SecretKey: os.Getenv("CLERK_SECRET_KEY")})
	if err != nil {
		log.Fatal(err)
	}
	if err := ban(context.Background(), api, os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func ban(ctx context.Context, api *bapi.Client, emails []string, out io.Writer) error {
	if len(emails) == 0 {
		return errors.New("usage: bapi E-MAIL…") // an empty filter would match all users
	}
	// README:ban
	for user, err := range api.Users.All(ctx, bapi.UserListParams{EmailAddress: emails}) {
		if err != nil {
			return err
		}
		reason := bapi.Metadata(`{"banned_for": "abuse"}`) // merged with what is there
		_, err := api.Users.MergeMetadata(ctx, user.ID, bapi.UserMergeMetadataParams{PrivateMetadata: reason})
		if err == nil {
			_, err = api.Users.Ban(ctx, user.ID)
		}
		if errors.Is(err, bapi.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err // a *bapi.Error: status, codes, trace id
		}
		fmt.Fprintln(out, "banned", user.ID)
	}
	// README:end
	return nil
}

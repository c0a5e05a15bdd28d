package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/clerkkit/clerkkit/bapi"
)

// apply bans or unbans users or merges their metadata, according to the rows of a CSV
// file.
func apply(ctx context.Context, a *app, args []string) error {
	flags := newFlags("apply", a.note)
	path := flags.String("f", "", "CSV with user_id and action (ban, unban, metadata), and with public_metadata, private_metadata")
	yes := flags.Bool("yes", false, "do it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	rows, err := readRows(*path, []string{"user_id", "action"}, []string{"public_metadata", "private_metadata"})
	if err != nil {
		return err
	}
	return a.carryOut(ctx, rows, job{path: *path, yes: *yes, atOnce: 1, say: sayChange, do: func(ctx context.Context, rows []row) []error {
		return []error{a.change(ctx, rows[0].fields)}
	}})
}

func sayChange(r row) (string, error) {
	id, action := r.fields["user_id"], r.fields["action"]
	if !strings.HasPrefix(id, "user_") {
		return "", fmt.Errorf("%q is not the ID of a user", id)
	}
	var parts []string
	for _, kind := range []string{"public_metadata", "private_metadata"} {
		if text := r.fields[kind]; text != "" {
			if _, err := bapi.Metadata(text).Merge(""); err != nil {
				return "", fmt.Errorf("%s is not a JSON object", kind)
			}
			parts = append(parts, kind+" "+text)
		}
	}
	switch {
	case action == "metadata" && len(parts) == 0:
		return "", errors.New("no metadata given")
	case action == "metadata":
		return "merge " + strings.Join(parts, " and ") + " into " + id, nil
	case action != "ban" && action != "unban":
		return "", fmt.Errorf("unknown action %q", action)
	case len(parts) > 0:
		return "", fmt.Errorf("%s takes no metadata", action)
	}
	return action + " " + id, nil
}

func (a *app) change(ctx context.Context, f map[string]string) error {
	var err error
	switch f["action"] {
	case "ban":
		_, err = a.api.Users.Ban(ctx, f["user_id"])
	case "unban":
		_, err = a.api.Users.Unban(ctx, f["user_id"])
	case "metadata":
		_, err = a.api.Users.MergeMetadata(ctx, f["user_id"], bapi.UserMergeMetadataParams{
			PublicMetadata:  bapi.Metadata(f["public_metadata"]),
			PrivateMetadata: bapi.Metadata(f["private_metadata"]),
		})
	}
	return err
}

// invite invites people to the application, or to an organization.
func invite(ctx context.Context, a *app, args []string) error {
	flags := newFlags("invite", a.note)
	path := flags.String("f", "", "CSV with email_address, and with role for an organization")
	org := flags.String("org", "", "invite to this organization")
	role := flags.String("role", "org:member", "role where a row has none")
	yes := flags.Bool("yes", false, "do it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	rows, err := readRows(*path, []string{"email_address"}, []string{"role"})
	if err != nil {
		return err
	}
	j := job{path: *path, yes: *yes, atOnce: 10} // the API's maximum in one call for an organization
	j.say = func(r row) (string, error) {
		address := r.fields["email_address"]
		if !strings.Contains(address, "@") {
			return "", fmt.Errorf("%q is not an email address", address)
		}
		if *org == "" && r.fields["role"] != "" {
			return "", errors.New("a role needs -org")
		}
		return "invite " + address, nil
	}
	j.do = func(ctx context.Context, rows []row) []error {
		return inBulk(rows, func(rows []row) error { return a.inviteAll(ctx, rows, *org, *role) })
	}
	return a.carryOut(ctx, rows, j)
}

func (a *app) inviteAll(ctx context.Context, rows []row, org, role string) error {
	if org == "" {
		var items []bapi.InvitationItem
		for _, r := range rows {
			items = append(items, bapi.InvitationItem{EmailAddress: r.fields["email_address"]})
		}
		_, err := a.api.Invitations.CreateMany(ctx, items)
		return err
	}
	var items []bapi.OrganizationInvitationItem
	for _, r := range rows {
		item := bapi.OrganizationInvitationItem{EmailAddress: r.fields["email_address"], Role: role}
		if r.fields["role"] != "" {
			item.Role = r.fields["role"]
		}
		items = append(items, item)
	}
	_, err := a.api.OrganizationInvitations.CreateMany(ctx, org, items)
	return err
}

// inBulk sends rows in one call. If the API refuses one row, it refuses all of them.
// inBulk then sends each row alone, so that only the bad one fails.
func inBulk(rows []row, send func([]row) error) []error {
	errs := make([]error, len(rows))
	err := send(rows)
	if err == nil {
		return errs
	}
	alone := len(rows) > 1 && (errors.Is(err, bapi.ErrValidation) || errors.Is(err, bapi.ErrConflict))
	for i := range rows {
		if errs[i] = err; alone {
			errs[i] = send(rows[i : i+1])
		}
	}
	return errs
}

// revokeSessions ends all active sessions of a user.
func revokeSessions(ctx context.Context, a *app, args []string) error {
	flags := newFlags("revoke-sessions", a.note)
	yes := flags.Bool("yes", false, "do it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("revoke-sessions: give the ID of one user, after the flags")
	}
	// Collect all IDs first: revoking changes the list.
	var ids []string
	for s, err := range a.api.Sessions.All(ctx, bapi.SessionListParams{UserID: flags.Arg(0), Status: bapi.SessionStatusActive}) {
		if err != nil {
			return err
		}
		ids = append(ids, s.ID)
	}
	failed := 0
	for _, id := range ids {
		if !*yes {
			fmt.Fprintf(a.out, "would revoke %s\n", id)
			continue
		}
		if _, err := a.api.Sessions.Revoke(ctx, id); err != nil {
			failed++
			fmt.Fprintf(a.out, "FAILED to revoke %s: %v\n", id, err)
			continue
		}
		fmt.Fprintf(a.out, "revoked %s\n", id)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d sessions were not revoked", failed, len(ids))
	}
	if !*yes {
		fmt.Fprintf(a.note, "%d sessions, nothing was changed; use -yes to apply\n", len(ids))
	}
	return nil
}

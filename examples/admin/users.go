package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/clerkkit/clerkkit/bapi"
)

// users prints a table.
func users(ctx context.Context, a *app, args []string) error {
	flags := newFlags("users", a.note)
	query := flags.String("query", "", "part of a name, an address, a username or an ID")
	n := flags.Int("n", 50, "at most this many users")
	orgs := flags.Bool("orgs", true, "also list the organizations, with one more request for each user")
	order := flags.String("order", "-created_at", "field to sort by, - in front for descending")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tEMAIL\tLAST ACTIVE\tSTATE\tORGANIZATIONS")
	shown := 0
	for u, err := range a.api.Users.All(ctx, bapi.UserListParams{Query: *query, OrderBy: *order, Limit: min(max(*n, 1), 500)}) {
		if err != nil {
			return err
		}
		list := "-"
		if *orgs {
			if list, err = organizationsOf(ctx, a.api, u.ID); err != nil {
				return err
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", u.ID, clean(name(u)), clean(email(u)), day(u.LastActiveAt), state(u), clean(list))
		if shown++; shown == *n {
			break // All fetches no further page
		}
	}
	return w.Flush()
}

func organizationsOf(ctx context.Context, api *bapi.Client, userID string) (string, error) {
	var out []string
	for m, err := range api.Users.AllOrganizationMemberships(ctx, userID, bapi.UserListOrganizationMembershipsParams{}) {
		if err != nil {
			return "", err
		}
		out = append(out, m.Organization.Slug+" ("+strings.TrimPrefix(m.Role, "org:")+")")
	}
	return cmp.Or(strings.Join(out, ", "), "-"), nil
}

func name(u *bapi.User) string {
	return cmp.Or(strings.TrimSpace(u.FirstName+" "+u.LastName), u.Username, "-")
}

// email returns the primary address, or else the first one.
func email(u *bapi.User) string {
	for _, e := range u.EmailAddresses {
		if e.ID == u.PrimaryEmailAddressID {
			return e.EmailAddress
		}
	}
	if len(u.EmailAddresses) > 0 {
		return u.EmailAddresses[0].EmailAddress
	}
	return "-"
}

func state(u *bapi.User) string {
	switch {
	case u.Banned:
		return "banned"
	case u.Locked:
		return "locked"
	}
	return "active"
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.DateOnly)
}

// clean removes control characters from user input, which could move the cursor or
// break the table.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

// export writes all users to a file. It writes a temporary file and renames it when it
// is complete.
func export(ctx context.Context, a *app, args []string) error {
	flags := newFlags("export", a.note)
	path := flags.String("o", "", "the file: .csv, or .json with all fields of the API")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var write func(context.Context, *app, io.Writer, *progress) error
	switch filepath.Ext(*path) {
	case ".csv":
		write = exportCSV
	case ".json":
		write = exportJSON
	default:
		return errors.New("export: -o must name a .csv or .json file")
	}
	total, err := a.api.Users.Count(ctx, bapi.UserCountParams{})
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(*path), ".export-*")
	if err != nil {
		return err
	}
	bar := newProgress(a.note, total.TotalCount)
	err = errors.Join(write(ctx, a, f, bar), f.Close())
	bar.end()
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), *path); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%d users in %s\n", bar.done, *path)
	return nil
}

func exportCSV(ctx context.Context, a *app, out io.Writer, bar *progress) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"id", "email_address", "username", "first_name", "last_name", "state", "created_at", "last_sign_in_at", "external_id", "public_metadata"}); err != nil {
		return err
	}
	for u, err := range a.api.Users.All(ctx, bapi.UserListParams{}) {
		if err != nil {
			return err
		}
		row := []string{u.ID, email(u), u.Username, u.FirstName, u.LastName, state(u), stamp(u.CreatedAt), stamp(u.LastSignInAt), u.ExternalID, string(u.PublicMetadata)}
		for i := range row {
			row[i] = inert(row[i])
		}
		if err := w.Write(row); err != nil {
			return err
		}
		bar.step()
	}
	w.Flush()
	return w.Error()
}

// inert prevents a spreadsheet from reading user input as a formula.
func inert(s string) string {
	if s != "" && s != "-" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func exportJSON(ctx context.Context, a *app, out io.Writer, bar *progress) error {
	if _, err := fmt.Fprint(out, "["); err != nil {
		return err
	}
	sep := "\n"
	for u, err := range a.api.Users.All(ctx, bapi.UserListParams{}) {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%s%s", sep, u.RawJSON()); err != nil {
			return err
		}
		sep = ",\n"
		bar.step()
	}
	_, err := fmt.Fprint(out, "\n]\n")
	return err
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/clerkkit/clerkkit/bapi"
)

// audit lists all organizations with their problems.
func audit(ctx context.Context, a *app, args []string) error {
	flags := newFlags("audit", a.note)
	odd := flags.Bool("odd", false, "only organizations with a problem")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tMEMBERS\tLIMIT\tPENDING\tCREATED\tODD")
	total, found := 0, 0
	params := bapi.OrganizationListParams{IncludeMembersCount: bapi.Set(true), IncludeMissingMemberWithElevatedPermissions: bapi.Set(true)}
	for o, err := range a.api.Organizations.All(ctx, params) {
		if err != nil {
			return err
		}
		total++
		notes := oddities(o)
		if len(notes) > 0 {
			found++
		} else if *odd {
			continue
		}
		limit := "none"
		if o.MaxAllowedMemberships > 0 {
			limit = strconv.FormatInt(o.MaxAllowedMemberships, 10)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%s\t%s\n", o.ID, clean(o.Name), o.MembersCount, limit, o.PendingInvitationsCount, day(o.CreatedAt),
			cmp.Or(strings.Join(notes, ", "), "-"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.note, "%d organizations, %d with problems\n", total, found)
	return nil
}

func oddities(o *bapi.Organization) []string {
	var out []string
	if o.MembersCount == 0 {
		out = append(out, "no members")
	}
	if o.MissingMemberWithElevatedPermissions {
		out = append(out, "nobody can manage it")
	}
	if o.MaxAllowedMemberships > 0 && o.MembersCount >= o.MaxAllowedMemberships {
		out = append(out, "full")
	}
	return out
}

package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// userID is the id of the i-th user of onEmulator.
func userID(i int) string { return fmt.Sprintf("user_%027d", i) }

// onEmulator gives an app for an emulator with users.
func onEmulator(t *testing.T, n int) (*clerktest.Emulator, *app, *bytes.Buffer) {
	t.Helper()
	em := clerktest.NewServer(t)
	for i := range n {
		em.AddUser(clerktest.User{ID: userID(i), FirstName: "=cmd()", LastName: fmt.Sprint("No\t", i), Email: fmt.Sprintf("u%d@example.com", i)})
	}
	api, err := newClient(em.Config(), 100000)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	var out bytes.Buffer
	return em, &app{api, &out, io.Discard}, &out
}

func TestUsers(t *testing.T) {
	em, a, out := onEmulator(t, 12)
	em.AddMember(em.AddOrganization(clerktest.Organization{Name: "Acme"}).ID, userID(7), "org:admin")
	if err := users(t.Context(), a, []string{"-n", "5"}); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 6 || strings.Contains(out.String(), "No\t") {
		t.Errorf("%d lines:\n%s", lines, out)
	}
	if n := len(em.Requests()); n != 1+5 {
		t.Errorf("%d requests for 5 users and their organizations", n)
	}
	out.Reset()
	if err := users(t.Context(), a, []string{"-query", "u7@example.com"}); err != nil || strings.Count(out.String(), "\n") != 2 || !strings.Contains(out.String(), "acme (admin)") {
		t.Errorf("%v\n%s", err, out)
	}
	before := len(em.Requests())
	if err := users(t.Context(), a, []string{"-n", "5", "-orgs=false"}); err != nil || len(em.Requests()) != before+1 {
		t.Errorf("%v, %d requests", err, len(em.Requests())-before)
	}
}

func TestExport(t *testing.T) {
	em, a, out := onEmulator(t, 30)
	dir := t.TempDir()
	path := filepath.Join(dir, "users.csv")
	if err := export(t.Context(), a, []string{"-o", path}); err != nil || !strings.HasPrefix(out.String(), "30 users") {
		t.Fatal(err, out)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 31 || rows[1][3] != "'=cmd()" {
		t.Errorf("%d rows, %q: %v", len(rows), rows[1], err)
	}
	path = filepath.Join(dir, "users.json")
	if err := export(t.Context(), a, []string{"-o", path}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []bapi.User
	if err := json.Unmarshal(b, &list); err != nil || len(list) != 30 || list[0].FirstName != "=cmd()" {
		t.Errorf("%d users: %v", len(list), err)
	}

	em.Fault(clerktest.Fault{Path: "/v1/users", Status: http.StatusForbidden})
	path = filepath.Join(dir, "failed.csv")
	if err := export(t.Context(), a, []string{"-o", path}); !errors.Is(err, bapi.ErrForbidden) {
		t.Errorf("%v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".export-*"))
	if _, statErr := os.Stat(path); !os.IsNotExist(statErr) || err != nil || len(left) > 0 {
		t.Errorf("a failed export left %v", left)
	}
}

func TestRevokeSessions(t *testing.T) {
	em, a, out := onEmulator(t, 0)
	u := em.AddUser(clerktest.User{Email: "ada@example.com"})
	em.SignIn(u)
	em.SignIn(u)
	if err := revokeSessions(t.Context(), a, []string{u.ID}); err != nil || strings.Count(out.String(), "would revoke sess_") != 2 {
		t.Fatal(err, out)
	}
	out.Reset()
	if err := revokeSessions(t.Context(), a, []string{"-yes", u.ID}); err != nil || strings.Count(out.String(), "revoked sess_") != 2 {
		t.Fatal(err, out)
	}
	out.Reset()
	if err := revokeSessions(t.Context(), a, []string{"-yes", u.ID}); err != nil || out.Len() != 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAudit(t *testing.T) {
	em, a, out := onEmulator(t, 1)
	acme := em.AddOrganization(clerktest.Organization{Name: "Acme"})
	em.AddMember(acme.ID, userID(0), "org:admin")
	em.AddOrganization(clerktest.Organization{Name: "Empty"})
	if err := audit(t.Context(), a, nil); err != nil || strings.Count(out.String(), "\n") != 3 {
		t.Fatal(err, out)
	}
	out.Reset()
	if err := audit(t.Context(), a, []string{"-odd"}); err != nil || !strings.Contains(out.String(), "no members") || strings.Contains(out.String(), "Acme") {
		t.Errorf("%v\n%s", err, out)
	}
}

// changes are the requests that change something, in order.
func changes(em *clerktest.Emulator) (calls []string) {
	for _, r := range em.Requests() {
		if r.Method != http.MethodGet {
			calls = append(calls, fmt.Sprintf("%s %s %d", r.Method, r.Path, r.Status))
		}
	}
	return calls
}

func file(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestApply(t *testing.T) {
	em, a, out := onEmulator(t, 3)
	first, second, gone := userID(0), userID(1), "user_bad"
	session := em.SignIn(clerktest.User{ID: first})
	path := file(t, "\uFEFFuser_id,action,public_metadata", first+",ban,", gone+",unban,", second+`,metadata,"{""seat"":null,""plan"":""gold""}"`)

	if err := apply(t.Context(), a, []string{"-f", path}); err != nil || len(changes(em)) != 0 || strings.Count(out.String(), "would ") != 3 {
		t.Fatalf("a dry run sent %v: %v\n%s", changes(em), err, out)
	}
	out.Reset()
	err := apply(t.Context(), a, []string{"-f", path, "-yes"})
	want := []string{"POST /v1/users/" + first + "/ban 200", "POST /v1/users/" + gone + "/unban 404", "PATCH /v1/users/" + second + "/metadata 200"}
	if err == nil || !strings.Contains(err.Error(), "1 of 3 rows failed") || !slices.Equal(changes(em), want) {
		t.Errorf("sent %q: %v", changes(em), err)
	}
	if !strings.Contains(out.String(), ":3: FAILED to unban user_bad") || !strings.Contains(out.String(), "resource_not_found") {
		t.Errorf("the failed row is not reported:\n%s", out)
	}
	u, err := a.api.Users.Get(t.Context(), first)
	if err != nil || !u.Banned || session.Status() != "revoked" {
		t.Errorf("after the ban: %+v, a session that is %s, %v", u, session.Status(), err)
	}
	if u, err = a.api.Users.Get(t.Context(), second); err != nil || string(u.PublicMetadata) != `{"plan":"gold"}` {
		t.Errorf("after the merge: %+v, %v", u, err)
	}
	em.AddUser(clerktest.User{ID: gone})
	want = append(want, "POST /v1/users/"+gone+"/unban 200")
	if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err != nil || !slices.Equal(changes(em), want) {
		t.Errorf("with the second run it sent %q: %v", changes(em), err)
	}
}

// stopping is a transport that calls stop after some changes.
type stopping struct {
	http.RoundTripper
	left int
	stop func()
}

func (s *stopping) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		if s.left--; s.left == 0 {
			s.stop()
		}
	}
	return s.RoundTripper.RoundTrip(r)
}

// TestApplyGoesOn interrupts a run in its second row, with a journal line cut short.
func TestApplyGoesOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	em, a, _ := onEmulator(t, 4)
	cfg := em.Config()
	cfg.HTTPClient = &http.Client{Transport: &stopping{em.Transport(), 2, cancel}}
	api, err := newClient(cfg, 100000)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	path := file(t, "user_id,action", userID(0)+",ban", userID(1)+",ban", userID(2)+",ban", userID(3)+",ban")
	if err := apply(ctx, &app{api, io.Discard, io.Discard}, []string{"-f", path, "-yes"}); err == nil {
		t.Fatal("an interrupted run says nothing")
	}
	j, err := os.OpenFile(path+".done", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.WriteString("0123"); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	before := len(changes(em))
	if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, call := range changes(em) {
		seen[call]++
	}
	if before > 2 || len(seen) != 4 || seen["POST /v1/users/"+userID(0)+"/ban 200"] != 1 || seen["POST /v1/users/"+userID(3)+"/ban 200"] != 1 {
		t.Errorf("%d calls before, in all %v", before, seen)
	}
	banned, err := a.api.Users.Count(t.Context(), bapi.UserCountParams{Banned: bapi.Set(true)})
	if err != nil || banned.TotalCount != 4 {
		t.Errorf("%+v are banned: %v", banned, err)
	}
}

func TestBadRowsDoNothing(t *testing.T) {
	for name, lines := range map[string][]string{
		"no file":        nil,
		"lacks a column": {"user_id", "user_1"},
		"unknown column": {"user_id,action,colour", "user_1,ban,red"},
		"not an ID":      {"user_id,action", "user_1,ban", "ada@example.com,ban"},
		"unknown action": {"user_id,action", "user_1,delete"},
		"no metadata":    {"user_id,action,public_metadata", "user_1,metadata,"},
		"not an object":  {"user_id,action,public_metadata", "user_1,metadata,[1]"},
		"ban with data":  {"user_id,action,public_metadata", "user_1,ban,{}"},
		"ragged":         {"user_id,action", "user_1"},
	} {
		t.Run(name, func(t *testing.T) {
			em, a, out := onEmulator(t, 0)
			path := filepath.Join(t.TempDir(), "none.csv")
			if lines != nil {
				path = file(t, lines...)
			}
			if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err == nil || len(changes(em)) > 0 {
				t.Errorf("sent %v, %v\n%s", changes(em), err, out)
			}
		})
	}
}

func TestInvite(t *testing.T) {
	em, a, out := onEmulator(t, 0)
	acme := em.AddOrganization(clerktest.Organization{Name: "Acme"})
	em.AddMember(acme.ID, em.AddUser(clerktest.User{Email: "p3@example.com"}).ID, "org:member") // cannot be invited
	lines := []string{"email_address,role"}
	for i := range 12 {
		lines = append(lines, fmt.Sprintf("p%d@example.com,%s", i, []string{"", "org:admin"}[i%2]))
	}
	path := file(t, lines...)
	err := invite(t.Context(), a, []string{"-f", path, "-org", acme.ID, "-yes"})
	if err == nil || !strings.Contains(err.Error(), "1 of 12 rows failed") || strings.Count(out.String(), "FAILED") != 1 || !strings.Contains(out.String(), ":5: FAILED to invite p3@example.com") {
		t.Errorf("%v\n%s", err, out)
	}
	if calls := changes(em); len(calls) != 1+10+1 || !strings.HasPrefix(calls[0], "POST /v1/organizations/"+acme.ID+"/invitations/bulk 4") {
		t.Errorf("%d calls: %q", len(calls), calls)
	}
	roles := map[string]int{}
	for i, err := range a.api.OrganizationInvitations.All(t.Context(), acme.ID, bapi.OrganizationInvitationListParams{}) {
		if err != nil {
			t.Fatal(err)
		}
		roles[i.Role]++
	}
	if roles["org:member"] != 6 || roles["org:admin"] != 5 {
		t.Errorf("invited: %v", roles)
	}

	// To the application.
	out.Reset()
	path = file(t, "email_address", "p3@example.com", "new@example.com")
	if err := invite(t.Context(), a, []string{"-f", path, "-yes"}); err == nil || !strings.Contains(out.String(), ":2: FAILED to invite p3@example.com") {
		t.Errorf("%v\n%s", err, out)
	}
	if m, ok := em.LastMessage("new@example.com"); !ok || m.Template != "invitation" {
		t.Errorf("sent %+v", m)
	}
	if err := invite(t.Context(), a, []string{"-f", file(t, "email_address,role", "a@example.com,org:admin"), "-yes"}); err == nil {
		t.Error("a role without an organization was accepted")
	}
}

func TestRun(t *testing.T) {
	var out, note bytes.Buffer
	if err := run(t.Context(), []string{"-emulator", "audit"}, &out, &note); err != nil || !strings.Contains(out.String(), "Acme") {
		t.Errorf("%v\n%s", err, &out)
	}
	if err := run(t.Context(), []string{"-emulator", "dance"}, &out, &note); err == nil || !strings.Contains(err.Error(), "revoke-sessions") {
		t.Errorf("%v", err)
	}
	t.Setenv("CLERK_SECRET_KEY", "")
	if err := run(t.Context(), []string{"users"}, &out, &note); err == nil {
		t.Error("no secret key is no error")
	}
}

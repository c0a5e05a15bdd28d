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

// onEmulator returns an app that uses an emulator with n users.
func onEmulator(t *testing.T, n int) (*clerktest.Emulator, *app, *bytes.Buffer) {
	t.Helper()
	em := clerktest.NewServer(t)
	for i := range n {
		em.AddUser(clerktest.User{ID: fmt.Sprintf("user_%027d", i), FirstName: "=cmd()", LastName: fmt.Sprint("No\t", i), Email: fmt.Sprintf("u%d@example.com", i)})
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
	if err := users(t.Context(), a, []string{"-query", "u7@example.com"}); err != nil || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%v\n%s", err, out)
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
	em.AddMember(acme.ID, fmt.Sprintf("user_%027d", 0), "org:admin")
	em.AddOrganization(clerktest.Organization{Name: "Empty"})
	if err := audit(t.Context(), a, nil); err != nil || strings.Count(out.String(), "\n") != 3 {
		t.Fatal(err, out)
	}
	out.Reset()
	if err := audit(t.Context(), a, []string{"-odd"}); err != nil || !strings.Contains(out.String(), "no members") || strings.Contains(out.String(), "Acme") {
		t.Errorf("%v\n%s", err, out)
	}
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
	one, two, gone := fmt.Sprintf("user_%027d", 1), fmt.Sprintf("user_%027d", 2), "user_gone"
	path := file(t, "\uFEFFuser_id,action,public_metadata", one+",ban,", gone+",unban,", two+`,metadata,"{""plan"":""pro""}"`)
	session := em.SignIn(clerktest.User{ID: one})

	before := len(em.Requests())
	if err := apply(t.Context(), a, []string{"-f", path}); err != nil || len(em.Requests()) != before || strings.Count(out.String(), "would ") != 3 {
		t.Fatalf("a dry run sent %d requests: %v\n%s", len(em.Requests())-before, err, out)
	}
	out.Reset()
	err := apply(t.Context(), a, []string{"-f", path, "-yes"})
	if err == nil || !strings.Contains(err.Error(), "1 of 3 rows failed") {
		t.Errorf("%v", err)
	}
	if !strings.Contains(out.String(), ":3: FAILED to unban "+gone) || !strings.Contains(out.String(), "resource_not_found") {
		t.Errorf("the failed row is not reported:\n%s", out)
	}
	banned, err1 := a.api.Users.Get(t.Context(), one)
	changed, err2 := a.api.Users.Get(t.Context(), two)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if !banned.Banned || session.Status() == "active" || string(changed.PublicMetadata) != `{"plan":"pro"}` {
		t.Errorf("banned %v, the session %s, metadata %s", banned.Banned, session.Status(), changed.PublicMetadata)
	}

	em.AddUser(clerktest.User{ID: gone})
	before = len(em.Requests())
	if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err != nil || len(em.Requests()) != before+1 {
		t.Errorf("the second run sent %d requests: %v", len(em.Requests())-before, err)
	}
}

// TestApplyGoesOn interrupts a run after its second row, with an incomplete line in the
// journal.
func TestApplyGoesOn(t *testing.T) {
	em, a, _ := onEmulator(t, 5)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cfg := em.Config()
	next := cfg.HTTPClient.Transport
	sent := map[string]int{}
	cfg.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		sent[r.URL.Path]++
		if len(sent) == 2 {
			cancel()
		}
		return next.RoundTrip(r)
	})}
	api, err := newClient(cfg, 100000)
	if err != nil {
		t.Fatal(err)
	}
	a.api = api
	lines := []string{"user_id,action"}
	for i := range 4 {
		lines = append(lines, fmt.Sprintf("user_%027d,ban", i))
	}
	path := file(t, lines...)
	if err := apply(ctx, a, []string{"-f", path, "-yes"}); err == nil {
		t.Fatal("an interrupted run says nothing")
	}
	before := len(sent)
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
	if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err != nil {
		t.Fatal(err)
	}
	if before > 2 || len(sent) != 4 || sent[fmt.Sprintf("/v1/users/user_%027d/ban", 0)] != 1 || sent[fmt.Sprintf("/v1/users/user_%027d/ban", 3)] != 1 {
		t.Errorf("%d users before, in all %v", before, sent)
	}
	n, err := api.Users.Count(t.Context(), bapi.UserCountParams{Banned: bapi.Set(true)})
	if err != nil || n.TotalCount != 4 {
		t.Errorf("%+v are banned: %v", n, err)
	}
}

// TestApplyWaits: after a 429 the client waits and retries.
func TestApplyWaits(t *testing.T) {
	em, a, out := onEmulator(t, 2)
	em.Fault(clerktest.Fault{Path: "/v1/users/*", Status: http.StatusTooManyRequests, Times: 1, Header: http.Header{"Retry-After": {"0"}}})
	path := file(t, "user_id,action", fmt.Sprintf("user_%027d,ban", 0), fmt.Sprintf("user_%027d,ban", 1))
	if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err != nil || strings.Contains(out.String(), "FAILED") {
		t.Errorf("%v\n%s", err, out)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

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
			if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err == nil || len(em.Requests()) > 0 {
				t.Errorf("%d requests, %v\n%s", len(em.Requests()), err, out)
			}
		})
	}
}

func TestInvite(t *testing.T) {
	em, a, out := onEmulator(t, 4) // u3@example.com is a user already and cannot be invited
	lines := []string{"email_address"}
	for i := range 12 {
		lines = append(lines, fmt.Sprintf("%c%d@example.com", "pu"[i/3%2], i))
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "u") && l != "u3@example.com" })
	path := file(t, lines...)
	err := invite(t.Context(), a, []string{"-f", path, "-yes"})
	if err == nil || !strings.Contains(err.Error(), "1 of 7 rows failed") || strings.Count(out.String(), "FAILED") != 1 || !strings.Contains(out.String(), ":5: FAILED to invite u3@example.com") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, ok := em.LastMessage("p8@example.com"); !ok {
		t.Error("p8@example.com was not invited")
	}
	if err := invite(t.Context(), a, []string{"-f", file(t, "email_address,role", "a@example.com,org:admin"), "-yes"}); err == nil {
		t.Error("a role without an organization was accepted")
	}
}

func TestInviteToOrganization(t *testing.T) {
	em, a, out := onEmulator(t, 1)
	acme := em.AddOrganization(clerktest.Organization{Name: "Acme"})
	em.AddMember(acme.ID, fmt.Sprintf("user_%027d", 0), "org:admin")
	lines := []string{"email_address,role", "u0@example.com,"}
	for i := range 12 {
		lines = append(lines, fmt.Sprintf("p%d@example.com,%s", i, []string{"", "org:admin"}[i%2]))
	}
	err := invite(t.Context(), a, []string{"-f", file(t, lines...), "-org", acme.ID, "-yes"})
	if err == nil || !strings.Contains(err.Error(), "1 of 13 rows failed") || !strings.Contains(out.String(), ":2: FAILED to invite u0@example.com") {
		t.Errorf("%v\n%s", err, out)
	}
	roles := map[string]int{}
	for i, err := range a.api.OrganizationInvitations.All(t.Context(), acme.ID, bapi.OrganizationInvitationListParams{}) {
		if err != nil {
			t.Fatal(err)
		}
		roles[i.Role+" "+i.Status]++
	}
	if roles["org:member pending"] != 6 || roles["org:admin pending"] != 6 {
		t.Errorf("invited: %v", roles)
	}
	if _, ok := em.LastMessage("p11@example.com"); !ok {
		t.Error("p11@example.com was not invited")
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
		t.Error("a missing secret key is not an error")
	}
}

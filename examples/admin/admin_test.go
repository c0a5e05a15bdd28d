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
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// onEmulator gives an app for an emulator with users.
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
	if err := users(t.Context(), a, []string{"-n", "5", "-orgs=false"}); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 6 || strings.Contains(out.String(), "No\t") {
		t.Errorf("%d lines:\n%s", lines, out)
	}
	if n := len(em.Requests()); n != 1 {
		t.Errorf("%d requests for 5 users", n)
	}
	out.Reset()
	if err := users(t.Context(), a, []string{"-query", "u7@example.com", "-orgs=false"}); err != nil || strings.Count(out.String(), "\n") != 2 {
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

// fake answers what the emulator does not: it notes the calls, and refuses some.
type fake struct {
	calls  []string
	refuse func(call string) bool
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	call := r.Method + " " + r.URL.Path + " " + string(b)
	f.calls = append(f.calls, call)
	if f.refuse != nil && f.refuse(call) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"errors":[{"code":"form_param_invalid","message":"is invalid"}]}`)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/bulk") {
		_, _ = io.WriteString(w, `[]`)
		return
	}
	_, _ = io.WriteString(w, `{"id":"user_1"}`)
}

func onFake(t *testing.T, f *fake) (*app, *bytes.Buffer) {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	api, err := bapi.New("sk_test_fake", bapi.WithAPIURL(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	var out bytes.Buffer
	return &app{api, &out, io.Discard}, &out
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
	f := &fake{refuse: func(call string) bool { return strings.Contains(call, "user_bad") }}
	a, out := onFake(t, f)
	path := file(t, "\uFEFFuser_id,action,public_metadata", "user_1,ban,", "user_bad,unban,", `user_2,metadata,"{""plan"":null}"`)

	if err := apply(t.Context(), a, []string{"-f", path}); err != nil || len(f.calls) != 0 || strings.Count(out.String(), "would ") != 3 {
		t.Fatalf("a dry run sent %v: %v\n%s", f.calls, err, out)
	}
	out.Reset()
	err := apply(t.Context(), a, []string{"-f", path, "-yes"})
	want := []string{`POST /v1/users/user_1/ban `, `POST /v1/users/user_bad/unban `, `PATCH /v1/users/user_2/metadata {"public_metadata":{"plan":null}}`}
	if err == nil || !strings.Contains(err.Error(), "1 of 3 rows failed") || !slices.Equal(f.calls, want) {
		t.Errorf("sent %q: %v", f.calls, err)
	}
	if !strings.Contains(out.String(), ":3: FAILED to unban user_bad") || !strings.Contains(out.String(), "form_param_invalid") {
		t.Errorf("the failed row is not reported:\n%s", out)
	}
	f.calls, f.refuse = nil, nil
	if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err != nil || !slices.Equal(f.calls, want[1:2]) {
		t.Errorf("the second run sent %q: %v", f.calls, err)
	}
}

// TestApplyGoesOn interrupts a run after its second row, with a journal line cut short.
func TestApplyGoesOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := &fake{}
	f.refuse = func(string) bool {
		if len(f.calls) == 2 {
			cancel()
		}
		return false
	}
	a, _ := onFake(t, f)
	path := file(t, "user_id,action", "user_1,ban", "user_2,ban", "user_3,ban", "user_4,ban")
	if err := apply(ctx, a, []string{"-f", path, "-yes"}); err == nil {
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
	f.refuse = nil
	before := len(f.calls)
	if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, call := range f.calls {
		seen[call]++
	}
	if before > 2 || len(seen) != 4 || seen["POST /v1/users/user_1/ban "] != 1 || seen["POST /v1/users/user_4/ban "] != 1 {
		t.Errorf("%d calls before, in all %v", before, seen)
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
			f := &fake{}
			a, out := onFake(t, f)
			path := filepath.Join(t.TempDir(), "none.csv")
			if lines != nil {
				path = file(t, lines...)
			}
			if err := apply(t.Context(), a, []string{"-f", path, "-yes"}); err == nil || len(f.calls) > 0 {
				t.Errorf("sent %v, %v\n%s", f.calls, err, out)
			}
		})
	}
}

func TestInvite(t *testing.T) {
	f := &fake{refuse: func(call string) bool { return strings.Contains(call, "p3@") }}
	a, out := onFake(t, f)
	lines := []string{"email_address,role"}
	for i := range 12 {
		lines = append(lines, fmt.Sprintf("p%d@example.com,%s", i, []string{"", "org:admin"}[i%2]))
	}
	path := file(t, lines...)
	err := invite(t.Context(), a, []string{"-f", path, "-org", "org_1", "-yes"})
	if err == nil || !strings.Contains(err.Error(), "1 of 12 rows failed") || strings.Count(out.String(), "FAILED") != 1 || !strings.Contains(out.String(), ":5: FAILED to invite p3@example.com") {
		t.Errorf("%v\n%s", err, out)
	}
	if len(f.calls) != 1+10+1 || !strings.Contains(f.calls[0], `"role":"org:admin"`) || !strings.HasPrefix(f.calls[0], "POST /v1/organizations/org_1/invitations/bulk [") {
		t.Errorf("%d calls, the first %s", len(f.calls), f.calls[0])
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

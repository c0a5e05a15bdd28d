package clerktest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestSeed(t *testing.T) {
	seed, err := clerktest.ReadSeed(strings.NewReader(`{
		"roles": [{"key": "org:billing", "name": "Billing", "permissions": ["org:invoices:create", "org:invoices:create"]}],
		"users": [{"id": "user_alice", "email_address": "alice@example.com", "plan": "free", "features": ["beta"]}, {"username": "bob"}],
		"organizations": [{"id": "org_acme", "slug": "acme", "plan": "pro", "members": [
			{"user": "user_alice", "role": "org:billing"}, {"user": "bob"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	em := newEmulator(t, clerktest.Config{})
	if err := em.Load(seed); err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, em.SignIn(clerktest.User{Email: "alice@example.com"}, clerktest.WithOrg("acme", "")).Token())
	if claims.Subject() != "user_alice" || claims.OrgID() != "org_acme" || !slices.Equal(claims.Permissions(), []string{"org:invoices:create"}) ||
		!slices.Equal(claims.Plans(), []string{"u:free", "o:pro"}) {
		t.Errorf("claims: %s", claims.Raw())
	}
	if err := em.Load(seed); err == nil || !strings.Contains(err.Error(), "users[0]") {
		t.Errorf("loading twice: %v", err)
	}
}

func TestBadSeeds(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "line 1: it ends too early",
		"{\n\"users\": [{},\n":         "line 3: it ends too early",
		"{\n\"users\": 5}":             "line 2: users is a JSON number",
		"{\"users\": [\n{\"id\": x}]}": "line 2: invalid character 'x'",
		`{"usres": []}`:                `unknown field "usres"`,
		`{"users": [{"organization_memberships": []}]}`: `unknown field "organization_memberships"`,
		"null null":           "more follows",
		`{"users": []} // hi`: "more follows",
		"\xff":                "line 1: invalid character",
	} {
		if _, err := clerktest.ReadSeed(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := clerktest.ReadSeed(io.MultiReader(strings.NewReader("{"), brokenReader{})); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("broken reader: %v", err)
	}
	member := func(user, role string) clerktest.Seed {
		return clerktest.Seed{
			Users:         []clerktest.User{{ID: "user_1"}},
			Organizations: []clerktest.SeedOrganization{{Members: []clerktest.SeedMember{{User: user, Role: role}}}},
		}
	}
	users := func(u ...clerktest.User) clerktest.Seed { return clerktest.Seed{Users: u} }
	organization := func(o clerktest.Organization) clerktest.Seed {
		return clerktest.Seed{Organizations: []clerktest.SeedOrganization{{Organization: o}}}
	}
	role := func(key string, permissions ...string) clerktest.Seed {
		return clerktest.Seed{Roles: []clerktest.SeedRole{{Key: key, Permissions: permissions}}}
	}
	for want, seed := range map[string]clerktest.Seed{
		`members[0]: No user "user_2" was found`:             member("user_2", ""),
		`members[0]: No role "org:x" was found`:              member("user_1", "org:x"),
		`users[0]: id "u1" is not user_`:                     users(clerktest.User{ID: "u1"}),
		`users[0]: id "user_a/b"`:                            users(clerktest.User{ID: "user_a/b"}),
		`users[0]: id "user_\r\nx"`:                          users(clerktest.User{ID: "user_\r\nx"}),
		`users[1]: user user_1 exists already`:               users(clerktest.User{ID: "user_1"}, clerktest.User{ID: "user_1"}),
		`users[1]: username "bob" is taken`:                  users(clerktest.User{Username: "bob"}, clerktest.User{Username: "Bob"}),
		`users[0]: username "a b"`:                           users(clerktest.User{Username: "a b"}),
		`users[0]: email_address "@"`:                        users(clerktest.User{Email: "@"}),
		`users[0]: email_address "a@b@c"`:                    users(clerktest.User{Email: "a@b@c"}),
		`users[0]: email_address "a b@c"`:                    users(clerktest.User{Email: "a b@c"}),
		`users[0]: plan or feature "a,o:b"`:                  users(clerktest.User{Features: []string{"a,o:b"}}),
		`users[0]: public_metadata is not JSON`:              users(clerktest.User{PublicMetadata: map[string]any{"f": func() {}}}),
		`organizations[0]: id "acme" is not org_`:            organization(clerktest.Organization{ID: "acme"}),
		`organizations[0]: slug "a/b"`:                       organization(clerktest.Organization{Slug: "a/b"}),
		`organizations[0]: plan or feature "x y"`:            organization(clerktest.Organization{Plan: "x y"}),
		`organizations[0]: public_metadata is not JSON`:      organization(clerktest.Organization{PublicMetadata: map[string]any{"f": make(chan int)}}),
		`organizations[0]: private_metadata is not JSON`:     organization(clerktest.Organization{PrivateMetadata: map[string]any{"f": make(chan int)}}),
		`roles[0]: role "billing" is not org:`:               role("billing"),
		`roles[0]: role "org:" is not org:`:                  role("org:"),
		`roles[0]: permission "invoices:create" is not org:`: role("org:a", "invoices:create"),
		`roles[0]: permission "org:a"`:                       role("org:a", "org:a"),
		`roles[0]: permission "org:a:b:c"`:                   role("org:a", "org:a:b:c"),
		`roles[0]: permission "org:a,b:c"`:                   role("org:a", "org:a,b:c"),
	} {
		if err := newEmulator(t, clerktest.Config{}).Load(seed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, second := range []clerktest.Organization{{ID: "org_1"}, {Slug: "acme"}} {
		seed := clerktest.Seed{Organizations: []clerktest.SeedOrganization{
			{Organization: clerktest.Organization{ID: "org_1", Slug: "acme"}}, {Organization: second},
		}}
		if err := newEmulator(t, clerktest.Config{}).Load(seed); err == nil || !strings.Contains(err.Error(), "organizations[1]") {
			t.Errorf("a duplicate of %+v: %v", second, err)
		}
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func FuzzReadSeed(f *testing.F) {
	f.Add(`{"users":[{"id":"user_1","email_address":"a@b.c","public_metadata":{"a":[1,null]}}]}`)
	f.Add(`{"organizations":[{"slug":"x","members":[{"user":"a"}]}]}`)
	f.Add(`{"roles":[{"key":"org:a","permissions":["org:b:c"]}]} x`)
	f.Fuzz(func(t *testing.T, text string) {
		seed, err := clerktest.ReadSeed(strings.NewReader(text))
		if err != nil {
			return
		}
		em := newEmulator(t, clerktest.Config{})
		if err := em.Load(seed); err == nil {
			for _, u := range seed.Users {
				if resp, body := get(t, em, "/v1/users?query="+u.ID, bearer(em.SecretKey())); resp.StatusCode != 200 {
					t.Errorf("%d %s", resp.StatusCode, body)
				}
			}
		}
	})
}

func TestEnviron(t *testing.T) {
	for _, em := range []*clerktest.Emulator{
		newEmulator(t, clerktest.Config{}),
		newEmulator(t, clerktest.Config{Instance: clerk.Production, Origins: []string{"https://app.example.test"}}),
	} {
		for _, line := range em.Environ() {
			name, value, _ := strings.Cut(line, "=")
			t.Setenv(name, value)
		}
		if em.Config().ProxyURL == "" {
			t.Setenv("CLERK_PROXY_URL", "")
		}
		got, err := clerk.ConfigFromEnv()
		if want := em.Config(); err != nil {
			if !strings.Contains(err.Error(), "CLERK_API_URL") || em.URL != "http://localhost:0" {
				t.Error(err)
			}
		} else if got.SecretKey != want.SecretKey || got.PublishableKey != want.PublishableKey || got.APIURL != want.APIURL ||
			got.ProxyURL != want.ProxyURL || !slices.Equal(got.AuthorizedParties, want.AuthorizedParties) || !got.InsecureEmulator {
			t.Errorf("environment gives %+v, want %+v", got, want)
		}
	}
}

// Shutdown lets a request finish whose body is still on its way.
func TestShutdownWaits(t *testing.T) {
	em, err := clerktest.Start(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	reading := make(chan struct{})
	trace := &httptrace.ClientTrace{Got100Continue: func() { close(reading) }}
	body, writer := io.Pipe()
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "POST", em.URL+"/v1/sessions/sess_1/refresh", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = bearer(em.SecretKey())
	req.Header.Set("Expect", "100-continue")
	status := make(chan int, 1)
	go func() {
		resp, err := (&http.Transport{ExpectContinueTimeout: time.Minute}).RoundTrip(req)
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		resp.Body.Close()
		status <- resp.StatusCode
	}()
	<-reading
	down := make(chan error, 1)
	go func() { down <- em.Shutdown(t.Context()) }()
	if _, err := io.WriteString(writer, "{}"); err != nil {
		t.Error(err)
	}
	writer.Close()
	if s := <-status; s != 400 {
		t.Errorf("status %d", s)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
	if err := em.Close(); err != nil {
		t.Errorf("closing after shutdown: %v", err)
	}
	if err := newEmulator(t, clerktest.Config{}).Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := newEmulator(t, clerktest.Config{}).Close(); err != nil {
		t.Error(err)
	}
}

// What does not end in time is cut off.
func TestShutdownGivesUp(t *testing.T) {
	em, err := clerktest.Start(clerktest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	reading := make(chan struct{})
	trace := &httptrace.ClientTrace{Got100Continue: func() { close(reading) }}
	body, writer := io.Pipe()
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "POST", em.URL+"/v1/sessions/sess_1/refresh", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = bearer(em.SecretKey())
	req.Header.Set("Expect", "100-continue")
	done := make(chan error, 1)
	go func() {
		resp, err := (&http.Transport{ExpectContinueTimeout: time.Minute}).RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
		done <- err
	}()
	<-reading
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := em.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown: %v", err)
	}
	writer.Close() // the client waits for its own body, too
	if err := <-done; err == nil {
		t.Error("a request was answered that never ended")
	}
}

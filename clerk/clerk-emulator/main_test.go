package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/webhook"
)

const seedFile = `{
  "roles": [{"key": "org:billing", "permissions": ["org:invoices:create"]}],
  "users": [
    {"id": "user_alice", "email_address": "alice@example.com", "password": "secret", "public_metadata": {"n": 1}},
    {"username": "bob"}
  ],
  "organizations": [{"id": "org_acme", "name": "Acme", "members": [
    {"user": "alice@example.com", "role": "org:billing"}, {"user": "bob"}]}]
}`

func write(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// start runs the program and returns the environment that it prints, what it
// printed before, and a function that ends it and returns exit code and errors.
func start(t *testing.T, args ...string) (env map[string]string, head string, stop func() (int, string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var stderr strings.Builder
	done := make(chan int, 1)
	go func() {
		code := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), in, &stderr)
		_ = in.CloseWithError(io.EOF)
		done <- code
	}()
	env = map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Ctrl-C ends") {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok && strings.Contains(name, "CLERK_") {
			env[name] = value
		} else {
			head += lines.Text() + "\n"
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return env, head, func() (int, string) {
		cancel()
		return <-done, stderr.String()
	}
}

func TestRun(t *testing.T) {
	env, head, stop := start(t, "-seed", write(t, seedFile), "-origins", "http://localhost:3000, http://localhost:5173")
	for _, want := range []string{"NOT A REAL CLERK INSTANCE", "signing key is published", "2 users, 1 organizations, 1 roles", "/sign-in", "/_emulator/"} {
		if !strings.Contains(head, want) {
			t.Errorf("the banner lacks %q:\n%s", want, head)
		}
	}
	if strings.Contains(head, "beyond this machine") {
		t.Error("warns of a loopback address")
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
	cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	if !cfg.InsecureEmulator || len(cfg.AuthorizedParties) != 2 || cfg.ProxyURL != cfg.APIURL ||
		env["NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY"] != cfg.PublishableKey || env["VITE_CLERK_PROXY_URL"] != cfg.ProxyURL {
		t.Errorf("environment: %v", env)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, cfg.APIURL+"/v1/users/user_alice", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+cfg.SecretKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.Contains(string(body), `"public_metadata":{"n":1}`) {
		t.Errorf("%s %v", body, err)
	}
	code, errs := stop()
	if code != 0 || !strings.Contains(errs, "operation=GetUser") || strings.Contains(errs, cfg.SecretKey) {
		t.Errorf("ended with %d: %s", code, errs)
	}
	if resp, err := http.Get(cfg.APIURL + "/v1/jwks"); err == nil {
		resp.Body.Close()
		t.Error("still answers after its end")
	}
}

func TestProduction(t *testing.T) {
	env, head, stop := start(t, "-instance", "production", "-generate-key", "-quiet")
	if !strings.HasPrefix(env["CLERK_SECRET_KEY"], "sk_live_emulator") || !strings.Contains(head, "https://clerk.example.test") ||
		strings.Contains(head, "signing key is published") {
		t.Errorf("%v\n%s", env, head)
	}
	if code, errs := stop(); code != 0 || errs != "" {
		t.Errorf("ended with %d: %s", code, errs)
	}
}

func TestWarnsBeyondLoopback(t *testing.T) {
	_, head, stop := start(t, "-addr", "0.0.0.0:0")
	if !strings.Contains(head, "WARNING: it listens beyond this machine") {
		t.Errorf("no warning:\n%s", head)
	}
	if code, errs := stop(); code != 0 || !strings.Contains(errs, "beyond loopback") {
		t.Errorf("ended with %d: %s", code, errs)
	}
}

// What cannot be used ends the program with a text that says where it is.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"help":          {[]string{"-help"}, 0, "-seed file"},
		"unknown flag":  {[]string{"-production"}, 2, "-production"},
		"argument":      {[]string{"users.json"}, 2, `"users.json"`},
		"no file":       {[]string{"-seed", filepath.Join(t.TempDir(), "none.json")}, 1, "none.json"},
		"directory":     {[]string{"-seed", t.TempDir()}, 1, "directory"},
		"real host":     {[]string{"-frontend-api", "clerk.example.com"}, 1, "does not pose as a host of the internet"},
		"real host 2":   {[]string{"-frontend-api", "clerk.example.com", "-instance", "production"}, 1, "does not pose as a production host"},
		"instance":      {[]string{"-instance", "staging"}, 1, "Instance"},
		"origin":        {[]string{"-origins", "localhost:3000"}, 1, "Origins[0]"},
		"address":       {[]string{"-addr", "127.0.0.1:x"}, 1, "unknown port"},
		"empty":         {[]string{"-seed", write(t, "")}, 1, "seed.json: clerktest: seed: line 1: it ends too early"},
		"cut":           {[]string{"-seed", write(t, "{\n\n\"users\": [")}, 1, "line 3: it ends too early"},
		"syntax":        {[]string{"-seed", write(t, "{\n\"users\": [,]}")}, 1, "line 2: invalid character ','"},
		"mistyped":      {[]string{"-seed", write(t, `{"user": []}`)}, 1, `line 1: unknown field "user"`},
		"wrong type":    {[]string{"-seed", write(t, "{\"users\": [\n{\"email_address\": 5}]}")}, 1, "line 2: users.email_address is a JSON number"},
		"not an object": {[]string{"-seed", write(t, `[]`)}, 1, "is a JSON array"},
		"more":          {[]string{"-seed", write(t, `{} {}`)}, 1, "more follows"},
		"binary":        {[]string{"-seed", write(t, "\x00\xff")}, 1, "line 1"},
		"duplicate":     {[]string{"-seed", write(t, `{"users":[{"email_address":"a@b.c"},{"email_address":"A@B.c"}]}`)}, 1, `users[1]: e-mail address "a@b.c" is taken`},
		"bad id":        {[]string{"-seed", write(t, `{"users":[{"id":"alice"}]}`)}, 1, `users[0]: id "alice" is not user_`},
		"bad role":      {[]string{"-seed", write(t, `{"roles":[{"key":"admin"}]}`)}, 1, `roles[0]: role "admin"`},
		"bad slug":      {[]string{"-seed", write(t, `{"organizations":[{"slug":"a b"}]}`)}, 1, `organizations[0]: slug "a b"`},
		"no such user":  {[]string{"-seed", write(t, `{"organizations":[{"members":[{"user":"x"}]}]}`)}, 1, `organizations[0].members[0]: No user "x" was found`},
	} {
		var stderr strings.Builder
		code := run(t.Context(), append([]string{"-addr", "127.0.0.1:0"}, c.args...), io.Discard, &stderr)
		if code != c.code || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%s: exit code %d, %s", name, code, stderr.String())
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestBrokenOutput(t *testing.T) {
	var stderr strings.Builder
	if code := run(t.Context(), []string{"-addr", "127.0.0.1:0"}, brokenWriter{}, &stderr); code != 1 {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}

// TestWebhooks: what happens is delivered, beginning with the seed, and signed with
// the secret that the program prints.
func TestWebhooks(t *testing.T) {
	got := make(chan string, 100)
	var v atomic.Pointer[webhook.Verifier]
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verifier := v.Load()
		if verifier == nil { // as an application that is still starting
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		ev, err := verifier.VerifyRequest(r)
		if err != nil {
			t.Error(err)
			return
		}
		got <- ev.Type
	}))
	defer app.Close()
	if _, err := webhook.New(webhook.Config{Secrets: []string{webhookSecret}}); err == nil || strings.Contains(err.Error(), webhookSecret) {
		t.Fatalf("the published secret without InsecureEmulator: %v", err)
	}
	fixed, err := webhook.New(webhook.Config{Secrets: []string{webhookSecret}, InsecureEmulator: true})
	if err != nil {
		t.Fatal(err)
	}
	v.Store(fixed)
	env, head, stop := start(t, "-seed", write(t, seedFile), "-webhook", app.URL+"/a", "-webhook", app.URL+"/b")
	if env["CLERK_WEBHOOK_SIGNING_SECRET"] != webhookSecret || strings.Count(head, "Webhooks      "+app.URL) != 2 {
		t.Errorf("%v\n%s", env, head)
	}
	seen := map[string]int{}
	for seen["user.created"] < 4 {
		select {
		case kind := <-got:
			seen[kind]++
		case <-time.After(10 * time.Second):
			t.Fatalf("nothing more after %v", seen)
		}
	}
	if code, errs := stop(); code != 0 || strings.Contains(errs, webhookSecret) || !strings.Contains(errs, "type=user.created") {
		t.Errorf("ended with %d: %s", code, errs)
	}
	for _, args := range [][]string{{"-webhook", "localhost:3000"}, {"-webhook", app.URL, "-webhook-secret", "topsecret"}} {
		env, _, stop := start(t, args...)
		if code, errs := stop(); code != 1 || len(env) != 0 || strings.Contains(errs, "topsecret") {
			t.Errorf("%v: ended with %d: %s", args, code, errs)
		}
	}
}

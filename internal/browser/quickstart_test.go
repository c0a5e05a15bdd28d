package browser_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// quickstart is the example as a separate process.
type quickstart struct{ app, clerk string }

var (
	appLine   = regexp.MustCompile(`The app +(http://\S+)`)
	clerkLine = regexp.MustCompile(`Its Clerk +(http://\S+)`)
)

const password = "correct horse battery staple"

// buildQuickstart compiles the example, once for all tests.
var buildQuickstart = sync.OnceValues(func() (exe string, err error) {
	exe = filepath.Join(builds, "quickstart")
	out, err := exec.CommandContext(context.Background(), "go", "build", "-C", "../../examples", "-o", exe, "./quickstart").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return exe, err
})

// startQuickstart starts the example, and ends it with the test.
func startQuickstart(t *testing.T, args ...string) quickstart {
	t.Helper()
	needChromium(t)
	exe, err := buildQuickstart()
	if err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, exe, args...)
	stderr := &strings.Builder{}
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		kill()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		kill()
		_ = cmd.Wait() // killed
		if stderr.Len() > 0 && t.Failed() {
			t.Logf("the quickstart's log:\n%s", stderr)
		}
	})

	var q quickstart
	lines := bufio.NewScanner(stdout)
	for q.app == "" || q.clerk == "" {
		if !lines.Scan() {
			t.Fatalf("the quickstart ended before it said where it is: %v\n%s", lines.Err(), stderr)
		}
		if m := appLine.FindStringSubmatch(lines.Text()); m != nil {
			q.app = m[1]
		}
		if m := clerkLine.FindStringSubmatch(lines.Text()); m != nil {
			q.clerk = m[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }() // ends with the process
	return q
}

// signIn fills in Clerk's form.
func (b *tab) signIn(email, password string) way {
	b.t.Helper()
	b.sees("Sign in", "to continue to "+b.app)
	b.fill("E-mail address or username", email)
	b.fill("Password", password)
	return b.press("Sign in")
}

// last returns the last hop.
func (b *tab) ended(w way, status int) {
	b.t.Helper()
	if got := w[len(w)-1].Status; got != status {
		b.t.Errorf("the page is answered %d, want %d, after\n%s", got, status, w)
	}
}

func TestQuickstart(t *testing.T) {
	q := startQuickstart(t, "-addr", "localhost:0", "-emulator", "localhost:0")
	b := newTab(t, q.app, look{})

	b.ended(b.open(q.app+"/"), 200)
	p := b.sees("A public page", "Signed in\nno")
	if p.row("app", "GET /", "307", "/v1/client/handshake", "dev-browser-missing") == nil ||
		p.row("clerk", "GET /v1/client/handshake", "307", "signed out") == nil {
		t.Errorf("the wire does not show the handshake of a new browser: %q", p.Rows)
	}
	b.ended(b.press("Protected"), 401)
	b.sees("Not signed in", "This page needs a signed-in user.")

	b.press("Sign in")
	b.ended(b.signIn("bob@example.com", "a wrong password"), 422)
	b.sees("Sign in", "Password is incorrect")
	b.ended(b.signIn("bob@example.com", password), 200)
	p = b.sees("A protected page", "user_", "acme", "org:member", "org:invoices:read")
	if strings.Contains(p.Text, "org:invoices:create") {
		t.Error("Bob has a permission that he does not have")
	}
	if p.row("clerk", "POST /sign-in", "303", "signed in as user_") == nil ||
		p.row("app", "GET /orgs/acme", "307", "dev-browser-sync") == nil {
		t.Errorf("the wire does not show how Bob got in: %q", p.Rows)
	}
	b.ended(b.press("New invoice"), 403)
	p = b.sees("Not allowed", "org:invoices:create", "user_")
	if p.row("app", "GET /orgs/acme", "200") == nil {
		t.Errorf("the wire does not show the page before: %q", p.Rows)
	}
	b.press("Sign out")
	b.sees("A public page", "Signed in\nno")

	b.press("Sign in")
	b.signIn("alice@example.com", password)
	b.sees("A protected page", "org:admin")
	b.ended(b.press("New invoice"), 200)
	b.sees("A new invoice", "org:invoices:create")
	p = func() page { b.press("Public"); return b.read() }()
	if p.row("app", "GET /orgs/acme/invoices/new", "403") == nil || p.row("app", "GET /orgs/acme/invoices/new", "200") == nil {
		t.Errorf("the wire does not show that Bob was refused and Alice was not: %q", p.Rows)
	}
	if strings.Contains(p.Text, "eyJ") {
		t.Errorf("the wire shows a token: %q", p.Rows)
	}
	b.press("Sign out")
	b.sees("A public page", "Signed in\nno")
	b.ended(b.press("Protected"), 401)
	b.sees("Not signed in")
}

// TestQuickstartByOneClick signs in with a user's button.
func TestQuickstartByOneClick(t *testing.T) {
	q := startQuickstart(t, "-addr", "localhost:0", "-emulator", "localhost:0")
	b := newTab(t, q.app, look{})
	b.open(q.app + "/")
	b.press("Sign in")
	b.press("Alice alice@example.com")
	b.sees("A protected page", "org:admin")
}

// TestQuickstartLooks checks the pages in light mode, in dark mode and on a phone. With
// UPDATE_SCREENSHOTS=1 it writes the screenshots of the documentation into docs. Ids
// and times differ in each run.
func TestQuickstartLooks(t *testing.T) {
	update := os.Getenv("UPDATE_SCREENSHOTS") != ""
	for _, l := range []look{
		{name: "quickstart", width: 1100, height: 800},
		{name: "quickstart-dark", width: 1100, height: 800, dark: true},
		{name: "quickstart-phone", width: 390, height: 800},
	} {
		t.Run(l.name, func(t *testing.T) {
			shots := update && l.width > 1000
			args := []string{"-addr", "localhost:0", "-emulator", "localhost:0"}
			if shots {
				args = nil // the ports that the documents name
			}
			q := startQuickstart(t, args...)
			b := newTab(t, q.app, l)
			look := func(what string) {
				b.fits()
				if shots {
					b.screenshot(filepath.Join("..", "..", "docs", l.name+"-"+what+".png"))
				}
			}
			b.open(q.app + "/")
			b.press("Sign in")
			look("sign-in")
			b.signIn("alice@example.com", password)
			b.sees("A protected page")
			look("protected")
		})
	}
}

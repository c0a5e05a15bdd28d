package clerkjs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// frontend is a Frontend API: the emulator and the packages from which pages load
// clerk-js. It records its requests.
type frontend struct {
	*httptest.Server
	em *clerktest.Emulator

	mu       sync.Mutex
	requests []*http.Request
}

func newFrontend(t *testing.T, origins []string) *frontend {
	t.Helper()
	f := &frontend{em: clerktest.NewServer(t, clerktest.Config{Instance: clerk.Production, Origins: origins})}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests = append(f.requests, r.Clone(context.Background()))
		f.mu.Unlock()
		if strings.HasPrefix(r.URL.Path, "/npm/") {
			servePackage(w, r)
			return
		}
		f.em.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

var packagePath = regexp.MustCompile(`^/npm/@clerk/clerk-js@(\d+)([^/]*)/dist/([\w.@-]+)$`)

// servePackage responds like Clerk's Frontend API: a range of versions redirects to the
// newest of them.
func servePackage(w http.ResponseWriter, r *http.Request) {
	m := packagePath.FindStringSubmatch(r.URL.Path)
	if m == nil {
		http.NotFound(w, r)
		return
	}
	dir := map[string]string{"5": "clerk-js-5", "6": "@clerk/clerk-js"}[m[1]]
	if m[2] == "" {
		var manifest struct{ Version string }
		text, err := os.ReadFile(filepath.Join("node_modules", dir, "package.json"))
		if err == nil {
			err = json.Unmarshal(text, &manifest)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		http.Redirect(w, r, "/npm/@clerk/clerk-js@"+manifest.Version+"/dist/"+m[3], http.StatusTemporaryRedirect)
		return
	}
	http.ServeFile(w, r, filepath.Join("node_modules", dir, "dist", m[3]))
}

// asked returns the requests that came through the proxy of one application.
func (f *frontend) asked(origin string) (requests []*http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if r.Header.Get("Clerk-Proxy-Url") == origin+"/__clerk" {
			requests = append(requests, r)
		}
	}
	return requests
}

// builds is the folder of the program under test, which TestMain removes.
var builds string

// buildProxy compiles the application with the proxy, once for all tests.
var buildProxy = sync.OnceValues(func() (exe string, err error) {
	if builds, err = os.MkdirTemp("", "clerkkit-browser-"); err != nil {
		return "", err
	}
	exe = filepath.Join(builds, "proxy")
	out, err := exec.CommandContext(context.Background(), "go", "build", "-C", "../../../examples", "-o", exe, "./proxy").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return exe, err
})

// startProxy starts the application on a router as a separate process, and ends it with
// the test.
func startProxy(t *testing.T, f *frontend, router, origin, jsVersion string) {
	t.Helper()
	exe, err := buildProxy()
	if err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, exe, "-router", router, "-addr", strings.TrimPrefix(origin, "http://"))
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CLERK_") })
	cmd.Env = append(cmd.Env, f.em.Environ()...)
	// The later ones count.
	cmd.Env = append(cmd.Env, "CLERK_AUTHORIZED_PARTIES="+origin, "CLERK_PROXY_URL=/__clerk", "CLERK_FAPI="+f.URL, "CLERK_JS_VERSION="+jsVersion)
	log := &strings.Builder{}
	cmd.Stderr = log
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
		if t.Failed() && log.Len() > 0 {
			t.Logf("the application's log:\n%s", log)
		}
	})
	if !bufio.NewScanner(stdout).Scan() {
		kill()
		_ = cmd.Wait() // it has ended by itself
		t.Fatalf("the application does not start:\n%s", log)
	}
}

// freeOrigins returns unused origins on localhost. Applications and the emulator need
// them before they start.
func freeOrigins(t *testing.T, n int) []string {
	t.Helper()
	origins := make([]string, n)
	for i := range origins {
		ln, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = ln.Close() }() // not before all have one
		_, port, err := net.SplitHostPort(ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		origins[i] = "http://localhost:" + port
	}
	return origins
}

// TestProxy signs in with clerk-js in applications on all routers. The browsers must
// send requests only to the application's origin.
func TestProxy(t *testing.T) {
	needChromium(t)
	apps := []struct{ router, jsVersion string }{
		{"net/http", "6"}, {"chi", "6"}, {"gin", "6"}, {"echo", "6"}, {"echov5", "6"}, {"fiber", "6"}, {"fiberv3", "6"},
		{"net/http", "5"}, {"fiber", "5"},
	}
	origins := freeOrigins(t, len(apps))
	f := newFrontend(t, origins)
	alice := f.em.AddUser(clerktest.User{Email: "alice@example.com", Password: "correct horse 1"})
	for i, app := range apps {
		t.Run(app.router+" with clerk-js "+app.jsVersion, func(t *testing.T) {
			origin := origins[i]
			startProxy(t, f, app.router, origin, app.jsVersion)
			b := newTab(t)
			signsInAndOut(b, origin, alice)
			b.knowsOnly(origin)
			f.isAskedRight(t, origin, app.jsVersion)
		})
	}
}

// signsInAndOut signs in and out on the application's page.
func signsInAndOut(b *tab, origin string, alice clerktest.User) {
	b.t.Helper()
	b.open(origin + "/")
	b.do("see", map[string]any{"selector": "#sign-in"}, &struct{}{})
	b.is("signed out", `return [at('server').textContent, !!Clerk.user, document.cookie.includes('theme=dark')]`, "nobody", false, true)

	b.do("fill", map[string]any{"selector": "#email", "text": alice.Email}, &struct{}{})
	b.do("fill", map[string]any{"selector": "#password", "text": "correct horse 1"}, &struct{}{})
	b.do("click", map[string]any{"selector": "#sign-in button"}, &struct{}{})
	b.do("see", map[string]any{"selector": "#account"}, &struct{}{})
	b.is("signed in", prelude+`return [at('user').textContent, await until(() => at('me').textContent)]`, alice.Email, "200 "+alice.ID)
	// Names that are another one with a suffix left out; __client no script sees, and
	// clerk_active_context comes when a tab gets or loses the focus.
	b.is("cookies", `const names = document.cookie.split('; ').map((c) => c.split('=')[0]);
return names.filter((n) => !names.includes(n.slice(0, -9)) && n !== 'clerk_active_context').sort()`, "__client_uat", "__session", "theme")

	b.open(origin + "/")
	b.is("after a reload", prelude+`return [at('server').textContent, await until(() => at('me').textContent)]`, alice.ID, "200 "+alice.ID)

	b.do("click", map[string]any{"selector": "#sign-out"}, &struct{}{})
	b.do("see", map[string]any{"selector": `#server:has-text("nobody")`}, &struct{}{}) // the page loads again
	b.do("see", map[string]any{"selector": "#sign-in"}, &struct{}{})
	b.is("signed out again", `return [at('server').textContent, !!Clerk.user, document.cookie.includes('__session=')]`, "nobody", false, false)

	var log struct{ Complaints []string }
	if b.do("log", nil, &log); len(log.Complaints) > 0 {
		b.t.Errorf("the console complains: %q", log.Complaints)
	}
	b.quiet = []string{"401 (Unauthorized)"}
	b.is("the protected route", `return (await fetch('/api/me')).status`, 401.0)
}

// is checks the result of a script in the page.
func (b *tab) is(what, script string, want ...any) {
	b.t.Helper()
	got, err := b.run(script)
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	list, ok := got.([]any)
	if !ok {
		list = []any{got}
	}
	if !reflect.DeepEqual(list, want) {
		b.t.Errorf("%s: %q, want %q", what, list, want)
	}
}

// knowsOnly checks that the browser sent requests only to one origin.
func (b *tab) knowsOnly(origin string) {
	b.t.Helper()
	var log struct{ Requests []string }
	b.do("log", nil, &log)
	for _, r := range log.Requests {
		if _, target, _ := strings.Cut(r, " "); !strings.HasPrefix(target, origin+"/") && !strings.HasPrefix(target, "data:") && !strings.HasPrefix(target, "blob:") {
			b.t.Errorf("the browser asked for %s, which is not of %s", r, origin)
		}
	}
}

// isAskedRight checks the requests that the Frontend API got from one application.
func (f *frontend) isAskedRight(t *testing.T, origin, jsVersion string) {
	t.Helper()
	script, redirected, signedIn := false, false, false
	requests := f.asked(origin)
	for _, r := range requests {
		for _, c := range r.Cookies() {
			if c.Name == "theme" {
				t.Errorf("%s: the application's own cookie went to the Frontend API", r.URL.Path)
			}
			if c.Name == clerk.CookieClient && r.URL.Path == "/v1/client/sessions" {
				signedIn = true
			}
		}
		if r.Header.Get("Clerk-Secret-Key") != f.em.SecretKey() || r.Header.Get("X-Forwarded-Host") != strings.TrimPrefix(origin, "http://") || r.Header.Get("X-Forwarded-For") == "" {
			t.Errorf("%s: header %v", r.URL.Path, r.Header)
		}
		redirected = redirected || r.URL.Path == "/npm/@clerk/clerk-js@"+jsVersion+"/dist/clerk.browser.js"
		script = script || redirected && strings.HasPrefix(r.URL.Path, "/npm/@clerk/clerk-js@"+jsVersion+".")
	}
	if !redirected || !script || !signedIn {
		paths := make([]string, len(requests))
		for i, r := range requests {
			paths[i] = r.Method + " " + r.URL.Path
		}
		t.Errorf("script asked for: %v, found by redirect: %v, signed out of the client in its cookie: %v; of\n%s", redirected, script, signedIn, strings.Join(paths, "\n"))
	}
}

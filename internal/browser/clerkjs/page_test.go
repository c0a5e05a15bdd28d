package clerkjs_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// version is a version of clerk-js in node_modules.
type version struct {
	name   string
	script string // what a page loads
	ui     string // URL of the separate script for components, "" if there is none
}

var versions = []version{
	{"v6", "/npm/@clerk/clerk-js@6/dist/clerk.browser.js", "/npm/@clerk/ui@1/dist/ui.browser.js"},
	{"v5", "/npm/@clerk/clerk-js@5/dist/clerk.browser.js", ""},
}

var npmPath = regexp.MustCompile(`^/npm/@clerk/(clerk-js|ui)@(\d+)[^/]*/dist/([\w.@-]+)$`)

// site is an application with only a page that loads clerk-js.
type site struct {
	*httptest.Server
	em      *clerktest.Emulator
	version version
	mounts  sync.Map // path of a page: script that shows its component
}

// newSite serves pages for one emulator on localhost, as an application in
// development: no certificate, no name, no flag of the browser.
func newSite(t *testing.T, v version, cfg clerktest.Config) *site {
	t.Helper()
	needChromium(t)
	s := &site{em: clerktest.NewServer(t, cfg), version: v}
	s.serve(t, "signInUrl: '/ui/in', signUpUrl: '/ui/up'")
	s.URL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	return s
}

// newSatellite serves another site of the same instance, as a satellite of a
// primary one: on 127.0.0.1, which for browsers is another site than localhost.
func newSatellite(t *testing.T, primary *site) *site {
	t.Helper()
	s := &site{em: primary.em, version: primary.version}
	s.serve(t, "isSatellite: true, satelliteAutoSync: true, signInUrl: '"+primary.URL+"/ui/in'")
	return s
}

// serve serves pages that load clerk-js with options.
func (s *site) serve(t *testing.T, options string) {
	t.Helper()
	v := s.version
	page := func(path string) string {
		ui, mount := "", "0"
		if show, ok := s.mounts.Load(path); ok {
			if mount = show.(string); v.ui != "" {
				ui = fmt.Sprintf("<script src=%q></script>", v.ui)
			}
		}
		return fmt.Sprintf(`<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,">%s
<script data-clerk-publishable-key=%q data-clerk-proxy-url=%q src=%q></script><div id="app"></div>
<script>window.ready = Clerk.load({telemetry: false, %s, ui: window.__internal_ClerkUICtor && {ClerkUI: window.__internal_ClerkUICtor}}).then(() => { const app = document.querySelector('#app'); %s })</script>`,
			ui, html.EscapeString(s.em.PublishableKey()), html.EscapeString(s.em.URL), v.script, options, mount)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := npmPath.FindStringSubmatch(r.URL.Path); m != nil {
			dir := "@clerk/" + m[1]
			if m[1] == "clerk-js" && m[2] == "5" {
				dir = "clerk-js-5"
			}
			w.Header().Set("Access-Control-Allow-Origin", "*")
			http.ServeFile(w, r, path.Join("node_modules", dir, "dist", m[3]))
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page(r.URL.Path)))
	}))
	t.Cleanup(s.Close)
}

// post sends a call of the Backend API without a body.
func post(t *testing.T, target, key string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", target, resp.Status)
	}
}

package clerkkit_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestExamplesListenOnLoopback: an example runs with the emulator's published keys, so
// nobody else on the network may reach it; and it says where it listens, and how to
// get a Clerk to run it with.
func TestExamplesListenOnLoopback(t *testing.T) {
	everywhere := regexp.MustCompile(`"(|0\.0\.0\.0|\[::\]):[0-9]+"`)
	loopback := regexp.MustCompile(`"(localhost|127\.0\.0\.1):[0-9]+"`)
	listens := regexp.MustCompile(`\.(Listen|Start|Listener|ListenAndServe|Serve)\(`)
	servers := 0
	for _, f := range tree(t, ".go") {
		if !strings.HasPrefix(f.path, "examples/") || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		text := string(f.data)
		if at := everywhere.FindString(text); at != "" {
			t.Errorf("%s listens on %s", f.path, at)
		}
		if !strings.HasSuffix(f.path, "/main.go") || !listens.MatchString(text) || strings.HasPrefix(f.path, "examples/admin/") { // a tool, no server
			continue
		}
		servers++
		if !loopback.MatchString(text) {
			t.Errorf("%s does not listen on loopback by default", f.path)
		}
		if !strings.Contains(text, "clerk-emulator") && !strings.Contains(text, "clerktest.Start") {
			t.Errorf("%s does not say how to run it without an account", f.path)
		}
		if !strings.Contains(text, "listening") && !strings.Contains(text, "http://") {
			t.Errorf("%s does not say where it listens", f.path)
		}
	}
	if servers < 10 {
		t.Errorf("%d servers among the examples", servers)
	}
}

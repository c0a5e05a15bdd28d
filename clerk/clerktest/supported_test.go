package clerktest

import (
	stdflag "flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = stdflag.Bool("update", false, "write SUPPORTED.md anew")

// supported is the document of what the emulator has, made of its tables.
func supported() string {
	var b strings.Builder
	b.WriteString("# Operations of the emulator\n\n" +
		"Each operation that Clerk's descriptions of its two APIs (version 2026-05-12) name, and\n" +
		"the few that clerk-js and @clerk/backend use and the descriptions lack. What is not\n" +
		"there answers 501 with the operation's name. Made from the routing tables by\n" +
		"`go test ./clerk/clerktest -run TestSupported -update`.\n\n" +
		"| API | operations | there | 501 |\n|---|---|---|---|\n")
	tables := []struct {
		name, title string
		routes      []operation
	}{{"Backend", "## Backend API", backendRoutes}, {"Frontend", "## Frontend API", frontendRoutes}}
	for _, t := range tables {
		there := 0
		for i := range t.routes {
			if t.routes[i].Handler != nil {
				there++
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", t.name, len(t.routes), there, len(t.routes)-there)
	}
	for _, t := range tables {
		b.WriteString("\n" + t.title + "\n\n| operation | | |\n|---|---|---|\n")
		for i := range t.routes {
			rt := &t.routes[i]
			state := "501"
			if rt.Handler != nil {
				state = "yes"
			}
			fmt.Fprintf(&b, "| %s | `%s %s` | %s |\n", rt.Operation, rt.Method, rt.Pattern, state)
		}
	}
	return b.String()
}

func TestSupported(t *testing.T) {
	want := supported()
	if *update {
		if err := os.WriteFile("SUPPORTED.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("SUPPORTED.md")
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Error("SUPPORTED.md is stale: go test ./clerk/clerktest -run TestSupported -update")
	}
}

package clerkkit_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the diagrams and tables of docs/architecture.md from the map of rooms")

const architecturePage = "docs/architecture.md"

// chapters are the parts of the page that the map of rooms writes, by the name in
// their markers: which rooms they show.
var chapters = map[string]func(dir string) bool{
	"kit":      func(dir string) bool { return !isEmulator(dir) && !isTool(dir) },
	"emulator": isEmulator,
	"tools":    isTool,
}

// isEmulator tells the rooms that the emulator alone consists of.
func isEmulator(dir string) bool {
	return dir == "internal/recording" || dir == "clerk/clerktest" || strings.HasPrefix(dir, "clerk/clerktest/") || dir == "clerk/clerk-emulator"
}

// isTool tells the rooms that no server and no emulator has: suites, generators,
// comparisons and examples.
func isTool(dir string) bool {
	switch dir {
	case "middleware/middlewaretest", "bapi/internal/gen", "examples",
		"internal/bench", "internal/browser", "internal/conformance", "internal/consumer", "internal/officialgo", "internal/schemacheck":
		return true
	}
	return false
}

// TestArchitecturePage compares the diagrams of the page with the map of rooms, so
// that the page cannot show an arrow that is not allowed or lack one that is.
// `go test -run ArchitecturePage . -update` writes them.
func TestArchitecturePage(t *testing.T) {
	page, err := os.ReadFile(architecturePage)
	if err != nil {
		t.Fatal(err)
	}
	want, err := fillPage(page, rooms)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(page, want) {
		return
	}
	if *update {
		if err := os.WriteFile(architecturePage, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s does not show the map of rooms in architecture_test.go: run go test -run ArchitecturePage . -update", architecturePage)
}

// TestArchitecturePageBites changes the map, which must change the page.
func TestArchitecturePageBites(t *testing.T) {
	page, err := os.ReadFile(architecturePage)
	if err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(rooms)
	i := slices.IndexFunc(changed, func(r room) bool { return r.dir == "verify" })
	changed[i].own = append(slices.Clone(changed[i].own), "jwks")
	for name, list := range map[string][]room{"an arrow more": changed, "a room less": rooms[1:], "a room more": append(slices.Clone(rooms), room{dir: "surprise"})} {
		if got, err := fillPage(page, list); err != nil || bytes.Equal(got, page) {
			t.Errorf("%s: the page stays the same (%v)", name, err)
		}
	}
	if _, err := fillPage([]byte("no markers"), rooms); err == nil {
		t.Error("a page without markers is no error")
	}
}

// fillPage writes each chapter between its markers.
func fillPage(page []byte, all []room) ([]byte, error) {
	for name, shows := range chapters {
		open, end := "<!-- rooms: "+name+" -->\n", "<!-- rooms: end -->\n"
		_, rest, ok := bytes.Cut(page, []byte(open))
		if !ok {
			return nil, fmt.Errorf("%s lacks the marker %q", architecturePage, open)
		}
		old, _, ok := bytes.Cut(rest, []byte(end))
		if !ok {
			return nil, fmt.Errorf("%s lacks the marker %q after %q", architecturePage, end, open)
		}
		page = bytes.Replace(page, append([]byte(open), old...), []byte(open+chapter(all, shows)), 1)
	}
	return page, nil
}

// chapter is a diagram of some rooms, and below it the whole of what each may import.
// The tools have no diagram: nearly all of them are tests of everything.
func chapter(all []room, shows func(string) bool) string {
	var b strings.Builder
	if !shows("examples") {
		b.WriteString(diagram(all, shows))
	}
	b.WriteString("| room | may import from this repository | may import from elsewhere |\n|---|---|---|\n")
	for _, r := range all {
		if shows(r.dir) {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.dir, listed(r.own), listed(r.foreign))
		}
	}
	return b.String()
}

func listed(names []string) string {
	switch {
	case len(names) == 0:
		return "–"
	case slices.Equal(names, []string{"public"}):
		return "every public package"
	case slices.Equal(names, []string{"any"}):
		return "what it needs"
	}
	return "`" + strings.Join(slices.Sorted(slices.Values(names)), "`, `") + "`"
}

// diagram draws the allowed arrows, without those that a longer way implies. A room
// of another chapter is drawn where an arrow leads to it.
func diagram(all []room, shows func(string) bool) string {
	arrows := make(map[string][]string)
	for _, r := range all {
		for _, to := range r.own {
			if to, ok := roomIn(all, to); ok && to != r.dir {
				arrows[r.dir] = append(arrows[r.dir], to)
			}
		}
	}
	var b strings.Builder
	b.WriteString("```mermaid\nflowchart BT\n")
	for _, r := range all {
		if !shows(r.dir) {
			continue
		}
		fmt.Fprintf(&b, "  %s[\"%s\"]\n", node(r.dir), r.dir)
		for _, to := range arrows[r.dir] {
			if implied(arrows, r.dir, to) {
				continue
			}
			if shows(to) {
				fmt.Fprintf(&b, "  %s --> %s\n", node(r.dir), node(to))
			} else {
				fmt.Fprintf(&b, "  %s --> %s([\"%s\"])\n", node(r.dir), node(to), to)
			}
		}
	}
	b.WriteString("```\n\n")
	return b.String()
}

// roomIn is roomOf for another map.
func roomIn(all []room, dir string) (string, bool) {
	best := ""
	for _, r := range all {
		if (dir == r.dir || strings.HasPrefix(dir, r.dir+"/")) && len(r.dir) > len(best) {
			best = r.dir
		}
	}
	return best, best != ""
}

// implied says whether another arrow from the same room leads to the target over
// further rooms.
func implied(arrows map[string][]string, from, to string) bool {
	return slices.ContainsFunc(arrows[from], func(via string) bool { return via != to && reaches(arrows, via, to, nil) })
}

func reaches(arrows map[string][]string, from, to string, seen []string) bool {
	if from == to {
		return true
	}
	if slices.Contains(seen, from) {
		return false
	}
	seen = append(seen, from)
	return slices.ContainsFunc(arrows[from], func(via string) bool { return reaches(arrows, via, to, seen) })
}

// node is a folder as a name that Mermaid takes.
func node(dir string) string { return strings.NewReplacer("/", "_", "-", "_").Replace(dir) }

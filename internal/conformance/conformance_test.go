package conformance

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// recorded returns the recorded cases, which are not in this repository.
func recorded(t *testing.T) (cases []*Case) {
	dir := os.Getenv("CLERKKIT_VECTORS_DIR")
	if dir == "" {
		t.Skip("CLERKKIT_VECTORS_DIR is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no *.jsonl.gz in %s", dir)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(z)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			c := new(Case)
			if err := json.Unmarshal(lines.Bytes(), c); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			cases = append(cases, c)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return cases
}

func TestRecordedCases(t *testing.T) {
	cases := recorded(t)
	start := time.Now()
	results := RunAll(cases)
	t.Logf("%d cases in %v", len(cases), time.Since(start).Round(time.Millisecond))
	counts := report(t, cases, results)
	if ids := documented(t); len(cases) == 2742 { // the set whose counts are in DIVERGENCES.md
		for id, n := range ids {
			if counts[id] != n {
				t.Errorf("%s touches %d recorded cases, DIVERGENCES.md says %d", id, counts[id], n)
			}
		}
	}
}

// report fails the test for false accepts and for differences without a reason, and
// counts the others.
func report(t *testing.T, cases []*Case, results []Result) map[string]int {
	counts := map[string]int{}
	unexplained := 0
	for i, c := range cases {
		r := &results[i]
		diffs := Compare(c, r)
		wrong := FalseAccept(c, r)
		if !wrong && (len(diffs) == 0 || !c.Compared()) {
			continue
		}
		id := Explain(c, earlierCases(cases, i), r, diffs)
		switch {
		case wrong && !Excused(id, c, r):
			t.Errorf("%s: FALSE ACCEPT (%s): %s", c.ID, id, show(diffs))
			keep(t, c)
		case id == "":
			if unexplained++; unexplained <= 40 {
				keep(t, c)
				t.Errorf("%s: unexplained: %s", c.ID, show(diffs))
			}
		default:
			counts[id]++
			if os.Getenv("CLERKKIT_CONFORMANCE_LIST") == id {
				t.Logf("%s %s: %s", id, c.ID, show(diffs))
			}
		}
	}
	if unexplained > 0 {
		t.Errorf("%d unexplained differences", unexplained)
	}
	total := 0
	for _, id := range Divergences() {
		t.Logf("%5d %s", counts[id], id)
		total += counts[id]
	}
	t.Logf("%5d in all", total)
	return counts
}

func show(diffs []Difference) string {
	b, err := json.Marshal(diffs)
	if err != nil {
		return err.Error()
	}
	s := regexp.MustCompile(`eyJ[\w.-]{30,}`).ReplaceAllString(string(b), "JWT")
	return s[:min(len(s), 500)]
}

// documented returns the tables of DIVERGENCES.md: id to number of recorded cases.
func documented(t *testing.T) map[string]int {
	b, err := os.ReadFile("DIVERGENCES.md")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(line, "|")
		if len(cells) < 6 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(cells[len(cells)-2]))
		if err != nil {
			t.Errorf("no count in %q", line)
		}
		ids[strings.Trim(strings.TrimSpace(cells[1]), "`")] = n
	}
	return ids
}

// TestDivergencesDocumented: DIVERGENCES.md has a row for each rule, and no other rows.
func TestDivergencesDocumented(t *testing.T) {
	ids := documented(t)
	for _, id := range Divergences() {
		if _, ok := ids[id]; !ok {
			t.Errorf("%s has no row in DIVERGENCES.md", id)
		}
		delete(ids, id)
	}
	for id := range ids {
		if !slices.Contains(unmeasured, id) {
			t.Errorf("DIVERGENCES.md has a row for %s, which no rule finds", id)
		}
	}
}

// unmeasured are differences that the comparison ignores.
var unmeasured = []string{}

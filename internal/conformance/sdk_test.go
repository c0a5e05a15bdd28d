package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// gateSeeds are the seeds that a change must pass, with gateCases each.
var gateSeeds = []uint64{1, 2, 3, 4}

const gateCases = 5000

// TestOfficialSDK runs generated cases through the kit and through @clerk/backend. It
// needs Node.js and the packages that `npm ci` installs in js. `make conformance`
// installs them.
//
// CLERKKIT_CONFORMANCE_SEEDS sets other seeds, such as 5 or 5-24, and
// CLERKKIT_CONFORMANCE_CASES the number of cases for each. A case that fails is written
// to testdata/failed-<id>.json. Once it is understood, rename it after its cause, and
// TestKeptCases runs it from then on.
func TestOfficialSDK(t *testing.T) {
	if os.Getenv("CLERKKIT_CONFORMANCE_JS") == "" {
		t.Skip("CLERKKIT_CONFORMANCE_JS is not set: run make conformance")
	}
	seeds, n := gateSeeds, gateCases
	if s := os.Getenv("CLERKKIT_CONFORMANCE_SEEDS"); s != "" {
		from, to, ok := strings.Cut(s, "-")
		if !ok {
			to = from
		}
		a, err1 := strconv.ParseUint(from, 10, 64)
		b, err2 := strconv.ParseUint(to, 10, 64)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for seeds = nil; a <= b; a++ {
			seeds = append(seeds, a)
		}
	}
	if s := os.Getenv("CLERKKIT_CONFORMANCE_CASES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	reasons, total := map[string]int{}, map[string]int{}
	for _, seed := range seeds {
		g := newGenerator(t, seed)
		cases := make([]*Case, n)
		for i := range cases {
			cases[i] = g.generate(i, seed)
		}
		ask(t, cases)
		for _, c := range cases {
			switch {
			case c.Expect.Error != nil:
				reasons["error"]++
			case c.Expect.Reason == nil:
				reasons[c.Expect.Status]++
			default:
				reasons[c.Expect.Status+" "+*c.Expect.Reason]++
			}
		}
		for id, n := range report(t, cases, RunAll(cases)) {
			total[id] += n
		}
	}
	t.Logf("%d cases of %d seeds", n*len(seeds), len(seeds))
	for _, r := range slices.Sorted(maps.Keys(reasons)) {
		t.Logf("%7d %s", reasons[r], r)
	}
	for _, id := range Divergences() {
		t.Logf("%7d %s", total[id], id)
	}
}

// ask fills in the results of the official SDK.
func ask(t *testing.T, cases []*Case) {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	enc.SetEscapeHTML(false)
	for _, c := range cases {
		if err := enc.Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("node", filepath.Join("js", "oracle.mjs"))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node js/oracle.mjs: %v", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 16<<20)
	i := 0
	for ; lines.Scan(); i++ {
		var answer struct {
			ID     string `json:"id"`
			Expect Expect `json:"expect"`
		}
		if err := json.Unmarshal(lines.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if i >= len(cases) || answer.ID != cases[i].ID {
			t.Fatalf("answer %d is about %s", i, answer.ID)
		}
		cases[i].Expect = answer.Expect
	}
	if err := lines.Err(); err != nil || i != len(cases) {
		t.Fatalf("%d answers to %d cases: %v", i, len(cases), err)
	}
}

// TestKeptCases runs generated cases that failed once, with the recorded result of the
// official SDK.
func TestKeptCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []*Case
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := new(Case)
		if err := json.Unmarshal(b, c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		cases = append(cases, c)
	}
	report(t, cases, RunAll(cases))
}

// keep writes a case that failed.
func keep(t *testing.T, c *Case) {
	if c.Group != "generated" && c.Group != "mixed" {
		return
	}
	b, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", "failed-"+c.ID+".json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

package clerkkit_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// unwanted is what no file of the tree may say. The patterns are put together
// from pieces so that this file does not match.
var unwanted = []struct {
	why     string
	pattern *regexp.Regexp
}{
	{"a path of one machine", regexp.MustCompile(`(?m)(?:^|[\s"'=(:,` + "`" + `])(?:file://)?/` + `(?:work|root|farm|tmp|home/\w+|Users/\w+)/`)},
	{"a folder beside the project", regexp.MustCompile(`\.\./` + `shared\b`)},
	{"a package registry's host", regexp.MustCompile(`\b(?:proxy|sum)\.` + `golang\.org|registry\.` + `(?:npmjs\.org|yarnpkg\.com)|deb\.` + `debian\.org`)},
}

// unwantedIn says what of it stands in a file, and in which line.
func unwantedIn(path string, data []byte) []string {
	var bad []string
	for _, u := range unwanted {
		if u.why == "a folder beside the project" && strings.HasPrefix(path, ".ci/") {
			continue // the one place that looks for more cases where there are some
		}
		if loc := u.pattern.FindIndex(data); loc != nil {
			bad = append(bad, fmt.Sprintf("%s:%d: %s: %q", path, 1+bytes.Count(data[:loc[0]], []byte("\n")), u.why, data[loc[0]:loc[1]]))
		}
	}
	return bad
}

func TestFilesNameNoMachine(t *testing.T) {
	for _, f := range tree(t) {
		if !utf8.Valid(f.data) {
			continue // pictures, compressed vectors
		}
		for _, v := range unwantedIn(f.path, f.data) {
			t.Error(v)
		}
	}
}

func TestFilesNameNoMachineBite(t *testing.T) {
	for text, want := range map[string]int{
		"open(\"/" + "work/main/x\")":                     1,
		"see /" + "root/go/pkg":                           1,
		"GOPROXY=https://proxy." + "golang.org":           1,
		"\"resolved\": \"https://registry." + "npmjs.org": 1,
		"cat .." + "/shared/x":                            1,
		"https://example.com/root/x and my/work/place":    0,
		"GET /tmpfile, /workers/1, /v1/root":              0,
	} {
		if got := unwantedIn("x.go", []byte(text)); len(got) != want {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
}

package conformance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOriginRulesHideNothing: the rules for a forwarded scheme and for foreign cookies
// match only the expected result.
func TestOriginRulesHideNothing(t *testing.T) {
	for _, name := range []string{"absolute-target-with-a-foreign-cookie", "absolute-target-with-a-relative-proxy"} {
		b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		c := new(Case)
		if err := json.Unmarshal(b, c); err != nil {
			t.Fatal(err)
		}
		answer := RunAll([]*Case{c})[0]
		if got := Explain(c, nil, &answer, Compare(c, &answer)); got != "absolute-target" {
			t.Fatalf("%s: %q", name, got)
		}
		for what, spoil := range map[string]func(*Result){
			"another host":    func(r *Result) { r.Location = ptr(strings.Replace(*r.Location, "://", "://evil.", 1)) },
			"another path":    func(r *Result) { r.Location = ptr(*r.Location + "x") },
			"a cookie more":   func(r *Result) { r.SetCookie = append(slices.Clone(r.SetCookie), "other=bar; Path=/") },
			"a cookie less":   func(r *Result) { r.SetCookie = r.SetCookie[1:] },
			"another session": func(r *Result) { r.SetCookie = slices.Concat([]string{"__session=x; Path=/"}, r.SetCookie[1:]) },
		} {
			r := answer
			spoil(&r)
			if id := Explain(c, nil, &r, Compare(c, &r)); id != "" {
				t.Errorf("%s, %s: explained as %s", name, what, id)
			}
		}
	}
}

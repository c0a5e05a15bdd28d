package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

// harmless are the changes that leave some deliveries good, most because the
// signatures of other secrets stand beside the one that is broken.
var harmless = []string{"one of the secrets", "signature byte", "signature cut", "signature base64url", "foreign schemes around"}

func TestVerdicts(t *testing.T) {
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for line := range bytes.Lines(out.Bytes()) {
		var d delivery
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		seen[d.Kind]++
		switch {
		case d.Genuine && !d.Accepted:
			t.Errorf("refused its own: %v", d.Header)
		case !d.Genuine && d.Accepted && !slices.Contains(harmless, d.Kind):
			t.Errorf("%s: accepted %v", d.Kind, d.Header)
		}
	}
	if len(seen) != len(changes)+1 || seen["genuine"] != rounds {
		t.Errorf("kinds seen: %v", seen)
	}
}

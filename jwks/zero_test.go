package jwks

import (
	"testing"

	"github.com/clerkkit/clerkkit/internal/zerocall"
)

// TestNothingPanics calls all of the package with zero values.
func TestNothingPanics(t *testing.T) {
	s, err := New(Config{URL: "https://127.0.0.1:1/jwks.json"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil { // so that nothing is asked for
		t.Fatal(err)
	}
	zerocall.Check(t, zerocall.Package{
		Path: "github.com/clerkkit/clerkkit/jwks", Dir: ".",
		Funcs: map[string]any{"BackendURL": BackendURL, "FrontendURL": FrontendURL, "FromConfig": FromConfig, "New": New},
		Types: []any{(*Error)(nil)},
		Made:  []any{s},
	})
}

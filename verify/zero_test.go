package verify_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/internal/zerocall"
	"github.com/clerkkit/clerkkit/verify"
)

// TestNothingPanics calls all of the package with zero values.
func TestNothingPanics(t *testing.T) {
	zerocall.Check(t, zerocall.Package{
		Path: "github.com/clerkkit/clerkkit/verify", Dir: ".",
		Funcs: map[string]any{"Decode": verify.Decode, "FromConfig": verify.FromConfig, "New": verify.New, "PEM": verify.PEM},
		Types: []any{(*verify.Error)(nil)},
		Made:  []any{newVerifier(t, func(*verify.Config) {})},
	})
}

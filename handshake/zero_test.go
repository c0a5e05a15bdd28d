package handshake

import (
	"testing"

	"github.com/clerkkit/clerkkit/internal/zerocall"
)

// TestNothingPanics calls all of the package with zero values.
func TestNothingPanics(t *testing.T) {
	zerocall.Check(t, zerocall.Package{
		Path: "github.com/clerkkit/clerkkit/handshake", Dir: ".",
		Funcs: map[string]any{"New": New},
		Types: []any{(*BackendError)(nil), (*MachineToken)(nil), (*RefreshRequest)(nil), (*ResolveError)(nil)},
		Made:  []any{production().machine(t), development().machine(t), &Decision{Status: Redirect}},
	})
}

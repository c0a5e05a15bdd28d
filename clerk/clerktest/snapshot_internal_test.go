package clerktest

import (
	"math/rand/v2"
	"testing"
)

// Every field of every table comes through JSON, those of tables too that were
// added yesterday.
func TestTablesRoundTrip(t *testing.T) {
	for seed := range uint64(4) {
		diff, err := FilledTables(rand.New(rand.NewPCG(seed, seed)))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range diff {
			t.Error(d)
		}
	}
}

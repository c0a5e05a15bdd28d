package clerktest

import (
	"math/rand/v2"
	"reflect"
	"slices"
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

// A new table needs a rule, and a new field of the store a decision.
func TestSnapshotKnowsTheStore(t *testing.T) {
	rules := new(tables).rules()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[tables]()) {
		if rules[f.Name] == nil {
			t.Errorf("table %s has no rule in snapshot_check.go", f.Name)
		}
		delete(rules, f.Name)
	}
	for name := range rules {
		t.Errorf("the rule %s is about no table", name)
	}
	known := map[reflect.Type][]string{
		reflect.TypeFor[store](): {
			"mu", "tx", "now", "ids", // of the configuration
			"published", // set anew by restore and reset
		},
		reflect.TypeFor[stateTx](): {
			"tables", "indexes", // in the snapshot, and rebuilt
			"now", "ids", "sessionLifetime", "testMode", // of the configuration
			"published", "hooks", "purgeNonces", "purgeLinks", // set anew or emptied by restore and reset
			"events", // of one transaction
		},
	}
	for typ, names := range known {
		for i := range typ.NumField() {
			if name := typ.Field(i).Name; !slices.Contains(names, name) {
				t.Errorf("%s.%s: does it belong to tables, to indexes (rebuilt in index.go), or is it set anew by restore and reset?", typ.Name(), name)
			}
		}
	}
}

package state

import (
	"reflect"
	"slices"
	"testing"
)

// A new table needs a rule, and a new field of the store a decision.
func TestSnapshotKnowsTheStore(t *testing.T) {
	rules := new(Tables).rules()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Tables]()) {
		if rules[f.Name] == nil {
			t.Errorf("table %s has no rule in snapshot_check.go", f.Name)
		}
		delete(rules, f.Name)
	}
	for name := range rules {
		t.Errorf("the rule %s is about no table", name)
	}
	known := map[reflect.Type][]string{
		reflect.TypeFor[Store](): {
			"mu", "tx", "Now", "ids", // of the configuration
			"published", // set anew by restore and reset
		},
		reflect.TypeFor[Tx](): {
			"Tables", "Indexes", // in the snapshot, and rebuilt
			"Now", "IDs", "sessionLifetime", "testMode", // of the configuration
			"published", "listener", "purgeNonces", "purgeLinks", // set anew or emptied by restore and reset
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

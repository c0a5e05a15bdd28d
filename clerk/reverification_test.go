package clerk_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestReverification(t *testing.T) {
	first := func(minutes int) clerk.Reverification {
		return clerk.ReverificationPolicy{Level: clerk.FirstFactor, AfterMinutes: minutes}
	}
	for _, tt := range []struct {
		fva    string
		policy clerk.Reverification
		want   bool
	}{
		{"[9,-1]", first(10), true},
		{"[10,-1]", first(10), false}, // from this age on it is not fresh
		{"[-1,0]", first(10), false},
		{"[0,-1]", first(0), false},
		{"[0,-1]", first(-1), false},
		{"[0,0]", clerk.ReverificationPolicy{Level: "third_factor", AfterMinutes: 10}, false},
		{"[0,0]", clerk.ReverificationPolicy{AfterMinutes: 10}, false},
		{"[0,0]", clerk.ReverificationPolicy{}, false},
		{"[0,0]", clerk.ReverificationPreset(""), false},
		{"[0,0]", clerk.ReverificationPreset("STRICT"), false},
		{"[0,0]", nil, false},
		{"[0,0]", (*clerk.ReverificationPolicy)(nil), false},
		{"[0,0]", (*clerk.ReverificationPreset)(nil), false},
		{"[0,0]", ptr(clerk.Strict), true},
		{"[0,0]", &clerk.ReverificationPolicy{Level: clerk.MultiFactor, AfterMinutes: 1}, true},

		{"[9,9]", clerk.StrictMFA, true},
		{"[10,9]", clerk.StrictMFA, false},
		{"[9,10]", clerk.StrictMFA, false},
		{"[9,-1]", clerk.StrictMFA, true}, // no second factor: the first one counts
		{"[10,-1]", clerk.StrictMFA, false},
		{"[-1,9]", clerk.StrictMFA, false},
		{"[-1,-1]", clerk.StrictMFA, false},

		{"[500,9]", clerk.Strict, true},
		{"[0,10]", clerk.Strict, false},
		{"[9,-1]", clerk.Strict, true},
		{"[-1,9]", clerk.Strict, true},
		{"[-1,-1]", clerk.Strict, false},

		{"[0,59]", clerk.Moderate, true},
		{"[0,60]", clerk.Moderate, false},
		{"[0,1439]", clerk.Lax, true},
		{"[0,1440]", clerk.Lax, false},
		{"null", clerk.Lax, false},
	} {
		t.Run(fmt.Sprint(tt.fva, tt.policy), func(t *testing.T) {
			auth := mustClaims(t, `{"sub":"user_1","fva":`+tt.fva+`}`).Auth()
			if got := auth.Has(clerk.Reverified(tt.policy)); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

// TestReverificationJSON has the forms that front-end SDKs expect in the answer:
// https://clerk.com/docs/guides/secure/reverification.
func TestReverificationJSON(t *testing.T) {
	for want, policy := range map[string]clerk.Reverification{
		`"strict"`:     clerk.Strict,
		`"strict_mfa"`: clerk.StrictMFA,
		`{"level":"second_factor","afterMinutes":5}`: clerk.ReverificationPolicy{Level: clerk.SecondFactor, AfterMinutes: 5},
	} {
		if got, err := json.Marshal(policy); err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
}

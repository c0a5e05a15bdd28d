package clerk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

const rawToken = "header.payload.signature"

func TestToken(t *testing.T) {
	claims, err := clerk.ParseClaims(`{"sub":"user_1","sid":"sess_1"}`)
	if err != nil {
		t.Fatal(err)
	}
	pending, err := clerk.ParseClaims(`{"sub":"user_1","sid":"sess_1","sts":"pending"}`)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		auth clerk.Auth
		want string
	}{
		"session":                  {claims.Auth().WithToken(rawToken), rawToken},
		"machine":                  {clerk.MachineInfo{}.Auth(clerk.APIKey, "user_1", "ak_1").WithToken(rawToken), rawToken},
		"by hand":                  {clerk.Auth{UserID: "user_1"}.WithToken(rawToken), rawToken},
		"by hand, without a token": {clerk.Auth{UserID: "user_1"}, ""},
		"empty":                    {claims.Auth().WithToken(""), ""},
		"signed out":               {clerk.Auth{Reason: clerk.ReasonTokenExpired}.WithToken(rawToken), ""},
		"outage":                   {clerk.Auth{UserID: "user_1", Outage: true}.WithToken(rawToken), ""},
		"pending":                  {pending.Auth().WithToken(rawToken), ""},
		"pending, allowed":         {pending.Auth().WithToken(rawToken).AllowPending(), rawToken},
		"zero":                     {},
	} {
		if got := tt.auth.Token(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestTokenIsNotPrinted: the token must not show in a struct of the caller's either,
// whose unexported fields package fmt prints without asking them.
func TestTokenIsNotPrinted(t *testing.T) {
	a := clerk.Auth{UserID: "user_1"}.WithToken(rawToken)
	type callers struct {
		auth clerk.Auth
		list []clerk.Auth
	}
	own := callers{a, []clerk.Auth{a}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{a, &a, own, &own, map[string]callers{"": own}} {
			got := fmt.Sprintf(verb, v)
			if strings.Contains(got, rawToken) || strings.Contains(got, fmt.Sprintf("%x", rawToken)) {
				t.Errorf("%s of a %T: %s", verb, v, got)
			}
		}
	}
	b, err := json.Marshal(a)
	if err != nil || strings.Contains(string(b), rawToken) {
		t.Errorf("%s %v", b, err)
	}
}

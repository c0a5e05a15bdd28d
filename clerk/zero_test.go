package clerk_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/internal/zerocall"
)

// TestNothingPanics calls all of the package with zero values.
func TestNothingPanics(t *testing.T) {
	claims, err := clerk.ParseClaims(`{"sub":"user_1","sts":"pending"}`)
	if err != nil {
		t.Fatal(err)
	}
	zerocall.Check(t, zerocall.Package{
		Path: "github.com/clerkkit/clerkkit/clerk", Dir: ".",
		Funcs: map[string]any{
			"ActiveOrg": clerk.ActiveOrg, "All": clerk.All, "Any": clerk.Any,
			"ClaimsAs": clerk.ClaimsAs[map[string]any], "ConfigFromEnv": clerk.ConfigFromEnv, "ContextCause": clerk.ContextCause,
			"Custom": clerk.Custom, "Feature": clerk.Feature,
			"FromContext": clerk.FromContext, "NewContext": clerk.NewContext, "Org": clerk.Org,
			"ParseClaims": clerk.ParseClaims, "ParsePublishableKey": clerk.ParsePublishableKey, "ParseTemplateClaims": clerk.ParseTemplateClaims,
			"Permission": clerk.Permission, "Plan": clerk.Plan, "Reverified": clerk.Reverified, "Role": clerk.Role, "Scope": clerk.Scope,
			"SecretKeyInstance": clerk.SecretKeyInstance, "Tokens": clerk.Tokens,
		},
		Types: []any{
			(*clerk.ClaimError)(nil), (*clerk.ConfigError)(nil), (*clerk.DeniedError)(nil),
			(*clerk.FactorLevel)(nil), (*clerk.ReverificationPolicy)(nil), (*clerk.ReverificationPreset)(nil),
		},
		Made: []any{*claims, claims, claims.Auth(), clerk.MachineInfo{}.Auth(clerk.APIKey, "user_1", "ak_1")},
	})
}

// TestNilContext: a nil context is one without an identity.
func TestNilContext(t *testing.T) {
	var none clerk.Auth
	//lint:ignore SA1012 a nil context is the case
	if a := clerk.FromContext(nil); a.Reason != clerk.ReasonNotAuthenticated { //nolint:staticcheck // what is tested
		t.Errorf("%+v", a)
	}
	//lint:ignore SA1012 a nil context is the case
	ctx := clerk.NewContext(nil, none) //nolint:staticcheck // what is tested
	if ctx.Value("x") != nil || ctx.Err() != nil || ctx.Done() != nil {
		t.Error("not the background")
	}
	if got := clerk.FromContext(ctx); got != none {
		t.Errorf("%+v", got)
	}
}

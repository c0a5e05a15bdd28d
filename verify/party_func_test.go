package verify_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/verify"
)

// TestAuthorizedPartyFunc: the list is checked first, then the function is called, also
// for a cached token.
func TestAuthorizedPartyFunc(t *testing.T) {
	const preview, evil = "https://pr-7.example.com", "https://evil.example.com"
	var asked []string
	var off atomic.Bool
	partyFunc := func(o string) bool {
		asked = append(asked, o)
		return o == preview && !off.Load()
	}
	for _, tt := range []struct {
		parties      []string
		allowMissing bool
		azp          any
		want         bool
		asked        []string
	}{
		{[]string{origin}, false, origin, true, nil},
		{[]string{origin}, false, preview, true, []string{preview}},
		{[]string{origin}, false, evil, false, []string{evil}},
		{nil, false, preview, true, []string{preview}},
		{nil, false, evil, false, []string{evil}},
		{nil, false, remove, false, nil},
		{nil, true, remove, true, nil},
		{nil, true, evil, false, []string{evil}},
		{nil, false, "", false, nil},
	} {
		asked = nil
		v := newVerifier(t, func(c *verify.Config) {
			c.AuthorizedParties, c.AuthorizedPartyFunc, c.InsecureAllowMissingAuthorizedParty = tt.parties, partyFunc, tt.allowMissing
		})
		_, err := v.Verify(t.Context(), token(header(nil), session(obj{"azp": tt.azp})))
		if (err == nil) != tt.want || !slices.Equal(asked, tt.asked) {
			t.Errorf("%q, azp %v: %v, asked about %q", tt.parties, tt.azp, err, asked)
		}
	}

	v := newVerifier(t, func(c *verify.Config) { c.AuthorizedParties, c.AuthorizedPartyFunc = []string{origin}, partyFunc })
	cached := token(header(nil), session(obj{"azp": preview}))
	for range 3 {
		if _, err := v.Verify(t.Context(), cached); err != nil {
			t.Fatal(err)
		}
	}
	if v.CacheStats().Hits == 0 {
		t.Error("the token was not cached")
	}
	off.Store(true)
	var refused *verify.Error
	if _, err := v.Verify(t.Context(), cached); !errors.As(err, &refused) || refused.Reason != clerk.ReasonTokenInvalidAuthorizedParties {
		t.Errorf("a cached token of a party that is not accepted any more: %v", err)
	}
	// The function is not called for an unverified token.
	asked = nil
	if _, err := v.Verify(t.Context(), cached[:len(cached)-8]+"AAAAAAAA"); err == nil || len(asked) > 0 {
		t.Errorf("a broken signature: %v, asked about %q", err, asked)
	}
}

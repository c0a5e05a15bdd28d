package clerk_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
)

func TestReasonIs(t *testing.T) {
	for _, tt := range []struct {
		reason, base clerk.Reason
		want         bool
	}{
		{"session-token-expired", clerk.ReasonSessionTokenExpired, true},
		{"session-token-expired-refresh-resource_not_found", clerk.ReasonSessionTokenExpired, true},
		{"session-token-expiredx", clerk.ReasonSessionTokenExpired, false},
		{"session-token", clerk.ReasonSessionTokenExpired, false},
		{"", clerk.ReasonSessionTokenExpired, false},
		{"", "", true},
		{"token-expired", "", false},
		{"-x", "", false},
	} {
		if got := tt.reason.Is(tt.base); got != tt.want {
			t.Errorf("%q.Is(%q) is %v", tt.reason, tt.base, got)
		}
	}
}

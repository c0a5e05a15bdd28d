package bapi

import (
	"testing"

	"github.com/clerkkit/clerkkit/internal/zerocall"
)

// TestNothingPanics calls all of the package with zero values: every operation, too.
func TestNothingPanics(t *testing.T) {
	zerocall.Check(t, zerocall.Package{
		Path: "github.com/clerkkit/clerkkit/bapi", Dir: ".",
		Funcs: map[string]any{
			"Ensure": Ensure[User, int], "FromConfig": FromConfig, "JSONOf": JSONOf, "MetadataOf": MetadataOf, "New": New,
			"NewOrganizationCache": NewOrganizationCache, "NewUserCache": NewUserCache, "Null": Null[int], "Set": Set[int],
			"WithField": WithField, "WithHeader": WithHeader, "WithQuery": WithQuery, "WithResponse": WithResponse,
			"WithSecretKey": WithSecretKey, "WithTimeout": WithTimeout, "WithoutRetry": WithoutRetry,
		},
		Types: []any{
			(*Client)(nil), (*Error)(nil),
			// the data of webhook events
			(*BillingFailure)(nil), (*BillingPaymentAttemptEvent)(nil), (*BillingSubscriptionEvent)(nil), (*BillingSubscriptionItemEvent)(nil),
			(*EmailEvent)(nil), (*OrganizationInvitationEvent)(nil), (*SMSEvent)(nil), (*SessionEvent)(nil),
		},
	})
}

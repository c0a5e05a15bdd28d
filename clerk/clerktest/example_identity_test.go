package clerktest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// createInvoice is the handler under test. It belongs to the application.
func createInvoice(w http.ResponseWriter, r *http.Request) {
	auth := clerk.FromContext(r.Context())
	if !auth.Has(clerk.Permission("org:invoices:create")) {
		http.Error(w, "you may not create invoices", http.StatusForbidden)
		return
	}
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintln(w, auth.UserID, "created an invoice of", auth.OrgID)
}

// A unit test of a handler signs in a user with a permission. It needs no emulator and
// no middleware.
func ExampleIdentity() {
	for _, id := range []clerktest.Identity{
		{UserID: "user_alice", OrgID: "org_acme", Permissions: []string{"org:invoices:create"}},
		{UserID: "user_bob", OrgID: "org_acme"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/invoices", http.NoBody)
		r = r.WithContext(clerk.NewContext(r.Context(), id.Auth()))
		w := httptest.NewRecorder()
		createInvoice(w, r)
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 201 user_alice created an invoice of org_acme
	// 403 you may not create invoices
}

package middleware_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// TestAuthorizedPartyFuncReachesTheVerifier: without AuthorizedParties it alone
// decides, so to leave it out would accept every origin.
func TestAuthorizedPartyFuncReachesTheVerifier(t *testing.T) {
	for _, accept := range []bool{true, false} {
		em, auth := newAuth(t, func(c *clerk.Config) {
			c.AuthorizedParties, c.AuthorizedPartyFunc = nil, func(string) bool { return accept }
		})
		sess := em.SignIn(em.AddUser(clerktest.User{Email: "a@example.com"}))
		if _, err := auth.VerifyToken(t.Context(), sess.Token()); (err == nil) != accept {
			t.Errorf("the function says %v: %v", accept, err)
		}
	}
}

package clerkjs_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// TestSatellite: a user who is signed in on the primary site is signed in on a
// satellite. In a development instance this takes a redirect to the primary.
func TestSatellite(t *testing.T) {
	eachVersion(t, clerktest.Settings{}, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
		satellite := newSatellite(t, s)
		b.steps(s, nil, []step{signInAs("a@example.com")})
		b.steps(satellite, nil, []step{
			{name: "the satellite", open: "/there?x=1", want: []any{"/there", "1", "a@example.com"}, script: `await until(() => C.isSatellite && C.user); return [location.pathname, new URLSearchParams(location.search).get('x'), C.user.primaryEmailAddress.emailAddress]`},
			{name: "its token", want: true, script: `return claims(await C.session.getToken({skipCache: true})).azp === location.origin`},
			{name: "without a detour the next time", open: "/again", want: []any{"/again", true}, script: `return [location.pathname + location.search, !!C.user]`},
			{name: "where to sign in", want: s.URL + "/ui/in", script: `return C.buildSignInUrl().split(/[?#]/)[0]`},
			{name: "sign out", script: `await out(); return !!C.user`, want: false},
		})
		b.steps(s, nil, []step{{name: "is so on the first site, too", open: "/", script: `return !!C.user`, want: false}})
	})
}

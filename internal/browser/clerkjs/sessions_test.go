package clerkjs_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// Tabs of one browser share the session, and clerk-js notices when the server ends it.
func TestTabs(t *testing.T) {
	eachVersion(t, clerktest.Settings{}, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
		b.steps(s, nil, []step{
			signInAs("a@example.com"),
			{name: "one session at a time", refused: "400", script: `return code(C.client.signIn.create({identifier: 'a@example.com', password: '` + password + `'}))`, want: "session_exists"},
		})
		other := openTab(t, b.browser)
		other.steps(s, nil, []step{{name: "the other tab", open: "/", script: `return C.user.primaryEmailAddress.emailAddress`, want: "a@example.com"}})
		b.steps(s, nil, []step{{name: "sign out here", script: `await out(); return !!C.user`, want: false}})
		other.steps(s, nil, []step{{name: "and there", script: `await until(() => !C.user && !document.cookie.includes('__session=')); return !!C.session`, want: false}})

		b.quiet = []string{"401 (Unauthorized)"} // as often as both tabs ask
		b.steps(s, nil, []step{signInAs("a@example.com")})
		post(t, s.em.URL+"/v1/sessions/"+b.value("C.session.id")+"/revoke", s.em.SecretKey())
		b.steps(s, nil, []step{{name: "revoked by the server", script: `await C.session.getToken({skipCache: true}).catch(() => {}); await until(() => !C.user && !C.client.signedInSessions.length); return C.client.signedInSessions.length`, want: 0}})
	})
}

func TestMultiSession(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, b *tab) {
		for _, name := range []string{"a", "b"} {
			s.em.AddUser(clerktest.User{Email: name + "@example.com", Password: password, FirstName: name})
		}
		switchTo := func(who string) string {
			return `await C.setActive({session: C.client.sessions.find((x) => x.user.firstName === '` + who + `').id}); `
		}
		b.steps(s, nil, []step{
			signInAs("a@example.com"), signInAs("b@example.com"),
			{name: "two at once", script: `return [C.user.firstName, ...C.client.signedInSessions.map((x) => x.user.firstName)]`, want: []any{"b", "a", "b"}},
			{name: "switch", script: switchTo("a") + `return [C.user.firstName, claims(await C.session.getToken()).sub === C.user.id]`, want: []any{"a", true}},
			{name: "the cookie is the one's", script: `const c = document.cookie.split('; ').find((c) => c.startsWith('__session=')); return claims(c.slice(10)).sid === C.session.id`, want: true},
			{name: "the same after a reload", open: "/", script: `return C.user.firstName`, want: "a"},
		})
		other := openTab(t, b.browser)
		other.steps(s, nil, []step{{name: "the same in a new tab", open: "/", script: `return [C.user.firstName, C.client.signedInSessions.length]`, want: []any{"a", 2.0}}})
		b.steps(s, nil, []step{
			{name: "a goes", script: `const id = C.session.id; await C.signOut(() => {}, {sessionId: id}); return C.client.signedInSessions.map((x) => x.user.firstName)`, want: []any{"b"}},
			{name: "b stays", open: "/", script: `return [C.user.firstName, claims(await C.session.getToken({skipCache: true})).sub === C.user.id]`, want: []any{"b", true}},
		})
		b.steps(s, nil, []step{signInAs("a@example.com"), {name: "all go", script: `await out(); return C.client.signedInSessions.length`, want: 0}})
		other.steps(s, nil, []step{{name: "in the other tab too", open: "/", script: `return !!C.user`, want: false}})
	})
}

// TestBackgroundRefresh waits until clerk-js renews the session token before it
// expires.
func TestBackgroundRefresh(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for real time to pass")
	}
	t.Parallel()
	for _, v := range versions {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, v, clerktest.Config{TokenLifetime: 20 * time.Second})
			s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
			b := newTab(t)
			b.steps(s, nil, []step{
				signInAs("a@example.com"),
				{name: "the cookie changes by itself", want: []any{true, true, true}, script: `const now = () => claims(document.cookie.split('; ').find((c) => c.startsWith('__session=')).slice(10));
					const first = now(); for (let i = 0; i < 120 && now().jti === first.jti; i++) await new Promise((r) => setTimeout(r, 200)); const next = now(); return [next.jti !== first.jti, next.iat < first.exp, next.sid === first.sid]`},
			})
		})
	}
}

func TestTickets(t *testing.T) {
	eachVersion(t, clerktest.Settings{SignUpMode: "restricted"}, func(t *testing.T, s *site, b *tab) {
		u := s.em.AddUser(clerktest.User{Email: "a@example.com"})
		ticket := s.em.SignInToken(u)
		b.steps(s, map[string]func() string{"TICKET": func() string { return ticket }}, []step{
			{name: "no sign-up", open: "/", refused: "403", script: `return code(C.client.signUp.create({emailAddress: 'x@example.com'}))`, want: "sign_up_mode_restricted"},
			{name: "sign-in token", script: `return [await finish(await C.client.signIn.create({strategy: 'ticket', ticket: '$TICKET'})), C.user.primaryEmailAddress.emailAddress]`, want: []any{"complete", "a@example.com"}},
			{name: "it is spent", refused: "400", script: `await out(); return (await code(C.client.signIn.create({strategy: 'ticket', ticket: '$TICKET'}))) !== 'no error'`, want: true},
		})
	})
}

func TestWaitlist(t *testing.T) {
	eachVersion(t, clerktest.Settings{SignUpMode: "waitlist"}, func(_ *testing.T, s *site, b *tab) {
		b.steps(s, nil, []step{
			{name: "no sign-up", refused: "403", open: "/", script: `return code(C.client.signUp.create({emailAddress: 'a@example.com'}))`, want: "sign_up_restricted_waitlist"},
			{name: "join", script: `const w = await C.joinWaitlist({emailAddress: 'a@example.com'}); return w.id.slice(0, 4)`, want: "wle_"},
		})
	})
}

// TestSessionTasks takes a session from pending to active.
func TestSessionTasks(t *testing.T) {
	settings := clerktest.Settings{ForceOrganizationSelection: true, RequireMFA: true}
	eachVersion(t, settings, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
		known := map[string]func() string{"TOTP": func() string { return s.em.TOTPCode(b.value("app.secret")) }}
		b.steps(s, known, []step{
			signInAs("a@example.com"),
			{name: "pending", script: `return [C.session.status, C.session.currentTask.key, C.session.tasks.length, C.isSignedIn, claims(await C.session.getToken({skipCache: true})).sts]`, want: []any{"pending", "choose-organization", 2.0, false, "pending"}},
			{name: "the first task", script: `await C.setActive({organization: await C.createOrganization({name: 'Acme'})}); return [C.session.status, C.session.currentTask.key]`, want: []any{"pending", "setup-mfa"}},
			{name: "the same after a reload", open: "/", script: `return [C.session.status, C.session.currentTask.key]`, want: []any{"pending", "setup-mfa"}},
			{name: "the second task", script: `window.app = await C.user.createTOTP(); return app.verified`, want: false},
			{name: "its code", script: `await C.user.verifyTOTP({code: '$TOTP'}); await C.setActive({session: C.session.id}); return [C.session.status, C.session.currentTask ?? null, C.isSignedIn, C.organization.name]`, want: []any{"active", nil, true, "Acme"}},
			{name: "its token", script: `return claims(await C.session.getToken()).sts`, want: "active"},
		})
	})
}

// TestHostedPages signs in on the emulator's hosted pages. The application is then
// signed in too.
func TestHostedPages(t *testing.T) {
	eachVersion(t, clerktest.Settings{ForceOrganizationSelection: true}, func(_ *testing.T, s *site, b *tab) {
		u := s.em.AddUser(clerktest.User{Email: "a@example.com", FirstName: "Ann"})
		acme := s.em.AddOrganization(clerktest.Organization{Name: "Acme"})
		s.em.AddMember(acme.ID, u.ID, "org:admin")
		b.open(s.em.URL + "/sign-in?redirect_url=" + url.QueryEscape(s.URL+"/hosted"))
		b.screenshot("hosted-sign-in")
		b.click("button:has-text('Ann')")
		b.see("text=Choose an organization")
		b.screenshot("hosted-organization")
		b.click("button:has-text('Acme')")
		b.steps(s, nil, []step{
			{name: "back in the application", script: `await until(() => C.user); return [location.pathname + location.search, C.user.firstName, C.session.status, C.organization.name]`, want: []any{"/hosted", "Ann", "active", "Acme"}},
		})
		b.open(s.em.URL + "/sign-out?redirect_url=" + url.QueryEscape(s.URL+"/hosted"))
		b.steps(s, nil, []step{{name: "signed out", script: `return [location.pathname, !!C.user]`, want: []any{"/hosted", false}}})
	})
}

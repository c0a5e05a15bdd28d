package clerkjs_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestOAuth(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", FirstName: "Ann"})
		start := func(resource string) {
			t.Helper()
			b.steps(s, nil, []step{{name: "go to the provider", want: 1, script: `setTimeout(() => C.client.` + resource + `.authenticateWithRedirect({strategy: 'oauth_google', redirectUrl: '/callback', redirectUrlComplete: '/done'}), 0); return 1`}})
			b.see("text=This page plays the provider.")
		}
		back := func(path, who string) {
			t.Helper()
			b.do("arrive", map[string]any{"path": path}, &struct{}{})
			b.steps(s, nil, []step{
				{name: "back as " + who, want: []any{who, 1.0}, script: `if (location.pathname === '/callback') await C.handleRedirectCallback({}, () => {}); await until(() => C.user); return [C.user.primaryEmailAddress.emailAddress, C.client.sessions.length]`},
				{name: "account", want: []any{"google", "verified"}, script: `const a = C.user.externalAccounts[0]; await out(); return [a.provider, a.verification.status]`},
			})
		}
		// person fills in the provider's form.
		person := func(email string) {
			t.Helper()
			b.fill("#email_address", email)
			b.click("button:has-text('Continue')")
		}
		b.open(s.URL)
		start("signIn")
		b.screenshot("provider")
		b.click("button:has-text('Ann')")
		back("/done", "a@example.com")
		// A new user starts with sign-in, which becomes a sign-up.
		start("signIn")
		person("new@example.com")
		back("/callback", "new@example.com")
		start("signUp")
		person("newer@example.com")
		back("/done", "newer@example.com")
		// A known user starts with sign-up, which becomes a sign-in.
		start("signUp")
		person("newer@example.com")
		back("/callback", "newer@example.com")

		start("signIn")
		b.click("button:has-text('Refuse')")
		b.steps(s, nil, []step{{name: "refused", script: `return C.client.signIn.firstFactorVerification.error.code`, want: "oauth_access_denied"}})
	})
}

func TestConnectedAccounts(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
		s.em.AddUser(clerktest.User{Email: "b@example.com", Password: password})
		connect := step{name: "connect", want: "unverified", script: `const a = await C.user.createExternalAccount({strategy: 'oauth_github', redirectUrl: '/connected'});
			setTimeout(() => { location.href = a.verification.externalVerificationRedirectURL.href; }, 0); return a.verification.status`}
		b.steps(s, nil, []step{signInAs("a@example.com"), connect})
		b.fill("#email_address", "ann@github.example")
		b.click("button:has-text('Continue')")
		b.steps(s, nil, []step{
			{name: "connected", want: []any{"/connected", "github", "ann@github.example", "verified"}, script: `const a = C.user.externalAccounts[0]; return [location.pathname, a.provider, a.emailAddress, a.verification.status]`},
			{name: "sign in by it", want: 1, script: `await out(); setTimeout(() => C.client.signIn.authenticateWithRedirect({strategy: 'oauth_github', redirectUrl: '/callback', redirectUrlComplete: '/done'}), 0); return 1`},
		})
		b.fill("#email_address", "ann@github.example")
		b.click("button:has-text('Continue')")
		b.steps(s, nil, []step{
			{name: "signed in by it", want: "a@example.com", script: `await until(() => C.user); return C.user.primaryEmailAddress.emailAddress`},
			// No other user may have it.
			signInAs("b@example.com"), connect,
		})
		b.fill("#email_address", "ann@github.example")
		b.click("button:has-text('Continue')")
		b.steps(s, nil, []step{
			{name: "claimed", want: "oauth_identification_claimed", script: `return C.user.externalAccounts[0].verification.error.code`},
			{name: "let it go", want: 0, script: `await C.user.externalAccounts[0].destroy(); await C.user.reload(); return C.user.externalAccounts.length`},
		})
	})
}

package clerkjs_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// Buttons and fields of Clerk's components, by the classes that are theirs for
// styling.
const (
	continueButton = ".cl-formButtonPrimary"
	codeField      = ".cl-otpCodeFieldInputContainer input, .cl-otpCodeFieldInput"
	passwordField  = "input[name=password]:visible"
	switcher       = ".cl-organizationSwitcherTrigger"
	newOrg         = ".cl-organizationSwitcherPopoverActionButton__createOrganization"
	userButton     = ".cl-userButtonTrigger"
	signOutItem    = ".cl-userButtonPopoverActionButton__signOut, .cl-userButtonPopoverActionButton__signOutAll"
)

// mount shows a component of Clerk's on a page of its own.
func (b *tab) mount(s *site, path, component, props string) {
	b.t.Helper()
	b.open(s.URL + path)
	if _, err := b.run(prelude + `const div = document.createElement('div'); document.querySelector('#app').append(div); C.mount` + component + `(div, ` + props + `); return 1`); err != nil {
		b.t.Fatal(err)
	}
}

// TestComponents works Clerk's own components as a person does.
func TestComponents(t *testing.T) {
	for _, v := range versions {
		t.Run(v.name, func(t *testing.T) {
			s := newSite(t, v, clerktest.Config{Settings: clerktest.Settings{
				ApplicationName: "Sample", OAuthProviders: []string{"custom_acme"}, OrganizationDomains: true,
			}})
			s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password, FirstName: "Ann", LastName: "Able"})
			b := newTab(t)
			b.quiet = []string{"422 (Unprocessable Entity)"} // the wrong password
			shot := func(name string) { b.screenshot(name + "-" + v.name) }

			b.mount(s, "/ui/up", "SignUp", `{routing: 'hash', forceRedirectUrl: '/ui/up-done'}`)
			b.see("input[name=emailAddress]")
			shot("sign-up")
			b.fill("input[name=emailAddress]", "new+clerk_test@example.com")
			b.fill(passwordField, password)
			b.click(continueButton)
			b.see(codeField)
			b.keys(codeField, testCode)
			b.steps(s, nil, []step{
				{name: "signed up", script: `await until(() => C.user && location.pathname === '/ui/up-done'); return C.user.primaryEmailAddress.emailAddress`, want: "new+clerk_test@example.com"},
				{name: "sign out", script: `await C.signOut(() => {}); return 1`, want: 1},
			})

			b.mount(s, "/ui/in", "SignIn", `{routing: 'hash', forceRedirectUrl: '/ui/in-done'}`)
			b.see("input[name=identifier]")
			shot("sign-in")
			b.fill("input[name=identifier]", "a@example.com")
			b.click(continueButton)
			b.see(passwordField)
			b.fill(passwordField, "a wrong password")
			b.click(continueButton)
			b.see("text=/incorrect/i")
			shot("sign-in-wrong")
			b.fill(passwordField, password)
			b.click(continueButton)
			b.steps(s, nil, []step{
				{name: "signed in", script: `await until(() => C.user && location.pathname === '/ui/in-done'); return C.user.fullName`, want: "Ann Able"},
			})

			b.mount(s, "/ui/org", "OrganizationSwitcher", `{}`)
			b.click(switcher)
			b.click(newOrg)
			b.fill("input[name=name]", "Acme")
			shot("create-organization")
			b.click(continueButton)
			b.steps(s, nil, []step{
				{name: "the organization is active", script: `await until(() => C.organization); return [C.organization.name, claims(await C.session.getToken()).o.rol]`, want: []any{"Acme", "admin"}},
			})
			b.mount(s, "/ui/org2", "OrganizationSwitcher", `{}`)
			b.click(switcher)
			b.see(newOrg)
			shot("organization-switcher")

			b.mount(s, "/ui/members", "OrganizationProfile", `{routing: 'hash'}`)
			b.click("button:has-text('Members')")
			b.see("text=a@example.com")
			shot("organization-members")

			b.mount(s, "/ui/user", "UserButton", `{}`)
			b.click(userButton)
			b.see(signOutItem)
			shot("user-button")
			b.click(".cl-userButtonPopoverActionButton__manageAccount")
			b.see("text=Connected accounts")
			shot("user-profile")
			b.click("button:has-text('Security')")
			b.see("text=Active devices")
			shot("user-security")
			b.mount(s, "/ui/out", "UserButton", `{}`)
			b.click(userButton)
			b.click(signOutItem)
			b.steps(s, nil, []step{{name: "signed out", script: `await until(() => !C.user); return C.client.signedInSessions.length`, want: 0}})
		})
	}
}

// testCode verifies the addresses that Clerk keeps for tests.
const testCode = "424242"

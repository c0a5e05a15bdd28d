package clerkjs_test

import (
	"regexp"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// Buttons and fields of Clerk's components, by their classes for styling.
const (
	continueButton = ".cl-formButtonPrimary:visible"
	codeField      = ".cl-otpCodeFieldInputContainer input, .cl-otpCodeFieldInput"
	identifier     = "input[name=identifier]"
	passwordField  = "input[name=password]:visible"
	switcher       = ".cl-organizationSwitcherTrigger"
	newOrg         = ".cl-organizationSwitcherPopoverActionButton__createOrganization"
	userButton     = ".cl-userButtonTrigger"
	signOutItem    = ".cl-userButtonPopoverActionButton__signOut, .cl-userButtonPopoverActionButton__signOutAll"
	manageAccount  = ".cl-userButtonPopoverActionButton__manageAccount"
)

// testCode is the code for Clerk's test addresses.
const testCode = "424242"

// mount shows a component on its own page.
func (b *tab) mount(s *site, path, component, props string) {
	b.t.Helper()
	s.mounts.Store(path, "Clerk.mount"+component+"(app, "+props+")")
	b.open(s.URL + path)
}

// mountSignIn shows a sign-in that leads to /ui/done.
func (b *tab) mountSignIn(s *site) {
	b.t.Helper()
	b.mount(s, "/ui/in", "SignIn", `{routing: 'hash', forceRedirectUrl: '/ui/done', signUpForceRedirectUrl: '/ui/done'}`)
}

// signedIn waits for the end of a sign-in or sign-up.
func (b *tab) signedIn(s *site, who string) {
	b.t.Helper()
	b.steps(s, nil, []step{
		{name: "signed in", script: `await until(() => C.user && location.pathname === '/ui/done'); return C.user.primaryEmailAddress.emailAddress`, want: who},
	})
}

func (b *tab) signOut(s *site) {
	b.t.Helper()
	b.steps(s, nil, []step{{name: "sign out", script: `await out(); return !!C.user`, want: false}})
}

var base32 = regexp.MustCompile(`\b[A-Z2-7]{32}\b`)

// appSecret reads the secret that a page shows to type into an authenticator app.
func (b *tab) appSecret() string {
	b.t.Helper()
	var shown struct{ Value string }
	b.do("fields", nil, &shown)
	found := base32.FindString(shown.Value)
	if found == "" {
		b.t.Fatalf("no secret in %q", shown.Value)
	}
	return found
}

// eachUI runs a flow through the components of every clerk-js.
func eachUI(t *testing.T, settings clerktest.Settings, flow func(t *testing.T, s *site, b *tab, shot func(string))) {
	settings.ApplicationName = "Sample"
	eachVersion(t, settings, func(t *testing.T, s *site, b *tab) {
		_, version, _ := cutLast(t.Name(), "/")
		flow(t, s, b, func(name string) { b.screenshot(name + "-" + version) })
	})
}

func TestSignInComponent(t *testing.T) {
	eachUI(t, clerktest.Settings{OAuthProviders: []string{"custom_acme"}}, func(t *testing.T, s *site, b *tab, shot func(string)) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password, FirstName: "Ann", LastName: "Able"})
		s.em.AddUser(clerktest.User{Email: "code@example.com"})
		s.em.AddUser(clerktest.User{Email: "mfa@example.com", Password: password, TOTPSecret: secret, BackupCodes: []string{"backup-code-1"}})

		// Wrong password, right password.
		b.mountSignIn(s)
		b.see(identifier)
		shot("sign-in")
		b.fill(identifier, "a@example.com")
		b.click(continueButton)
		b.fill(passwordField, "a wrong password")
		b.refuses("422")
		b.click(continueButton)
		b.see("text=/incorrect/i")
		shot("sign-in-wrong")
		b.fill(passwordField, password)
		b.click(continueButton)
		b.signedIn(s, "a@example.com")
		b.signOut(s)

		// The password is forgotten.
		b.mountSignIn(s)
		b.fill(identifier, "a@example.com")
		b.click(continueButton)
		b.click("text=Forgot password?")
		b.see("text=Reset your password")
		shot("sign-in-forgotten")
		b.click("button:has-text('Reset your password')")
		b.see(codeField)
		b.keys(codeField, s.lastCode("a@example.com")())
		b.see("text=Set new password")
		shot("sign-in-new-password")
		b.fill("input[name=password]", "a new password")
		b.fill("input[name=confirmPassword]", "a new password")
		b.click(continueButton)
		b.signedIn(s, "a@example.com")
		b.signOut(s)

		// No password: a code comes by mail.
		b.mountSignIn(s)
		b.fill(identifier, "code@example.com")
		b.click(continueButton)
		b.see(codeField)
		shot("sign-in-code")
		b.keys(codeField, s.lastCode("code@example.com")())
		b.signedIn(s, "code@example.com")
		b.signOut(s)

		// Two factors: the app, then a backup code.
		second := func() {
			b.mountSignIn(s)
			b.fill(identifier, "mfa@example.com")
			b.click(continueButton)
			b.fill(passwordField, password)
			b.click(continueButton)
			b.see(codeField)
		}
		second()
		shot("sign-in-second-factor")
		b.keys(codeField, s.em.TOTPCode(secret))
		b.signedIn(s, "mfa@example.com")
		b.signOut(s)
		second()
		b.click("text=Use another method")
		b.click("text=Use a backup code")
		b.fill("input[name=code]:visible", "backup-code-1")
		shot("sign-in-backup-code")
		b.click(continueButton)
		b.signedIn(s, "mfa@example.com")
		b.signOut(s)

		// A provider with a known user, and one with a new user.
		for _, who := range []string{"a@example.com", "acme@example.com"} {
			b.mountSignIn(s)
			b.click(".cl-socialButtonsBlockButton, .cl-socialButtonsIconButton")
			b.fill("#email_address", who)
			b.click("button:has-text('Continue')")
			b.signedIn(s, who)
			b.signOut(s)
		}
	})
}

func TestSignUpComponent(t *testing.T) {
	eachUI(t, clerktest.Settings{OAuthProviders: []string{"custom_acme"}, Username: "required"}, func(_ *testing.T, s *site, b *tab, shot func(string)) {
		mount := func() {
			b.mount(s, "/ui/up", "SignUp", `{routing: 'hash', forceRedirectUrl: '/ui/done', signInForceRedirectUrl: '/ui/done'}`)
			b.see("input[name=emailAddress]")
		}
		mount()
		shot("sign-up")
		b.fill("input[name=username]", "newcomer")
		b.fill("input[name=emailAddress]", "new+clerk_test@example.com")
		b.fill(passwordField, password)
		b.click(continueButton)
		b.see(codeField)
		shot("sign-up-code")
		b.refuses("422")
		b.keys(codeField, "111111")
		b.see("text=/incorrect/i")
		b.steps(s, nil, []step{{name: "the field is emptied", script: `return until(() => [...document.querySelectorAll('[class*=otpCodeField] input')].every((i) => !i.value))`, want: true}})
		b.keys(codeField, testCode)
		b.signedIn(s, "new+clerk_test@example.com")
		b.signOut(s)

		// The provider has no username, so the component asks for it.
		mount()
		b.click(".cl-socialButtonsBlockButton, .cl-socialButtonsIconButton")
		b.fill("#email_address", "acme@example.com")
		b.click("button:has-text('Continue')")
		b.see("text=Fill in missing fields")
		shot("sign-up-missing")
		b.fill("input[name=username]", "acme_user")
		b.click(continueButton)
		b.signedIn(s, "acme@example.com")
	})
}

func TestUserComponents(t *testing.T) {
	settings := clerktest.Settings{MultiSession: true, OAuthProviders: []string{"custom_acme"}}
	eachUI(t, settings, func(_ *testing.T, s *site, b *tab, shot func(string)) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password, FirstName: "Ann", LastName: "Able"})
		s.em.AddUser(clerktest.User{Email: "b@example.com", Password: password, FirstName: "Bob", LastName: "Baker"})
		b.steps(s, nil, []step{signInAs("b@example.com"), signInAs("a@example.com")})

		b.mount(s, "/ui/user", "UserButton", `{}`)
		b.click(userButton)
		b.see("text=Bob Baker")
		shot("user-button")
		b.click("text=Bob Baker")
		b.steps(s, nil, []step{{name: "switched", script: `await until(() => C.user.firstName === 'Bob'); return C.client.signedInSessions.length`, want: 2}})
		b.steps(s, nil, []step{{name: "and back", script: `await C.setActive({session: C.client.sessions.find((x) => x.user.firstName === 'Ann').id}); return C.user.firstName`, want: "Ann"}})

		b.mount(s, "/ui/profile", "UserButton", `{}`)
		b.click(userButton)
		b.click(manageAccount)
		b.see("text=Connected accounts")
		shot("user-profile")
		b.click("text=Add email address")
		b.fill("input[name=emailAddress]", "more+clerk_test@example.com")
		b.click(continueButton)
		b.see(codeField)
		b.keys(codeField, testCode)
		b.see(".cl-profileSection__emailAddresses >> text=more+clerk_test@example.com")
		shot("user-profile-address")
		b.steps(s, nil, []step{{name: "the address is verified", script: `await until(() => C.user.emailAddresses[1]?.verification.status === 'verified'); return C.user.emailAddresses.length`, want: 2}})

		b.click("button:has-text('Security')")
		b.see("text=Active devices")
		b.see("text=/Chrome \\d+/") // this browser
		shot("user-security")
		b.click("text=Add two-step verification")
		b.click("text=Authenticator application")
		b.click("text=/Can.t scan/")
		b.see("text=Scan QR code instead")
		app := b.appSecret()
		shot("user-security-app")
		b.click(continueButton)
		b.see(codeField)
		b.keys(codeField, s.em.TOTPCode(app))
		b.see("text=/backup codes/i")
		shot("user-security-backup-codes")
		b.steps(s, nil, []step{{name: "two factors", script: `await until(() => C.user.twoFactorEnabled); return C.user.totpEnabled`, want: true}})

		b.mount(s, "/ui/out", "UserButton", `{}`)
		b.click(userButton)
		b.click(".cl-userButtonPopoverActionButton__signOutAll")
		b.steps(s, nil, []step{{name: "signed out", script: `await until(() => !C.user && !C.client.signedInSessions.length); return C.client.signedInSessions.length`, want: 0}})
	})
}

func TestOrganizationComponents(t *testing.T) {
	settings := clerktest.Settings{OrganizationDomains: true}
	eachUI(t, settings, func(_ *testing.T, s *site, b *tab, shot func(string)) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password, FirstName: "Ann", LastName: "Able"})
		u := s.em.AddUser(clerktest.User{Email: "b@example.com", Password: password})
		beta := s.em.AddOrganization(clerktest.Organization{Name: "Beta", Slug: "beta"})
		s.em.AddMember(beta.ID, u.ID, "org:admin")
		b.steps(s, nil, []step{signInAs("a@example.com")})
		create := func(name string) {
			b.mount(s, "/ui/org", "OrganizationSwitcher", `{}`)
			b.click(switcher)
			b.click(newOrg)
			b.fill("input[name=name]", name)
			shot("create-organization")
			b.click(continueButton)
			b.steps(s, nil, []step{
				{name: "the organization is active", script: `await until(() => C.organization?.name === '` + name + `'); return claims(await C.session.getToken()).o.rol`, want: "admin"},
			})
		}
		create("Acme")
		create("Second")
		b.mount(s, "/ui/switch", "OrganizationSwitcher", `{}`)
		b.click(switcher)
		b.see(newOrg)
		shot("organization-switcher")
		b.click(".cl-organizationSwitcherPreviewButton:has-text('Acme')")
		b.steps(s, nil, []step{{name: "switched", script: `await until(() => C.organization?.name === 'Acme'); return claims(await C.session.getToken()).o.slg`, want: "acme"}})

		b.mount(s, "/ui/members", "OrganizationProfile", `{routing: 'hash'}`)
		b.see("button:has-text('Leave organization')")
		shot("organization-profile")
		b.click("button:has-text('Members')")
		b.see("text=a@example.com")
		shot("organization-members")
		b.click("button:has-text('Invite')")
		b.keys("[data-testid=tag-input]", "b@example.com,")
		shot("organization-invite")
		b.click(continueButton)
		b.steps(s, nil, []step{{name: "invited", script: `await until(async () => (await C.organization.getInvitations()).total_count === 1); return (await C.organization.getInvitations()).data[0].emailAddress`, want: "b@example.com"}})

		// The invited user accepts in the switcher.
		b.steps(s, nil, []step{{name: "out", script: `await out(); return 1`, want: 1}, signInAs("b@example.com")})
		b.mount(s, "/ui/accept", "OrganizationSwitcher", `{}`)
		b.click(switcher)
		b.see("text=Acme")
		shot("organization-invited")
		b.click("button:has-text('Join'), button:has-text('Accept')")
		b.steps(s, nil, []step{{name: "joined", script: `await until(async () => { await C.user.reload(); return C.user.organizationMemberships.length === 2; }); return C.user.organizationMemberships.map((m) => m.organization.name).sort()`, want: []any{"Acme", "Beta"}}})
	})
}

// TestTaskComponents signs in and then completes the remaining session tasks.
func TestTaskComponents(t *testing.T) {
	settings := clerktest.Settings{ForceOrganizationSelection: true, RequireMFA: true}
	eachUI(t, settings, func(_ *testing.T, s *site, b *tab, shot func(string)) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
		b.mountSignIn(s)
		b.fill(identifier, "a@example.com")
		b.click(continueButton)
		b.fill(passwordField, password)
		b.click(continueButton)
		b.see("input[name=name]")
		shot("task-organization")
		b.fill("input[name=name]", "Acme")
		b.click(continueButton)
		b.see("text=/two-step/i")
		shot("task-mfa")
		b.click("text=Authenticator application")
		b.click("text=/Can.t scan/")
		b.see("text=/Scan QR code/")
		app := b.appSecret()
		b.click(continueButton)
		b.keys(codeField, s.em.TOTPCode(app))
		b.see("text=/backup code/i")
		shot("task-backup-codes")
		b.click("button:has-text('Finish'), button:has-text('Continue')")
		b.signedIn(s, "a@example.com")
		b.steps(s, nil, []step{{name: "active", script: `return [C.session.status, C.organization.name, C.user.twoFactorEnabled]`, want: []any{"active", "Acme", true}}})
	})
}

func TestWaitlistComponent(t *testing.T) {
	eachUI(t, clerktest.Settings{SignUpMode: "waitlist"}, func(_ *testing.T, s *site, b *tab, shot func(string)) {
		b.mount(s, "/ui/waitlist", "Waitlist", `{}`)
		b.fill("input[name=emailAddress]", "a@example.com")
		shot("waitlist")
		b.click(continueButton)
		b.see("text=/joining the waitlist/i")
		shot("waitlist-joined")
	})
}

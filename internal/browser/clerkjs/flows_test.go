package clerkjs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

const (
	password = "correct horse 1"
	secret   = "JBSWY3DPEHPK3PXP"
)

var multiSession = clerktest.Settings{MultiSession: true}

// eachVersion runs a flow with every clerk-js, in a browser of its own.
func eachVersion(t *testing.T, settings clerktest.Settings, flow func(t *testing.T, s *site, b *tab)) {
	for _, v := range versions {
		t.Run(v.name, func(t *testing.T) {
			s := newSite(t, v, clerktest.Config{Settings: settings})
			b := newTab(t)
			b.quiet = []string{"422 (Unprocessable Entity)"}
			flow(t, s, b)
		})
	}
}

// signInAs is a step that signs in with the password of these tests.
func signInAs(email string) step {
	return step{name: email + " signs in", open: "/", want: true, script: `
		const i = await C.client.signIn.create({identifier: '` + email + `', password: '` + password + `'});
		await C.setActive({session: i.createdSessionId}); return !!C.user`}
}

func TestSecondFactorAndReset(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Phone: "+12015550100", Password: password, TOTPSecret: secret, BackupCodes: []string{"backup-1"}})
		known := map[string]func() string{"TOTP": func() string { return s.em.TOTPCode(secret) }, "CODE": s.lastCode("a@example.com")}
		start := `let i = await C.client.signIn.create({identifier: 'a@example.com', password: '` + password + `'}); const first = i.status; `
		again := `await C.signOut(() => {}); ` + start
		b.steps(s, known, []step{
			{name: "needs a second factor", open: "/", script: start + `return [i.status, ...i.supportedSecondFactors.map((f) => f.strategy)]`, want: []any{"needs_second_factor", "totp", "backup_code"}},
			{name: "wrong code", script: `return code(C.client.signIn.attemptSecondFactor({strategy: 'totp', code: '1'}))`, want: "form_code_incorrect"},
			{name: "authenticator app", script: `const i = await C.client.signIn.attemptSecondFactor({strategy: 'totp', code: '$TOTP'}); await C.setActive({session: i.createdSessionId}); return [i.status, C.session.factorVerificationAge[1], C.user.twoFactorEnabled]`, want: []any{"complete", 0.0, true}},
			{name: "backup code", script: again + `i = await i.attemptSecondFactor({strategy: 'backup_code', code: 'backup-1'}); await C.setActive({session: i.createdSessionId}); return [first, i.status]`, want: []any{"needs_second_factor", "complete"}},
			{name: "reserve the phone", script: `const p = await C.user.phoneNumbers[0].setReservedForSecondFactor({reserved: true}); await C.user.reload(); return p.reservedForSecondFactor`, want: true},
			{name: "text message", script: again + `await i.prepareSecondFactor({strategy: 'phone_code'}); i = await C.client.signIn.attemptSecondFactor({strategy: 'phone_code', code: '424242'}); await C.setActive({session: i.createdSessionId}); return i.status`, want: "complete"},
			{name: "no app any more", script: `await C.user.disableTOTP(); await C.user.phoneNumbers[0].destroy(); await C.user.reload(); return [C.user.totpEnabled, C.user.twoFactorEnabled]`, want: []any{false, false}},
			{name: "a new app", script: `const app = await C.user.createTOTP(); return [app.verified, app.uri.startsWith('otpauth://totp/'), app.secret.length]`, want: []any{false, true, 32.0}},
			{name: "reset: send the code", script: `await C.signOut(() => {}); const i = await C.client.signIn.create({strategy: 'reset_password_email_code', identifier: 'a@example.com'}); return i.status`, want: "needs_first_factor"},
			{name: "reset: the code", script: `const i = await C.client.signIn.attemptFirstFactor({strategy: 'reset_password_email_code', code: '$CODE'}); return i.status`, want: "needs_new_password"},
			{name: "reset: too short", script: `return code(C.client.signIn.resetPassword({password: 'x'}))`, want: "form_password_length_too_short"},
			{name: "reset: the password", script: `const i = await C.client.signIn.resetPassword({password: 'a new password'}); await C.setActive({session: i.createdSessionId}); return [i.status, !!C.user]`, want: []any{"complete", true}},
			{name: "reset: it counts", script: `await C.signOut(() => {}); return [await code(C.client.signIn.create({identifier: 'a@example.com', password: '` + password + `'})), await code(C.client.signIn.create({identifier: 'a@example.com', password: 'a new password'}))]`, want: []any{"form_password_incorrect", "no error"}},
		})
	})
}

func TestEmailLinkAndPhone(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Phone: "+12015550100"})
		b.steps(s, nil, []step{
			{name: "phone code", open: "/", script: `let i = await C.client.signIn.create({identifier: '+12015550100'}); const f = i.supportedFirstFactors.find((f) => f.strategy === 'phone_code'); await i.prepareFirstFactor({strategy: 'phone_code', phoneNumberId: f.phoneNumberId}); i = await C.client.signIn.attemptFirstFactor({strategy: 'phone_code', code: '424242'}); await C.setActive({session: i.createdSessionId}); return C.user.primaryPhoneNumber.phoneNumber`, want: "+12015550100"},
			{name: "ask for a link", script: `await C.signOut(() => {}); const i = await C.client.signIn.create({identifier: 'a@example.com'}); const f = i.supportedFirstFactors.find((f) => f.strategy === 'email_link'); window.waiting = i.createEmailLinkFlow().startEmailLinkFlow({emailAddressId: f.emailAddressId, redirectUrl: location.origin + '/verify'}); await until(() => C.client.signIn.firstFactorVerification.strategy === 'email_link'); return 'asked'`, want: "asked"},
		})
		// The mail is opened in another tab, which is signed in; so is the first.
		other := openTab(t, b.browser)
		other.open(s.lastLink(t, "a@example.com"))
		if u := other.url(); u.Query().Get("__clerk_status") != "verified" || u.Path != "/verify" {
			t.Fatalf("the link led to %s", u)
		}
		other.steps(s, nil, []step{
			{name: "the other tab", script: `await C.handleEmailLinkVerification({}, () => {}); await until(() => C.user); return C.user.primaryEmailAddress.emailAddress`, want: "a@example.com"},
		})
		b.steps(s, nil, []step{
			{name: "the first tab", script: `const i = await waiting; await C.setActive({session: i.createdSessionId}); return [i.status, C.user.primaryEmailAddress.emailAddress]`, want: []any{"complete", "a@example.com"}},
		})
	})
}

func TestOAuth(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", FirstName: "Ann"})
		start := func(resource string) {
			t.Helper()
			b.steps(s, nil, []step{{name: "go to the provider", want: 1, script: `setTimeout(() => C.client.` + resource + `.authenticateWithRedirect({strategy: 'oauth_google', redirectUrl: '/callback', redirectUrlComplete: '/done'}), 0); return 1`}})
			b.see("text=This page plays the provider.")
		}
		back := func(who string) {
			t.Helper()
			b.steps(s, nil, []step{
				{name: "back as " + who, want: []any{who, 1.0}, script: `if (location.pathname === '/callback') await C.handleRedirectCallback({}, () => {}); await until(() => C.user); return [C.user.primaryEmailAddress.emailAddress, C.client.sessions.length]`},
				{name: "account", want: "google", script: `const p = C.user.externalAccounts[0].provider; await C.signOut(() => {}); return p`},
			})
		}
		b.open(s.URL)
		start("signIn")
		b.screenshot("provider")
		b.click("button:has-text('Ann')")
		back("a@example.com")
		// Somebody new, by way of sign-in and of sign-up.
		for _, c := range []struct{ resource, who string }{{"signIn", "new@example.com"}, {"signUp", "newer@example.com"}} {
			start(c.resource)
			b.fill("#email_address", c.who)
			b.click("button:has-text('Continue')")
			back(c.who)
		}
		start("signIn")
		b.click("button:has-text('Refuse')")
		b.steps(s, nil, []step{{name: "refused", script: `return C.client.signIn.firstFactorVerification.error.code`, want: "oauth_access_denied"}})
	})
}

func TestAccount(t *testing.T) {
	settings := multiSession
	settings.Reverification = true
	eachVersion(t, settings, func(t *testing.T, s *site, b *tab) {
		b.quiet = append(b.quiet, "403 (Forbidden)")
		elsewhere := s.em.SignIn(s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password}))
		b.steps(s, map[string]func() string{"CODE": s.lastCode("b@example.com")}, []step{
			signInAs("a@example.com"),
			{name: "profile", script: `await C.user.update({firstName: 'Ann', unsafeMetadata: {x: 1}}); return [C.user.firstName, C.user.unsafeMetadata.x]`, want: []any{"Ann", 1.0}},
			{name: "add an address", script: `window.mail = await C.user.createEmailAddress({email: 'b@example.com'}); await mail.prepareVerification({strategy: 'email_code'}); return mail.verification.status`, want: "unverified"},
			{name: "verify it", script: `await mail.attemptVerification({code: '$CODE'}); await C.user.reload(); return C.user.emailAddresses.map((e) => e.verification.status)`, want: []any{"verified", "verified"}},
			{name: "make it the primary one", script: `await C.user.update({primaryEmailAddressId: mail.id}); return C.user.primaryEmailAddress.emailAddress`, want: "b@example.com"},
			{name: "delete the first", script: `await C.user.emailAddresses.find((e) => e.id !== mail.id).destroy(); await C.user.reload(); return C.user.emailAddresses.length`, want: 1},
			{name: "add a phone", script: `const p = await C.user.createPhoneNumber({phoneNumber: '+12015550133'}); await p.prepareVerification(); await p.attemptVerification({code: '424242'}); await C.user.reload(); return C.user.phoneNumbers[0].verification.status`, want: "verified"},
			{name: "change the password", script: `await C.user.updatePassword({currentPassword: '` + password + `', newPassword: 'another password'}); return C.user.passwordEnabled`, want: true},
			{name: "sessions", script: `const all = await C.user.getSessions(); window.other = all.find((x) => x.id !== C.session.id); return all.length`, want: 2},
			{name: "revoke the other", script: `await other.revoke(); return other.status`, want: "revoked"},
		})
		if elsewhere.Status() != "revoked" {
			t.Errorf("the other session is %s", elsewhere.Status())
		}
		s.em.Advance(11 * time.Minute)
		b.steps(s, nil, []step{
			{name: "too long ago", script: `return code(C.user.createEmailAddress({email: 'c@example.com'}))`, want: "session_reverification_required"},
			{name: "reverification", script: `const v = await C.session.startVerification({level: 'first_factor'}); return [v.status, ...v.supportedFirstFactors.map((f) => f.strategy)]`, want: []any{"needs_first_factor", "password", "email_code", "phone_code"}},
			{name: "wrong password", script: `return code(C.session.attemptFirstFactorVerification({strategy: 'password', password: 'x'}))`, want: "form_password_incorrect"},
			{name: "right password", script: `const v = await C.session.attemptFirstFactorVerification({strategy: 'password', password: 'another password'}); return v.status`, want: "complete"},
			{name: "fresh", script: `await C.user.createEmailAddress({email: 'c@example.com'}); return claims(await C.session.getToken({skipCache: true})).fva[0]`, want: 0},
			{name: "delete the account", script: `await C.user.delete(); await until(() => !C.user); return C.client.sessions.length`, want: 0},
		})
	})
}

func TestOrganizations(t *testing.T) {
	settings := multiSession
	settings.OrganizationDomains = true
	eachVersion(t, settings, func(t *testing.T, s *site, alice *tab) {
		s.em.AddUser(clerktest.User{Email: "alice@example.com", Password: password})
		s.em.AddUser(clerktest.User{Email: "bob@example.com", Password: password})
		bob, guest := newTab(t), newTab(t)
		alice.steps(s, map[string]func() string{"CODE": s.lastCode("alice@example.com")}, []step{
			signInAs("alice@example.com"),
			{name: "create and activate", script: `const o = await C.createOrganization({name: 'Acme', slug: 'acme'}); await C.setActive({organization: o.id}); return [C.organization.slug, C.session.checkAuthorization({permission: 'org:sys_memberships:manage'})]`, want: []any{"acme", true}},
			{name: "roles", script: `const r = await C.organization.getRoles(); return r.data.map((x) => x.key)`, want: []any{"org:admin", "org:member"}},
			{name: "invite", script: `const i = await C.organization.inviteMember({emailAddress: 'bob@example.com', role: 'org:member'}); return [i.status, (await C.organization.getInvitations({status: ['pending']})).total_count]`, want: []any{"pending", 1.0}},
			{name: "invite two", script: `const i = await C.organization.inviteMembers({emailAddresses: ['new@example.com', 'gone@example.com'], role: 'org:member'}); await i[1].revoke(); return i.length`, want: 2},
			{name: "domain", script: `window.domain = await C.organization.createDomain('example.com'); await domain.prepareAffiliationVerification({affiliationEmailAddress: 'alice@example.com'}); return domain.enrollmentMode`, want: "manual_invitation"},
			{name: "verify the domain", script: `const d = await domain.attemptAffiliationVerification({code: '$CODE'}); return d.verification.status`, want: "verified"},
		})
		bob.steps(s, nil, []step{
			signInAs("bob@example.com"),
			{name: "bob accepts", script: `const i = await C.user.getOrganizationInvitations({status: 'pending'}); await i.data[0].accept(); await C.user.reload(); return [i.data[0].publicOrganizationData.slug, C.user.organizationMemberships[0].role]`, want: []any{"acme", "org:member"}},
			{name: "bob switches", script: `await C.setActive({organization: 'acme'}); return claims(await C.session.getToken()).o.rol`, want: "member"},
		})
		alice.steps(s, nil, []step{
			{name: "members", script: `const m = await C.organization.getMemberships(); window.bob = m.data.find((x) => x.publicUserData.identifier === 'bob@example.com'); return m.total_count`, want: 2},
			{name: "promote", script: `await bob.update({role: 'org:admin'}); return bob.role`, want: "org:admin"},
		})
		bob.steps(s, nil, []step{
			{name: "bob is an admin", script: `return claims(await C.session.getToken({skipCache: true})).o.rol`, want: "admin"},
			{name: "bob renames it", script: `await C.organization.update({name: 'Acme Two'}); return C.organization.name`, want: "Acme Two"},
		})
		// The one who has no account comes by the mail.
		guest.open(s.lastLink(t, "new@example.com"))
		u := guest.url()
		if u.Query().Get("__clerk_status") != "sign_up" || !strings.HasPrefix(u.String(), s.URL) {
			t.Fatalf("the invitation led to %s", u)
		}
		guest.steps(s, map[string]func() string{"TICKET": func() string { return u.Query().Get("__clerk_ticket") }}, []step{
			{name: "sign up by the invitation", script: `const u = await C.client.signUp.create({strategy: 'ticket', ticket: '$TICKET'}); await C.setActive({session: u.createdSessionId}); return [u.status, C.organization.name]`, want: []any{"complete", "Acme Two"}},
		})
		alice.steps(s, nil, []step{
			{name: "remove", script: `await C.organization.removeMember(bob.publicUserData.userId); return (await C.organization.getMemberships()).total_count`, want: 2},
			{name: "destroy", script: `await C.organization.destroy(); await C.user.reload(); return C.user.organizationMemberships.length`, want: 0},
		})
	})
}

// Tabs of one browser follow each other, and a session that the server ends is
// seen to be over.
func TestTabs(t *testing.T) {
	eachVersion(t, clerktest.Settings{}, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
		b.quiet = []string{"401 (Unauthorized)"}
		b.steps(s, nil, []step{signInAs("a@example.com")})
		other := openTab(t, b.browser)
		other.steps(s, nil, []step{{name: "the other tab", open: "/", script: `return C.user.primaryEmailAddress.emailAddress`, want: "a@example.com"}})
		b.steps(s, nil, []step{{name: "sign out here", script: `await C.signOut(() => {}); return !!C.user`, want: false}})
		other.steps(s, nil, []step{{name: "and there", script: `await until(() => !C.user); return document.cookie.includes('__session=')`, want: false}})

		b.steps(s, nil, []step{signInAs("a@example.com")})
		id, err := b.run(prelude + `return C.session.id`)
		if err != nil {
			t.Fatal(err)
		}
		post(t, s.em.URL+"/v1/sessions/"+id.(string)+"/revoke", s.em.SecretKey())
		b.steps(s, nil, []step{{name: "revoked by the server", script: `await C.session.getToken({skipCache: true}).catch(() => {}); await until(() => !C.user); return C.client.signedInSessions.length`, want: 0}})
	})
}

// TestBackgroundRefresh waits for clerk-js to renew the session token by itself.
func TestBackgroundRefresh(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for real time to pass")
	}
	for _, v := range versions {
		t.Run(v.name, func(t *testing.T) {
			s := newSite(t, v, clerktest.Config{TokenLifetime: 20 * time.Second})
			s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
			b := newTab(t)
			b.steps(s, nil, []step{
				signInAs("a@example.com"),
				{name: "the cookie changes by itself", want: true, script: `const jti = () => claims(document.cookie.split('; ').find((c) => c.startsWith('__session=')).slice(10)).jti;
					const first = jti(); for (let i = 0; i < 120 && jti() === first; i++) await new Promise((r) => setTimeout(r, 200)); return jti() !== first`},
			})
		})
	}
}

func TestWaitlist(t *testing.T) {
	eachVersion(t, clerktest.Settings{SignUpMode: "waitlist"}, func(_ *testing.T, s *site, b *tab) {
		b.quiet = append(b.quiet, "403 (Forbidden)")
		b.steps(s, nil, []step{
			{name: "no sign-up", open: "/", script: `return code(C.client.signUp.create({emailAddress: 'a@example.com'}))`, want: "sign_up_restricted_waitlist"},
			{name: "join", script: `const w = await C.joinWaitlist({emailAddress: 'a@example.com'}); return w.id.slice(0, 4)`, want: "wle_"},
		})
	})
}

package clerkjs_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// openMail opens the link of the last mail in another tab of the browser.
func (b *tab) openMail(s *site, to, status string) *tab {
	b.t.Helper()
	other := openTab(b.t, b.browser)
	other.open(s.lastLink(b.t, to))
	if u := other.url(); u.Query().Get("__clerk_status") != status || u.Path != "/verify" {
		b.t.Fatalf("the link led to %s", u)
	}
	return other
}

func TestEmailLinks(t *testing.T) {
	eachVersion(t, clerktest.Settings{MultiSession: true, EmailLink: true}, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com"})
		handled := step{name: "the other tab", want: "handled", script: `await C.handleEmailLinkVerification({}, () => {}); return 'handled'`}

		b.steps(s, nil, []step{
			{name: "ask for a link to sign in", open: "/", want: "asked", script: `const i = await C.client.signIn.create({identifier: 'a@example.com'}); const f = i.supportedFirstFactors.find((f) => f.strategy === 'email_link');
				window.waiting = i.createEmailLinkFlow().startEmailLinkFlow({emailAddressId: f.emailAddressId, redirectUrl: location.origin + '/verify'});
				await until(() => C.client.signIn.firstFactorVerification.strategy === 'email_link'); return 'asked'`},
		})
		other := b.openMail(s, "a@example.com", "verified")
		other.steps(s, nil, []step{
			handled,
			{name: "is signed in", script: `await until(() => C.user); return C.user.primaryEmailAddress.emailAddress`, want: "a@example.com"},
		})
		b.steps(s, nil, []step{
			{name: "the first tab as well", script: `const i = await waiting; return [await finish(i), C.user.primaryEmailAddress.emailAddress]`, want: []any{"complete", "a@example.com"}},
		})

		b.steps(s, nil, []step{
			{name: "ask for a link to sign up", want: "asked", script: `await out(); const u = await C.client.signUp.create({emailAddress: 'new@example.com', password: '` + password + `'});
				window.waiting = u.createEmailLinkFlow().startEmailLinkFlow({redirectUrl: location.origin + '/verify'});
				await until(() => C.client.signUp.verifications.emailAddress.strategy === 'email_link'); return 'asked'`},
		})
		other = b.openMail(s, "new@example.com", "verified")
		other.steps(s, nil, []step{
			handled,
			{name: "is signed in", script: `await until(() => C.user); return C.user.primaryEmailAddress.emailAddress`, want: "new@example.com"},
		})
		b.steps(s, nil, []step{
			{name: "the first tab as well", script: `const u = await waiting; return [await finish(u), C.user.primaryEmailAddress.emailAddress]`, want: []any{"complete", "new@example.com"}},
		})

		b.steps(s, nil, []step{
			{name: "ask for a link to verify another address", want: "asked", script: `window.mail = await C.user.createEmailAddress({email: 'more@example.com'});
				window.waiting = mail.createEmailLinkFlow().startEmailLinkFlow({redirectUrl: location.origin + '/verify'});
				await until(() => mail.verification.strategy === 'email_link'); return 'asked'`},
		})
		other = b.openMail(s, "more@example.com", "verified")
		other.steps(s, nil, []step{handled})
		b.steps(s, nil, []step{
			{name: "it is verified", script: `const m = await waiting; await C.user.reload(); return [m.verification.status, ...C.user.emailAddresses.map((m) => m.verification.status)]`, want: []any{"verified", "verified", "verified"}},
		})

		// A link works once.
		again := b.openMail(s, "more@example.com", "failed")
		again.steps(s, nil, []step{
			{name: "the link once more", script: `return C.handleEmailLinkVerification({}, () => {}).then(() => 'no error', (e) => e.code)`, want: "failed"},
		})
	})
}

func TestPhoneCodes(t *testing.T) {
	settings := multiSession
	settings.PhoneNumber = "required"
	settings.EmailAddress, settings.Password = "off", "off"
	eachVersion(t, settings, func(t *testing.T, s *site, b *tab) {
		b.steps(s, map[string]func() string{"CODE": s.lastCode("+4915112345678")}, []step{
			{name: "sign up", open: "/", script: `const u = await C.client.signUp.create({phoneNumber: '+4915112345678'}); await u.preparePhoneNumberVerification(); return [u.status, ...u.unverifiedFields]`, want: []any{"missing_requirements", "phone_number"}},
			{name: "wrong code", refused: "422", script: `return code(C.client.signUp.attemptPhoneNumberVerification({code: '0'}))`, want: "form_code_incorrect"},
			{name: "the code", script: `return [await finish(await C.client.signUp.attemptPhoneNumberVerification({code: '$CODE'})), C.user.primaryPhoneNumber.phoneNumber]`, want: []any{"complete", "+4915112345678"}},
			{name: "sign in", script: `await out(); const i = await C.client.signIn.create({identifier: '+4915112345678'}); const f = i.supportedFirstFactors.find((f) => f.strategy === 'phone_code'); await i.prepareFirstFactor({strategy: 'phone_code', phoneNumberId: f.phoneNumberId}); return [f.safeIdentifier, i.status]`, want: []any{"+4915112345678", "needs_first_factor"}},
			{name: "its code", script: `return [await finish(await C.client.signIn.attemptFirstFactor({strategy: 'phone_code', code: '$CODE'})), C.user.primaryPhoneNumber.verification.status]`, want: []any{"complete", "verified"}},
			{name: "one of the numbers for tests", script: `const p = await C.user.createPhoneNumber({phoneNumber: '+12015550133'}); await p.prepareVerification(); await p.attemptVerification({code: '424242'}); await C.user.reload(); return C.user.phoneNumbers.map((p) => p.verification.status)`, want: []any{"verified", "verified"}},
			{name: "make it the primary one", script: `const p = C.user.phoneNumbers.find((p) => p.id !== C.user.primaryPhoneNumberId); await C.user.update({primaryPhoneNumberId: p.id}); return C.user.primaryPhoneNumber.phoneNumber`, want: "+12015550133"},
			{name: "delete the first", script: `await C.user.phoneNumbers.find((p) => p.id !== C.user.primaryPhoneNumberId).destroy(); await C.user.reload(); return C.user.phoneNumbers.length`, want: 1},
		})
	})
}

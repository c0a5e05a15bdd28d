package clerkjs_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// TestAccount tests the operations of a user profile.
func TestAccount(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, b *tab) {
		elsewhere := s.em.SignIn(s.em.AddUser(clerktest.User{Email: "a@example.com", Password: password}))
		b.steps(s, map[string]func() string{"CODE": s.lastCode("b@example.com")}, []step{
			signInAs("a@example.com"),
			{name: "profile", script: `await C.user.update({firstName: 'Ann', unsafeMetadata: {x: 1}}); return [C.user.firstName, C.user.unsafeMetadata.x]`, want: []any{"Ann", 1.0}},
			{name: "picture", script: `const c = document.createElement('canvas'); const i = await C.user.setProfileImage({file: await new Promise((done) => c.toBlob(done))}); await C.user.reload(); return [C.user.hasImage, C.user.imageUrl === i.publicUrl, (await fetch(i.publicUrl)).headers.get('Content-Type')]`, want: []any{true, true, "image/png"}},
			{name: "in base64", script: `await C.user.setProfileImage({file: document.createElement('canvas').toDataURL()}); await C.user.reload(); return C.user.hasImage`, want: true},
			{name: "none", script: `await C.user.setProfileImage({file: null}); await C.user.reload(); return [C.user.hasImage, C.user.imageUrl.startsWith('http://localhost')]`, want: []any{false, true}},
			{name: "add an address", script: `window.mail = await C.user.createEmailAddress({email: 'b@example.com'}); await mail.prepareVerification({strategy: 'email_code'}); return mail.verification.status`, want: "unverified"},
			{name: "verify it", script: `await mail.attemptVerification({code: '$CODE'}); await C.user.reload(); return C.user.emailAddresses.map((e) => e.verification.status)`, want: []any{"verified", "verified"}},
			{name: "make it the primary one", script: `await C.user.update({primaryEmailAddressId: mail.id}); return C.user.primaryEmailAddress.emailAddress`, want: "b@example.com"},
			{name: "delete the first", script: `await C.user.emailAddresses.find((e) => e.id !== mail.id).destroy(); await C.user.reload(); return C.user.emailAddresses.length`, want: 1},
			{name: "change the password", script: `await C.user.updatePassword({currentPassword: '` + password + `', newPassword: 'another password'}); return C.user.passwordEnabled`, want: true},
			{name: "sessions", script: `const all = await C.user.getSessions(); window.other = all.find((x) => x.id !== C.session.id); return all.length`, want: 2},
			{name: "revoke the other", script: `await other.revoke(); return other.status`, want: "revoked"},
			{name: "delete the account", script: `await C.user.delete(); await until(() => !C.user && !C.client.sessions.length); return C.client.sessions.length`, want: 0},
		})
		if elsewhere.Status() != "revoked" {
			t.Errorf("the other session is %s", elsewhere.Status())
		}
	})
}

package clerkjs_test

import (
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestSecondFactor(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{
			Email: "a@example.com", Phone: "+12015550100", Password: password, TOTPSecret: secret, BackupCodes: []string{"backup-1", "backup-2"},
		})
		known := map[string]func() string{
			"TOTP": func() string { return s.em.TOTPCode(secret) },
			"NEW":  func() string { return s.em.TOTPCode(b.value("app.secret")) },
		}
		start := `let i = await C.client.signIn.create({identifier: 'a@example.com', password: '` + password + `'}); const first = i.status; `
		again := `await out(); ` + start
		b.steps(s, known, []step{
			{name: "needs a second factor", open: "/", script: start + `return [i.status, ...i.supportedSecondFactors.map((f) => f.strategy)]`, want: []any{"needs_second_factor", "totp", "backup_code"}},
			{name: "wrong code", refused: "422", script: `return code(C.client.signIn.attemptSecondFactor({strategy: 'totp', code: '1'}))`, want: "form_code_incorrect"},
			{name: "authenticator app", script: `const i = await finish(await C.client.signIn.attemptSecondFactor({strategy: 'totp', code: '$TOTP'})); return [i, C.session.factorVerificationAge[1], C.user.twoFactorEnabled]`, want: []any{"complete", 0.0, true}},
			{name: "backup code", script: again + `return [first, await finish(await i.attemptSecondFactor({strategy: 'backup_code', code: 'backup-1'}))]`, want: []any{"needs_second_factor", "complete"}},
			{name: "spent backup code", refused: "422", script: again + `return code(i.attemptSecondFactor({strategy: 'backup_code', code: 'backup-1'}))`, want: "form_code_incorrect"},
			{name: "back in by the app", script: `return finish(await C.client.signIn.attemptSecondFactor({strategy: 'totp', code: '$TOTP'}))`, want: "complete"},
			{name: "reserve the phone", script: `const p = await C.user.phoneNumbers[0].setReservedForSecondFactor({reserved: true}); await C.user.reload(); return p.reservedForSecondFactor`, want: true},
			{name: "text message", script: again + `await i.prepareSecondFactor({strategy: 'phone_code'}); return finish(await C.client.signIn.attemptSecondFactor({strategy: 'phone_code', code: '424242'}))`, want: "complete"},
			{name: "no second factor any more", script: `await C.user.disableTOTP(); await C.user.phoneNumbers[0].setReservedForSecondFactor({reserved: false}); await C.user.reload(); return [C.user.totpEnabled, C.user.backupCodeEnabled, C.user.twoFactorEnabled]`, want: []any{false, false, false}},
			{name: "a new app", script: `window.app = await C.user.createTOTP(); return [app.verified, app.uri.startsWith('otpauth://totp/'), app.secret.length, C.user.twoFactorEnabled]`, want: []any{false, true, 32.0, false}},
			{name: "its first code is wrong", refused: "422", script: `return code(C.user.verifyTOTP({code: '1'}))`, want: "form_code_incorrect"},
			{name: "its first code", script: `const t = await C.user.verifyTOTP({code: '$NEW'}); window.codes = t.backupCodes; await C.user.reload(); return [t.verified, codes.length, C.user.totpEnabled, C.user.backupCodeEnabled, C.user.twoFactorEnabled]`, want: []any{true, 10.0, true, true, true}},
			{name: "new backup codes", script: `const c = await C.user.createBackupCode(); const old = codes; window.codes = c.codes; return [codes.length, codes.some((c) => old.includes(c))]`, want: []any{10.0, false}},
			{name: "one of them", script: again + `return [first, await finish(await i.attemptSecondFactor({strategy: 'backup_code', code: codes[3]}))]`, want: []any{"needs_second_factor", "complete"}},
			{name: "the new app", script: again + `return finish(await i.attemptSecondFactor({strategy: 'totp', code: '$NEW'}))`, want: "complete"},
			{name: "the newer sign-in", script: `await out(); const f = C.client.signIn.__internal_future; let r = await f.password({identifier: 'a@example.com', password: '` + password + `'}); if (r.error) throw r.error; const status = C.client.signIn.status; r = await f.mfa.verifyTOTP({code: '$NEW'}); if (r.error) throw r.error; await f.finalize(); return [status, !!C.user]`, want: []any{"needs_second_factor", true}},
		})
	})
}

func TestPasswordReset(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Phone: "+12015550100", Password: password})
		s.em.AddUser(clerktest.User{Email: "b@example.com", Password: password, TOTPSecret: secret})
		known := map[string]func() string{
			"CODE": s.lastCode("a@example.com"), "B_CODE": s.lastCode("b@example.com"), "TOTP": func() string { return s.em.TOTPCode(secret) },
		}
		signIn := func(password string) string {
			return `code(C.client.signIn.create({identifier: 'a@example.com', password: '` + password + `'}))`
		}
		b.steps(s, known, []step{
			{name: "send the code", open: "/", script: `const i = await C.client.signIn.create({strategy: 'reset_password_email_code', identifier: 'a@example.com'}); return i.status`, want: "needs_first_factor"},
			{name: "a wrong code", refused: "422", script: `return code(C.client.signIn.attemptFirstFactor({strategy: 'reset_password_email_code', code: '1'}))`, want: "form_code_incorrect"},
			{name: "the code", script: `const i = await C.client.signIn.attemptFirstFactor({strategy: 'reset_password_email_code', code: '$CODE'}); return i.status`, want: "needs_new_password"},
			{name: "too short", refused: "422", script: `return code(C.client.signIn.resetPassword({password: 'x'}))`, want: "form_password_length_too_short"},
			{name: "the password", script: `return [await finish(await C.client.signIn.resetPassword({password: 'a new password'})), !!C.user]`, want: []any{"complete", true}},
			{name: "it counts", refused: "422", script: `await out(); return [await ` + signIn(password) + `, await ` + signIn("a new password") + `]`, want: []any{"form_password_incorrect", "no error"}},
			{name: "by phone", script: `await out(); const i = await C.client.signIn.create({strategy: 'reset_password_phone_code', identifier: '+12015550100'}); const j = await C.client.signIn.attemptFirstFactor({strategy: 'reset_password_phone_code', code: '424242'}); return [i.status, j.status]`, want: []any{"needs_first_factor", "needs_new_password"}},
			{name: "its password", script: `return finish(await C.client.signIn.resetPassword({password: 'a third password', signOutOfOtherSessions: true}))`, want: "complete"},
			{name: "it counts too", refused: "422", script: `await out(); return [await ` + signIn("a new password") + `, await ` + signIn("a third password") + `]`, want: []any{"form_password_incorrect", "no error"}},
			{name: "a reset asks for the second factor", script: `await out(); await C.client.signIn.create({strategy: 'reset_password_email_code', identifier: 'b@example.com'}); return 'sent'`, want: "sent"},
			{name: "its code", script: `await C.client.signIn.attemptFirstFactor({strategy: 'reset_password_email_code', code: '$B_CODE'}); const i = await C.client.signIn.resetPassword({password: 'a new password'}); return i.status`, want: "needs_second_factor"},
			{name: "and its app", script: `return finish(await C.client.signIn.attemptSecondFactor({strategy: 'totp', code: '$TOTP'}))`, want: "complete"},
		})
	})
}

func TestReverification(t *testing.T) {
	settings := multiSession
	settings.Reverification = true
	eachVersion(t, settings, func(t *testing.T, s *site, b *tab) {
		s.em.AddUser(clerktest.User{Email: "a@example.com", Phone: "+12015550100", Password: password})
		known := map[string]func() string{
			"CODE": s.lastCode("a@example.com"), "TOTP": func() string { return s.em.TOTPCode(b.value("app.secret")) },
		}
		b.steps(s, known, []step{signInAs("a@example.com")})
		s.em.Advance(11 * time.Minute)
		b.steps(s, known, []step{
			{name: "too long ago", refused: "403", script: `return code(C.user.createEmailAddress({email: 'c@example.com'}))`, want: "session_reverification_required"},
			{name: "begin", script: `const v = await C.session.startVerification({level: 'first_factor'}); return [v.status, ...v.supportedFirstFactors.map((f) => f.strategy)]`, want: []any{"needs_first_factor", "password", "email_code", "phone_code"}},
			{name: "wrong password", refused: "422", script: `return code(C.session.attemptFirstFactorVerification({strategy: 'password', password: 'x'}))`, want: "form_password_incorrect"},
			{name: "right password", script: `const v = await C.session.attemptFirstFactorVerification({strategy: 'password', password: '` + password + `'}); return v.status`, want: "complete"},
			{name: "fresh", script: `await C.user.createEmailAddress({email: 'c@example.com'}); return claims(await C.session.getToken({skipCache: true})).fva[0]`, want: 0},
			{name: "an app", script: `window.app = await C.user.createTOTP(); return app.verified`, want: false},
			{name: "its code", script: `await C.user.verifyTOTP({code: '$TOTP'}); await C.user.reload(); return C.user.twoFactorEnabled`, want: true},
		})
		s.em.Advance(11 * time.Minute)
		b.steps(s, known, []step{
			{name: "the second factor was never shown", refused: "403", script: `const e = await C.user.createEmailAddress({email: 'd@example.com'}).catch((e) => e); return [e.errors[0].code, e.errors[0].meta?.reverification?.level ?? 'second_factor']`, want: []any{"session_reverification_required", "second_factor"}},
			{name: "both factors", script: `const v = await C.session.startVerification({level: 'multi_factor'}); const f = v.supportedFirstFactors.find((f) => f.strategy === 'email_code'); await C.session.prepareFirstFactorVerification({strategy: 'email_code', emailAddressId: f.emailAddressId}); return v.status`, want: "needs_first_factor"},
			{name: "the code of the mail", script: `const v = await C.session.attemptFirstFactorVerification({strategy: 'email_code', code: '$CODE'}); return [v.status, ...v.supportedSecondFactors.map((f) => f.strategy)]`, want: []any{"needs_second_factor", "totp", "backup_code"}},
			{name: "the app", script: `const v = await C.session.attemptSecondFactorVerification({strategy: 'totp', code: '$TOTP'}); return v.status`, want: "complete"},
			{name: "both are fresh", script: `await C.user.createEmailAddress({email: 'd@example.com'}); return claims(await C.session.getToken({skipCache: true})).fva`, want: []any{0.0, 0.0}},
		})
	})
}

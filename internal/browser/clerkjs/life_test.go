package clerkjs_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// step is one action of an application with clerk-js.
type step struct {
	name    string
	script  string // the body of an async function
	want    any    // what it returns
	open    string // a path of the application to go to before
	refused string // the statuses of answers that are refusals, as the console tells them
}

// run runs the steps in order. $NAME in a script is replaced by a value from the
// emulator.
func (b *tab) steps(s *site, known map[string]func() string, steps []step) {
	b.t.Helper()
	passed := 0
	for _, st := range steps {
		if st.open != "" {
			b.open(s.URL + st.open)
		}
		script := st.script
		for name, value := range known {
			if strings.Contains(script, "$"+name) {
				script = strings.ReplaceAll(script, "$"+name, value())
			}
		}
		b.refuses(strings.Fields(st.refused)...)
		got, err := b.run(prelude + script)
		if err != nil {
			b.screenshotFailure()
			b.t.Fatalf("step %d, %s: %v", passed+1, st.name, err)
		}
		if n, ok := st.want.(int); ok {
			st.want = float64(n)
		}
		if !reflect.DeepEqual(got, st.want) {
			b.t.Fatalf("step %d, %s: %v, want %v", passed+1, st.name, got, st.want)
		}
		passed++
	}
	b.t.Logf("%d of %d steps", passed, len(steps))
}

// prelude is prepended to every script.
const prelude = `while (!window.ready && !window.Clerk?.loaded) await new Promise((r) => setTimeout(r, 20)); // still on another page
await window.ready;
const C = window.Clerk;
const claims = (jwt) => JSON.parse(atob(jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
const finish = async (attempt) => { await C.setActive({session: attempt.createdSessionId}); return attempt.status; };
const out = () => C.signOut(() => {});
const code = (p) => p.then(() => 'no error', (e) => e.errors?.[0]?.code ?? String(e));
const until = async (f) => { for (let i = 0; i < 200; i++) { const v = await f(); if (v) return v; await new Promise((r) => setTimeout(r, 50)); } throw new Error('it never came: ' + f); };
`

// lastCode reads the last code that was sent to an address.
func (s *site) lastCode(to string) func() string {
	return func() string {
		m, _ := s.em.LastMessage(to)
		return m.Code
	}
}

// lastLink reads the last link that was sent to an address.
func (s *site) lastLink(t *testing.T, to string) string {
	t.Helper()
	m, ok := s.em.LastMessage(to)
	if !ok || m.URL == "" {
		t.Fatalf("no link was sent to %s", to)
	}
	return m.URL
}

// TestLifeCycle runs the whole life of a user, from the first page to the last
// sign-out.
func TestLifeCycle(t *testing.T) {
	t.Parallel()
	for _, v := range versions {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, v, clerktest.Config{Settings: clerktest.Settings{MultiSession: true}})
			bob := s.em.AddUser(clerktest.User{Email: "b@example.com", Password: "pw-b-123456", FirstName: "Bee"})
			s.em.AddJWTTemplate(clerktest.JWTTemplate{Name: "hasura", Claims: []byte(`{"who":"{{user.primary_email_address}}"}`)})
			b := newTab(t)
			known := map[string]func() string{
				"A_CODE": s.lastCode("a@example.com"), "B_CODE": s.lastCode("b@example.com"), "N_CODE": s.lastCode("n@example.com"),
				"TICKET": func() string { return s.em.SignInToken(bob) },
			}
			b.steps(s, known, lifeCycle())
		})
	}
}

func lifeCycle() []step {
	signOut := `await C.signOut(() => {});`
	return []step{
		{name: "load", open: "/", script: `return [C.loaded, C.status, C.client.signedInSessions.length, !!C.user]`, want: []any{true, "ready", 0.0, false}},
		{name: "sign up", script: `const u = await C.client.signUp.create({emailAddress: 'a@example.com', password: 'correct horse 1'}); return [u.status, ...u.unverifiedFields]`, want: []any{"missing_requirements", "email_address"}},
		{name: "prepare the address", script: `const u = await C.client.signUp.prepareEmailAddressVerification({strategy: 'email_code'}); return u.verifications.emailAddress.strategy`, want: "email_code"},
		{name: "wrong code", refused: "422", script: `return code(C.client.signUp.attemptEmailAddressVerification({code: '0'}))`, want: "form_code_incorrect"},
		{name: "right code", script: `const u = await C.client.signUp.attemptEmailAddressVerification({code: '$A_CODE'}); return [u.status, u.createdSessionId === C.client.sessions[0].id]`, want: []any{"complete", true}},
		{name: "make it active", script: `await C.setActive({session: C.client.sessions[0].id}); return [C.user.primaryEmailAddress.emailAddress, document.cookie.includes('__session=')]`, want: []any{"a@example.com", true}},
		{name: "token", script: `const c = claims(await C.session.getToken()); return [c.sub === C.user.id, c.sid === C.session.id, c.azp === location.origin, c.v]`, want: []any{true, true, true, 2.0}},
		{name: "fresh token", script: `const t = await C.session.getToken({skipCache: true}); return claims(t).sub === C.user.id`, want: true},
		{name: "template token", script: `return claims(await C.session.getToken({template: 'hasura'})).who`, want: "a@example.com"},
		{name: "touch", script: `return (await C.session.touch()).status`, want: "active"},
		{name: "after a reload", open: "/", script: `return [C.user.primaryEmailAddress.emailAddress, C.session.status]`, want: []any{"a@example.com", "active"}},
		{name: "create an organization", script: `const o = await C.createOrganization({name: 'Acme'}); return [o.name, o.slug, o.membersCount]`, want: []any{"Acme", "acme", 1.0}},
		{name: "memberships", script: `const m = await C.user.getOrganizationMemberships(); return [m.total_count, m.data[0].role, m.data[0].organization.name]`, want: []any{1.0, "org:admin", "Acme"}},
		{name: "reload the user", script: `await C.user.reload(); return C.user.organizationMemberships.length`, want: 1},
		{name: "activate the organization", script: `await C.setActive({organization: 'acme'}); return [C.organization.slug, claims(await C.session.getToken()).o.rol]`, want: []any{"acme", "admin"}},
		{name: "and none", script: `await C.setActive({organization: null}); return [C.organization ?? null, claims(await C.session.getToken()).o ?? null]`, want: []any{nil, nil}},
		{name: "sign out", script: signOut + `return [C.client.sessions.length, !!C.user, document.cookie.includes('__session=')]`, want: []any{0.0, false, false}},
		{name: "wrong password", refused: "422", script: `return code(C.client.signIn.create({identifier: 'a@example.com', password: 'nope'}))`, want: "form_password_incorrect"},
		{name: "nobody of that name", refused: "422", script: `return code(C.client.signIn.create({identifier: 'zz@example.com'}))`, want: "form_identifier_not_found"},
		{name: "password in one step", script: `const i = await C.client.signIn.create({identifier: 'a@example.com', password: 'correct horse 1'}); await C.setActive({session: i.createdSessionId}); return [i.status, C.user.primaryEmailAddress.emailAddress]`, want: []any{"complete", "a@example.com"}},
		{name: "a second session by e-mail code: prepare", script: `const i = await C.client.signIn.create({identifier: 'b@example.com'}); const f = i.supportedFirstFactors.find((f) => f.strategy === 'email_code'); const p = await i.prepareFirstFactor({strategy: 'email_code', emailAddressId: f.emailAddressId}); return p.firstFactorVerification.status`, want: "unverified"},
		{name: "a second session by e-mail code: attempt", script: `const i = await C.client.signIn.attemptFirstFactor({strategy: 'email_code', code: '$B_CODE'}); await C.setActive({session: i.createdSessionId}); return [C.user.firstName, C.client.sessions.length]`, want: []any{"Bee", 2.0}},
		{name: "password in two steps", script: `const i = await C.client.signIn.create({identifier: 'b@example.com'}); const d = await i.attemptFirstFactor({strategy: 'password', password: 'pw-b-123456'}); return d.status`, want: "complete"},
		{name: "switch the session", script: `const a = C.client.sessions.find((s) => s.user.firstName !== 'Bee'); await C.setActive({session: a.id}); return C.user.primaryEmailAddress.emailAddress`, want: "a@example.com"},
		{name: "sign one other out", script: `const n = C.client.signedInSessions.length; const b = C.client.sessions.find((s) => s.user.firstName === 'Bee'); await C.signOut(() => {}, {sessionId: b.id}); return [n - C.client.signedInSessions.length, C.user.primaryEmailAddress.emailAddress]`, want: []any{1.0, "a@example.com"}},
		{name: "the session goes on", script: `return claims(await C.session.getToken({skipCache: true})).sub === C.user.id`, want: true},
		{name: "sign all out", script: signOut + `return C.client.sessions.length`, want: 0},
		{name: "ticket", script: `const i = await C.client.signIn.create({strategy: 'ticket', ticket: '$TICKET'}); await C.setActive({session: i.createdSessionId}); return C.user.firstName`, want: "Bee"},
		{name: "the newer sign-in: password", script: signOut + `const f = C.client.signIn.__internal_future; const r = await f.password({identifier: 'a@example.com', password: 'correct horse 1'}); if (r.error) throw r.error; await f.finalize(); return C.user.primaryEmailAddress.emailAddress`, want: "a@example.com"},
		{name: "the newer sign-in: e-mail code", script: signOut + `let r = await C.client.signIn.__internal_future.emailCode.sendCode({emailAddress: 'b@example.com'}); if (r.error) throw r.error; return 'sent'`, want: "sent"},
		{name: "the newer sign-in: e-mail code, attempt", script: `const f = C.client.signIn.__internal_future; const r = await f.emailCode.verifyCode({code: '$B_CODE'}); if (r.error) throw r.error; await f.finalize(); return C.user.firstName`, want: "Bee"},
		{name: "the newer sign-up", script: signOut + `const f = C.client.signUp.__internal_future; let r = await f.password({emailAddress: 'n@example.com', password: 'correct horse 2'}); if (r.error) throw r.error; r = await f.verifications.sendEmailCode(); if (r.error) throw r.error; return C.client.signUp.status`, want: "missing_requirements"},
		{name: "the newer sign-up, attempt", script: `const f = C.client.signUp.__internal_future; let r = await f.verifications.verifyEmailCode({code: '$N_CODE'}); if (r.error) throw r.error; await f.finalize(); return C.user.primaryEmailAddress.emailAddress`, want: "n@example.com"},
		{name: "the newer sign-in: ticket", script: signOut + `const f = C.client.signIn.__internal_future; const r = await f.ticket({ticket: '$TICKET'}); if (r.error) throw r.error; await f.finalize(); return C.user.firstName`, want: "Bee"},
	}
}

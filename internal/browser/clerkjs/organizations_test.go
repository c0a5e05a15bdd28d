package clerkjs_test

import (
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestOrganizations(t *testing.T) {
	eachVersion(t, multiSession, func(t *testing.T, s *site, alice *tab) {
		for _, name := range []string{"alice", "bob", "carol"} {
			s.em.AddUser(clerktest.User{Email: name + "@example.com", Password: password})
		}
		bob, guest := newTab(t), newTab(t)
		alice.steps(s, nil, []step{
			signInAs("alice@example.com"),
			{name: "create and activate", script: `const o = await C.createOrganization({name: 'Acme', slug: 'acme'}); await C.setActive({organization: o.id}); return [C.organization.slug, C.session.checkAuthorization({permission: 'org:sys_memberships:manage'})]`, want: []any{"acme", true}},
			{name: "another", script: `const o = await C.createOrganization({name: 'Beta'}); await C.setActive({organization: o}); return [C.organization.slug, C.user.organizationMemberships.length]`, want: []any{"beta", 2.0}},
			{name: "switch back", script: `await C.setActive({organization: 'acme'}); return [C.organization.name, claims(await C.session.getToken()).o.slg]`, want: []any{"Acme", "acme"}},
			{name: "a token of the other", script: `const b = C.user.organizationMemberships.find((m) => m.organization.slug === 'beta'); return [claims(await C.session.getToken({organizationId: b.organization.id})).o.slg, C.organization.slug]`, want: []any{"beta", "acme"}},
			{name: "a slug that is taken", refused: "422", script: `return code(C.createOrganization({name: 'Acme', slug: 'acme'}))`, want: "form_identifier_exists"},
			{name: "roles", script: `const r = await C.organization.getRoles(); return r.data.map((x) => x.key)`, want: []any{"org:admin", "org:member"}},
			{name: "invite", script: `const i = await C.organization.inviteMember({emailAddress: 'bob@example.com', role: 'org:member'}); return [i.status, (await C.organization.getInvitations({status: ['pending']})).total_count]`, want: []any{"pending", 1.0}},
			{name: "invite three", script: `const i = await C.organization.inviteMembers({emailAddresses: ['new@example.com', 'carol@example.com', 'gone@example.com'], role: 'org:member'}); await i[2].revoke(); return i.length`, want: 3},
		})
		bob.steps(s, nil, []step{
			signInAs("bob@example.com"),
			{name: "bob accepts", script: `const i = await C.user.getOrganizationInvitations({status: 'pending'}); await i.data[0].accept(); await C.user.reload(); return [i.data[0].publicOrganizationData.slug, C.user.organizationMemberships[0].role]`, want: []any{"acme", "org:member"}},
			{name: "bob switches", script: `await C.setActive({organization: 'acme'}); return claims(await C.session.getToken()).o.rol`, want: "member"},
			{name: "bob may not invite", refused: "403", script: `return (await code(C.organization.inviteMember({emailAddress: 'x@example.com', role: 'org:member'}))) !== 'no error'`, want: true},
		})
		alice.steps(s, nil, []step{
			{name: "members", script: `const m = await C.organization.getMemberships(); window.bob = m.data.find((x) => x.publicUserData.identifier === 'bob@example.com'); return m.total_count`, want: 2},
			{name: "promote", script: `await bob.update({role: 'org:admin'}); return bob.role`, want: "org:admin"},
		})
		bob.steps(s, nil, []step{
			{name: "bob is an admin", script: `return claims(await C.session.getToken({skipCache: true})).o.rol`, want: "admin"},
			{name: "bob renames it", script: `await C.organization.update({name: 'Acme Two'}); return C.organization.name`, want: "Acme Two"},
			{name: "bob leaves", script: `await C.user.leaveOrganization(C.organization.id); await C.user.reload(); return [C.user.organizationMemberships.length, claims(await C.session.getToken({skipCache: true})).o ?? null]`, want: []any{0.0, nil}},
		})
		// By mail: a user without an account, and one with an account.
		ticket := func(to, status string) map[string]func() string {
			t.Helper()
			guest.open(s.lastLink(t, to))
			u := guest.url()
			if u.Query().Get("__clerk_status") != status || !strings.HasPrefix(u.String(), s.URL) {
				t.Fatalf("the invitation led to %s", u)
			}
			return map[string]func() string{"TICKET": func() string { return u.Query().Get("__clerk_ticket") }}
		}
		guest.steps(s, ticket("new@example.com", "sign_up"), []step{
			{name: "sign up by the invitation", script: `const u = await C.client.signUp.create({strategy: 'ticket', ticket: '$TICKET', password: '` + password + `'}); return [await finish(u), C.user.primaryEmailAddress.emailAddress, C.organization.name, C.user.organizationMemberships[0].role]`, want: []any{"complete", "new@example.com", "Acme Two", "org:member"}},
			{name: "out", script: `await out(); return 1`, want: 1},
		})
		guest.steps(s, ticket("carol@example.com", "sign_in"), []step{
			{name: "sign in by the invitation", script: `const i = await C.client.signIn.create({strategy: 'ticket', ticket: '$TICKET'}); return [await finish(i), C.user.primaryEmailAddress.emailAddress, C.organization.name]`, want: []any{"complete", "carol@example.com", "Acme Two"}},
			{name: "a spent invitation", refused: "400", script: `await out(); return (await code(C.client.signIn.create({strategy: 'ticket', ticket: '$TICKET'}))) !== 'no error'`, want: true},
		})
		alice.steps(s, nil, []step{
			{name: "remove", script: `const m = await C.organization.getMemberships(); const c = m.data.find((x) => x.publicUserData.identifier === 'carol@example.com'); await C.organization.removeMember(c.publicUserData.userId); return [m.total_count, (await C.organization.getMemberships()).total_count]`, want: []any{3.0, 2.0}},
			{name: "destroy", script: `await C.organization.destroy(); await C.user.reload(); return C.user.organizationMemberships.length`, want: 1},
		})
	})
}

// TestOrganizationDomains enrolls the users of a domain in each enrollment mode.
func TestOrganizationDomains(t *testing.T) {
	settings := multiSession
	settings.OrganizationDomains = true
	eachVersion(t, settings, func(t *testing.T, s *site, alice *tab) {
		for _, name := range []string{"alice", "bob", "carol"} {
			s.em.AddUser(clerktest.User{Email: name + "@acme.example", Password: password})
		}
		bob := newTab(t)
		alice.steps(s, map[string]func() string{"CODE": s.lastCode("alice@acme.example")}, []step{
			signInAs("alice@acme.example"),
			{name: "organization", script: `await C.setActive({organization: await C.createOrganization({name: 'Acme'})}); return C.organization.slug`, want: "acme"},
			{name: "domain", script: `window.domain = await C.organization.createDomain('acme.example'); await domain.prepareAffiliationVerification({affiliationEmailAddress: 'alice@acme.example'}); return domain.enrollmentMode`, want: "manual_invitation"},
			{name: "verify it", script: `window.domain = await domain.attemptAffiliationVerification({code: '$CODE'}); return domain.verification.status`, want: "verified"},
			{name: "suggest", script: `window.domain = await domain.updateEnrollmentMode({enrollmentMode: 'automatic_suggestion', deletePending: false}); return [domain.enrollmentMode, (await C.organization.getDomains()).total_count]`, want: []any{"automatic_suggestion", 1.0}},
		})
		bob.steps(s, nil, []step{
			signInAs("bob@acme.example"),
			{name: "bob asks to join", script: `const all = await C.user.getOrganizationSuggestions({status: ['pending']}); const x = await all.data[0].accept(); return [all.total_count, x.publicOrganizationData.name, x.status]`, want: []any{1.0, "Acme", "accepted"}},
		})
		alice.steps(s, nil, []step{
			{name: "alice lets him in", script: `const all = await C.organization.getMembershipRequests({status: ['pending']}); await all.data[0].accept(); return [all.data[0].publicUserData.identifier, (await C.organization.getMemberships()).total_count]`, want: []any{"bob@acme.example", 2.0}},
			{name: "invite", script: `window.domain = await domain.updateEnrollmentMode({enrollmentMode: 'automatic_invitation', deletePending: true}); return domain.enrollmentMode`, want: "automatic_invitation"},
		})
		bob.steps(s, nil, []step{
			{name: "bob is a member", script: `await C.user.reload(); const role = C.user.organizationMemberships[0].role; await out(); return role`, want: "org:member"},
			signInAs("carol@acme.example"),
			{name: "carol is invited", script: `const all = await C.user.getOrganizationInvitations({status: 'pending'}); await all.data[0].accept(); await C.user.reload(); return C.user.organizationMemberships[0].organization.name`, want: "Acme"},
		})
		alice.steps(s, nil, []step{
			{name: "no domain any more", script: `await domain.delete(); return [(await C.organization.getDomains()).total_count, (await C.organization.getMemberships()).total_count]`, want: []any{0.0, 3.0}},
		})
	})
}

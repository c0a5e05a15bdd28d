package clerktest_test

import (
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

// tokenState is what a fresh token says of its session.
func (f *fapi) tokenState() string {
	f.t.Helper()
	return claimsOf(f.t, f.ok("POST /client/sessions/"+f.session+"/tokens").str("jwt")).SessionStatus()
}

func TestSessionTasks(t *testing.T) {
	em := newEmulator(t, clerktest.Config{Settings: clerktest.Settings{
		MultiSession: true, ForceOrganizationSelection: true, RequireMFA: true,
	}})
	u := em.AddUser(clerktest.User{Email: "a@example.com", Password: password})
	em.AddOrganization(clerktest.Organization{ID: "org_foreign"})
	f := newFAPI(t, em)
	f.signIn("a@example.com", password)
	tasks := func(want ...string) {
		t.Helper()
		s := f.ok("GET /client/sessions/" + f.session)
		state := "pending"
		if len(want) == 0 {
			state = "active"
		}
		if s.str("status") != state || f.tokenState() != state || len(s.list("tasks")) != len(want) {
			t.Fatalf("%s %v, want %s %v", s.str("status"), s.list("tasks"), state, want)
		}
		for i, task := range want {
			if s.str("tasks", i, "key") != task {
				t.Fatalf("task %d is %s, want %s", i, s.str("tasks", i, "key"), task)
			}
		}
	}
	tasks("choose-organization", "setup-mfa")

	// None, and one that is not the user's, are no choice.
	f.ok("POST /client/sessions/"+f.session+"/touch", "active_organization_id", "")
	f.refused(404, "resource_not_found", "POST /client/sessions/"+f.session+"/touch", "active_organization_id", "org_foreign")
	tasks("choose-organization", "setup-mfa")
	org := f.ok("POST /organizations", "name", "Acme").str("id")
	tasks("choose-organization", "setup-mfa")
	f.ok("POST /client/sessions/"+f.session+"/touch", "active_organization_id", org)
	tasks("setup-mfa")

	app := f.ok("POST /me/totp")
	tasks("setup-mfa")
	f.ok("POST /me/totp/attempt_verification", "code", em.TOTPCode(app.str("secret")))
	tasks()

	// An organization that was chosen cannot be left for none.
	f.ok("POST /client/sessions/"+f.session+"/touch", "active_organization_id", "")
	want(t, "organization", f.ok("GET /client/sessions/"+f.session).str("last_active_organization_id"), org)

	// The helper of tests has chosen already, and its second factor is there.
	if s := em.SignIn(u, clerktest.WithOrg(org, "org:admin")); s.Status() != "active" {
		t.Errorf("a session with an organization is %s", s.Status())
	}
	if s := em.SignIn(u); s.Status() != "pending" {
		t.Errorf("a session without an organization is %s", s.Status())
	}
}

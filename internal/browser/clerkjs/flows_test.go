package clerkjs_test

import (
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

const (
	password = "correct horse 1"
	secret   = "JBSWY3DPEHPK3PXP" // of authenticator apps
)

var multiSession = clerktest.Settings{MultiSession: true}

// eachVersion runs a flow with every version of clerk-js, each in its own browser.
func eachVersion(t *testing.T, settings clerktest.Settings, flow func(t *testing.T, s *site, b *tab)) {
	t.Parallel()
	for _, v := range versions {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, v, clerktest.Config{Settings: settings})
			flow(t, s, newTab(t))
		})
	}
}

// signInAs is a step that signs in with the password of these tests.
func signInAs(email string) step {
	return step{name: email + " signs in", open: "/", want: true, script: `
		await finish(await C.client.signIn.create({identifier: '` + email + `', password: '` + password + `'})); return !!C.user`}
}

// value reads a value of the page.
func (b *tab) value(expression string) string {
	b.t.Helper()
	v, err := b.run(prelude + "return String(" + expression + ")")
	if err != nil {
		b.t.Fatal(err)
	}
	return v.(string)
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

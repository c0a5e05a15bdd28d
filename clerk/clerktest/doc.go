// Package clerktest emulates Clerk in one Go value, for tests and for development
// without network. It has the Frontend API, the Backend API, sign-in pages and one
// store, and it signs session tokens with RSA as Clerk does. It is to Clerk what
// net/http/httptest is to a web server.
//
// There are three ways to start one:
//
//	em := clerktest.NewServer(t)             // in a test: a server on loopback, closed with the test
//	em, err := clerktest.Start(clerktest.Config{})  // in a program: the same, closed by em.Close
//	em, err := clerktest.New(clerktest.Config{})    // no listener: em is an http.Handler, em.Transport() reaches it
//
// Then
//
//	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
//	sess := em.SignIn(alice, clerktest.WithOrg("org_1", "org:admin"))
//	auth, err := middleware.New(em.Config())
//	sess.Authorize(req)
//
// Machines authenticate too: [Emulator.APIKey], [Emulator.M2MToken] and
// [Emulator.OAuthToken] make their tokens.
//
// Test functions control it: [Emulator.Advance] moves the clock, [Emulator.RotateKeys]
// changes the signing key, [Emulator.Fault] makes endpoints fail, [Emulator.Sign] signs
// any claims, [Emulator.Requests] lists the requests that the emulator got,
// [Emulator.Snapshot] and [Emulator.Restore] save and restore all state, and
// [Emulator.Reset] returns to the start. The same functions are available over HTTP
// below /_emulator/, for tests in other languages, with an inspector page
// (docs/emulator.md).
//
// Every change sends webhooks: [Emulator.AddWebhook] adds a URL, or a handler of the
// same process, that gets signed deliveries with Clerk's retries.
// [Emulator.WebhookMessages] returns the events, also without any endpoint.
//
// An emulator has no global state, so that one process can hold many. It starts
// no goroutine unless it listens or has webhook endpoints, and works in a
// testing/synctest bubble.
//
// It is not for production: its default signing key is published in this
// repository. It refuses to act for a host that could be on the internet, and
// knows no secret key but its own. The kit refuses tokens of the published key
// unless InsecureEmulator is set, which [Emulator.Config] does.
package clerktest

// Package clerktest is a Clerk in one Go value, for tests and for development
// without the network: Frontend API, Backend API, sign-in pages, one store, and
// session tokens signed with RSA as Clerk's are. It is to Clerk what
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
// And the test functions: [Emulator.Advance] moves the clock,
// [Emulator.RotateKeys] changes the signing key, [Emulator.Fault] makes
// endpoints fail, [Emulator.Sign] signs whatever it is given,
// [Emulator.Requests] says what happened on the wire, [Emulator.Snapshot] and
// [Emulator.Restore] save all state and bring it back, and [Emulator.Reset] goes
// back to the start. Over HTTP they are below /_emulator/, for tests in other
// languages, and so is a page that shows what happens (docs/emulator.md).
//
// Whatever changes is told to webhooks: [Emulator.AddWebhook] names a URL, or a
// handler of the same process, which gets signed deliveries as Clerk makes them,
// retries included. [Emulator.WebhookMessages] shows what happened, also where
// nobody listens.
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

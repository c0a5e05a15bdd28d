// Package officialgo tests the emulator, package clerktest, with third-party clients:
// Clerk's own SDK for Go, and go-oidc for OpenID Connect. It has only tests.
package officialgo

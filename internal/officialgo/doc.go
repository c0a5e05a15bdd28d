// Package officialgo judges the emulator, package clerktest, by clients that nobody
// here wrote: Clerk's own SDK for Go, and go-oidc for what is OpenID Connect. It
// holds tests alone.
package officialgo

// Package officialgo judges the emulator, package clerktest, by Clerk's own SDK
// for Go: a client that nobody here wrote. It holds tests alone.
package officialgo

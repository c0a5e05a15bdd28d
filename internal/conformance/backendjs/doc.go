// Package backendjs tests the emulator, package clerktest, with Clerk's SDKs for
// Node.js. run.sh installs and runs them.
package backendjs

// Package backendjs judges the emulator, package clerktest, by Clerk's SDKs for
// Node.js: clients that nobody here wrote. run.sh installs and runs them.
package backendjs

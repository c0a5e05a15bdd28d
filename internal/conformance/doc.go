// Package conformance replays recorded protocol cases through the real packages
// and compares the answers with those of the official JavaScript SDK
// (@clerk/backend). What differs on purpose is in DIVERGENCES.md.
package conformance

// Package conformance replays recorded protocol cases with the real packages and
// compares the results with those of the official JavaScript SDK (@clerk/backend).
// DIVERGENCES.md lists the deliberate differences.
package conformance
